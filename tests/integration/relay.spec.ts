// SPDX-License-Identifier: GPL-3.0-or-later
// A viewer (webrtcbin) behind a line that delays, reorders and doubles datagrams, and one that is cut for a while.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { type Line, Relay } from '../lib/relay';
import { root, Server } from '../lib/server';
import { allow, until, wait } from '../lib/time';

interface Seen {
    video_frames: number;
    audio_buffers: number;
    longest_gap_ms: number;
    first_video_ms: number;
}

const SEED = 20261128;
const offer = [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    ...['audio 9 UDP/TLS/RTP/SAVPF 111', 'video 9 UDP/TLS/RTP/SAVPF 102'].flatMap((media, i) => [
        `m=${media}`,
        'c=IN IP4 0.0.0.0',
        `a=mid:${i}`,
        'a=recvonly',
        'a=rtcp-mux',
        'a=setup:actpass',
        'a=ice-ufrag:abcd',
        'a=ice-pwd:0123456789012345678901',
        `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
        i === 0 ? 'a=rtpmap:111 opus/48000/2' : 'a=rtpmap:102 H264/90000',
        ...(i === 0
            ? []
            : [
                  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
              ]),
    ]),
    '',
].join('\r\n');

test.describe.configure({ mode: 'default' });
let server: Server;
let viewer: Api;
let port: number;
test.beforeAll(async () => {
    server = await Server.start();
    viewer = await Api.signIn(server.attend);
    const url = `${server.url}/sessions/${server.session}/whep`;
    port = await until('an answer to an offer', 15_000, async () => {
        const answer = await fetch(url, {
            method: 'POST',
            headers: { ...viewer.headers, 'Content-Type': 'application/sdp' },
            body: offer,
        });
        return Number(
            /^a=candidate:\d+ 1 udp \d+ 127\.0\.0\.1 (\d+) /m.exec(await answer.text())?.[1],
        );
    });
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

/** Watches for `seconds` by way of a relay; `during` begins a second after the first picture. */
async function watch(
    line: Line,
    seconds: number,
    during: (relay: Relay) => Promise<void>,
): Promise<[Seen, Relay]> {
    const relay = await Relay.start(port, line, SEED);
    const words = [
        `${server.url}/sessions/${server.session}/whep`,
        '--token',
        viewer.token,
        '--seconds',
        String(seconds),
        '--only',
        'udp',
        '--via',
        String(relay.port),
    ];
    const peer = spawn(join(root, 'build/tests/peers/whep-peer'), words);
    let said = '';
    peer.stdout.on('data', (text) => {
        said += text;
    });
    const ended = new Promise((done) => peer.once('close', done));
    await new Promise<void>((begins) => {
        peer.stderr.on('data', (text) => String(text).includes('first picture') && begins());
        peer.once('close', () => begins());
    });
    await wait(1200); // the peer measures from then on
    await Promise.all([ended, during(relay)]);
    relay.close();
    return [JSON.parse(said.trim().split('\n').pop() ?? '{}') as Seen, relay];
}

test('200±50 ms late, out of order, some of it twice: it plays on @plain', async () => {
    const begun = Date.now();
    const [seen, relay] = await watch(
        { delayMs: 200, jitterMs: 50, doubled: 0.05 },
        5,
        async () => {},
    );
    console.log(
        `printed: seed ${SEED}: ${JSON.stringify(relay.seen)}; ${seen.video_frames} frames in 5 s, the first after ${Math.round(seen.first_video_ms)} ms, longest gap ${Math.round(seen.longest_gap_ms)} ms`,
    );
    expect(relay.seen.overtaken).toBeGreaterThan(100);
    expect(relay.seen.doubled).toBeGreaterThan(10);
    expect(seen.video_frames).toBeGreaterThan(150 / allow(2, begun));
    expect(seen.audio_buffers).toBeGreaterThan(250 / allow(2.5, begun));
    expect(seen.longest_gap_ms).toBeLessThan(allow(1500, begun));
});

test('cut for 3 s: it resumes in the same session @plain', async () => {
    const begun = Date.now();
    const [seen, relay] = await watch({ delayMs: 20, jitterMs: 0, doubled: 0 }, 7, async (line) => {
        line.cut(true);
        await wait(3000);
        line.cut(false);
    });
    console.log(
        `printed: cut for 3 s: ${JSON.stringify(relay.seen)}; ${seen.video_frames} frames, longest gap ${Math.round(seen.longest_gap_ms)} ms`,
    );
    expect(relay.seen.cut).toBeGreaterThan(50);
    expect(seen.longest_gap_ms).toBeGreaterThan(2500);
    expect(seen.longest_gap_ms).toBeLessThan(3000 + allow(2500, begun));
    expect(seen.video_frames).toBeGreaterThan(45);
});
