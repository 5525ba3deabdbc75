// SPDX-License-Identifier: GPL-3.0-or-later
// What of the wording a machine can hold: neutral address, punctuation, plurals, one word for a thing.
import { afterEach, describe, expect, test } from 'vitest';
import {
    type Forms,
    fill,
    formatBytes,
    formatTime,
    type Key,
    lang,
    loadLanguage,
    pluralForm,
    studio,
    t,
} from '../src/core/i18n';
import type { CodeWords } from '../src/core/problem';
import type { Lang } from '../src/core/types';
import arBase from '../src/core/words/ar';
import arDesk from '../src/core/words/ar-desk';
import codesAr from '../src/core/words/codes-ar';
import codesEn from '../src/core/words/codes-en';
import enBase from '../src/core/words/en';
import enDesk from '../src/core/words/en-desk';

const ar = { ...arBase, ...arDesk };
const en = { ...enBase, ...enDesk };

const NBSP = '\u00a0';
const keys = Object.keys(en) as Key[];
const texts = (entry: string | Forms) =>
    typeof entry === 'string' ? [entry] : Object.values(entry);
const every = (dictionary: Record<Key, string | Forms>) =>
    keys.flatMap((key) => texts(dictionary[key]).map((text) => [key, text] as const));
const codes = (words: CodeWords) =>
    Object.entries(words).flatMap(([code, text]) =>
        [text].flat().map((one) => [code, one] as const),
    );
/** The keys whose text has a fault, with it. */
const where = (dictionary: Record<Key, string | Forms>, fault: RegExp) =>
    [...every(dictionary), ...(dictionary === ar ? codes(codesAr) : codes(codesEn))].filter(
        ([, text]) => fault.test(text),
    );

afterEach(() => {
    studio.value = false;
});

