// SPDX-License-Identifier: GPL-3.0-or-later
// Chapters as a player shows them, and moments in addresses.
import type { Chapter } from '../core/types';

export type Placed = Chapter & { at_ms: number };

/** Those that lie in the published recording, in their order. */
export function placed(chapters: readonly Chapter[]): Placed[] {
    return chapters
        .filter((chapter): chapter is Placed => typeof chapter.at_ms === 'number')
        .sort((a, b) => a.at_ms - b.at_ms);
}

/** The chapter that runs at a time of the recording. */
export function currentOf(chapters: readonly Placed[], atMs: number): Placed | null {
    return chapters.findLast((chapter) => chapter.at_ms <= atMs) ?? null;
}

/** `#q=ID`: the moment of an answered question. */
export function questionOf(hash: string): string | null {
    return /^#q=([a-z0-9]+)$/.exec(hash)?.[1] ?? null;
}

/** `#t=90` or `#t=1:30`, in seconds: a shared moment. */
export function momentOf(hash: string): number | null {
    const match = /^#(?:.*&)?t=(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:\.\d{1,3})?)(?:&|$)/.exec(
        hash,
    );
    return match
        ? 3600 * Number(match[1] ?? 0) + 60 * Number(match[2] ?? 0) + Number(match[3])
        : null;
}

export const momentHash = (seconds: number) => `#t=${Math.max(0, Math.floor(seconds))}`;

/** The address of a moment that is to play by itself. */
export const playHash = (seconds: number) => `${momentHash(seconds)}&play`;

export const plays = (hash: string) => momentOf(hash) !== null && hash.endsWith('&play');
