// SPDX-License-Identifier: GPL-3.0-or-later
// The page "System": its series, and its words in both languages.
import { describe, expect, test } from 'vitest';
import type { Forms } from '../src/core/i18n';
import { daysUntil, summary, times, topOf } from '../src/system/series';
import { type SystemKey, systemWords } from '../src/system/words';

describe('series', () => {
    test('the newest value stands at the end, each step before it', () => {
        expect(times({ every_ms: 10_000 }, 3, 1_000_000)).toEqual([980, 990, 1000]);
        expect(times({ every_ms: 10_000 }, 0, 1_000_000)).toEqual([]);
    });

    test('what is not known counts for nothing', () => {
        expect(summary([null, 3, 1, null])).toEqual({ now: 1, from: 1, to: 3 });
        expect(summary([null, 0])).toEqual({ now: 0, from: 0, to: 0 });
        expect(summary([null])).toBeNull();
        expect(summary([])).toBeNull();
    });

    test('an axis has room above the largest value, and a smallest top', () => {
        expect(topOf([[1, 2], [null]], 4)).toBe(4);
        expect(topOf([[1, 2], [100]], 4)).toBeCloseTo(115);
        expect(topOf([], 1)).toBe(1);
    });

    test('days are whole and negative once it is over', () => {
        expect(daysUntil('2030-01-15T09:00:00Z', '2030-01-01T10:00:00Z')).toBe(13);
        expect(daysUntil('2030-01-01T10:00:01Z', '2030-01-01T10:00:00Z')).toBe(0);
        expect(daysUntil('2030-01-01T09:59:59Z', '2030-01-01T10:00:00Z')).toBe(-1);
    });
});

describe('words', () => {
    const { ar, en } = systemWords;
    const texts = (entry: string | Forms) =>
        typeof entry === 'string' ? [entry] : Object.values(entry);
    const places = (entry: string | Forms) =>
        [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

    test('both languages have the same place-holders', () => {
        for (const key of Object.keys(en) as SystemKey[]) {
            expect([key, places(ar[key])]).toEqual([key, places(en[key])]);
        }
    });

    test('Arabic has its own punctuation and all its plural forms', () => {
        for (const key of Object.keys(ar) as SystemKey[]) {
            const entry = ar[key];
            for (const text of texts(entry)) {
                expect(text).not.toMatch(/[,;?"]|\s[،؛؟.:!]/);
            }
            if (typeof entry !== 'string') {
                expect(Object.keys(entry).sort()).toEqual(
                    ['few', 'many', 'one', 'other', 'two', 'zero'].sort(),
                );
            }
        }
    });
});