describe('Arabic', () => {
    test('has Arabic punctuation', () => {
        // A question mark alone is the name of a key.
        expect(where(ar, /[,;]|\S\?|\.\.\./)).toEqual([]);
        expect(where(ar, /\s[،؛؟.:!]/)).toEqual([]);
        expect(where(ar, /["“”]/)).toEqual([]);
    });

    test('addresses nobody as a man: what to do is said by يُرجى, يلزم, يمكن or a verbal noun', () => {
        const letters = '\\u0621-\\u0652';
        const word = (words: string) =>
            new RegExp(`(?<![${letters}])[وف]?(${words})(?![${letters}])`, 'u');
        const imperatives =
            'ابقَ|ابق|أعد|أعِد|افتح|أدخل|أدخِل|تحقق|تحقّق|حاول|انتظر|احذف|اختر|اكتب|اضغط|انسخ|سجّل|سجل|تواصل|راجع|قرر|صحّحه|صحّح|أرسله|أرسل|اطلب|شاهد|كن|استمر في|عُد|تخطَّ|اطرح|ارفع|اسحب|اختصره|انتقل|أنشئ|جرّب|استخدم|انقر|أضف|حدّد|حدد|غيّر|أغلق|شغّل|أوقف|فعّل|تأكد|تأكّد|اقرأ|أكمل|اسمح|وصّل';
        expect(where(ar, word(imperatives))).toEqual([]);
        const seconds = 'أنت|لستَ|تجده|تكتبه|تُدعى|لترى';
        expect(where(ar, word(seconds))).toEqual([]);
    });

    test('counts in plural forms: no noun follows a number in a text of one form', () => {
        const counted = every(ar).filter(
            ([key, text]) =>
                typeof ar[key] === 'string' &&
                /\{(n|max|min|count)\}\s(?!عبر|ث\b|ث$|من\b|و)[\u0621-\u064a]/u.test(text),
        );
        expect([
            ...counted,
            ...codes(codesAr).filter(([, text]) =>
                /\{(n|max|min)\}\s(?!و)[\u0621-\u064a]/u.test(text),
            ),
        ]).toEqual([]);
    });

    test('has the words that were agreed', () => {
        expect(where(ar, /خارج الهواء|اطّلعت|من فضلك|الرجاء/)).toEqual([]);
    });

    test.each(keys.filter((key) => typeof ar[key] === 'object'))(
        '%s has six plural forms',
        (key) => {
            const forms = ar[key] as Forms;
            expect(Object.keys(forms).sort()).toEqual([
                'few',
                'many',
                'one',
                'other',
                'two',
                'zero',
            ]);
            for (const [form, text] of Object.entries(forms)) {
                const counted = text.includes('{n}');
                expect([form, counted]).toEqual([form, ['few', 'many', 'other'].includes(form)]);
            }
            expect(pluralForm('ar', forms, 11)).not.toBe(pluralForm('ar', forms, 3));
            expect(typeof en[key]).toBe('object');
        },
    );
});

// English stem -> Arabic stems: one thing has one name on every page.
const TERMS: [RegExp, RegExp][] = [
    [/\brecording/i, /تسجيل|يُسجَّل|سُجّل|المسجّلة/],
    [/\bbroadcast/i, /بث|يُبث/],
    [/\bchapter/i, /فصل|فصول/],
    [/\bagenda\b/i, /محاور|محور/],
    [/\binvit/i, /دعو/],
    [/\bserver/i, /خادم/],
    [/\bspeaker/i, /متحدث/],
    [/\battendees?\b/i, /حضور/],
    [/\bmoderators?\b/i, /مدير|مديري/],
    [/\blink\b/i, /رابط/],
    [/\bpicture/i, /صور/],
    [/\bsound\b/i, /صوت/],
    [/\bmessage/i, /رسالة|عليها/],
    [/\bviewers?\b/i, /مشاهد/],
    [/\blegal hold/i, /الحفظ القانوني|حفظ قانوني/],
    [/\bentit(y|ies)/i, /جه[ةا]/],
    [/\blobby/i, /قاعة الانتظار/],
    [/\bdisk/i, /قرص/],
    [/\borganisers/i, /منظمين|منظمون/],
    [/\bstaff/i, /فريق العمل/],
    [/\bdesk\b/i, /منصة/],
    [/\bon air\b/i, /على الهواء|البث/],
];

describe('one word for a thing', () => {
    test.each(TERMS)('%s is %s', (english, arabic) => {
        const wrong = keys.filter(
            (key) =>
                texts(en[key]).some((text) => english.test(text)) &&
                !texts(ar[key]).every((text) => arabic.test(text)),
        );
        expect(wrong.map((key) => [key, en[key], ar[key]])).toEqual([]);
        const wrongCodes = Object.keys(codesEn).filter(
            (code) =>
                english.test([codesEn[code]].flat().join(' ')) &&
                !arabic.test([codesAr[code]].flat().join(' ')),
        );
        expect(wrongCodes.map((code) => [code, codesEn[code], codesAr[code]])).toEqual([]);
    });
});

describe.each(['ar', 'en'] as Lang[])('in %s', (language) => {
    const dictionary = language === 'ar' ? ar : en;

    test('a number stays with its unit', async () => {
        await loadLanguage(language);
        expect(lang.value).toBe(language);
        for (const key of keys) {
            const names = [
                ...new Set(
                    texts(dictionary[key])
                        .join()
                        .match(/\{\w+\}/g),
                ),
            ];
            const values = Object.fromEntries(names.map((name) => [name.slice(1, -1), 25]));
            expect([key, t(key, values)]).toEqual([key, expect.not.stringMatching(/\d \p{L}/u)]);
        }
        expect(fill('{n} s, {name} s', { n: 5, name: 'a' })).toBe(`5${NBSP}s, a s`);
        expect(fill('{missing} s', {})).toBe('{missing} s');
        expect(formatBytes(1.2e9)).toMatch(new RegExp(`^\\u200f?1[.٫]2${NBSP}\\S`, 'u'));
    });

    test('the studio has 24 hours, officers am and pm', async () => {
        await loadLanguage(language);
        const evening = '2026-11-23T17:05:09Z';
        expect(formatTime(evening).toLowerCase()).toBe(
            `9:05${NBSP}${language === 'ar' ? 'م' : 'pm'}`,
        );
        studio.value = true;
        expect(formatTime(evening)).toBe('21:05');
        expect(formatTime(evening, true)).toBe('21:05:09');
    });

    test('no text begins or ends with a space, or has two', () => {
        expect(where(dictionary, /^\s|\s$|\s\s/)).toEqual([]);
    });
});
