// SPDX-License-Identifier: GPL-3.0-or-later
// Holding a button, by pointer, Enter or Space.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** A hand trembles so much without meaning to let go. */
const SLIP_PX = 10;

export interface Hold {
    holding: Signal<boolean>;
    /** It was let go too early. */
    hint: Signal<boolean>;
    handlers: Record<string, unknown>;
}

export function useHold(onHold: () => void, ms: number, disabled = false): Hold {
    const holding = useSignal(false);
    const hint = useSignal(false);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
    const from = useRef({ x: 0, y: 0 });
    const start = () => {
        if (holding.value || disabled) {
            return;
        }
        holding.value = true;
        timer.current = setTimeout(() => {
            holding.value = false;
            hint.value = false;
            onHold();
        }, ms);
    };
    const stop = () => {
        if (holding.value) {
            hint.value = true;
        }
        holding.value = false;
        clearTimeout(timer.current);
    };
    useEffect(() => () => clearTimeout(timer.current), []);
    // The pointer that leaves the button ends the hold; a page that moves under it does not.
    const move = ({ clientX: x, clientY: y, currentTarget }: PointerEvent) => {
        const box = (currentTarget as HTMLElement).getBoundingClientRect();
        const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
        if (!inside && Math.hypot(x - from.current.x, y - from.current.y) > SLIP_PX) {
            stop();
        }
    };
    const handlers = {
        onPointerDown: (event: PointerEvent) => {
            if (event.button === 0) {
                (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
                from.current = { x: event.clientX, y: event.clientY };
                start();
            }
        },
        onPointerMove: move,
        onPointerUp: stop,
        onPointerCancel: stop,
        onContextMenu: (event: Event) => event.preventDefault(),
        onKeyDown: (event: KeyboardEvent) => {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                if (!event.repeat) {
                    start(); // a key still held after the end of a hold begins no other
                }
            }
        },
        onKeyUp: stop,
        onBlur: stop,
    };
    return { holding, hint, handlers };
}
