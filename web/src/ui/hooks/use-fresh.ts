// SPDX-License-Identifier: GPL-3.0-or-later
// What a page shows is read again when somebody comes back to it.
import { useEffect, useRef } from 'preact/hooks';

const LEAST_MS = 10_000; // between two reads

/** Calls `again` when the page is looked at anew, and with `everyMs` while it is looked at. */
export function useFresh(again: () => void, everyMs = 0): void {
    const latest = useRef(again);
    latest.current = again;
    useEffect(() => {
        let read = performance.now();
        const look = () => {
            if (!document.hidden && performance.now() - read >= LEAST_MS) {
                read = performance.now();
                latest.current();
            }
        };
        const timer = everyMs > 0 ? setInterval(look, everyMs) : undefined;
        addEventListener('focus', look);
        document.addEventListener('visibilitychange', look);
        return () => {
            clearInterval(timer);
            removeEventListener('focus', look);
            document.removeEventListener('visibilitychange', look);
        };
    }, []);
}
