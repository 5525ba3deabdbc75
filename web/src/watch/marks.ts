// SPDX-License-Identifier: GPL-3.0-or-later
// The in and out marks of a recording as they are typed. Times count from the start of the broadcast,
// in milliseconds.
import type { Session } from '../core/types';
import { clockWithTenths, parseClock } from '../media/timeline';

export type End = 'in' | 'out';
export type Texts = Record<End, string>;

/** The start of the broadcast on the session's timeline. */
export function originOf(session: Session): number {
    return session.live_ms ?? 0;
}

/** The length of the broadcast; NaN: not known. An earlier cut does not narrow it. */
export function wholeOf(session: Session): number {
    return (session.ended_ms ?? Number.NaN) - originOf(session);
}

export interface Marks {
    /** undefined: the field is empty. null: it has no time. */
    in: number | null | undefined;
    out: number | null | undefined;
    fault: 'trimBadTime' | 'trimOutside' | 'trimBadOrder' | null;
    /** The fields that are at fault. */
    bad: Record<End, boolean>;
}

export function readMarks(texts: Texts, whole: number): Marks {
    const read = (text: string) => (text.trim() ? parseClock(text) : undefined);
    const marks = { in: read(texts.in), out: read(texts.out) };
    const outside = (mark: number | null | undefined) => (mark ?? 0) > whole;
    const disorder =
        typeof marks.in === 'number' && typeof marks.out === 'number' && marks.in >= marks.out;
    return {
        ...marks,
        fault:
            marks.in === null || marks.out === null
                ? 'trimBadTime'
                : outside(marks.in) || outside(marks.out)
                  ? 'trimOutside'
                  : disorder
                    ? 'trimBadOrder'
                    : null,
        bad: {
            in: marks.in === null || outside(marks.in) || disorder,
            out: marks.out === null || outside(marks.out),
        },
    };
}

/** To the tenth that lies inside, since rounding must not show what is cut away. */
export function markAt(end: End, ms: number): string {
    const tenths = end === 'in' ? Math.ceil(ms / 100) : Math.floor(ms / 100);
    return clockWithTenths(100 * tenths);
}
