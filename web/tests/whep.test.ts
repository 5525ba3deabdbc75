// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, expect, test, vi } from 'vitest';
import { restartedAnswer, restartFragment } from '../src/media/whep/restart';
import { RESTART_ANSWER_MS, VideoRefused, WhepSession } from '../src/media/whep/whep';

const OFFER = [
    'v=0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=ice-ufrag:mine',
    'a=ice-pwd:minepassword',
    'a=mid:0',
    '',
].join('\r\n');
const ANSWER = [
    'v=0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=mid:0',
    'a=ice-ufrag:old',
    'a=ice-pwd:oldpassword',
    'a=candidate:1 1 udp 1 192.0.2.1 8189 typ host',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=mid:1',
    '',
].join('\r\n');

class FakePeer {
    connectionState = 'new';
    localDescription: { sdp: string } | null = null;
    remoteDescription: { sdp: string } | null = null;
    kinds: string[] = [];
    ontrack: unknown = null;
    onconnectionstatechange: (() => void) | null = null;
    closed = false;
    steps: string[] = [];
    servers: RTCIceServer[] = [];
    setConfiguration(configuration: RTCConfiguration) {
        this.steps.push('configure');
        this.servers = configuration.iceServers ?? [];
    }
    addTransceiver(kind: string) {
        this.kinds.push(kind);
    }
    async createOffer(options?: { iceRestart?: boolean }) {
        return { type: 'offer', sdp: options?.iceRestart ? OFFER.replace('mine', 'again') : OFFER };
    }
    async setLocalDescription(description: { sdp: string }) {
        this.steps.push('local');
        this.localDescription = description;
    }
    async setRemoteDescription(description: { sdp: string }) {
        this.steps.push('remote');
        this.remoteDescription = description;
    }
    close() {
        this.closed = true;
    }
}

const GIVEN = 'rel="ice-server"; username="1:r"; credential="c+/="; credential-type="password"';
let peer: FakePeer;
let requests: { url: string; init: RequestInit }[];
let answers: Response[];
let paths: string[];

function session(soundOnly = false) {
    return new WhepSession(
        '/sessions/s1/whep',
        { stream: () => undefined, path: (path) => paths.push(path) },
        soundOnly,
        {
            peer: () => peer as unknown as RTCPeerConnection,
            fetch: async (url, init) => {
                requests.push({ url: String(url), init: init ?? {} });
                return answers.shift() ?? new Response(null, { status: 200 });
            },
        },
    );
}

beforeEach(() => {
    vi.stubGlobal('MediaStream', class {});
    peer = new FakePeer();
    requests = [];
    paths = [];
    answers = [
        new Response(ANSWER, {
            status: 201,
            headers: { Location: '/sessions/s1/whep/r9', ETag: '"e1"' },
        }),
    ];
});

test('offers video and audio, takes the answer, says goodbye to the Location once', async () => {
    const whep = session();
    await whep.start();
    expect(peer.kinds).toEqual(['video', 'audio']);
    expect(requests[0]?.init).toMatchObject({ method: 'POST', body: OFFER });
    expect(requests[0]?.init.headers).toMatchObject({ 'Content-Type': 'application/sdp' });
    expect(peer.remoteDescription?.sdp).toBe(ANSWER);
    expect(whep.entityTag).toBe('"e1"');
    whep.close();
    whep.close();
    expect(peer.closed).toBe(true);
    expect(requests.slice(1).map((r) => [r.init.method, new URL(r.url).pathname])).toEqual([
        ['DELETE', '/sessions/s1/whep/r9'],
    ]);
    expect(requests[1]?.init.keepalive).toBe(true);
});

test('the servers that the answer names are known before candidates are gathered', async () => {
    answers[0]?.headers.set('Link', `<turn:t.example:3478?transport=tcp>; ${GIVEN}`);
    await session().start();
    expect(peer.steps).toEqual(['configure', 'local', 'remote']);
    expect(peer.servers).toEqual([
        { urls: 'turn:t.example:3478?transport=tcp', username: '1:r', credential: 'c+/=' },
    ]);
});

test('a refusal carries the problem', async () => {
    answers = [
        new Response(JSON.stringify({ type: 'unavailable', request_id: 'r1' }), { status: 503 }),
    ];
    await expect(session().start()).rejects.toMatchObject({ status: 503, requestId: 'r1' });
});

test('a rejected video line is no picture', async () => {
    answers = [
        new Response(ANSWER.replace('m=video 9', 'm=video 0'), {
            status: 201,
            headers: { Location: '/x' },
        }),
    ];
    await expect(session().start()).rejects.toBeInstanceOf(VideoRefused);
});

test('closed while the answer was on its way: the server is told', async () => {
    const whep = session();
    const starting = whep.start();
    whep.close();
    await starting;
    expect(requests.map((r) => r.init.method)).toEqual(['POST', 'DELETE']);
    expect(peer.remoteDescription).toBeNull();
});

test('an ICE restart sends a fragment and takes the new credentials', async () => {
    const whep = session();
    await whep.start();
    answers = [
        new Response('a=ice-ufrag:new\r\na=ice-pwd:newpassword\r\n', {
            status: 200,
            headers: { ETag: '"e2"' },
        }),
    ];
    await whep.restartIce();
    const patch = requests[1];
    expect(patch?.init.method).toBe('PATCH');
    expect(patch?.init.headers).toMatchObject({
        'Content-Type': 'application/trickle-ice-sdpfrag',
        'If-Match': '*',
    });
    expect(patch?.init.body).toContain('a=ice-ufrag:again\r\n');
    expect(peer.remoteDescription?.sdp).toContain('a=ice-ufrag:new\r\n');
    expect(peer.remoteDescription?.sdp).toContain('a=ice-pwd:newpassword');
    expect(peer.remoteDescription?.sdp).toContain('192.0.2.1');
    expect(whep.entityTag).toBe('"e2"');
});

test('new candidates replace the old ones', () => {
    const fragment =
        'a=ice-ufrag:n\r\na=ice-pwd:p\r\na=candidate:2 1 udp 1 198.51.100.7 8189 typ host\r\n';
    const sdp = restartedAnswer(ANSWER, fragment);
    expect(sdp).toContain('198.51.100.7');
    expect(sdp).not.toContain('192.0.2.1');
    expect(restartFragment(OFFER)).toBe(
        'a=ice-ufrag:mine\r\na=ice-pwd:minepassword\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n',
    );
});

test('the path is told in three words', async () => {
    const whep = session();
    await whep.start();
    for (const state of ['connected', 'disconnected', 'failed']) {
        peer.connectionState = state;
        peer.onconnectionstatechange?.();
    }
    expect(paths).toEqual(['up', 'shaky', 'lost']);
});

test('a restart whose script never comes ends as one without an answer', async () => {
    const whep = session();
    await whep.start();
    vi.useFakeTimers();
    vi.doMock('../src/media/whep/restart', () => new Promise(() => undefined));
    const restart = whep.restartIce();
    const ended = expect(restart).rejects.toBeUndefined();
    await vi.advanceTimersByTimeAsync(RESTART_ANSWER_MS);
    await ended;
    vi.doUnmock('../src/media/whep/restart');
    vi.useRealTimers();
    expect(requests.map((r) => r.init.method)).toEqual(['POST']);
});
