// SPDX-License-Identifier: GPL-3.0-or-later
// Words that parts of the pages bring with them: the same in both languages.
import { describe, expect, test } from 'vitest';
import { catalogueWords } from '../src/catalogue/words';
import type { Forms } from '../src/core/i18n';
import { flowWords } from '../src/desk/flow/words';
import { sessionsWords } from '../src/sessions/words';
import { settingsWords } from '../src/settings/words';

const texts = (entry: string | Forms) =>
    typeof entry === 'string' ? [entry] : Object.values(entry);
const places = (entry: string | Forms) =>
    [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

describe.each(Object.entries({ catalogueWords, flowWords, sessionsWords, settingsWords }))(
    '%s',
    (_, words) => {
        const ar = words.ar as Record<string, string | Forms>;
        const en = words.en as Record<string, string | Forms>;

        test.each(Object.keys(en))('%s is said in both languages', (key) => {
            const own = ar[key] ?? '';
            expect(texts(own).every((text) => text.trim() !== '')).toBe(true);
            expect(places(own)).toEqual(places(en[key] ?? ''));
            expect(texts(own).join('\n')).not.toMatch(/[,;?"]|\s[،؛؟.:!]/);
            expect(typeof own).toBe(typeof en[key]);
            if (typeof own !== 'string') {
                expect(Object.keys(own)).toHaveLength(6);
            }
        });
    },
);
