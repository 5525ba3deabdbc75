// SPDX-License-Identifier: GPL-3.0-or-later
// What can be judged of a page's layout without looking at it. Each function answers with its findings; empty is well.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';

const axeSource = readFileSync(
    createRequire(`${__dirname}/../../web/package.json`).resolve('axe-core/axe.min.js'),
    'utf8',
);
const MOST_STOPS = 150;

/** WCAG 2.0 to 2.2, levels A and AA, by axe-core. */
export async function violations(page: Page): Promise<string[]> {
    if (!(await page.evaluate(() => 'axe' in window))) {
        await page.evaluate(axeSource);
    }
    return page.evaluate(async () => {
        interface Found {
            id: string;
            nodes: {
                html: string;
                any: { message: string }[];
                all: { message: string }[];
                none: { message: string }[];
            }[];
        }
        const { axe } = window as unknown as {
            axe: { run: (options: object) => Promise<{ violations: Found[] }> };
        };
        const result = await axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'],
            resultTypes: ['violations'],
            preload: false, // of style sheets, for one rule that no page concerns
            iframes: false,
        });
        return result.violations.flatMap(({ id, nodes }) =>
            nodes.slice(0, 3).map(({ html, any, all, none }) => {
                const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
                return `axe ${id} (${nodes.length}): ${html.slice(0, 160)} ${why.slice(0, 200)}`;
            }),
        );
    });
}

/** Sideways scroll of the page, and of any scrolling part that is neither a row of tabs nor a field. */
export function sideways(page: Page): Promise<string[]> {
    return page.evaluate(() => {
        const root = document.documentElement;
        const over = root.scrollWidth - root.clientWidth;
        const found: string[] = [];
        if (over > 0) {
            const beyond = [...document.querySelectorAll('body *')]
                .filter((element) => {
                    const { left, right, width } = element.getBoundingClientRect();
                    return width > 0 && (right > root.clientWidth + 1 || left < -1);
                })
                .slice(-1)
                .map((element) => element.outerHTML.slice(0, 120));
            found.push(`the page scrolls sideways by ${over} px: ${beyond[0] ?? ''}`);
        }
        for (const element of document.querySelectorAll('body *')) {
            const more = element.scrollWidth - element.clientWidth;
            if (
                more > 1 &&
                /auto|scroll/.test(getComputedStyle(element).overflowX) &&
                !element.matches(
                    'input, textarea, select, [role=tablist], [data-scrolls-sideways]',
                ) &&
                element.checkVisibility()
            ) {
                found.push(`scrolls sideways by ${more} px: ${element.outerHTML.slice(0, 120)}`);
            }
        }
        return found;
    });
}

/** Visible text that is cut off by a box without a mark of it, lies over other text, or under an element that is
 * placed in the same box. */
