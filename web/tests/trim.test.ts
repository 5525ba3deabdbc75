// @vitest-environment node
// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { type Marks, markAt, readMarks } from '../src/watch/marks';

const WHOLE = 60_000;

test.each<[string, string, Partial<Marks>]>([
    ['', '', { in: undefined, out: undefined, fault: null, bad: { in: false, out: false } }],
    ['0:02', '0:50.5', { in: 2000, out: 50_500, fault: null, bad: { in: false, out: false } }],
    ['nothing', '', { in: null, fault: 'trimBadTime', bad: { in: true, out: false } }],
    ['', '0:61', { out: null, fault: 'trimBadTime', bad: { in: false, out: true } }],
    ['1:01', '', { fault: 'trimOutside', bad: { in: true, out: false } }],
    ['', '1:01', { fault: 'trimOutside', bad: { in: false, out: true } }],
    ['0:30', '0:30', { fault: 'trimBadOrder', bad: { in: true, out: false } }],
    ['0:59', '', { fault: null, bad: { in: false, out: false } }],
])('marks %j and %j', (from, to, expected) => {
    expect(readMarks({ in: from, out: to }, WHOLE)).toMatchObject(expected);
});

test('a broadcast of unknown length refuses no time', () => {
    expect(readMarks({ in: '', out: '9:00:00' }, Number.NaN).fault).toBeNull();
});

test('a mark from the player lies inside of what is shown', () => {
    expect([markAt('in', 1234), markAt('out', 1290)]).toEqual(['0:01.3', '0:01.2']);
});
