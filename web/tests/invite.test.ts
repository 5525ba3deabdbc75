// SPDX-License-Identifier: GPL-3.0-or-later
// Inviting many: what is sent, what is said, what is selected, the code on paper, the words.
import jsQR from 'jsqr';
import { encode } from 'uqr';
import { describe, expect, test } from 'vitest';
import { type Forms, lang } from '../src/core/i18n';
import type { Invitation, InvitedMany } from '../src/core/types';
import { NO_CHOICE, outcome, targetOf as whomOf } from '../src/invite/many';
import { pathOf } from '../src/invite/qr';
import { draftOf } from '../src/invite/registration';
import {
    isEmpty,
    isSelected,
    mailTarget,
    NOTHING,
    selectAll,
    targetOf,
    toggle,
} from '../src/invite/selection';
import { inviteWords } from '../src/invite/words';
import { chosenOf } from '../src/pages/print';
import { registerWords } from '../src/register/words';

const rows = ['a', 'b', 'c'].map((id) => ({ id, revoked: id === 'c' })) as Invitation[];

test('whom: nothing is asked before somebody is chosen', () => {
    expect(whomOf(NO_CHOICE)).toBeNull();
    expect(whomOf({ ...NO_CHOICE, entities: ['e1'] })).toEqual({ entities: ['e1'] });
    expect(whomOf({ ...NO_CHOICE, whom: 'people' })).toBeNull();
    const people = [{ id: 'p1', name: 'Noura' }];
    expect(whomOf({ ...NO_CHOICE, whom: 'people', people })).toEqual({ people: ['p1'] });
    expect(whomOf({ ...NO_CHOICE, whom: 'everybody' })).toBe('everybody');
    expect(whomOf({ ...NO_CHOICE, whom: 'session' })).toBeNull();
    expect(whomOf({ ...NO_CHOICE, whom: 'session', session: 's1' })).toEqual({ session: 's1' });
});

test('what was done is said, with who was left out and why', () => {
    lang.value = 'en';
    const answer: InvitedMany = {
        dry_run: false,
        invited: 2,
        already: 1,
        left_out: { disabled: 3, staff: 0, revoked: 1, unknown: 0 },
        without_address: 1,
        mails: 1,
    };
    const said = outcome(answer).join(' ');
    expect(said).toContain('2\u00a0people were newly invited.');
    expect(said).toContain('disabled: 3');
    expect(said).toContain('revoked: 1');
    expect(said).not.toContain('staff');
    expect(said).toContain('Mails queued: 1.');
    expect(outcome({ ...answer, mails: 0 }).join(' ')).toContain('No mail was sent.');
    expect(outcome({ ...answer, dry_run: true }).join(' ')).toMatch(/would be.*(?<!queued: 1\.)$/);
});

describe('selected', () => {
    test('one by one, and all of a kind, on further pages too', () => {
        expect(isEmpty(NOTHING)).toBe(true);
        const one = toggle(NOTHING, 'a', rows);
        expect(one).toEqual({ all: false, ids: ['a'] });
        expect(toggle(one, 'a', rows)).toEqual(NOTHING);
        const all = selectAll(rows, '');
        expect(all).toEqual({ all: true });
        expect(isSelected(all, { id: 'far' })).toBe(true);
        expect(toggle(all, 'a', rows)).toEqual({ all: false, ids: ['b'] }); // never the revoked one
        expect(selectAll(rows, 'noura')).toEqual({ all: false, ids: ['a', 'b'] });
    });

    test('as the server names it', () => {
        const all = { all: true } as const;
        expect(targetOf(all, 'all')).toBe('valid');
        expect(targetOf(all, 'unopened')).toBe('unopened');
        expect(targetOf({ all: false, ids: ['a'] }, 'unopened')).toEqual(['a']);
        expect(mailTarget(all, 'all')).toBe('all');
        expect(mailTarget(all, 'unmailed')).toBe('not-sent');
        expect(mailTarget(all, 'unanswered')).toBe('unanswered');
        expect(mailTarget({ all: false, ids: ['a'] }, 'all')).toEqual(['a']);
    });

    test('the address of the cards', () => {
        expect(chosenOf('#unopened')).toBe('unopened');
        expect(chosenOf('#a1,b2')).toEqual(['a1', 'b2']);
        for (const none of ['', '#', '#a,,b', '#<x>', '#a;b']) {
            expect(chosenOf(none)).toBeNull();
        }
    });
});

test('a card’s code is read as its link by another program', () => {
    const url = 'https://majlis.example/ar/i/abcdefghijkmnpqrstuvwxyz23';
    const { data, size } = encode(url, { ecc: 'M', border: 4 });
    // drawn from the path, as a browser would
    const scale = 4;
    const pixels = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255);
    for (const [, x, y, run] of pathOf(data).matchAll(/M(\d+) (\d+)h(\d+)/g)) {
        for (let py = Number(y) * scale; py < (Number(y) + 1) * scale; py++) {
            for (let px = Number(x) * scale; px < (Number(x) + Number(run)) * scale; px++) {
                pixels.fill(0, (py * size * scale + px) * 4, (py * size * scale + px) * 4 + 3);
            }
        }
    }
    expect(jsQR(pixels, size * scale, size * scale)?.data).toBe(url);
});

test('a page for registration that is closed begins as the usual one', () => {
    expect(draftOf(null)).toEqual({
        mode: 'off',
        email: 'required',
        entity: 'optional',
        job_title: 'off',
    });
});

describe('words', () => {
    const texts = (entry: string | Forms) =>
        typeof entry === 'string' ? [entry] : Object.values(entry);
    const places = (entry: string | Forms) =>
        [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
    const all = [inviteWords, registerWords].flatMap(({ ar, en }) =>
        Object.keys(en).map(
            (key) =>
                [key, ar[key as never], en[key as never]] as [
                    string,
                    string | Forms,
                    string | Forms,
                ],
        ),
    );

    test.each(all)('%s is said in both languages', (_, ar, en) => {
        expect(texts(ar).every((text) => text.trim() !== '')).toBe(true);
        expect(places(ar)).toEqual(places(en));
        expect(texts(ar).join()).not.toMatch(/[;?"]|\s[،؛؟.:!]/);
        if (typeof ar !== 'string') {
            expect(Object.keys(ar)).toHaveLength(6);
        }
    });
});
