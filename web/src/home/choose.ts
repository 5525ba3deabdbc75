// SPDX-License-Identifier: GPL-3.0-or-later
// What the officer's home shows of sessions and questions.
import { serverNow } from '../core/clock';
import { href } from '../core/router';
import type { OwnQuestion, Session } from '../core/types';
import { playHash } from '../media/chapters';
import type { HomeKey } from './words';

const ON = ['lobby', 'live', 'paused'];

export interface Chosen {
    next: Session | null;
    /** To come, then over without a recording to watch, the latest first. */
    others: Session[];
    /** The latest first. */
    recordings: Session[];
}

const startOf = (session: Session) => Date.parse(session.starts_at);
const watchable = ({ state, recording }: Session) => state === 'published' && !recording.deleted_at;

const MINUTE_MS = 60_000;

/** What is on comes before what is to come; a planned time may have passed, but not its end. */
export function choose(sessions: readonly Session[], at = serverNow()): Chosen {
    const early = [...sessions].sort((a, b) => startOf(a) - startOf(b));
    const late = [...early].reverse();
    const on = early.filter(({ state }) => ON.includes(state));
    const planned = early.filter(({ state }) => state === 'scheduled');
    const missed = (one: Session) => startOf(one) + one.duration_minutes * MINUTE_MS < at;
    const coming = planned.filter((one) => !missed(one));
    const [next = null, ...later] = [...on, ...coming];
    const rest = [...later, ...planned.filter(missed)];
    const over = late.filter(
        (one) => !ON.includes(one.state) && one.state !== 'scheduled' && !watchable(one),
    );
    return { next, others: [...rest, ...over], recordings: late.filter(watchable) };
}

export interface Outcome {
    words: HomeKey;
    /** It was joined with another question, whose outcome this is. */
    merged: boolean;
    good: boolean;
    /** To the second of the answer. */
    link: string | null;
}

function wordsOf(state: OwnQuestion['state'], over: boolean): HomeKey {
    switch (state) {
        case 'pending':
            return over ? 'pendingOver' : 'pending';
        case 'approved':
            return over ? 'approvedOver' : 'approved';
        case 'on_air':
            return over ? 'answered' : 'onAir';
        case 'answered':
        case 'rejected':
        case 'withdrawn':
            return state;
        default:
            return 'merged';
    }
}

export function outcome(question: OwnQuestion): Outcome {
    const { session, at_ms, state, merged_state } = question;
    const over = ['ended', 'published', 'cancelled'].includes(session.state);
    const words = wordsOf(merged_state ?? state, over);
    const link =
        at_ms !== null && session.state === 'published'
            ? href('recordings', session.id) + playHash(at_ms / 1000)
            : null;
    return { words, merged: merged_state !== null, good: words === 'answered', link };
}

/** The address as calendar programs subscribe to it. */
export const webcal = (url: string) => url.replace(/^https?:/, 'webcal:');

/** `shown` with the newest page as it is now. */
export function renewed(shown: OwnQuestion[], newest: OwnQuestion[]): OwnQuestion[] {
    const ids = new Set(newest.map(({ id }) => id));
    return [...newest, ...shown.filter(({ id }) => !ids.has(id))];
}
