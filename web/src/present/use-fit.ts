// SPDX-License-Identifier: GPL-3.0-or-later
// Measures and sets a text's size before the browser paints: no size is seen that does not stay.
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { LEAST_PX, largest } from './fit';

export interface Fit {
    box: RefObject<HTMLDivElement | null>;
    text: RefObject<HTMLParagraphElement | null>;
    /** The largest size that fits, as measured last. */
    px: RefObject<number>;
}

/** `wanted` is the largest size, `show` turns the size that fits into the one shown, `height` limits
 *  the text (by default its box). Measured again when `deps`, the box or the fonts change. */
export function useFit(
    wanted: () => number,
    deps: unknown[],
    show: (fit: number) => number = (fit) => fit,
    height?: () => number,
): Fit {
    const box = useRef<HTMLDivElement>(null);
    const text = useRef<HTMLParagraphElement>(null);
    const px = useRef(LEAST_PX);
    useLayoutEffect(() => {
        const inside = text.current;
        const around = box.current;
        if (!inside || !around) {
            return;
        }
        const measure = () => {
            const most = height?.() ?? around.clientHeight;
            const fits = (size: number) => {
                inside.style.fontSize = `${size}px`;
                return (
                    inside.scrollHeight <= most &&
                    inside.scrollWidth <= Math.ceil(around.clientWidth)
                );
            };
            // A word is broken only where it fits at no size.
            inside.style.overflowWrap = 'normal';
            if (!fits(LEAST_PX)) {
                inside.style.overflowWrap = 'anywhere';
            }
            px.current = largest(LEAST_PX, wanted(), fits);
            inside.style.fontSize = `${show(px.current)}px`;
            inside.style.overflowWrap = 'anywhere';
            around.tabIndex = inside.scrollHeight > most ? 0 : -1;
        };
        measure();
        const watch = new ResizeObserver(measure);
        watch.observe(around);
        addEventListener('resize', measure);
        document.fonts.addEventListener('loadingdone', measure);
        return () => {
            watch.disconnect();
            removeEventListener('resize', measure);
            document.fonts.removeEventListener('loadingdone', measure);
        };
    }, deps);
    return { box, text, px };
}
