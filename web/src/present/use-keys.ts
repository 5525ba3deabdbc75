// SPDX-License-Identifier: GPL-3.0-or-later
// The presenter's keys.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { keyName, typing } from '../media/controls/keys';

export const HOLD_ANSWERED_MS = 500;

const isControl = (target: EventTarget | null) =>
    target instanceof HTMLElement && /^(BUTTON|A)$/.test(target.tagName);

/** `actions` by the key's name. Enter held is `answered`. Nothing while `off`. */
export function useKeys(
    actions: Record<string, () => void>,
    answered: () => void,
    off: () => boolean,
): Signal<boolean> {
    const holding = useSignal(false);
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const release = () => {
            holding.value = false;
            clearTimeout(timer);
        };
        const enter = (event: KeyboardEvent) => {
            if (isControl(event.target)) {
                return;
            }
            event.preventDefault();
            if (!event.repeat && !holding.value) {
                holding.value = true;
                timer = setTimeout(() => {
                    holding.value = false;
                    answered();
                }, HOLD_ANSWERED_MS);
            }
        };
        const down = (event: KeyboardEvent) => {
            if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || off()) {
                return;
            }
            if (event.key === 'Enter') {
                enter(event);
                return;
            }
            const action = actions[event.key] ?? actions[keyName(event)];
            if (action && !event.repeat) {
                event.preventDefault();
                action();
            }
        };
        const up = (event: KeyboardEvent) => {
            if (event.key === 'Enter') {
                release();
            }
        };
        addEventListener('keydown', down);
        addEventListener('keyup', up);
        addEventListener('blur', release);
        return () => {
            release();
            removeEventListener('keydown', down);
            removeEventListener('keyup', up);
            removeEventListener('blur', release);
        };
    }, []);
    return holding;
}
