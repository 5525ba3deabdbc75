// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an element is on the screen.
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';

/** A ref for the element, which may come and go, and whether it can be seen. */
export function useSeen<T extends Element>(): [RefObject<T | null>, boolean] {
    const seen = useSignal(false);
    const ref = useMemo(() => {
        let element: T | null = null;
        const observer = new IntersectionObserver(([entry]) => {
            seen.value = entry?.isIntersecting ?? false;
        });
        return {
            get current() {
                return element;
            },
            set current(next) {
                observer.disconnect();
                seen.value = false;
                element = next;
                if (next) {
                    observer.observe(next);
                }
            },
        };
    }, []);
    return [ref, seen.value];
}
