// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { agendaOf, draftOf } from '../src/desk/agenda-fields';
import { titleOf } from '../src/ui/hooks/use-chapters';

test('an agenda is sent without its empty lines and empty languages', () => {
    const draft = [
        { key: 1, ar: ' الافتتاح ', en: 'Opening', minutes: '٤٠' },
        { key: 2, ar: '  ', en: '', minutes: ' ' },
        { key: 3, ar: '', en: 'Questions', minutes: ' ' },
    ];
    expect(agendaOf(draft)).toEqual([
        { title: { ar: 'الافتتاح', en: 'Opening' }, minutes: 40 },
        { title: { en: 'Questions' } },
    ]);
    const alone = [{ key: 1, ar: '', en: '', minutes: '5' }]; // refused by the server, not lost
    expect(agendaOf(alone)).toEqual([{ title: {}, minutes: 5 }]);
});

test('what is there is edited with keys of its own', () => {
    const draft = draftOf([{ title: { ar: 'أ', en: '' } }, { title: { ar: '', en: 'b' } }]);
    expect(draft.map(({ ar, en }) => [ar, en])).toEqual([
        ['أ', ''],
        ['', 'b'],
    ]);
    expect(new Set(draft.map(({ key }) => key)).size).toBe(2);
});

test('a title in no language is empty', () => {
    expect(titleOf(' ', '')).toEqual({});
});
