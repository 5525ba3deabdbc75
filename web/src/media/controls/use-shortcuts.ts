// SPDX-License-Identifier: GPL-3.0-or-later
// A player's keys, anywhere on its page while it is shown.
import { useEffect, useRef } from 'preact/hooks';
import { handleKey, type KeyActions } from './keys';

export function useShortcuts(actions: KeyActions): void {
    const latest = useRef(actions);
    latest.current = actions;
    useEffect(() => {
        const onKey = (event: KeyboardEvent) => handleKey(event, latest.current);
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    }, []);
}
