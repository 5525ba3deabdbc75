// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import {
    type Forms,
    formatClock,
    formatDate,
    formatTime,
    loadLanguage,
    pick,
    pluralForm,
    t,
} from '../src/core/i18n';
import arBase from '../src/core/words/ar';
import arDesk from '../src/core/words/ar-desk';
import enBase from '../src/core/words/en';
import enDesk from '../src/core/words/en-desk';

const ar = { ...arBase, ...arDesk };
const en = { ...enBase, ...enDesk };

describe('plurals', () => {
    const forms = ar.votes as Forms;
    test.each([
        [0, 'لا أصوات'],
        [1, 'صوت واحد'],
        [2, 'صوتان'],
        [3, '{n} أصوات'],
        [10, '{n} أصوات'],
        [11, '{n} صوتًا'],
        [99, '{n} صوتًا'],
        [100, '{n} صوت'],
        [103, '{n} أصوات'],
    ])('%i votes in Arabic', (n, words) => {
        expect(pluralForm('ar', forms, n)).toBe(words);
    });

    test('numbers are filled in with western digits', async () => {
        await loadLanguage('ar');
        expect(t('votes', { n: 12 })).toBe('12\u00a0صوتًا');
        expect(t('votes', { n: 2000 })).toMatch(/^2,000\sصوت$/);
        await loadLanguage('en');
        expect(t('votes', { n: 1 })).toBe('1\u00a0vote');
        expect(t('votes', { n: 0 })).toBe('no votes');
    });
});

test('every place-holder of one language is in the other', () => {
    const names = (entry: string | Forms) =>
        [
            ...new Set(
                (typeof entry === 'string' ? entry : Object.values(entry).join()).match(/\{\w+\}/g),
            ),
        ].sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
        expect([key, names(ar[key])]).toEqual([key, names(en[key])]);
    }
});

test('a page says language and direction', async () => {
    await loadLanguage('ar');
    expect(document.documentElement.dir).toBe('rtl');
    await loadLanguage('en');
    expect(document.documentElement.dir).toBe('ltr');
});

test('times are those of the Emirates, whatever the machine says', async () => {
    await loadLanguage('en');
    expect(formatTime('2026-11-23T21:30:00Z')).toMatch(/^1:30\sam$/i);
    expect(formatDate('2026-11-23T21:30:00Z')).toContain('24 November 2026');
    expect(formatTime('2026-11-23T20:05:09Z', true)).toMatch(/^12:05:09\sam$/i);
    await loadLanguage('ar');
    expect(formatDate('2026-11-23T21:30:00Z')).toMatch(/24.*2026/);
});

test('clocks', () => {
    expect(formatClock(299_999)).toBe('4:59');
    expect(formatClock(3_600_000)).toBe('1:00:00');
    expect(formatClock(-5)).toBe('0:00');
});

test('a text that lacks one language is shown in the other', async () => {
    await loadLanguage('en');
    expect(pick({ ar: 'عنوان', en: '' })).toBe('عنوان');
    expect(pick({ ar: 'عنوان', en: 'Title' })).toBe('Title');
});
