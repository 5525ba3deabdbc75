// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { otherLanguage, parse, route } from '../src/core/router';

test('the other language keeps the page; the code of an invitation stays out of the address', () => {
    route.value = parse('/ar/s/s1');
    expect(otherLanguage()).toBe('/en/s/s1');
    route.value = parse('/ar/i/secret-code');
    expect(otherLanguage()).toBe('/en/i');
});

test('an address that was cut within an escape is a page that is not there', () => {
    expect(parse('/en/s/%E0%A4')).toEqual({ lang: 'en', page: 'broken', id: '' });
    expect(parse('/ar/s/%D8%A7').id).toBe('ا');
});
