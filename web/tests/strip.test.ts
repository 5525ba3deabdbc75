// SPDX-License-Identifier: GPL-3.0-or-later
// What the server says of a source, a step and a count, as the desk shows it.
import { signal } from '@preact/signals';
import { type ComponentChild, h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heard } from '../src/core/age';
import { loadDeskWords, loadLanguage } from '../src/core/i18n';
import { loadCodeWords } from '../src/core/problem';
import type { SessionSocket } from '../src/core/session/session-socket';
import type { Health, Lang, Session } from '../src/core/types';
import RecordingParts from '../src/desk/after/recording';
import { Strip } from '../src/desk/health/strip';
import { Vitals } from '../src/desk/health/vitals';
import { health } from './samples';

const root = document.createElement('div');
const find = (name: string) => root.querySelector<HTMLElement>(`[data-testid=${name}]`);
const session = {
    id: 's1',
    title: {},
    state: 'live',
    starts_at: '2026-01-01T00:00:00Z',
    duration_minutes: 60,
} as Session;
let vitals: Vitals | null = null;
let hurried = 0;
let answers: (Health | null)[] = [];

function socketOf(): SessionSocket {
    const heard = new Heard();
    heard.heard();
    return {
        id: 's1',
        heard,
        session: signal(session),
        link: signal('open'),
        present: signal(null),
        roads: signal({ udp: 0, tcp: 0, relay: 0 }),
        hurry: () => hurried++,
        refresh: async () => undefined,
    } as unknown as SessionSocket;
}
const show = (node: ComponentChild) => act(async () => render(node, root));
async function words(language: Lang): Promise<void> {
    await loadLanguage(language);
    await loadDeskWords();
    await loadCodeWords(language);
}

beforeEach(() => {
    hurried = 0;
    answers = [];
    document.body.append(root);
    vi.stubGlobal('fetch', async () => {
        const answer = answers.shift() ?? null;
        if (!answer) {
            throw new TypeError('no server');
        }
        return new Response(JSON.stringify(answer));
    });
});
afterEach(() => {
    vitals?.close();
    vitals = null;
    render(null, root);
    root.remove();
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('nobody is counted before the first count', async () => {
    await words('en');
    const socket = socketOf();
    await show(h(Strip, { socket, session, vitals: null }));
    expect(find('strip-viewers')?.textContent).toContain('not counted yet');
    await act(async () => {
        socket.present.value = 0;
    });
    expect(find('strip-viewers')?.textContent).toMatch(/0/);
});

test.each([
    ['ar', /لا صورة تصل من المصدر/, 'failed'],
    ['en', /No picture comes from the source/, 'failed'],
    ['ar', /لا صورة تصل من المصدر/, 'playing'],
] as const)(
    'a source’s error is told in the reader’s language: %s',
    async (language, said, state) => {
        await words(language);
        const socket = socketOf();
        vitals = new Vitals(socket);
        vitals.take({
            ...health(),
            sessions: [
                {
                    session: 's1',
                    programme: { state, code: 'source-no-picture', text: 'No picture, in English' },
                    recording: { state: 'recording' },
                    viewers: {},
                },
            ],
        });
        await show(h(Strip, { socket, session, vitals }));
        const trouble = find('trouble');
        expect(trouble?.dataset.cell).toBe('source');
        expect(trouble?.querySelector('b')?.textContent).toMatch(said);
        const detail = trouble?.querySelector('[lang=en]');
        expect(detail?.getAttribute('dir')).toBe('ltr');
        expect(detail?.textContent).toContain('in English');
    },
);

test.each([
    ['ar', 'step-full', /لا مساحة على قرص الخادم/],
    ['en', 'step-failed', /could not be made/],
] as const)(
    'a step that failed says why in the reader’s language: %s',
    async (language, code, said) => {
        await words(language);
        const steps = [{ step: 'mp4', state: 'failed', code, text: 'cannot write video.mp4' }];
        const recording = { steps } as unknown as Session['recording'];
        await show(
            h(RecordingParts, {
                socket: socketOf(),
                session: { ...session, state: 'ended', recording },
            }),
        );
        const fault = find('step-fault');
        expect(fault?.querySelector('p')?.textContent).toMatch(said);
        const detail = fault?.querySelector('[lang=en]');
        expect(detail?.getAttribute('dir')).toBe('ltr');
        expect(detail?.textContent).toBe('cannot write video.mp4');
    },
);

test('health that answers hurries a lost socket once, not each second', async () => {
    vi.useFakeTimers();
    const good = health();
    answers = [good, good, null as unknown as Health, good, good, good];
    vitals = new Vitals(socketOf());
    await vi.advanceTimersByTimeAsync(2100);
    expect(hurried).toBe(0);
    await vi.advanceTimersByTimeAsync(3000);
    expect(hurried).toBe(1);
});
