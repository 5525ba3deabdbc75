// SPDX-License-Identifier: GPL-3.0-or-later
// The search: its pieces of text, groups, addresses and words.
import { beforeEach, describe, expect, test } from 'vitest';
import { openapi } from '../scripts/contract.mjs';
import type { Forms } from '../src/core/i18n';
import { route } from '../src/core/router';
import type { Hit, HitList, SessionBrief } from '../src/core/types';
import { momentOf, plays } from '../src/media/chapters';
import { addressOf, grouped, pieces } from '../src/search/hits';
import { filtersOf, queryOf } from '../src/search/use-search';
import { type SearchKey, searchWords } from '../src/search/words';

interface Described {
    responses: { 200: { content: { 'application/json': { example: HitList } } } };
}

const described = openapi().paths['/api/v1/search']?.get as Described | undefined;
const example = described?.responses[200].content['application/json'].example.items[0] as Hit;

const within = example.session as SessionBrief;

const hit = (change: Partial<Hit> = {}): Hit => ({ ...structuredClone(example), ...change });

beforeEach(() => {
    route.value = { lang: 'ar', page: 'recordings', id: '' };
});

describe('pieces', () => {
    test("the contract's example marks its word", () => {
        const marked = pieces(example.text, example.ranges).filter((piece) => piece.marked);
        expect(marked).toEqual([{ text: 'الاتصال', marked: true }]);
    });

    test('count code points, and lose nothing', () => {
        expect(pieces('👍 اتصال', [[2, 7]])).toEqual([
            { text: '👍 ', marked: false },
            { text: 'اتصال', marked: true },
        ]);
        expect(pieces('a b', [])).toEqual([{ text: 'a b', marked: false }]);
        expect(pieces('', [])).toEqual([]);
    });
});

describe('groups', () => {
    test('stand in the order of their best hit', () => {
        const other = hit({ id: 'q2', session: { ...within, id: 'other' } });
        const groups = grouped([other, hit(), hit({ id: 'q3', session: other.session })]);
        expect(groups.map((group) => [group.session?.id, group.hits.length])).toEqual([
            ['other', 2],
            [within.id, 1],
        ]);
    });

    test('show a chapter once, not its line of the agenda too', () => {
        const [group] = grouped([
            hit({ kind: 'agenda', text: 'الافتتاح' }),
            hit({ kind: 'agenda', text: 'الخاتمة' }),
            hit({ kind: 'chapter', text: 'الافتتاح' }),
        ]);
        expect(group?.hits.map(({ kind, text }) => [kind, text])).toEqual([
            ['agenda', 'الخاتمة'],
            ['chapter', 'الافتتاح'],
        ]);
    });
});

describe('addresses', () => {
    test('play at the second', () => {
        const address = addressOf(hit({ at_ms: 723_900 }), 'attendee');
        expect(address).toBe(`/ar/recordings/${within.id}#t=723&play`);
        expect(momentOf(new URL(address, 'http://x').hash)).toBe(723);
        expect(plays('#t=723&play')).toBe(true);
        expect(plays('#t=723')).toBe(false);
        expect(plays('#&play')).toBe(false);
    });

    test('lead to the recording, or to the page of the role', () => {
        const before = { ...within, recording: false };
        expect(addressOf(hit({ at_ms: null }), 'staff')).toBe(`/ar/recordings/${within.id}`);
        const early = hit({ at_ms: null, session: before });
        expect(addressOf(early, 'attendee')).toBe(`/ar/s/${within.id}`);
        expect(addressOf(early, 'staff')).toBe(`/ar/desk/${within.id}`);
    });

    test('lead to the page of a speaker or series', () => {
        const speaker = hit({ kind: 'speaker', id: 'k1', session: null, at_ms: null });
        expect(addressOf(speaker, 'attendee')).toBe('/ar/speakers/k1');
        expect(addressOf({ ...speaker, kind: 'series' }, 'staff')).toBe('/ar/series/k1');
        expect(grouped([speaker, hit()]).map((group) => group.session?.id)).toEqual([
            undefined,
            within.id,
        ]);
    });

    test('keep what narrows the search down', () => {
        expect(filtersOf('?q=x&kind=chapter&year=2031')).toEqual({
            kind: 'chapter',
            series: '',
            speaker: '',
            year: '2031',
        });
    });

    test('keep the query', () => {
        expect(queryOf('?q=%D8%A7%D8%AA&x=1')).toBe('ات');
        expect(queryOf('')).toBe('');
    });
});

describe('words', () => {
    const { ar, en } = searchWords;
    const texts = (entry: string | Forms) =>
        typeof entry === 'string' ? [entry] : Object.values(entry);
    const places = (entry: string | Forms) =>
        [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

    test('both languages have the same place-holders', () => {
        for (const key of Object.keys(en) as SearchKey[]) {
            expect([key, places(ar[key])]).toEqual([key, places(en[key])]);
        }
    });

    test('Arabic has its own punctuation and all its plural forms', () => {
        for (const entry of Object.values(ar)) {
            for (const text of texts(entry)) {
                expect(text).not.toMatch(/[,;?"]|\s[،؛؟.:!]/);
            }
            if (typeof entry !== 'string') {
                expect(Object.keys(entry)).toHaveLength(6);
            }
        }
    });
});
