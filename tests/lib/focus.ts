// SPDX-License-Identifier: GPL-3.0-or-later
// A page as a person with a keyboard finds it: what has the focus is seen (WCAG 2.4.11), and nothing
// needs scrolling sideways (1.4.10).
import { expect, type Page } from '@playwright/test';

/** The smallest windows that every page must work in: 200 % zoom, a phone sideways, upright, a small one. */
export const NARROW = [
    { width: 640, height: 400 },
    { width: 844, height: 390 },
    { width: 390, height: 844 },
    { width: 320, height: 568 },
];

const SETTLE_MS = 3000; // fading in, on a busy machine

/** In the page: gives the focus to each element that takes it, in order, and answers with those of which most is
 * covered or out of sight then. A real Tab scrolls in the same way, but waits for the page to be painted: a second
 * for each where a video plays on a busy machine. */
async function walk(settleMs: number): Promise<{ faults: string[]; stops: string[] }> {
    const seen = (element: HTMLElement) => {
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) {
            return 0;
        }
        const box = element.getBoundingClientRect();
        const [columns, rows] = [9, 5];
        let hits = 0;
        for (let i = 0; i < columns * rows; i++) {
            const x = box.left + (box.width * ((i % columns) + 0.5)) / columns;
            const y = box.top + (box.height * (Math.floor(i / columns) + 0.5)) / rows;
            const top = document.elementFromPoint(x, y);
            const label = top?.closest('label') as HTMLLabelElement | null;
            hits += top && (element.contains(top) || label?.control === element) ? 1 : 0;
        }
        // What is larger than the window can only be seen in part.
        const most = Math.min(1, innerHeight / box.height) * Math.min(1, innerWidth / box.width);
        return hits / (columns * rows) / most;
    };
    const takers =
        'a[href], button, input, select, textarea, summary, iframe, audio[controls], video[controls], [tabindex], [contenteditable]';
    const all = [...document.querySelectorAll<HTMLElement>(takers)].filter(
        (one) =>
            one.tabIndex >= 0 &&
            !one.matches(':disabled') &&
            !one.closest('[inert]') &&
            one.checkVisibility({ visibilityProperty: true }),
    );
    const faults: string[] = [];
    const stops: string[] = [];
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
    for (const element of [...all, ...all.toReversed()]) {
        element.focus();
        if (document.activeElement !== element) {
            continue;
        }
        const begun = performance.now();
        while (seen(element) < 0.6 && performance.now() - begun < settleMs) {
            await new Promise((done) => setTimeout(done, 30)); // in the page
        }
        const words = element.getAttribute('aria-label') ?? element.textContent ?? '';
        const name = `${element.tagName.toLowerCase()}[${element.dataset.testid ?? element.id}] "${words.trim().slice(0, 40)}"`;
        stops.push(name);
        if (element.isConnected && seen(element) < 0.6) {
            faults.push(`${name}: ${Math.round(seen(element) * 100)} % of it can be seen`);
        }
    }
    return { faults, stops };
}

/** Focuses everything on the page once forwards and once backwards, as Tab and Shift+Tab do. */
export function focusFaults(page: Page): Promise<{ faults: string[]; stops: string[] }> {
    return page.evaluate(walk, SETTLE_MS);
}

/** What stands out of the window sideways; empty where the page does not scroll so. */
export function sidewaysFaults(page: Page): Promise<string[]> {
    return page.evaluate(() => {
        const root = document.documentElement;
        const room = root.clientWidth;
        if (root.scrollWidth <= room) {
            return [];
        }
        const wide = [...document.querySelectorAll('body *')].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.width > 0 && (box.right > room + 1 || box.left < -1);
        });
        return [
            `${root.scrollWidth - room} px too wide`,
            ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 160)),
        ];
    });
}

/** Fails where an element that has the focus is covered or out of sight, or the page scrolls sideways, in any of `sizes`.
 * Answers with the names of the elements in the last of them. */
export async function expectReachable(page: Page, what: string, sizes = NARROW): Promise<string[]> {
    let last: string[] = [];
    for (const size of sizes) {
        await page.setViewportSize(size);
        await page.evaluate(
            () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
        ); // laid out
        const at = `${what} at ${size.width}x${size.height}`;
        await expect.poll(() => sidewaysFaults(page), { message: `${at}: sideways` }).toEqual([]);
        const { faults, stops } = await focusFaults(page);
        expect(faults, `${at}: focus`).toEqual([]);
        expect(stops.length, `${at}: stops`).toBeGreaterThan(0);
        last = stops;
    }
    return last;
}
