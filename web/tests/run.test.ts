// SPDX-License-Identifier: GPL-3.0-or-later
import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadDeskWords, loadLanguage } from '../src/core/i18n';
import type { SessionSocket } from '../src/core/session/session-socket';
import type { Session } from '../src/core/types';
import { RunButtons } from '../src/desk/run';

const root = document.createElement('div');
const find = (name: string) => root.querySelector<HTMLElement>(`[data-testid=${name}]`);
const sent: string[] = [];

function show(minutes: number, state = 'lobby') {
    const session = {
        id: 's1',
        title: {},
        state,
        starts_at: new Date(Date.now() + minutes * 60_000).toISOString(),
        duration_minutes: 60,
    } as Session;
    const socket = { refresh: async () => undefined } as unknown as SessionSocket;
    act(() => render(h(RunButtons, { socket, session }), root));
}
/** Held by the Enter key, as by the pointer. */
async function hold(name: string) {
    await act(async () => {
        find(name)?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        await vi.advanceTimersByTimeAsync(800);
    });
}

beforeEach(async () => {
    vi.useFakeTimers();
    document.body.append(root);
    sent.length = 0;
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
        sent.push(String(init.body));
        return new Response('{}');
    });
    await loadLanguage('en');
    await loadDeskWords();
});
afterEach(() => {
    render(null, root);
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('a start 40 minutes before its time is asked about, and not done before the answer', async () => {
    show(40);
    await hold('start');
    expect(find('ask')?.textContent).toMatch(/It starts in 40\sminutes/);
    expect(sent).toEqual([]);
    await act(async () => find('ask-cancel')?.click());
    expect(find('ask')).toBeNull();
    expect(sent).toEqual([]);
    await hold('start');
    await act(async () => find('ask-confirm')?.click());
    expect(sent).toEqual(['{"to":"live"}']);
});

test('the key that is held to start does not also confirm, nor begin another hold', async () => {
    show(40);
    await hold('start');
    const repeat = () =>
        new KeyboardEvent('keydown', {
            key: 'Enter',
            bubbles: true,
            cancelable: true,
            repeat: true,
        });
    const event = repeat();
    act(() => void find('ask-confirm')?.dispatchEvent(event));
    expect(event.defaultPrevented).toBe(true);
    await act(async () => find('ask-cancel')?.click());
    await act(async () => {
        find('start')?.dispatchEvent(repeat());
        await vi.advanceTimersByTimeAsync(800);
    });
    expect([find('ask'), sent]).toEqual([null, []]);
});

test('a start at its time is not asked about, nor an end', async () => {
    show(2);
    await hold('start');
    expect(find('ask')).toBeNull();
    expect(sent).toEqual(['{"to":"live"}']);
    show(40, 'live');
    await hold('end');
    expect(sent.at(-1)).toBe('{"to":"ended"}');
});

test('a lobby is not ended but cancelled, after a question', async () => {
    show(2);
    expect(find('end')).toBeNull();
    await hold('cancel');
    expect(sent).toEqual([]);
    await act(async () => find('ask-confirm')?.click());
    expect(sent).toEqual(['{"to":"cancelled"}']);
});
