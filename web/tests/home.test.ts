// SPDX-License-Identifier: GPL-3.0-or-later
// The officer's home: which session is next, what became of a question, its words.
import { beforeEach, describe, expect, test } from 'vitest';
import { openapi } from '../scripts/contract.mjs';
import { route } from '../src/core/router';
import type { OwnQuestion, OwnQuestionList, Session } from '../src/core/types';
import { choose, outcome, renewed, webcal } from '../src/home/choose';
import { homeWords } from '../src/home/words';
import { session } from './samples';

interface Described {
    responses: { 200: { content: { 'application/json': { example: OwnQuestionList } } } };
}
const described = openapi().paths['/api/v1/me/questions']?.get as Described | undefined;
const example = described?.responses[200].content['application/json'].example
    .items[0] as OwnQuestion;

const at = (id: string, state: Session['state'], hour: number, change: Partial<Session> = {}) =>
    session({
        id,
        state,
        starts_at: `2030-01-15T${String(hour).padStart(2, '0')}:00:00Z`,
        ...change,
    });
const ids = (list: Session[]) => list.map(({ id }) => id).join(' ');

beforeEach(() => {
    route.value = { lang: 'ar', page: '', id: '' };
});

describe('choose', () => {
    test('what is on, then what comes first, is next', () => {
        const coming = [at('c', 'scheduled', 12), at('b', 'scheduled', 11)];
        expect(choose(coming).next?.id).toBe('b');
        expect(choose([...coming, at('d', 'paused', 13)]).next?.id).toBe('d');
        expect(choose([]).next).toBeNull();
        const late = Date.parse('2030-01-15T12:30:00Z'); // nobody opened "b"
        expect(choose(coming, late)).toMatchObject({ next: { id: 'c' }, others: [{ id: 'b' }] });
        expect(choose([at('x', 'published', 9), at('y', 'cancelled', 10)]).next).toBeNull();
    });

    test('every other session stands in one list', () => {
        const base = session();
        const gone = {
            recording: { ...base.recording, deleted_at: '2030-02-01T00:00:00Z' },
        } as Partial<Session>;
        const { next, others, recordings } = choose([
            at('old', 'published', 1),
            at('gone', 'published', 2, gone),
            at('new', 'published', 3),
            at('off', 'cancelled', 4),
            at('ended', 'ended', 5),
            at('two', 'scheduled', 8),
            at('one', 'scheduled', 7),
            at('three', 'scheduled', 9),
        ]);
        expect(next?.id).toBe('one');
        expect(ids(others)).toBe('two three ended off gone');
        expect(ids(recordings)).toBe('new old');
    });
});

describe('outcome', () => {
    const of = (change: Partial<OwnQuestion>, state: Session['state'] = 'published') =>
        outcome({ ...example, ...change, session: { ...example.session, state } });

    test('an answer leads to its second', () => {
        const { words, link, good } = of({});
        expect({ words, good }).toEqual({ words: 'answered', good: true });
        expect(link).toBe(`/ar/recordings/${example.session.id}#t=723&play`);
        expect(of({}, 'ended').link).toBeNull();
        expect(of({ at_ms: null }).link).toBeNull();
    });

    test('says what became of it, also when time ran out', () => {
        expect(of({ state: 'pending', at_ms: null }, 'live').words).toBe('pending');
        expect(of({ state: 'pending', at_ms: null }).words).toBe('pendingOver');
        expect(of({ state: 'approved', at_ms: null }, 'live').words).toBe('approved');
        expect(of({ state: 'approved', at_ms: null }, 'ended').words).toBe('approvedOver');
        expect(of({ state: 'on_air' }, 'live').words).toBe('onAir');
        expect(of({ state: 'rejected' }).words).toBe('rejected');
        expect(of({ state: 'withdrawn' }).words).toBe('withdrawn');
    });

    test('a merged one has the outcome of the other', () => {
        const merged = of({ state: 'merged', merged_state: 'answered' });
        expect(merged).toMatchObject({ words: 'answered', merged: true, good: true });
        expect(of({ state: 'merged', merged_state: null }).words).toBe('merged');
    });
});

test('calendar programs subscribe by webcal', () => {
    expect(webcal('https://m.ae/feeds/t-A/sessions.ics')).toBe(
        'webcal://m.ae/feeds/t-A/sessions.ics',
    );
});

test('both languages have the same values', () => {
    const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]).sort();
    for (const key of Object.keys(homeWords.en) as (keyof typeof homeWords.en)[]) {
        expect(values(homeWords.ar[key]), key).toEqual(values(homeWords.en[key]));
        expect(homeWords.ar[key], key).toMatch(/[\u0600-\u06ff]/);
    }
});

test('own questions are renewed, and pages that were shown stay', () => {
    const one = (id: string, state: OwnQuestion['state']) => ({ ...example, id, state });
    const shown = [one('c', 'pending'), one('b', 'pending'), one('a', 'answered')];
    const newest = [one('d', 'pending'), one('c', 'approved')];
    expect(renewed(shown, newest).map(({ id, state }) => `${id} ${state}`)).toEqual([
        'd pending',
        'c approved',
        'b pending',
        'a answered',
    ]);
});
