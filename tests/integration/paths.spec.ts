// SPDX-License-Identifier: GPL-3.0-or-later
// Ways through firewalls, with programs of foreign make: GStreamer's webrtcbin over TCP alone, and over Debian's coturn
// with the credentials that the server hands out.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { offer } from '../lib/offer';
import { binary, root, Server, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

const secret = 'a-secret-of-the-test';

interface Outcome {
    code: number;
    text: string;
}

function run(program: string, words: string[], env: Record<string, string> = {}): Promise<Outcome> {
    return new Promise((done) => {
        execFile(
            program,
            words,
            { timeout: patience(60_000), env: { ...process.env, ...env } },
            (error, stdout, stderr) => {
                done({
                    code: error ? (typeof error.code === 'number' ? error.code : -1) : 0,
                    text: stdout + stderr,
                });
            },
        );
    });
}

async function freePort(): Promise<number> {
    const listener = createServer();
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    const { port } = listener.address() as { port: number };
    await new Promise((done) => listener.close(done));
    return port;
}

let folder: string;
let turnPort: number;
let coturn: ChildProcess;
let server: Server;
let attendee: Api;

/** The file that we ship, on loopback; the secret stands in the file and in no argv. */
async function startCoturn(): Promise<void> {
    turnPort = await freePort();
    const shipped = readFileSync(join(root, 'deploy/coturn/turnserver.conf'), 'utf8')
        .replace(/^listening-port=.*$/m, `listening-port=${turnPort}`)
        .replace(/^static-auth-secret=CHANGE$/m, `static-auth-secret=${secret}`)
        .replace(/^allowed-peer-ip=203\.0\.113\.7$/m, 'allowed-peer-ip=127.0.0.1');
    expect(shipped).not.toMatch(/^[^#\n].*#/m); // it would be part of the value
    const lines = [
        shipped,
        'listening-ip=127.0.0.1',
        'relay-ip=127.0.0.1',
        'no-tls',
        'no-dtls',
        'allow-loopback-peers',
        'log-file=stdout',
        `pidfile=${folder}/pid`,
        `userdb=${folder}/db`,
    ];
    writeFileSync(join(folder, 'turnserver.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
    coturn = spawn('turnserver', ['-c', join(folder, 'turnserver.conf')], {
        cwd: folder,
        stdio: 'ignore',
    });
}

test.describe.configure({ mode: 'default' });
test.beforeAll(async () => {
    folder = temporaryFolder();
    const file = join(folder, 'ice.secret');
    writeFileSync(file, `${secret}\n`);
    chmodSync(file, 0o640);
    await startCoturn();
    server = await Server.start({
        conf: {
            rtc: {
                listen: '127.0.0.1:0',
                ice_servers: `stun:127.0.0.1:${turnPort}, turn:127.0.0.1:${turnPort}?transport=udp`,
                ice_secret: file,
            },
        },
    });
    attendee = await Api.signIn(server.attend);
});

test.afterAll(async () => {
    await server?.stop();
    coturn?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
});

/** 503 until the first media is there. */
function post(): Promise<Response> {
    return until('an answer', patience(10_000), async () => {
        const answer = await fetch(`${server.url}/sessions/${server.session}/whep`, {
            method: 'POST',
            headers: { ...attendee.headers, 'Content-Type': 'application/sdp' },
            body: offer,
        });
        return answer.status === 201 && answer;
    });
}

/** User and password of the TURN server in a Link header. */
function credentials(link: string): { username: string; credential: string } {
    const found =
        /<turn:[^>]*>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"; credential-type="password"/.exec(
            link,
        );
    expect(found, link).not.toBeNull();
    return { username: found?.[1] ?? '', credential: found?.[2] ?? '' };
}

async function play(
    ...words: string[]
): Promise<{ video_frames: number; audio_buffers: number; first_video_ms: number }> {
    const url = `${server.url}/sessions/${server.session}/whep`;
    const { text } = await run(join(root, 'build/tests/peers/whep-peer'), [
        url,
        '--token',
        attendee.token,
        '--seconds',
        '4',
        ...words,
    ]);
    const line = /^\{.*\}$/m.exec(text);
    expect(line, text).not.toBeNull();
    return JSON.parse(line?.[0] ?? '{}');
}

test('the answer names UDP, then TCP on the same port and on the port of the pages', async () => {
    const candidates = [
        ...(await (await post()).text()).matchAll(
            /^a=candidate:\d+ 1 (\w+) (\d+) 127\.0\.0\.1 (\d+) typ host(.*)\r$/gm,
        ),
    ].map((m) => m.slice(1));
    expect(candidates.map(([transport, , , rest]) => transport + rest)).toEqual([
        'udp',
        'tcp tcptype passive',
        'tcp tcptype passive',
    ]);
    expect(candidates[1][2]).toBe(candidates[0][2]);
    expect(candidates[2][2]).toBe(new URL(server.url).port);
    const priorities = candidates.map(([, priority]) => Number(priority));
    expect([...priorities].sort((a, b) => b - a)).toEqual(priorities);
});

test('webrtcbin plays over TCP alone, on the port of rtc', async () => {
    const rtcPort =
        /^a=candidate:\d+ 1 tcp \d+ \S+ (\d+) /m.exec(await (await post()).text())?.[1] ?? '';
    const seen = await play('--only', 'tcp', '--port', rtcPort);
    expect(seen.video_frames).toBeGreaterThan(40);
    expect(seen.audio_buffers).toBeGreaterThan(40);
});

test('coturn takes the credential that was handed out, and no other', async () => {
    const { username, credential } = credentials((await post()).headers.get('link') ?? '');
    const life = Number(username.split(':')[0]) - Date.now() / 1000;
    expect(life).toBeGreaterThan(300); // time to connect; a revoked viewer makes no relay for long
    expect(life).toBeLessThanOrEqual(601);
    const uclient = (user: string, password: string) =>
        run('turnutils_uclient', [
            '-u',
            user,
            '-w',
            password,
            '-n',
            '1',
            '-m',
            '1',
            '-y',
            '-p',
            String(turnPort),
            '127.0.0.1',
        ]);
    const good = await uclient(username, credential);
    expect(good.code, good.text).toBe(0);
    expect(good.text).toContain('Total lost packets 0');
    expect((await uclient(username, `${credential.slice(0, -2)}A=`)).code).not.toBe(0);
    const past = `${Math.floor(Date.now() / 1000) - 60}:${username.split(':')[1]}`;
    const right = createHmac('sha1', secret).update(past).digest('base64');
    expect((await uclient(past, right)).code).not.toBe(0);
    expect(server.log).not.toContain(credential);
});

test('majlis check finds coturn', async () => {
    const words = [
        'check',
        '--config',
        join(server.data, 'test.conf'),
        '--data',
        server.data,
        '--listen',
        '127.0.0.1:0',
    ];
    expect((await run(binary, words)).text).toContain(`ok       turn:127.0.0.1:${turnPort}`);
});

test('webrtcbin plays through coturn', async () => {
    const { username, credential } = credentials((await post()).headers.get('link') ?? '');
    process.env.WHEP_TURN = `turn://${encodeURIComponent(username)}:${encodeURIComponent(credential)}@127.0.0.1:${turnPort}`;
    const seen = await play('--relay', '--only', 'udp');
    expect(seen.video_frames).toBeGreaterThan(10);
    expect(seen.audio_buffers).toBeGreaterThan(10);
});

test('webrtcbin plays over TCP alone, on the port of the pages', async () => {
    const seen = await play('--only', 'tcp', '--port', new URL(server.url).port);
    expect(seen.video_frames).toBeGreaterThan(40);
    expect(seen.audio_buffers).toBeGreaterThan(40);
});
