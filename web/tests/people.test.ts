// SPDX-License-Identifier: GPL-3.0-or-later
// The page "People": addresses of its views, what its forms send, its words in both languages.
import { describe, expect, test } from 'vitest';
import type { Forms } from '../src/core/i18n';
import type { Person, Roster, RosterLine, RosterOutcome } from '../src/core/types';
import { domainsOf } from '../src/people/entities';
import { linesOf } from '../src/people/import/lines';
import { AS_FOUND, fieldsOf, parametersOf, withColumn } from '../src/people/import/send';
import { startOf } from '../src/people/list';
import { othersOf } from '../src/people/merge';
import { VIEWS } from '../src/people/page';
import { bodyOf, draftOf, isChanged } from '../src/people/person-form';
import { peopleWords } from '../src/people/words';
import { viewOf } from '../src/ui/hooks/use-view';

test('a view is named by its address', () => {
    expect(viewOf('', VIEWS)).toEqual({ mode: 'list', id: '' });
    expect(viewOf('#people', VIEWS)).toEqual({ mode: 'list', id: '' });
    expect(viewOf('#edit=p1', VIEWS)).toEqual({ mode: 'edit', id: 'p1' });
    expect(viewOf('#edit-entity=e-1', VIEWS)).toEqual({ mode: 'edit-entity', id: 'e-1' });
    expect(viewOf('#import', VIEWS)).toEqual({ mode: 'import', id: '' });
    expect(viewOf('#edit=<x>', VIEWS)).toEqual({ mode: 'list', id: '' });
    expect(viewOf('#edit', VIEWS)).toEqual({ mode: 'list', id: '' }); // it would be a new person's form
    expect(viewOf('#new=p1', VIEWS)).toEqual({ mode: 'list', id: '' });
    expect(viewOf('#erase=p1', VIEWS)).toEqual({ mode: 'erase', id: 'p1' });
    expect(viewOf('#erase', VIEWS)).toEqual({ mode: 'list', id: '' });
});

describe('what is sent', () => {
    test('a free text only without an entity', () => {
        const draft = { ...draftOf(null), name: ' Noura ', entity: ' Somewhere ' };
        expect(bodyOf(draft)).toEqual({
            name: 'Noura',
            email: null,
            entity_id: null,
            entity: 'Somewhere',
        });
        expect(bodyOf({ ...draft, entityId: 'e1' })).toEqual({
            name: 'Noura',
            email: null,
            entity_id: 'e1',
        });
    });

    test('domains as people list them', () => {
        expect(domainsOf(' a.example،@b.example\nc.example; ')).toEqual([
            'a.example',
            'b.example',
            'c.example',
        ]);
        expect(domainsOf('')).toEqual([]);
    });

    test('the choices of an import', () => {
        expect(String(parametersOf(AS_FOUND, true))).toBe('dry_run=true');
        const choices = { columns: ['name', '' as const], heading: false, take: [2, 7] };
        expect(Object.fromEntries(parametersOf(choices as never, false))).toEqual({
            dry_run: 'false',
            columns: 'name,',
            heading: 'false',
            take: '2,7',
        });
    });

    test('a column’s meaning is taken from the one that had it', () => {
        const columns = ['name', null, 'email'].map((field) => ({
            heading: '',
            field,
            sample: '',
        }));
        const found = fieldsOf({ columns } as unknown as Roster, AS_FOUND);
        expect(found).toEqual(['name', '', 'email']);
        expect(withColumn(found, 1, 'name')).toEqual(['', 'name', 'email']);
        expect(withColumn(found, 0, '')).toEqual(['', '', 'email']);
        const chosen = { ...AS_FOUND, columns: ['' as const, 'name' as const, '' as const] };
        expect(fieldsOf({ columns } as unknown as Roster, chosen)).toEqual(['', 'name', '']);
    });
});

describe('what is on the screen', () => {
    const person = (id: string) => ({ id }) as Person;

    test('a person is merged only into others that are shown', () => {
        const found = { items: ['a', 'me', 'b'].map(person), next: null };
        expect(othersOf('me', null)).toEqual({ shown: [], more: false });
        expect(othersOf('me', found)).toEqual({ shown: [person('a'), person('b')], more: false });
        expect(othersOf('me', { ...found, next: 'c' }).more).toBe(true);
        const many = { items: [...'abcdefg'].map(person), next: null };
        expect(othersOf('a', many).more).toBe(false);
        expect(othersOf('me', many)).toMatchObject({ shown: { length: 6 }, more: true });
    });

    test('the list begins as it was left, or with the entity of the address', () => {
        const entities = [{ id: 'e1' }, { id: 'e2' }];
        const left = { query: 'noura', entity: 'e1' };
        expect(startOf('', left, entities)).toEqual(left);
        expect(startOf('e1', left, entities)).toEqual(left);
        expect(startOf('e2', left, entities)).toEqual({ query: '', entity: 'e2' });
        expect(startOf('', left, [])).toEqual({ query: 'noura', entity: '' });
    });

    test('what saving would change is unsaved', () => {
        const hind = { name: 'Hind', email: null, entity_id: null, entity: 'Here' } as Person;
        const draft = draftOf(hind);
        expect(isChanged(draft, hind)).toBe(false);
        expect(isChanged({ ...draft, name: 'Hind ' }, hind)).toBe(false);
        expect(isChanged({ ...draft, email: 'hind@a.example' }, hind)).toBe(true);
        expect(isChanged({ ...draft, entity: '' }, hind)).toBe(true);
    });

    test('a ticked line stays under the filter that showed it', () => {
        const lines = ['new', 'duplicate', 'new'].map((outcome, line) => ({ line, outcome }));
        const shown = (only: RosterOutcome | '', touched: number[]) =>
            linesOf(lines as RosterLine[], only, touched).map(({ line }) => line);
        expect(shown('', [])).toEqual([0, 1, 2]);
        expect(shown('duplicate', [])).toEqual([1]);
        expect(shown('duplicate', [2])).toEqual([1, 2]);
    });
});

describe('words', () => {
    const { ar, en } = peopleWords;
    const texts = (entry: string | Forms) =>
        typeof entry === 'string' ? [entry] : Object.values(entry);
    const places = (entry: string | Forms) =>
        [...new Set(texts(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

    test.each(Object.keys(en) as (keyof typeof en)[])('%s is said in both languages', (key) => {
        expect(texts(ar[key]).every((text) => text.trim() !== '')).toBe(true);
        expect(places(ar[key])).toEqual(places(en[key]));
        expect(texts(ar[key]).join()).not.toMatch(/[;?"]|\s[،؛؟.:!]/);
        if (typeof ar[key] !== 'string') {
            expect(Object.keys(ar[key])).toHaveLength(6);
        }
    });
});
