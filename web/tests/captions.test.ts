// SPDX-License-Identifier: GPL-3.0-or-later
import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadDeskWords, loadLanguage } from '../src/core/i18n';
import { Questions } from '../src/core/session/questions';
import type { SessionSocket } from '../src/core/session/session-socket';
import type { Caption, Question, Session } from '../src/core/types';
import { Captions, shownOf } from '../src/desk/captions';

const root = document.createElement('div');
const find = (name: string) =>
    root.querySelector<HTMLButtonElement>(`[data-testid=caption-${name}]`);
const sent: [string, unknown][] = [];
const questions = new Questions();

function show(caption?: Caption) {
    const session = {
        id: 's1',
        speakers: [
            { name: { ar: 'مريم', en: 'Mariam' }, role: { en: 'Expert' } },
            { name: { ar: 'علي', en: 'Ali' } },
        ],
        caption,
    } as Session;
    const socket = { questions } as unknown as SessionSocket;
    act(() => render(h(Captions, { socket, session }), root));
}
const press = (key: string, code = '') =>
    act(async () => {
        dispatchEvent(new KeyboardEvent('keydown', { key, code }));
        await new Promise((done) => setTimeout(done));
    });

beforeEach(async () => {
    document.body.append(root);
    sent.length = 0;
    questions.reset([]);
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
        sent.push([`${init.method} ${url}`, JSON.parse(String(init.body))]);
        return new Response('{}');
    });
    await loadLanguage('en');
    await loadDeskWords();
});
afterEach(() => {
    render(null, root);
    vi.unstubAllGlobals();
});

test('each speaker has a button; what is shown is pressed', () => {
    show({ show: 'speaker', speaker: 1, question: null });
    expect(find('speaker-0')?.textContent).toContain('Mariam');
    expect(find('speaker-1')?.getAttribute('aria-pressed')).toBe('true');
    expect(find('none')?.getAttribute('aria-pressed')).toBe('false');
    show();
    expect(find('none')?.getAttribute('aria-pressed')).toBe('true');
    expect(shownOf({ show: 'question', speaker: null, question: 'q1' })).toBe('question');
});

test('keys of Latin and Arabic keyboards choose', async () => {
    show();
    await press('2');
    await press('٠');
    expect(sent).toEqual([
        ['PUT /api/v1/sessions/s1/caption', { show: 'speaker', speaker: 1 }],
        ['PUT /api/v1/sessions/s1/caption', { show: 'none' }],
    ]);
});

test('the question on air is named, so that no other one is shown', async () => {
    show();
    expect(find('question')?.disabled).toBe(true);
    await press('q', 'KeyQ');
    expect(sent).toEqual([]);
    const at = '2026-01-01T00:00:00Z';
    act(() =>
        questions.reset([{ id: 'q7', text: 'Why?', state: 'on_air', votes: 0, at } as Question]),
    );
    show();
    expect(find('question')?.disabled).toBe(false);
    expect(find('question')?.textContent).toContain('Why?');
    await press('q', 'KeyQ');
    expect(sent).toEqual([
        ['PUT /api/v1/sessions/s1/caption', { show: 'question', question: 'q7' }],
    ]);
});
