// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, expect, test, vi } from 'vitest';

let refused = false;
const made: { url: string; closed: boolean }[] = [];
vi.mock('../src/media/whep/whep', () => ({
    WhepSession: class {
        closed = false;
        constructor(readonly url: string) {
            made.push(this);
        }
        start() {
            return refused ? Promise.reject(new Error('too early')) : Promise.resolve();
        }
        close() {
            this.closed = true;
        }
    },
}));
const { dropEarly, offerEarly, takeEarly } = await import('../src/media/whep/early');

beforeEach(() => {
    dropEarly();
    made.length = 0;
    refused = false;
    vi.stubGlobal('RTCPeerConnection', class {});
    history.replaceState(null, '', '/ar/s/s1');
    vi.useFakeTimers();
});

test('an early offer is taken once, by a player that wants the same', () => {
    offerEarly('s1');
    expect(made[0]?.url).toBe('/sessions/s1/whep');
    expect(takeEarly('/sessions/s1/whep?max=360p')).toBeNull();
    expect(takeEarly('/sessions/s1/whep')?.whep).toBe(made[0]);
    expect(takeEarly('/sessions/s1/whep')).toBeNull();
    vi.runAllTimers();
    expect(made[0]?.closed).toBe(false);
});

test('an offer that nobody takes is dropped', () => {
    offerEarly('s1');
    vi.runAllTimers();
    expect(made[0]?.closed).toBe(true);
    expect(takeEarly('/sessions/s1/whep')).toBeNull();
});

test('a refusal is handed over while it is fresh; an old one says nothing of the present', async () => {
    refused = true;
    offerEarly('s1');
    await vi.advanceTimersByTimeAsync(500);
    expect(takeEarly('/sessions/s1/whep')?.whep).toBe(made[0]);
    offerEarly('s1');
    await vi.advanceTimersByTimeAsync(5000);
    expect(takeEarly('/sessions/s1/whep')).toBeNull();
    expect(made[1]?.closed).toBe(true);
});

test('the offer is for the quality that was chosen before; sound alone has none', () => {
    localStorage.setItem('majlis.player', '{"quality":"360p"}');
    offerEarly('s1');
    localStorage.setItem('majlis.player', '{"quality":"sound"}');
    offerEarly('s1');
    localStorage.clear();
    expect(made.map(({ url }) => url)).toEqual(['/sessions/s1/whep?max=360p']);
});

test('no offer where the address wants HLS, or without WebRTC', () => {
    history.replaceState(null, '', '/ar/s/s1?via=hls');
    offerEarly('s1');
    history.replaceState(null, '', '/ar/s/s1');
    vi.stubGlobal('RTCPeerConnection', undefined);
    offerEarly('s1');
    expect(made).toEqual([]);
});
