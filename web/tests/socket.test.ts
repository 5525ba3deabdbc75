// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../src/core/api';
import { backoff } from '../src/core/backoff';
import { serverNow, setServerTime } from '../src/core/clock';
import { ResumingSocket, type SocketState } from '../src/core/session/resuming-socket';

class FakeSocket {
    static all: FakeSocket[] = [];
    readyState = 0;
    sent: Record<string, unknown>[] = [];
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onclose: ((event: { code: number }) => void) | null = null;

    constructor(
        readonly url: string,
        readonly protocol: string,
    ) {
        FakeSocket.all.push(this);
    }
    send(text: string) {
        this.sent.push(JSON.parse(text));
    }
    close() {
        this.readyState = 3;
    }
    open() {
        this.readyState = 1;
        this.onopen?.();
    }
    say(message: Record<string, unknown>) {
        this.onmessage?.({ data: JSON.stringify(message) });
    }
    drop(code = 1006) {
        this.readyState = 3;
        this.onclose?.({ code });
    }
    static get last() {
        return FakeSocket.all[FakeSocket.all.length - 1] as FakeSocket;
    }
}

let socket: ResumingSocket;
let states: SocketState[];
let events: [string, unknown][];
let snapshots: number;
let heard: number;

beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
    FakeSocket.all = [];
    states = [];
    events = [];
    snapshots = 0;
    heard = 0;
    socket = new ResumingSocket(
        { session: 's1', url: 'ws://here/ws', random: () => 0 },
        {
            snapshot: () => snapshots++,
            event: ({ type, data }) => events.push([type, data]),
            state: (state) => states.push(state),
            heard: () => heard++,
        },
    );
});
afterEach(() => {
    socket.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('joins with the protocol, at first without a cursor', () => {
    FakeSocket.last.open();
    expect(FakeSocket.last.protocol).toBe('majlis.v1');
    expect(FakeSocket.last.sent).toEqual([{ op: 'join', ref: 'join', session: 's1' }]);
});

test('catches up from the last cursor it saw, be it of an event', async () => {
    FakeSocket.last.open();
    FakeSocket.last.say({ op: 'snapshot', cursor: 'k:1', session: {}, questions: [] });
    FakeSocket.last.say({ op: 'event', cursor: 'k:2', type: 'votes', data: [] });
    FakeSocket.last.drop();
    expect(states.at(-1)).toBe('offline');
    await vi.advanceTimersByTimeAsync(300);
    FakeSocket.last.open();
    expect(FakeSocket.all.length).toBe(2);
    expect(FakeSocket.last.sent[0]).toEqual({
        op: 'join',
        ref: 'join',
        session: 's1',
        since: 'k:2',
    });
    expect(snapshots).toBe(1);
    expect(events).toEqual([['votes', []]]);
});

test('sends again what had no answer, with the same ref, and nothing that had one', async () => {
    FakeSocket.last.open();
    const asked = socket.request({ op: 'ask', text: 'one' });
    const voted = socket.request({ op: 'vote', question: 'q', on: true });
    const [, ask, vote] = FakeSocket.last.sent;
    FakeSocket.last.say({ op: 'ok', ref: vote?.ref });
    await voted;
    FakeSocket.last.drop();
    await vi.advanceTimersByTimeAsync(300);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent.slice(1)).toEqual([ask]);
    FakeSocket.last.say({ op: 'ok', ref: ask?.ref, question: { id: 'q7' } });
    expect(await asked).toMatchObject({ question: { id: 'q7' } });
});

test('what is asked while offline goes out after the join', async () => {
    const asked = socket.request({ op: 'ask', text: 'early' });
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent.map((m) => m.op)).toEqual(['join', 'ask']);
    FakeSocket.last.say({ op: 'ok', ref: FakeSocket.last.sent[1]?.ref });
    await asked;
});

test('an error and a silence both reject', async () => {
    FakeSocket.last.open();
    const refused = socket.request({ op: 'vote', question: 'q', on: true });
    FakeSocket.last.say({
        op: 'error',
        ref: FakeSocket.last.sent[1]?.ref,
        type: 'conflict',
        detail: 'no',
    });
    await expect(refused).rejects.toMatchObject({ type: 'conflict', detail: 'no' });
    const lost = expect(socket.request({ op: 'ask', text: 'x' })).rejects.toBeInstanceOf(Problem);
    await vi.advanceTimersByTimeAsync(21000);
    await lost;
});

