// SPDX-License-Identifier: GPL-3.0-or-later
// The session so far, as its EVENT playlist lists it: how long it is, and which second of it
// happened when. Positions in seconds from its start, wall times in milliseconds since 1970.

interface Span {
    at: number;
    length: number;
    wall: number;
}

export interface History {
    length: number;
    spans: Span[];
}

const JOINED_MS = 50; // two segments this close follow each other

/** Reads a media playlist. Segments without EXT-X-PROGRAM-DATE-TIME follow the one before them. */
export function parseHistory(text: string): History {
    const spans: Span[] = [];
    let length = 0;
    let wall = Number.NaN;
    for (const line of text.split(/\r?\n/)) {
        if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
            wall = Date.parse(line.slice(25));
        } else if (line.startsWith('#EXTINF:')) {
            const seconds = Number.parseFloat(line.slice(8));
            if (!(seconds > 0)) {
                continue;
            }
            const last = spans.at(-1);
            const end = last ? last.wall + 1000 * last.length : Number.NaN;
            if (last && (Number.isNaN(wall) || Math.abs(wall - end) < JOINED_MS)) {
                last.length += seconds;
            } else if (!Number.isNaN(wall)) {
                spans.push({ at: length, length: seconds, wall });
            }
            length += seconds;
            wall = Number.NaN;
        }
    }
    return { length, spans };
}

/** The position that shows a wall time. In a pause of the session: where it went on. After the
 *  end of the list: as if the last segment went on, which it does while the session is live. */
export function positionAt(history: History, wall: number): number {
    for (const { at, length, wall: from } of history.spans) {
        if (wall < from + 1000 * length) {
            return at + Math.max(0, wall - from) / 1000;
        }
    }
    const end = endOf(history);
    return end === null ? 0 : history.length + Math.max(0, wall - end) / 1000;
}

/** The wall time of its end; null: it is empty. */
export function endOf({ spans }: History): number | null {
    const last = spans.at(-1);
    return last ? last.wall + 1000 * last.length : null;
}
