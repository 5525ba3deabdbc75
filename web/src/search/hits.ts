// SPDX-License-Identifier: GPL-3.0-or-later
// Hits as the list shows them: by session, each with an address, its text in marked pieces.
import { homeOf, href } from '../core/router';
import type { Hit } from '../core/types';
import { playHash } from '../media/chapters';

export interface Group {
    /** Null: series and speakers. */
    session: Hit['session'];
    hits: Hit[];
}

/** By session, in the order of its best hit; series and speakers in a group of their own. An item of the agenda that a chapter repeats is left out. */
export function grouped(hits: readonly Hit[]): Group[] {
    const groups = new Map<string, Group>();
    for (const hit of hits) {
        const key = hit.session?.id ?? '';
        const group = groups.get(key) ?? { session: hit.session, hits: [] };
        groups.set(key, group);
        group.hits.push(hit);
    }
    for (const group of groups.values()) {
        const chapters = group.hits.filter((hit) => hit.kind === 'chapter').map(({ text }) => text);
        group.hits = group.hits.filter(
            (hit) => hit.kind !== 'agenda' || !chapters.includes(hit.text),
        );
    }
    return [...groups.values()];
}

/** The recording at the hit's second, which plays by itself; else the page of the session. */
export function addressOf(hit: Hit, role: string): string {
    const { session, at_ms } = hit;
    if (!session) {
        return href(hit.kind === 'speaker' ? 'speakers' : 'series', hit.id);
    }
    if (at_ms !== null) {
        return href('recordings', session.id) + playHash(at_ms / 1000);
    }
    return session.recording ? href('recordings', session.id) : homeOf(role, session.id);
}

export interface Piece {
    text: string;
    marked: boolean;
}

/** `ranges` count code points. */
export function pieces(text: string, ranges: readonly number[][]): Piece[] {
    const letters = Array.from(text);
    const list: Piece[] = [];
    let at = 0;
    for (const [from = 0, to = 0] of ranges) {
        list.push({ text: letters.slice(at, from).join(''), marked: false });
        list.push({ text: letters.slice(from, to).join(''), marked: true });
        at = to;
    }
    list.push({ text: letters.slice(at).join(''), marked: false });
    return list.filter((piece) => piece.text !== '');
}
