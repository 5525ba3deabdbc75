// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { hasTooManyMarks, isBlank, MAX_MARKS, textProblem } from '../src/core/text';

test('nothing of these can be seen', () => {
    const blank = [
        '',
        '  \t\n',
        '\u00a0\u3000',
        '\u200b',
        '\u200c\u200d\u2060\u00ad',
        '\u202e\u2066',
        '\u2800\u2800',
        '\u3164\u3164',
        '\u115f\u1160\uffa0',
        '\u0301',
        '\u064e\u0651',
        '\u20dd',
        '\ufe0f',
        '\u{e0041}',
        '\ufffc\ufeff',
        '\ue000',
    ];
    expect(blank.filter((text) => !isBlank(text))).toEqual([]);
    expect(['؟', '7', '♥\ufe0f', '\u2801', '한', 'a\u0301', ' ل '].filter(isBlank)).toEqual([]);
});

test('marks on one letter are bounded, joiners between them or not', () => {
    expect(hasTooManyMarks(`a${'\u0301'.repeat(MAX_MARKS)}`)).toBe(false);
    expect(hasTooManyMarks(`a${'\u0301'.repeat(MAX_MARKS + 1)}`)).toBe(true);
    expect(hasTooManyMarks(`a${'\u0301\u200d'.repeat(40)}`)).toBe(true);
    expect(hasTooManyMarks(`${'a\u0301'.repeat(40)}`)).toBe(false);
    expect(hasTooManyMarks('بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ')).toBe(false);
});

test('a form refuses with the code of the server', () => {
    const codeOf = (text: string) => textProblem(text, 'text', 300)?.code ?? null;
    expect(codeOf('')).toBe('required');
    expect(codeOf('\u2800')).toBe('blank');
    expect(codeOf('ل'.repeat(301))).toBe('too-long');
    expect(codeOf(`a${'\u0301'.repeat(40)}`)).toBe('too-many-marks');
    expect(codeOf(` ${'ل'.repeat(300)} `)).toBe(null);
});
