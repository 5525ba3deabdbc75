// SPDX-License-Identifier: GPL-3.0-or-later
// Single keys of the moderation list.
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { keyName, typing } from '../../media/controls/keys';

/** Runs the action that `table` has for a key. Does nothing while somebody types, a dialog is open or
 *  `list` is behind another tab; of keys held down only J and K repeat, which change no question. */
export function useShortcuts(
    table: Record<string, () => void>,
    list: RefObject<HTMLElement | null>,
) {
    const current = useRef(table);
    current.current = table;
    useEffect(() => {
        const onKey = (event: KeyboardEvent) => {
            const name = keyName(event);
            if (
                event.ctrlKey ||
                event.metaKey ||
                event.altKey ||
                typing(event.target) ||
                document.querySelector('dialog[open]') ||
                list.current?.closest('[hidden]') ||
                (event.repeat && !['j', 'k'].includes(name))
            ) {
                return;
            }
            const action = current.current[name];
            if (action) {
                event.preventDefault();
                action();
            }
        };
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    }, []);
}