export function clipped(page: Page): Promise<string[]> {
    return page.evaluate(() => {
        interface Piece {
            text: string;
            node: Text;
            layer: Element | null;
            box: DOMRect;
        }
        const pieces: Piece[] = [];
        const found: string[] = [];
        const name = (element: Element) =>
            `<${element.tagName.toLowerCase()} class="${(element.getAttribute('class') ?? '').slice(0, 60)}">`;
        const cut = (a: DOMRect, b: DOMRect) => {
            const [left, top] = [Math.max(a.left, b.left), Math.max(a.top, b.top)];
            return new DOMRect(
                left,
                top,
                Math.max(0, Math.min(a.right, b.right) - left),
                Math.max(0, Math.min(a.bottom, b.bottom) - top),
            );
        };
        const onlySpoken = (element: Element) => {
            for (let at: Element | null = element; at; at = at.parentElement) {
                if (
                    at.clientWidth <= 1 &&
                    at.clientHeight <= 1 &&
                    getComputedStyle(at).position === 'absolute'
                ) {
                    return true;
                }
            }
            return false;
        };
        /** What lies over text of a layer, within the box that the layer is placed in. */
        const coverOf = (layer: HTMLElement, parent: Element, box: DOMRect) => {
            const style = getComputedStyle(layer);
            if (
                style.position !== 'absolute' ||
                getComputedStyle(parent).pointerEvents === 'none'
            ) {
                return null; // elementFromPoint() does not see the latter
            }
            for (const x of [0.1, 0.5, 0.9]) {
                const hit = document.elementFromPoint(
                    box.left + box.width * x,
                    box.top + box.height / 2,
                );
                if (
                    hit?.checkVisibility({ opacityProperty: true }) &&
                    !hit.closest('.player-panel') && // opened by the reader, closed by the next key
                    !layer.contains(hit) &&
                    !hit.contains(layer) &&
                    layer.offsetParent?.contains(hit)
                ) {
                    return hit;
                }
            }
            return null;
        };
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (
            let node = walker.nextNode() as Text | null;
            node;
            node = walker.nextNode() as Text | null
        ) {
            const parent = node.parentElement as Element;
            const text = node.data.trim();
            if (
                !text ||
                parent.closest('select, option, script, style, noscript, .skip') ||
                onlySpoken(parent) ||
                !parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })
            ) {
                continue;
            }
            const range = document.createRange();
            range.selectNodeContents(node);
            for (let box of range.getClientRects()) {
                let layer: Element | null = null;
                for (
                    let at: Element | null = parent;
                    at && box.width > 0 && box.height > 0;
                    at = at.parentElement
                ) {
                    const style = getComputedStyle(at);
                    if (style.position !== 'static' && style.position !== 'relative') {
                        layer ??= at;
                    }
                    const marked =
                        style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
                    const outer = at.getBoundingClientRect();
                    const inner = new DOMRect(
                        outer.left + at.clientLeft,
                        outer.top + at.clientTop,
                        at.clientWidth,
                        at.clientHeight,
                    );
                    if (
                        style.display !== 'inline' &&
                        at !== document.body &&
                        at !== document.documentElement
                    ) {
                        if (/auto|scroll/.test(`${style.overflowX} ${style.overflowY}`) || marked) {
                            box = cut(box, inner); // the rest can be scrolled to, or dots stand for it
                        } else if (/hidden|clip/.test(`${style.overflowX} ${style.overflowY}`)) {
                            const kept = cut(box, inner);
                            // A font's box is taller than its letters.
                            if (kept.width < box.width - 2 || kept.height < 0.65 * box.height) {
                                found.push(`cut off by ${name(at)}: "${text.slice(0, 40)}"`);
                                box = new DOMRect();
                            }
                        }
                    }
                    if (style.position === 'fixed') {
                        break; // what lies round it does not cut it off
                    }
                }
                if (box.width > 2 && box.height > 2) {
                    // A font's box is taller than its letters: their middle is what must be free.
                    box = new DOMRect(
                        box.left,
                        box.top + box.height / 4,
                        box.width,
                        box.height / 2,
                    );
                    pieces.push({ text, node, layer, box });
                    const over = layer && coverOf(layer as HTMLElement, parent, box);
                    if (over) {
                        found.push(`"${text.slice(0, 30)}" lies under ${name(over)}`);
                    }
                }
            }
        }
        pieces.sort((a, b) => a.box.top - b.box.top);
        for (let i = 0; i < pieces.length; i++) {
            for (
                let j = i + 1;
                j < pieces.length && pieces[j].box.top < pieces[i].box.bottom;
                j++
            ) {
                const [a, b] = [pieces[i], pieces[j]];
                const both = cut(a.box, b.box);
                if (
                    a.layer === b.layer &&
                    a.node !== b.node &&
                    both.width > 4 &&
                    both.height > 0.3 * Math.min(a.box.height, b.box.height)
                ) {
                    found.push(`"${a.text.slice(0, 30)}" lies over "${b.text.slice(0, 30)}"`);
                }
            }
        }
        return [...new Set(found)].slice(0, 8);
    });
}

export interface Stop {
    name: string;
    findings: string[];
}

