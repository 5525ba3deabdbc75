// SPDX-License-Identifier: GPL-3.0-or-later
// A recording shows stretches of its session's timeline, one after the other: what a player calls
// 12:03 is another time of the session where there was a pause, a gap or a moved in-mark.
import { western } from '../core/digits';
import type { Stretch } from '../core/types';

/** The session's time at a player's time; null where nothing is published. Past the end: the end. */
export function toTimeline(stretches: readonly Stretch[], atMs: number): number | null {
    let left = Math.max(0, atMs);
    for (const { start_ms, end_ms } of stretches) {
        if (left < end_ms - start_ms) {
            return start_ms + left;
        }
        left -= end_ms - start_ms;
    }
    return stretches.at(-1)?.end_ms ?? null;
}

/** The player's time at a session's time; null outside of what is published. */
export function toPublished(stretches: readonly Stretch[], mediaMs: number): number | null {
    let before = 0;
    for (const { start_ms, end_ms } of stretches) {
        if (mediaMs < start_ms) {
            return null;
        }
        if (mediaMs < end_ms) {
            return before + mediaMs - start_ms;
        }
        before += end_ms - start_ms;
    }
    return mediaMs === stretches.at(-1)?.end_ms ? before : null;
}

/** h:mm:ss, m:ss or seconds, with tenths or thousandths, in milliseconds; null: not a time. */
export function parseClock(text: string): number | null {
    const parts = western(text).trim().split(':');
    if (
        parts.length > 3 ||
        !parts.every((part) => /^\d{1,6}$/.test(part) || part === parts.at(-1))
    ) {
        return null;
    }
    if (!/^\d{1,6}([.,]\d{1,3})?$/.test(parts.at(-1) ?? '')) {
        return null;
    }
    const numbers = parts.map((part) => Number(part.replace(',', '.')));
    if (numbers.slice(1).some((number) => number >= 60)) {
        return null;
    }
    return Math.round(1000 * numbers.reduce((sum, number) => 60 * sum + number, 0));
}

/** m:ss.t or h:mm:ss.t: as parseClock reads it back, to a tenth. */
export function clockWithTenths(ms: number): string {
    const tenths = Math.round(Math.max(0, ms) / 100);
    const two = (n: number) => String(n).padStart(2, '0');
    const seconds = Math.floor(tenths / 10);
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    const rest = `${two(seconds % 60)}.${tenths % 10}`;
    return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}
