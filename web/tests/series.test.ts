// SPDX-License-Identifier: GPL-3.0-or-later
// Series and speakers while they are written, and what a session takes from them.
import { describe, expect, test } from 'vitest';
import type { Forms } from '../src/core/i18n';
import type { Series } from '../src/core/types';
import {
    defaultsOf,
    nextNumber,
    placeBody,
    placeFault,
    seriesBody,
    seriesDraft,
    seriesFault,
    speakerDraft,
    speakerFault,
    tagsOf,
} from '../src/series/draft';
import { contrastOf, lookBody, lookFault, lookOf, remindersOf } from '../src/series/look';
import { type SeriesKey, seriesWords } from '../src/series/words';
import { session } from './samples';

const name = { ar: 'سلسلة', en: '' };
const series = (change: Partial<Series> = {}): Series => ({
    id: 'e1',
    name,
    description: { ar: '', en: '' },
    picture: null,
    colour: null,
    languages: ['ar', 'en'],
    duration_minutes: 45,
    access: 'open',
    show_names: true,
    agenda: [{ title: { ar: 'العرض', en: '' }, minutes: 40 }],
    retention_days: null,
    ...change,
});
const of = (id: string, number: number | null) => session({ series: { id, name }, number });

describe('a number', () => {
    test('is the next of its series', () => {
        expect(nextNumber([], 'e1')).toBe(1);
        expect(nextNumber([of('e1', 7), of('e1', null), of('e2', 9)], 'e1')).toBe(8);
    });

    test('is left to the server where it is empty, and none in the same series', () => {
        const draft = { series: 'e1', number: '', tags: '' };
        expect(placeBody(draft, null)).toEqual({ series: 'e1', tags: [] });
        expect(placeBody(draft, of('e1', 7))).toEqual({ series: 'e1', number: null, tags: [] });
        expect(placeBody(draft, of('e2', 7))).toEqual({ series: 'e1', tags: [] });
        expect(placeBody({ ...draft, number: '١٢' }, null)).toMatchObject({ number: 12 });
        expect(placeBody({ ...draft, series: '', number: '3' }, null)).toEqual({
            series: null,
            tags: [],
        });
    });

    test('is refused beside its field', () => {
        expect(placeFault({ series: 'e1', number: '0', tags: '' })?.field).toBe('number');
        expect(placeFault({ series: '', number: 'x', tags: '' })).toBeNull();
    });
});

describe('the look of a series', () => {
    test('has a colour on which white text can be read', () => {
        expect(contrastOf('#000000')).toBeCloseTo(21);
        expect(contrastOf('#ffffff')).toBeCloseTo(1);
        const look = lookOf(series({ colour: '#767676' }));
        expect(lookFault(look)).toBeNull();
        expect(lookFault({ ...look, colour: '#777777' })?.code).toBe('colour-too-light');
        expect(lookFault({ ...look, languages: [] })?.field).toBe('languages');
        expect(lookBody(lookOf(null))).toEqual({
            colour: null,
            languages: ['ar', 'en'],
            reminders: null,
        });
    });

    test('has reminders as people write them, each once', () => {
        expect(remindersOf('')).toEqual([]);
        expect(remindersOf('1440، ٦٠, 60')).toEqual([1440, 60]);
        expect(remindersOf('soon')).toBeNull();
        const look = lookOf(series({ reminders: [1440, 60] }));
        expect(lookBody(look)).toMatchObject({ reminders: [1440, 60] });
        expect(lookBody({ ...look, planned: false }).reminders).toBeNull();
        expect(lookFault({ ...look, reminders: '4' })?.code).toBe('out-of-range');
        expect(lookFault({ ...look, reminders: '5 6 7 8 9 10' })?.code).toBe('too-many-items');
        expect(lookFault({ ...look, planned: false, reminders: 'x' })).toBeNull();
    });
});

describe('topics', () => {
    test('are separated by the commas of both languages, each once', () => {
        expect(tagsOf(' أزمات، إعلام, أزمات ؛ ')).toEqual(['أزمات', 'إعلام']);
    });

    test('are ten at most', () => {
        const many = Array.from({ length: 11 }, (_, i) => `t${i}`).join(',');
        expect(placeFault({ series: '', number: '', tags: many })?.code).toBe('too-many-items');
    });
});

describe('a series', () => {
    test('gives its defaults', () => {
        expect(defaultsOf(series())).toEqual({
            minutes: '45',
            access: 'open',
            showNames: true,
            agenda: series().agenda,
        });
    });

    test('is sent as it was read', () => {
        expect(seriesBody(seriesDraft(series()))).toEqual({
            name,
            description: { ar: '', en: '' },
            duration_minutes: 45,
            access: 'open',
            show_names: true,
            retention_days: null,
        });
    });

    test('is refused beside its field', () => {
        const good = seriesDraft(series());
        expect(seriesFault(good)).toBeNull();
        expect(seriesFault({ ...good, minutes: '481' })?.field).toBe('duration_minutes');
        expect(seriesFault({ ...good, days: '٠' })?.field).toBe('retention_days');
        expect(seriesFault(seriesDraft(null))?.field).toBe('name');
        expect(speakerFault(speakerDraft(null))?.field).toBe('name');
    });
});

describe('words', () => {
    const { ar, en } = seriesWords;
    const texts = (entry: string | Forms) =>
        typeof entry === 'string' ? [entry] : Object.values(entry);
    const places = (entry: string | Forms) =>
        [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

    test('both languages have the same place-holders', () => {
        for (const key of Object.keys(en) as SeriesKey[]) {
            expect([key, places(ar[key])]).toEqual([key, places(en[key])]);
        }
    });

    test('Arabic has its own punctuation', () => {
        for (const text of Object.values(ar).flatMap(texts)) {
            expect(text).not.toMatch(/[,;?"]|\s[،؛؟.:!]/);
        }
    });
});
