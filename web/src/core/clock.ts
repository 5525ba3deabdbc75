// SPDX-License-Identifier: GPL-3.0-or-later
// The server's clock. Countdowns must agree between a speaker's laptop and the hall's, whatever
// their own clocks say.
import { signal } from '@preact/signals';
import type { Time } from './types';

// Counted on the monotonic clock: a laptop whose wall clock is set moves no countdown.
const monotonic = () => performance.timeOrigin + performance.now();
let offset = 0;
let sampledAt = Number.NEGATIVE_INFINITY;
const SAMPLE_KEPT_MS = 10 * 60_000;

/** Ticks four times a second; components that read it re-render. */
export const now = signal(Date.now());

export function serverNow(): number {
    return monotonic() + offset;
}

export function setServerTime(at: Time): void {
    const time = Date.parse(at);
    if (Number.isFinite(time)) {
        // A message that waited on its way says a time that has passed: of all samples the largest is
        // the truest, until the laptop's own clock may have drifted.
        const sample = time - monotonic();
        if (sample > offset || performance.now() - sampledAt > SAMPLE_KEPT_MS) {
            offset = sample;
            sampledAt = performance.now();
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
