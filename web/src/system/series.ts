// SPDX-License-Identifier: GPL-3.0-or-later
// The last hour as uPlot takes it. Pure.
import type { SystemHistory } from '../core/types';

export type Values = (number | null)[];

/** Seconds since 1970 of each value; the newest is at `end` (ms). */
export function times(history: Pick<SystemHistory, 'every_ms'>, count: number, end: number) {
    return Array.from(
        { length: count },
        (_, i) => (end - (count - 1 - i) * history.every_ms) / 1000,
    );
}

/** The newest value that is known, and the range; null: none is. */
export function summary(values: Values): { now: number; from: number; to: number } | null {
    const known = values.filter((one): one is number => one !== null);
    const now = known.at(-1);
    return now === undefined ? null : { now, from: Math.min(...known), to: Math.max(...known) };
}

/** The top of an axis: room above the largest value, at least `least`. */
export function topOf(series: Values[], least: number): number {
    return Math.max(least, ...series.map((one) => 1.15 * (summary(one)?.to ?? 0)));
}

/** Whole days until `at`, negative once it is over. */
export function daysUntil(at: string, now: string): number {
    return Math.floor((Date.parse(at) - Date.parse(now)) / 86_400_000);
}
