// SPDX-License-Identifier: GPL-3.0-or-later
// The three steps of a new session: which fields stand where, what keeps from going on, the draft that is kept.
import { describe, expect, test } from 'vitest';
import { draftOf } from '../src/desk/agenda-fields';
import { sessionDraft } from '../src/staff/draft';
import { keepDraft, keptDraft, type Step, stepFault, stepOf } from '../src/staff/steps';

const draft = (change = {}) => ({ ...sessionDraft(null), ...change });

test('every field of a refusal has its step', () => {
    const fields: [string, Step][] = [
        ['title', 'what'],
        ['title.ar', 'what'],
        ['agenda[2].minutes', 'what'],
        ['tags[0]', 'what'],
        ['number', 'what'],
        ['series', 'what'],
        ['speakers[0].name', 'who'],
        ['access', 'who'],
        ['show_names', 'who'],
        ['starts_at', 'when'],
        ['duration_minutes', 'when'],
    ];
    for (const [field, step] of fields) {
        expect(stepOf(field), field).toBe(step);
    }
    expect(stepOf('')).toBeUndefined();
});

test('a step is left without its own faults, whatever the others lack', () => {
    expect(stepFault('what', draft())?.field).toBe('title');
    expect(stepFault('what', draft({ ar: 'جلسة' }))).toBeNull();
    const number = draft({ ar: 'جلسة', series: 'e1', number: 'x' });
    expect(stepFault('what', number)?.field).toBe('number');
    expect(stepFault('who', draft())).toBeNull();
    expect(stepFault('when', draft({ ar: 'جلسة' }))?.field).toBe('starts_at');
    const long = draft({ ar: 'جلسة', starts: '2031-01-01T10:00', minutes: '0' });
    expect(stepFault('when', long)?.field).toBe('duration_minutes');
});

describe('the draft', () => {
    const store = () => {
        const map = new Map<string, string>();
        return {
            getItem: (key: string) => map.get(key) ?? null,
            setItem: (key: string, value: string) => void map.set(key, value),
            removeItem: (key: string) => void map.delete(key),
        };
    };
    const kept = () => ({
        step: 'who' as Step,
        draft: draft({ ar: 'جلسة' }),
        agenda: draftOf([{ title: { ar: 'العرض', en: '' }, minutes: 40 }]),
    });

    test('comes back to who wrote it, with keys of this page', () => {
        const one = store();
        const written = kept();
        keepDraft(() => one, 'p1', written);
        const back = keptDraft(() => one, 'p1');
        expect(back).toMatchObject({ step: 'who', draft: { ar: 'جلسة' } });
        expect(back?.agenda[0]).toMatchObject({ ar: 'العرض', minutes: '40' });
        expect(back?.agenda[0]?.key).not.toBe(written.agenda[0]?.key);
        expect(back?.draft.speakers[0]?.key).not.toBe(written.draft.speakers[0]?.key);
        expect(keptDraft(() => one, 'p2')).toBeNull();
        keepDraft(() => one, 'p1', null);
        expect(keptDraft(() => one, 'p1')).toBeNull();
    });

    test('of another form, or damaged, is no draft; a browser may keep none', () => {
        const one = store();
        keepDraft(() => one, 'p1', kept());
        const [key, text] = ['majlis.new-session', one.getItem('majlis.new-session') ?? ''];
        for (const bad of ['{', 'null', '{}', text.replace('"shape":"', '"shape":"x')]) {
            one.setItem(key, bad);
            expect(keptDraft(() => one, 'p1')).toBeNull();
        }
        const forbidden = () => {
            throw new Error('forbidden');
        };
        expect(keptDraft(forbidden, 'p1')).toBeNull();
        expect(() => keepDraft(forbidden, 'p1', kept())).not.toThrow();
    });
});
