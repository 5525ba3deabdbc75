// SPDX-License-Identifier: GPL-3.0-or-later
// The catalogue of recordings: what is chosen, what is sent, what is shown of each.
import { describe, expect, test } from 'vitest';
import { bodyOf, chosenOf, faultOf, refusedOf, shownActs, statesOf } from '../src/catalogue/choice';
import type { Act, RecordingItem, Step } from '../src/core/types';
import { session } from './samples';

const step = (state: Step['state']): Step => ({
    step: 'mp4',
    state,
    progress: 0,
    code: null,
    text: null,
});
const item = (change: object = {}, recording: object = {}): RecordingItem => ({
    ...session({ state: 'ended', ...change }),
    duration_ms: 1000,
    mp4: 'ready',
    recording: { ...session().recording, steps: [step('ready')], ...recording },
});
const act = (id: string, ended: boolean, outcomes: Act['items'][number]['outcome'][]): Act => ({
    id,
    act: 'publish',
    by: 'Noura',
    begun_at: '2030-01-16T08:00:00Z',
    ended_at: ended ? '2030-01-16T08:00:01Z' : null,
    done: 0,
    items: outcomes.map((outcome, i) => ({
        recording: `r${i}`,
        title: { ar: 'ج', en: '' },
        outcome,
        code: outcome === 'refused' ? 'held' : null,
        params: {},
    })),
});

test.each([
    [item(), ['unpublished']],
    [item({ state: 'published' }, { hold: true }), ['published', 'held']],
    [item({}, { steps: [step('failed'), step('waiting')] }), ['unpublished', 'failed', 'working']],
    [item({}, { deleted_at: '2030-02-01T00:00:00Z', hold: true }), ['deleted']],
])('its states', (one, expected) => {
    expect(statesOf(one)).toEqual(expected);
});

test('chosen is what is shown and there', () => {
    const items = [
        item({ id: 'a' }),
        item({ id: 'b' }, { deleted_at: '2030-02-01T00:00:00Z' }),
        item({ id: 'c' }),
    ];
    const ids = chosenOf(items, new Set(['a', 'b', 'gone'])).map(({ id }) => id);
    expect(ids).toEqual(['a']);
});

describe('what is sent', () => {
    test.each([
        [{ kind: 'publish', reason: 'x', days: '9' }, { act: 'publish' }],
        [
            { kind: 'hold', reason: ' x ', days: '' },
            { act: 'hold', reason: 'x' },
        ],
        [{ kind: 'release', reason: ' ', days: '' }, { act: 'release' }],
        [
            { kind: 'retain', reason: '', days: '٣٠' },
            { act: 'retain', days: 30 },
        ],
        [
            { kind: 'retain', reason: '', days: '' },
            { act: 'retain', days: null },
        ],
    ] as const)('%o', (draft, expected) => {
        expect(bodyOf(draft, ['a'])).toEqual({ recordings: ['a'], ...expected });
        expect(faultOf(draft)).toBeNull();
    });

    test.each(['0', '3651', 'x', '1.5', '-3'])('not %s days', (days) => {
        expect(faultOf({ kind: 'retain', reason: '', days })).toMatchObject({
            code: 'out-of-range',
            field: 'days',
        });
    });
});

test('acts that run are shown, and the newest', () => {
    const acts = [act('3', true, ['done']), act('2', false, ['waiting']), act('1', true, [])];
    expect(shownActs(acts).map(({ id }) => id)).toEqual(['3', '2']);
    expect(refusedOf(act('4', true, ['done', 'refused']))).toHaveLength(1);
});
