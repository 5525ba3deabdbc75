// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../src/core/api';
import { backoff } from '../src/core/backoff';
import { serverNow, setServerTime } from '../src/core/clock';
import { RoomSocket, type SocketState } from '../src/core/socket';

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

let room: RoomSocket;
let states: SocketState[];
let events: [string, unknown][];
let snapshots: number;

beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
    FakeSocket.all = [];
    states = [];
    events = [];
    snapshots = 0;
    room = new RoomSocket(
        { session: 's1', url: 'ws://here/ws', random: () => 0 },
        {
            snapshot: () => snapshots++,
            event: (type, data) => events.push([type, data]),
            state: (state) => states.push(state),
        },
    );
});
afterEach(() => {
    room.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('joins with the protocol, at first without a cursor', () => {
    FakeSocket.last.open();
    expect(FakeSocket.last.protocol).toBe('majlis.v1');
    expect(FakeSocket.last.sent).toEqual([{ op: 'join', session: 's1' }]);
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
    expect(FakeSocket.last.sent[0]).toEqual({ op: 'join', session: 's1', since: 'k:2' });
    expect(snapshots).toBe(1);
    expect(events).toEqual([['votes', []]]);
});

test('sends again what had no answer, with the same ref, and nothing that had one', async () => {
    FakeSocket.last.open();
    const asked = room.request({ op: 'ask', text: 'one' });
    const voted = room.request({ op: 'vote', question: 'q', on: true });
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
    const asked = room.request({ op: 'ask', text: 'early' });
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent.map((m) => m.op)).toEqual(['join', 'ask']);
    FakeSocket.last.say({ op: 'ok', ref: FakeSocket.last.sent[1]?.ref });
    await asked;
});

test('an error and a silence both reject', async () => {
    FakeSocket.last.open();
    const refused = room.request({ op: 'vote', question: 'q', on: true });
    FakeSocket.last.say({
        op: 'error',
        ref: FakeSocket.last.sent[1]?.ref,
        type: 'conflict',
        detail: 'no',
    });
    await expect(refused).rejects.toMatchObject({ type: 'conflict', detail: 'no' });
    const lost = expect(room.request({ op: 'ask', text: 'x' })).rejects.toBeInstanceOf(Problem);
    await vi.advanceTimersByTimeAsync(21000);
    await lost;
});

test('a revoked person is not hammered on', async () => {
    vi.stubGlobal('fetch', async () => ({ ok: false }));
    FakeSocket.last.open();
    FakeSocket.last.drop(4401);
    await vi.advanceTimersByTimeAsync(60000);
    expect(states.at(-1)).toBe('refused');
    expect(FakeSocket.all.length).toBe(1);
});

test('somebody who signed in anew in another tab goes on with that sign-in', async () => {
    vi.stubGlobal('fetch', async () => ({ ok: true }));
    FakeSocket.last.open();
    FakeSocket.last.drop(4401);
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all.length).toBe(2);
    FakeSocket.last.open();
    expect(states.at(-1)).toBe('open');
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
    setServerTime(Date.now());
});
