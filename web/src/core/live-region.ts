// SPDX-License-Identifier: GPL-3.0-or-later
// One polite and one assertive live region for the whole page. Polite words are batched: a burst of
// questions is one sentence, not twenty.
import { signal } from '@preact/signals';

export const polite = signal('');
export const assertive = signal('');

let queue: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
    if (!queue.includes(text)) {
        queue.push(text);
    }
    if (timer) {
        return;
    }
    timer = setTimeout(() => {
        polite.value = queue.slice(-3).join(' · ');
        queue = [];
        timer = undefined;
    }, 1200);
}

let alertEnds: ReturnType<typeof setTimeout> | undefined;

/** Gone again after some seconds: it is true no longer, and the same words a second time are news. */
export function alertNow(text: string): void {
    assertive.value = text;
    clearTimeout(alertEnds);
    alertEnds = setTimeout(() => {
        assertive.value = '';
    }, 8000);
}