/** Looks at the focused element; null: nothing is. */
export function lookAtFocus(page: Page): Promise<(Stop & { id: number; again: boolean }) | null> {
    return page.evaluate(() => {
        const kept = window as unknown as { stops?: Element[] };
        const element = document.activeElement;
        if (!element || element === document.body || element === document.documentElement) {
            return null;
        }
        kept.stops ??= [];
        let id = kept.stops.indexOf(element);
        const again = id >= 0;
        if (!again) {
            id = kept.stops.push(element) - 1;
        }
        const label =
            element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 30) ?? '';
        const name = `<${element.tagName.toLowerCase()} ${element.getAttribute('data-testid') ?? element.id}> ${label.slice(0, 40)}`;
        const findings: string[] = [];
        const small =
            element.getBoundingClientRect().width < 4 || getComputedStyle(element).opacity === '0';
        const shown = small ? (element.closest('label') ?? element) : element;
        let [all, seen] = [0, 0];
        let cover = '';
        for (const box of shown.getClientRects()) {
            for (const x of [0.08, 0.3, 0.5, 0.7, 0.92]) {
                for (const y of [0.15, 0.5, 0.85]) {
                    all++;
                    const hit = document.elementFromPoint(
                        box.left + box.width * x,
                        box.top + box.height * y,
                    );
                    if (
                        hit &&
                        (shown.contains(hit) || (hit.tagName === 'LABEL' && hit.contains(element)))
                    ) {
                        seen++;
                    }
                    if (hit && !shown.contains(hit) && !hit.contains(shown)) {
                        cover = `<${hit.tagName.toLowerCase()} class="${(hit.getAttribute('class') ?? '').slice(0, 50)}">`;
                    }
                }
            }
        }
        // An element larger than the window cannot be seen whole.
        const { width, height } = shown.getBoundingClientRect();
        const most = Math.min(1, innerWidth / width) * Math.min(1, innerHeight / height);
        if (seen < 0.7 * all * most) {
            findings.push(
                `focus is covered (${seen} of ${all} points seen${cover ? `, ${cover} is over it` : ', out of the window'})`,
            );
        }
        const ring = getComputedStyle(shown);
        const own = ring.outlineStyle !== 'none' && Number.parseFloat(ring.outlineWidth) > 0;
        if (!own && ring.boxShadow === 'none' && !again && !element.matches('iframe')) {
            // (a field's inner stops draw their own)
            findings.push('focus cannot be seen');
        }
        return { id, again, name, findings };
    });
}

/** Goes through the page by Tab, from its top until the focus leaves it or comes round. */
export async function tabThrough(page: Page): Promise<Stop[]> {
    await page.evaluate(() => {
        (window as unknown as { stops?: Element[] }).stops = [];
        window.scrollTo(0, 0);
        document.body.tabIndex = -1; // begins at the top, wherever the focus was
        document.body.focus();
        document.body.removeAttribute('tabindex');
    });
    const stops: Stop[] = [];
    let last = -1;
    for (let presses = 0, same = 0; presses < MOST_STOPS; presses++) {
        await page.keyboard.press('Tab');
        let stop = await lookAtFocus(page);
        // a page may scroll to the focus a frame later, and a live page's lines come and go
        for (let looks = 0; looks < 5 && stop && stop.findings.length > 0; looks++) {
            await page.waitForTimeout(100);
            const { again } = stop;
            stop = await lookAtFocus(page).then((later) => later && { ...later, again });
        }
        if (!stop || (stop.again && stop.id !== last)) {
            return stops;
        }
        same = stop.again ? same + 1 : 0; // fields for dates and players have several stops of their own
        if (same > 12) {
            return [...stops, { name: stop.name, findings: ['focus is caught here'] }];
        }
        if (!stop.again) {
            stops.push({ name: stop.name, findings: stop.findings });
        }
        last = stop.id;
    }
    return stops;
}

/** Elements that Tab reaches while they are covered, out of the window or without a visible focus. */
export async function covered(page: Page): Promise<string[]> {
    return (await tabThrough(page)).flatMap(({ name, findings }) =>
        findings.map((finding) => `${name}: ${finding}`),
    );
}
