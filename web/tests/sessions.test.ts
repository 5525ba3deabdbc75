// SPDX-License-Identifier: GPL-3.0-or-later
// The lists of sessions: months, keys in them, filters and the addresses that they ask for.
import { describe, expect, test } from 'vitest';
import {
    COMING,
    isNarrowed,
    NO_FILTERS,
    OVER,
    parametersOf,
    statesOf,
} from '../src/sessions/filters';
import { pathOf } from '../src/sessions/list';
import {
    addDays,
    addMonths,
    byDay,
    dayAfterKey,
    dayOf,
    firstDayOf,
    monthFrom,
    spanOf,
    weeksOf,
} from '../src/sessions/month';

const MONDAY = 1;
const SUNDAY = 7;

describe('a month', () => {
    test.each([
        ['2030-01', MONDAY, '2029-12-31', '2030-02-03', 5],
        ['2030-01', SUNDAY, '2029-12-30', '2030-02-02', 5],
        ['2027-02', MONDAY, '2027-02-01', '2027-02-28', 4], // four weeks exactly
        ['2026-02', SUNDAY, '2026-02-01', '2026-02-28', 4],
        ['2028-02', MONDAY, '2028-01-31', '2028-03-05', 5], // a leap year
        ['2026-08', SUNDAY, '2026-07-26', '2026-09-05', 6],
        ['2026-12', MONDAY, '2026-11-30', '2027-01-03', 5],
    ])('%s from weekday %i: %s to %s', (month, first, from, to, count) => {
        const weeks = weeksOf(month, first);
        expect(weeks).toHaveLength(count);
        expect([weeks[0]?.[0], weeks.at(-1)?.at(-1)]).toEqual([from, to]);
        expect(weeks.every((week) => week.length === 7)).toBe(true);
        expect(new Set(weeks.flat()).size).toBe(7 * count);
    });

    test('begins as the locale says', () => {
        expect([MONDAY, SUNDAY, 6]).toContain(firstDayOf('ar-AE'));
        expect(firstDayOf('en-GB')).toBe(MONDAY);
    });

    test.each([
        ['#month=2030-01', '2030-01'],
        ['#month=2030-13', null],
        ['#month=0000-01', null],
        ['#month=2030-1', null],
        ['#sessions', null],
        ['', null],
    ])('of the address %s is %s', (hash, month) => {
        expect(monthFrom(hash)).toBe(month);
    });

    test('turns at the year', () => {
        expect(addMonths('2030-12', 1)).toBe('2031-01');
        expect(addMonths('2030-01', -1)).toBe('2029-12');
        expect(addDays('2030-12-31', 1)).toBe('2031-01-01');
    });

    test('has days of the UAE', () => {
        expect(dayOf('2030-01-15T20:30:00Z')).toBe('2030-01-16');
        expect(dayOf('2030-01-15T19:59:59Z')).toBe('2030-01-15');
        const { from, to } = spanOf('2030-01-01', '2030-01-31');
        expect([Date.parse(from), Date.parse(to)]).toEqual([
            Date.parse('2029-12-31T20:00:00Z'),
            Date.parse('2030-01-31T20:00:00Z'),
        ]);
    });

    test('has its sessions by day, each day in order', () => {
        const at = (starts_at: string) => ({ starts_at });
        const days = byDay([
            at('2030-01-15T10:00:00Z'),
            at('2030-01-15T08:00:00Z'),
            at('2030-01-15T21:00:00Z'),
        ]);
        expect([...days.keys()]).toEqual(['2030-01-15', '2030-01-16']);
        expect(days.get('2030-01-15')?.map((one) => one.starts_at.slice(11, 13))).toEqual([
            '08',
            '10',
        ]);
    });
});

describe('keys in a month', () => {
    test.each([
        ['ArrowRight', false, '2030-01-16'],
        ['ArrowLeft', false, '2030-01-14'],
        ['ArrowRight', true, '2030-01-14'],
        ['ArrowLeft', true, '2030-01-16'],
        ['ArrowDown', true, '2030-01-22'],
        ['ArrowUp', true, '2030-01-08'],
        ['Home', true, '2030-01-14'],
        ['End', true, '2030-01-20'],
        ['PageDown', true, '2030-02-15'],
        ['PageUp', true, '2029-12-15'],
        ['Enter', true, null],
        ['a', true, null],
    ])('%s, right to left %s: %s', (key, rtl, day) => {
        expect(dayAfterKey(key, '2030-01-15', MONDAY, rtl)).toBe(day); // a Tuesday
    });

    test('a day that the next month lacks is its last', () => {
        expect(dayAfterKey('PageDown', '2030-01-31', MONDAY, false)).toBe('2030-02-28');
        expect(dayAfterKey('PageUp', '2030-03-31', MONDAY, false)).toBe('2030-02-28');
    });
});

describe('filters', () => {
    test('narrow by what is chosen', () => {
        expect(isNarrowed(NO_FILTERS)).toBe(false);
        expect(isNarrowed({ ...NO_FILTERS, words: '  ' })).toBe(false);
        expect(isNarrowed({ ...NO_FILTERS, series: 'e1' })).toBe(true);
        const chosen = { ...NO_FILTERS, words: ' أزمة ', year: '2030', speaker: 'p1' };
        expect(Object.fromEntries(parametersOf(chosen, { state: '' }))).toEqual({
            q: 'أزمة',
            speaker: 'p1',
            from: '2030-01-01T00:00:00+04:00',
            to: '2031-01-01T00:00:00+04:00',
        });
    });

    test('a state leaves one group', () => {
        expect(statesOf(COMING, '')).toEqual(COMING);
        expect(statesOf(COMING, 'live')).toEqual(['live']);
        expect(statesOf(COMING, 'ended')).toEqual([]);
        const ended = { ...NO_FILTERS, state: 'ended' };
        expect(pathOf(ended, COMING, 'earliest')).toBe('');
        expect(pathOf(ended, OVER, 'latest')).toBe('sessions?state=ended&order=latest&limit=25');
    });
});
