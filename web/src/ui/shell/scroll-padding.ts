// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the focused element clear of sticky and fixed parts (WCAG 2.4.11): browsers scroll to it
// within the scroll padding.
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

const SPARE_PX = 8;

/** Whether the part stays in place and spans so much of the width that it can cover something. */
function covers(part: HTMLElement, scroller: HTMLElement): boolean {
    const fixed = ['sticky', 'fixed'].includes(getComputedStyle(part).position);
    return fixed && part.offsetWidth > scroller.clientWidth * 0.75;
}

/** The scroll padding of `scroller` (default: the page) at `edge` is as high as `part` while that
 *  covers the content below. Any change of `key` looks for the part anew. */
export function useScrollPadding(
    part: RefObject<HTMLElement | null>,
    edge: 'top' | 'bottom',
    key: unknown = null,
    scroller?: RefObject<HTMLElement | null>,
): void {
    useEffect(() => {
        const element = part.current;
        const target = scroller ? scroller.current : document.documentElement;
        if (!element || !target) {
            return undefined;
        }
        const name = `scroll-padding-${edge}`;
        const measure = () => {
            const height = covers(element, target) ? element.offsetHeight + SPARE_PX : 0;
            target.style.setProperty(name, `${height}px`);
        };
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        addEventListener('resize', measure); // a media query may change its position alone
        return () => {
            observer.disconnect();
            removeEventListener('resize', measure);
            target.style.removeProperty(name);
        };
    }, [key]);
}
