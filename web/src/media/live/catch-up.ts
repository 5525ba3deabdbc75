// SPDX-License-Identifier: GPL-3.0-or-later
// A latecomer watches from the start, a little faster, until there is nothing left to catch up
// with. All times in seconds of the same clock.

export const CATCH_UP_RATE = 1.25;
/** Before this there is no start worth going back to. */
export const OFFERED_AFTER_MS = 60_000;

export function startOffered(
    state: string,
    liveAt: string | null | undefined,
    now: number,
): boolean {
    return state === 'live' && !!liveAt && now - Date.parse(liveAt) > OFFERED_AFTER_MS;
}

/** The EVENT playlist lists whole segments: nearer to its end than one and a half there is only
 *  waiting for the next, which the live picture is ahead of anyway. */
export function caughtUp(position: number, edge: number, segment: number): boolean {
    return edge > 0 && edge - position <= Math.max(2, 1.5 * segment);
}
