// SPDX-License-Identifier: GPL-3.0-or-later
// The server's clock. Countdowns must agree between a speaker's laptop and the hall's, whatever
// their own clocks say.
import { signal } from '@preact/signals';
import type { Time } from './types';

// Counted on the monotonic clock: a laptop whose wall clock is set moves no countdown.
const monotonic = () => performance.timeOrigin + performance.now();
let offset = 0;
const SAMPLE_KEPT_MS = 10 * 60_000;
let sampledAt = -SAMPLE_KEPT_MS;

/** Ticks four times a second; components that read it re-render. */
export const now = signal(Date.now());

/** The session's timeline less performance.now(). */
export let mediaOffset = Number.NaN;

export function serverNow(): number {
    return monotonic() + offset;
}

export function setServerTime(text: Time, media?: number | null): void {
    const time = Date.parse(text);
    if (time) {
        // A message that waited on its way says a time that has passed: of all samples the largest is
        // the truest, until the laptop's own clock may have drifted.
        const at = performance.now();
        const sample = time - monotonic();
        mediaOffset = media ? media - at : mediaOffset;
        if (sample > offset || at - sampledAt > SAMPLE_KEPT_MS) {
            offset = sample;
            sampledAt = at;
        }
        now.value = serverNow();
    }
}

let timer: ReturnType<typeof setInterval> | undefined;

export function startClock(): void {
    if (!timer) {
        timer = setInterval(() => {
            now.value = serverNow();
        }, 250);
    }
}