test('a revoked person is not hammered on', async () => {
    vi.stubGlobal('fetch', async () => ({ status: 401 }));
    FakeSocket.last.open();
    FakeSocket.last.drop(4401);
    await vi.advanceTimersByTimeAsync(60000);
    expect(states.at(-1)).toBe('refused');
    expect(FakeSocket.all.length).toBe(1);
});

test('somebody who signed in anew in another tab goes on with that sign-in', async () => {
    vi.stubGlobal('fetch', async () => ({ status: 200 }));
    FakeSocket.last.open();
    FakeSocket.last.drop(4401);
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all.length).toBe(2);
    FakeSocket.last.open();
    expect(states.at(-1)).toBe('open');
});

test('a session that this person may not join is given up, though the sign-in holds', async () => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (path: string) => {
        asked.push(path);
        return { status: path.endsWith('/me') ? 200 : 403 };
    });
    FakeSocket.last.open();
    FakeSocket.last.drop(4403);
    await vi.advanceTimersByTimeAsync(60000);
    expect(asked.length).toBe(2);
    expect(states.at(-1)).toBe('refused');
    expect(FakeSocket.all.length).toBe(1);
});

test('a join that is refused is given up where the API refuses as well, else tried again', async () => {
    let status = 200;
    vi.stubGlobal('fetch', async () => ({ status }));
    FakeSocket.last.open();
    FakeSocket.last.say({ op: 'error', ref: 'join', type: 'denied' });
    await vi.advanceTimersByTimeAsync(20);
    expect(FakeSocket.all.length).toBe(2);
    status = 404;
    FakeSocket.last.open();
    FakeSocket.last.say({ op: 'error', ref: 'join', type: 'not_found' });
    await vi.advanceTimersByTimeAsync(60000);
    expect(FakeSocket.all.length).toBe(2);
    expect(states.at(-1)).toBe('refused');
});

test('a socket that is closed with a refusal again and again backs off', async () => {
    vi.stubGlobal('fetch', async () => ({ status: 200 }));
    for (let n = 0; n < 200; n++) {
        if (FakeSocket.last.readyState === 0) {
            FakeSocket.last.open();
            FakeSocket.last.drop(4403);
        }
        await vi.advanceTimersByTimeAsync(100);
    }
    expect(FakeSocket.all.length).toBeLessThan(12);
});

test('a socket that is refused before it opens asks the API, and stops where that refuses', async () => {
    vi.stubGlobal('fetch', async () => ({ status: 403 }));
    for (let n = 0; n < 600; n++) {
        if (FakeSocket.last.readyState !== 3) {
            FakeSocket.last.drop();
        }
        await vi.advanceTimersByTimeAsync(100);
    }
    expect(FakeSocket.all.length).toBe(3);
    expect(states.at(-1)).toBe('refused');
});

test('back-off doubles, has a ceiling and jitter of half', () => {
    expect(backoff(0, 500, 15000, () => 0)).toBe(250);
    expect(backoff(0, 500, 15000, () => 1)).toBe(500);
    expect(backoff(3, 500, 15000, () => 1)).toBe(4000);
    expect(backoff(50, 500, 15000, () => 1)).toBe(15000);
});

test('the clock follows the server', () => {
    FakeSocket.last.open();
    const ahead = new Date(Date.now() + 90_000).toISOString();
    FakeSocket.last.say({
        op: 'event',
        cursor: 'k:1',
        type: 'clock',
        data: { server_time: ahead },
    });
    expect(serverNow() - Date.now()).toBe(90_000);
    setServerTime(new Date().toISOString());
});

test('whatever comes is heard; a line silent for 8 s is given up, also while it connects', async () => {
    FakeSocket.last.open();
    for (let i = 0; i < 10; i++) {
        FakeSocket.last.say({ op: 'event', cursor: `k:${i}`, type: 'clock', data: {} });
        await vi.advanceTimersByTimeAsync(1000);
    }
    expect(heard).toBe(10);
    expect(states.at(-1)).toBe('open');
    await vi.advanceTimersByTimeAsync(9000);
    expect(states).toContain('offline');
    const tries = FakeSocket.all.length;
    expect(tries).toBeGreaterThan(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(FakeSocket.all.length).toBeGreaterThan(tries);
});
