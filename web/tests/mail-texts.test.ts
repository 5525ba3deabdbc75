// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of mails: what saving sends, what the preview shows; where links in mails lead.
import { expect, test } from 'vitest';
import { fill } from '../src/core/i18n';
import type { MailTexts } from '../src/core/types';
import { changeOf, draftOf } from '../src/mail/editor';
import { bodyOf } from '../src/mail/preview';
import { mailWords } from '../src/mail/words';
import { questionOf } from '../src/media/chapters';
import { targetOf } from '../src/pages/invitation';
import { chosenIn } from '../src/pages/rsvp';

const text = (subject: string, edited = false) => ({
    subject,
    body: 'Open: {link}\n',
    edited,
    version: edited ? '7' : '0',
});
const mail: MailTexts = {
    kind: 'reminder',
    placeholders: { subject: ['title'], body: ['title', 'link'] },
    texts: { ar: text('معدّل', true), en: text('Reminder') },
    built_in: { ar: text('تذكير'), en: text('Reminder') },
};

test('saving sends what changed, and the built-in text as none', () => {
    const draft = draftOf(mail);
    expect(changeOf(mail, draft, 'ar')).toBe('none');
    expect(changeOf(mail, { ...draft, ar: { ...draft.ar, body: 'Open: {link}' } }, 'ar')).toBe(
        'none',
    );
    expect(changeOf(mail, { ...draft, ar: { ...draft.ar, subject: 'تذكير' } }, 'ar')).toBe(
        'delete',
    );
    expect(changeOf(mail, { ...draft, en: { ...draft.en, subject: 'Soon' } }, 'en')).toBe('put');
});

test('the preview has styles without attributes of style, and no links', () => {
    const shown = bodyOf(
        '<body style="color: red"><p style="margin: 4px"><a href="https://x" style="color: blue">x</a></p></body>',
    );
    expect(shown.outerHTML).not.toContain('href');
    expect(shown.style.color).toBe('red');
    expect(shown.querySelector('a')?.style.color).toBe('blue');
});

test('a link in a mail leads to the answer, the recording or the moment of a question', () => {
    const to = (search: string, session: string | null = 's1') =>
        targetOf(search, 'attendee', session);
    expect(to('')).toBe('/ar/s/s1');
    expect(to('?coming=no')).toBe('/ar/rsvp/s1#no');
    expect(to('?recording')).toBe('/ar/recordings/s1');
    expect(to('?question=q1')).toBe('/ar/recordings/s1#q=q1');
    expect(to('?question=<b>')).toBe('/ar/recordings/s1#q=%3Cb%3E');
    expect(to('?recording', null)).toBe('/ar/');
});

test('the address names a question or an answer, or nothing', () => {
    expect(questionOf('#q=q4x9k2m7')).toBe('q4x9k2m7');
    expect(questionOf('#q=%3Cb%3E')).toBeNull();
    expect(questionOf('#t=90')).toBeNull();
    expect([chosenIn('#no'), chosenIn('#maybe'), chosenIn('#x'), chosenIn('')]).toEqual([
        'no',
        'maybe',
        'yes',
        'yes',
    ]);
});

test('the rules keep the placeholders as they are typed', () => {
    for (const words of Object.values(mailWords)) {
        expect(fill(words.rules, {})).toContain('{title}');
        expect(fill(words.rules, {})).toContain('{link}');
    }
});
