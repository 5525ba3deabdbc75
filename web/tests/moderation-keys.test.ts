// SPDX-License-Identifier: GPL-3.0-or-later
import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, test } from 'vitest';
import { Questions } from '../src/core/session/questions';
import type { SessionSocket } from '../src/core/session/session-socket';
import type { Question } from '../src/core/types';
import { Moderation } from '../src/desk/moderation/moderation';

test('keys act on a question only while the questions are shown', async () => {
    const asked: unknown[] = [];
    const questions = new Questions();
    const at = '2026-01-01T00:00:00Z';
    questions.reset([{ id: 'q1', text: 'Why?', state: 'pending', votes: 0, at } as Question]);
    const socket = {
        questions,
        moderate: async (message: unknown) => {
            asked.push(message);
            return 'act';
        },
    } as unknown as SessionSocket;
    const root = document.createElement('div');
    document.body.append(root);
    const show = (hidden: boolean) =>
        act(() => render(h('div', { hidden }, h(Moderation, { socket })), root));
    const press = (key: string) =>
        act(async () => {
            dispatchEvent(new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}` }));
        });
    show(false);
    await press('j');
    show(true);
    await press('a');
    expect(asked).toEqual([]);
    show(false);
    await press('a');
    expect(asked).toEqual([{ op: 'moderate', question: 'q1', to: 'approved' }]);
    render(null, root);
});

test('a key that the question’s state does not allow leaves the selection where it is', async () => {
    const asked: unknown[] = [];
    const questions = new Questions();
    const at = '2026-01-01T00:00:00Z';
    const one = (id: string) => ({ id, text: 'Why?', state: 'pending', votes: 0, at }) as Question;
    questions.reset([one('q1'), one('q2')]);
    const moderate = async (message: unknown) => {
        asked.push(message);
        return 'act';
    };
    const root = document.createElement('div');
    document.body.append(root);
    const socket = { questions, moderate } as unknown as SessionSocket;
    await act(() => render(h(Moderation, { socket }), root));
    const press = (key: string) =>
        act(async () => {
            dispatchEvent(new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}` }));
        });
    const chosen = () =>
        root.querySelector('li[aria-current=true]')?.getAttribute('data-question-id');
    await press('j');
    expect(chosen()).toBe('q1');
    await press('x'); // new questions are not answered ones
    await press('o');
    expect([chosen(), asked]).toEqual(['q1', []]);
    await press('a');
    expect(chosen()).toBe('q2');
    render(null, root);
    root.remove();
});
