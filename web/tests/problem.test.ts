// SPDX-License-Identifier: GPL-3.0-or-later
// What the server refuses, in the reader's words.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { problemFrom, refusal } from '../src/core/api';
import { loadLanguage } from '../src/core/i18n';
import { fieldWords, isAbout, loadCodeWords, problemWords } from '../src/core/problem';
import ar from '../src/core/words/codes-ar';
import en from '../src/core/words/codes-en';

/** Every code that the server has, with its parameters: lines of the one table in C. */
const table = readFileSync('../src/base/codes.h', 'utf8');
const codes = [...table.matchAll(/CODE\(\w+, "([^"]+)", \w+, "([^"]*)"\)/g)].map(
    ([, code, params]) => ({ code: code as string, params: (params ?? '').split(' ') }),
);

describe('each code of the server', () => {
    test('was found', () => expect(codes.length).toBeGreaterThan(60));
    for (const { code, params } of codes) {
        test(`${code} has words in both languages`, () => {
            for (const words of [ar, en]) {
                const text = [words[code]].flat().join(' ');
                expect(text.length).toBeGreaterThan(10);
                const holders = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
                expect(holders.filter((name) => !params.includes(name as string))).toEqual([]);
            }
        });
    }
    test('and no other has', () => {
        const known = codes.map(({ code }) => code).sort();
        expect(Object.keys(ar).sort()).toEqual(known);
        expect(Object.keys(en).sort()).toEqual(known);
    });
    test('speaks Arabic without words of the API', () => {
        expect(
            Object.values(ar)
                .flat()
                .join(' ')
                .replace(/\{\w+\}|PDF/g, ''),
        ).not.toMatch(/[A-Za-z]/);
    });
});

describe('words of a problem', () => {
    const body = {
        type: 'urn:majlis:problem:invalid',
        title: 'The request is invalid',
        detail: 'title.ar is longer than 200 characters',
        code: 'too-long',
        params: { max: 200 },
        field: 'title.ar',
    };
    beforeAll(async () => {
        await loadLanguage('ar');
        await loadCodeWords('ar');
    });
    test('are those of its code, with its parameters', () => {
        const { title, meaning, todo } = problemWords(problemFrom(400, body));
        expect(meaning).toBe('النص أطول من المسموح. الحد الأقصى لعدد الأحرف: 200.');
        expect(`${title}${meaning}${todo}`).not.toMatch(/[A-Za-z]/);
    });
    test('name states as people read them', () => {
        const moved = problemFrom(409, {
            code: 'state-change',
            params: { from: 'live', to: 'cancelled', allowed: 'paused, ended' },
        });
        expect(problemWords(moved).meaning).toContain('مباشر');
        expect(problemWords(moved).meaning).not.toMatch(/[A-Za-z]/);
    });
    test.each([400, 401, 403, 404, 409, 429, 500, 503, 507, 0])(
        'of a code that the page does not know are those of the status %i',
        (status) => {
            const { title, meaning } = problemWords(problemFrom(status, { ...body, code: 'new' }));
            expect(title.length).toBeGreaterThan(3);
            expect(`${title}${meaning}`).not.toMatch(/[A-Za-z]/);
            expect(fieldWords(problemFrom(status, { ...body, code: 'new' }))).not.toMatch(
                /[A-Za-z]/,
            );
        },
    );
});

test('a problem belongs to the control of its field', () => {
    const about = (field: string, name: string) => isAbout(refusal('required', field), name);
    expect(about('title.ar', 'title.ar')).toBe(true);
    expect(about('title.ar', 'title.en')).toBe(false);
    expect(about('title', 'title.en')).toBe(true);
    expect(about('speakers[1].name.ar', 'speakers[1].name.ar')).toBe(true);
    expect(about('speakers[1].name', 'speakers[10].name.ar')).toBe(false);
    expect(about('agenda[3].title', 'agenda')).toBe(true);
    expect(about('', 'title.ar')).toBe(false);
    expect(isAbout(null, 'title.ar')).toBe(false);
});
