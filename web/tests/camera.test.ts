// SPDX-License-Identifier: GPL-3.0-or-later
// The speaker's camera: sending over WHIP with its retries, faults of devices, the level of a microphone.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stateOf } from '../src/desk/source';
import { faultOf } from '../src/present/camera/devices';
import { Publisher } from '../src/present/camera/publisher';
import { levelOf } from '../src/present/camera/use-level';

class FakePeer {
    connectionState = 'new';
    onconnectionstatechange: (() => void) | null = null;
    closed = false;
    servers: RTCIceServer[] = [];
    replaced: unknown[] = [];
    sent: { kind: string }[] = [];
    setConfiguration(configuration: RTCConfiguration) {
        this.servers = configuration.iceServers ?? [];
    }
    addTransceiver(track: { kind: string }) {
        this.sent.push(track);
    }
    getSenders() {
        return this.sent.map((track) => ({
            track,
            replaceTrack: async (next: unknown) => {
                this.replaced.push(next);
            },
        }));
    }
    createOffer = async () => ({ type: 'offer', sdp: 'v=0' });
    setLocalDescription = async () => undefined;
    setRemoteDescription = async () => undefined;
    close() {
        this.closed = true;
    }
    becomes(state: string) {
        this.connectionState = state;
        this.onconnectionstatechange?.();
    }
}

const stream = (...kinds: string[]) =>
    ({ getTracks: () => kinds.map((kind) => ({ kind })) }) as unknown as MediaStream;

let peers: FakePeer[];
let asked: { method: string; url: string }[];
let answers: (() => Response | Promise<Response>)[];
const good = () => new Response('v=0', { status: 201, headers: { Location: '/w/1' } });
const refusal = (status: number, code: string) => () =>
    new Response(JSON.stringify({ status, code }), { status });

function made(): Publisher {
    return new Publisher('/w', {
        peer: () => {
            peers.push(new FakePeer());
            return peers.at(-1) as unknown as RTCPeerConnection;
        },
        fetch: async (url, init) => {
            asked.push({ method: String(init?.method), url: String(url) });
            if (init?.method === 'DELETE') {
                return new Response(null, { status: 200 });
            }
            return (answers.shift() ?? good)();
        },
    });
}
const settle = () => vi.advanceTimersByTimeAsync(0);
const last = () => peers.at(-1) as FakePeer;
const deleted = () => asked.filter(({ method }) => method === 'DELETE').length;

beforeEach(() => {
    vi.useFakeTimers();
    peers = [];
    asked = [];
    answers = [];
});
afterEach(() => {
    vi.useRealTimers();
});

describe('sending', () => {
    test('from off to sending, and off again', async () => {
        const publisher = made();
        publisher.start(stream('audio', 'video'));
        expect(publisher.state.value).toBe('connecting');
        await settle();
        last().becomes('connected');
        expect(publisher.state.value).toBe('sending');
        expect(last().sent.map(({ kind }) => kind)).toEqual(['audio', 'video']);
        publisher.stop();
        expect(publisher.state.value).toBe('off');
        expect(last().closed).toBe(true);
        expect(asked.at(-1)).toEqual({ method: 'DELETE', url: 'http://localhost:3000/w/1' });
    });

    test('a refusal ends it; a session that is not on, and a lost network, are tried again', async () => {
        const publisher = made();
        answers = [refusal(409, 'input-taken')];
        publisher.start(stream('video'));
        await settle();
        expect(publisher.state.value).toBe('off');
        expect(publisher.problem.value?.code).toBe('input-taken');

        answers = [refusal(503, 'session-not-on'), () => Promise.reject(new TypeError('net'))];
        publisher.start(stream('video'));
        await settle();
        expect(publisher.state.value).toBe('lost');
        expect(publisher.problem.value?.code).toBe('session-not-on');
        await vi.advanceTimersByTimeAsync(500);
        expect(publisher.problem.value?.status).toBe(0);
        await vi.advanceTimersByTimeAsync(1000);
        last().becomes('connected');
        expect(publisher.state.value).toBe('sending');
        expect(publisher.problem.value).toBeNull();
    });

    test('a path that fails is made anew; a shaky one gets three seconds', async () => {
        const publisher = made();
        publisher.start(stream('video'));
        await settle();
        last().becomes('connected');
        last().becomes('failed');
        expect(publisher.state.value).toBe('lost');
        expect(deleted()).toBe(1); // else its own place is taken
        await vi.advanceTimersByTimeAsync(500);
        expect(peers).toHaveLength(2);
        last().becomes('connected');
        last().becomes('disconnected');
        await vi.advanceTimersByTimeAsync(2000);
        last().becomes('connected');
        await vi.advanceTimersByTimeAsync(5000);
        expect(peers).toHaveLength(2);
        last().becomes('disconnected');
        await vi.advanceTimersByTimeAsync(3600);
        expect(peers).toHaveLength(3);
    });

    test('stopped while the server answers: nothing is left behind', async () => {
        const publisher = made();
        let answer: (response: Response) => void = () => undefined;
        answers = [
            () =>
                new Promise((done) => {
                    answer = done;
                }),
        ];
        publisher.start(stream('video'));
        await settle();
        publisher.stop();
        answer(good());
        await settle();
        expect(publisher.state.value).toBe('off');
        expect(deleted()).toBe(1);
        await vi.advanceTimersByTimeAsync(10_000);
        expect(peers).toHaveLength(1);
    });

    test('another camera takes the place of the first without a new connection', async () => {
        const publisher = made();
        publisher.start(stream('audio', 'video'));
        await settle();
        last().becomes('connected');
        publisher.start(stream('video', 'audio'));
        await settle();
        expect(peers).toHaveLength(1);
        expect(last().replaced).toEqual([{ kind: 'audio' }, { kind: 'video' }]);
    });
});

test.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'failed'],
])('%s is said as %s', (name, fault) => expect(faultOf(name)).toBe(fault));

test('a level is 0 at -60 dB and 1 at full scale', () => {
    expect(levelOf([])).toBe(0);
    expect(levelOf([0, 0])).toBe(0);
    expect(levelOf([0.0005])).toBe(0);
    expect(levelOf([-1, 0.5])).toBe(1);
    expect(levelOf([0.1])).toBeCloseTo(2 / 3);
});

test('a source of two inputs says when one is missing', () => {
    const input = (connected: boolean, taken = connected) =>
        ({ input: 'speaker', connected, taken, packets: 0, bytes: 0, dropped: 0 }) as const;
    expect(stateOf([])).toBe('away');
    expect(stateOf([input(false)])).toBe('away');
    expect(stateOf([input(false, true)])).toBe('coming');
    expect(stateOf([input(true)])).toBe('here');
    expect(stateOf([input(true), input(false)])).toBe('partly');
    expect(stateOf([input(true), input(true)])).toBe('here');
});
