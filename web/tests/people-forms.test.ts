// SPDX-License-Identifier: GPL-3.0-or-later
// The page "People" while answers are late or fail: a roster's review, the list, merging.
import { type ComponentChild, h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadLanguage } from '../src/core/i18n';
import { loadCodeWords } from '../src/core/problem';
import { EntityView } from '../src/people/entities';
import Import from '../src/people/import/import';
import { PeopleList } from '../src/people/list';
import { Merge } from '../src/people/merge';
import { w } from '../src/people/words';

const root = document.createElement('div');
const all = (name: string) => [...root.querySelectorAll<HTMLInputElement>(`[data-testid=${name}]`)];
const find = (name: string, index = 0) => all(name)[index] as HTMLInputElement;

/** Requests under way, answered by the test. */
let open: { url: string; answer: (body: object | null) => void }[] = [];
const person = (id: string) => ({
    id,
    name: `Name of ${id}`,
    email: null,
    entity: null,
    role: 'officer',
});
const counts = { new: 1, changed: 0, unchanged: 0, duplicate: 0, refused: 0 };
const columns = [
    { heading: 'a', field: 'name', sample: '' },
    { heading: 'b', field: null, sample: '' },
];
const ROSTER = { encoding: 'utf-8', separator: 'comma', heading: true, columns, counts, lines: [] };

const turn = () => act(async () => void (await new Promise((done) => setTimeout(done, 20))));
/** Null: the connection broke. */
async function answer(body: object | null): Promise<string> {
    await vi.waitFor(() => expect(open).not.toEqual([]));
    const { url, answer: give } = open.shift() as (typeof open)[number];
    await act(async () => give(body));
    await turn();
    return url;
}
const show = (page: ComponentChild) => act(async () => render(page, root));
async function change(control: HTMLInputElement, event: string): Promise<void> {
    await act(async () => void control.dispatchEvent(new Event(event, { bubbles: true })));
    await turn();
}

beforeEach(async () => {
    document.body.append(root);
    await loadLanguage('en');
    await loadCodeWords('en');
    vi.stubGlobal('fetch', (url: string, { signal }: RequestInit) => {
        return new Promise((resolve, reject) => {
            const answered = (body: object | null) =>
                body ? resolve(Response.json(body)) : reject(new TypeError('away'));
            const one = { url, answer: answered };
            open.push(one);
            signal?.addEventListener('abort', () => {
                open = open.filter((other) => other !== one);
                reject(new DOMException('', 'AbortError'));
            });
        });
    });
});
afterEach(async () => {
    await show(null);
    vi.unstubAllGlobals();
    open = [];
});

async function review(): Promise<void> {
    await show(h(Import, {}));
    const file = new File(['a,b\n'], 'roster.csv');
    Object.defineProperty(find('roster-file'), 'files', { value: [file] });
    await change(find('roster-file'), 'change');
    await act(async () => find('read-roster').click());
    await answer(ROSTER);
}

test('of choices that follow each other the last is looked at, and nothing is said to be taken', async () => {
    await review();
    const [first, second] = [find('column'), find('column', 1)];
    first.value = '';
    await change(first, 'change');
    expect(find('take-roster').textContent).toBe(w('reading'));
    expect(find('no-names').textContent).toContain('column has the names');
    second.value = 'name';
    await change(second, 'change');
    expect(second.value).toBe('name');
    expect(await answer(ROSTER)).toMatch(/columns=%2C$/);
    expect(await answer(ROSTER)).toMatch(/columns=%2Cname$/);
    expect(open).toEqual([]);
    expect(all('column').map(({ value }) => value)).toEqual(['', 'name']);

    first.value = 'email';
    await change(first, 'change');
    await answer(null);
    expect(find('error')).toBeTruthy();
    expect(first.value).toBe('');

    await act(async () => find('take-roster').click());
    expect(find('take-roster').textContent).toBe(w('taking'));
    const leave = new Event('beforeunload', { cancelable: true });
    dispatchEvent(leave);
    expect(leave.defaultPrevented).toBe(true);
    expect(await answer(ROSTER)).toMatch(/dry_run=false&columns=%2Cname$/);
    expect(find('roster-done')).toBeTruthy();
    const after = new Event('beforeunload', { cancelable: true });
    dispatchEvent(after);
    expect(after.defaultPrevented).toBe(false);
});

test('a file that cannot be read, or is too large, is told as such', async () => {
    await show(h(Import, {}));
    const send = async (file: object) => {
        Object.defineProperty(find('roster-file'), 'files', { value: [file] });
        await change(find('roster-file'), 'change');
        await act(async () => find('read-roster').click());
        await turn();
        return find('field-error').textContent?.trim();
    };
    const arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'));
    expect(await send({ size: 4, arrayBuffer })).toBe(w('fileUnreadable'));
    expect(await send({ size: 3e6 })).toBe(w('fileTooLarge'));
    expect(open).toEqual([]);
});

test('a further page that fails leaves the people there', async () => {
    await show(h(PeopleList, { entities: [], of: '', back: true }));
    expect(document.activeElement?.tagName).toBe('H1');
    await answer({ items: [person('p1')], next: 'c1' });
    await act(async () => find('more-people').click());
    await answer(null);
    expect(all('person')).toHaveLength(1);
    const retry = root.querySelector<HTMLElement>('[data-testid=error] button');
    await act(async () => retry?.click());
    expect(await answer({ items: [person('p2')], next: null })).toContain('cursor=c1');
    expect(all('person')).toHaveLength(2);
});

test('nobody is merged into a person who is no longer shown', async () => {
    await show(h(Merge, { person: person('me') as never, unsaved: false, done: () => {} }));
    const type = async (text: string) => {
        find('merge-find').value = text;
        await change(find('merge-find'), 'input');
    };
    const button = find('merge-person');
    await answer({ items: [person('me'), person('p1')], next: null });
    await type('p1');
    expect(all('merge-person-into')).toEqual([]);
    await answer({ items: [person('p1')], next: null });
    await act(async () => find('merge-person-into').click());
    expect(find('merge-target').textContent).toContain('Name of p1');
    expect(button.disabled).toBe(false);
    await type('p2');
    expect(all('merge-person-into')).toEqual([]);
    expect(button.disabled).toBe(true);
    await answer(null);
    expect(find('error')).toBeTruthy();
    await type('p3');
    await answer({ items: [person('me')], next: null });
    expect(find('merge-nobody')).toBeTruthy();
    expect(button.disabled).toBe(true);
});

test('an entity that is gone is not made anew', async () => {
    const nothing = () => {};
    const rest = { items: [], done: nothing, cancel: nothing, reload: nothing };
    await show(h(EntityView, { id: 'gone', ...rest }));
    expect(all('entity-form')).toEqual([]);
    expect(find('error').textContent).toContain('The entity was not found');
});
