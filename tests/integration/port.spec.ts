// SPDX-License-Identifier: GPL-3.0-or-later
// The public port with TLS by the server itself: what each kind of connection gets, certificates renewed while it
// runs, sockets that are revoked, a crowd of connections that never say anything.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { readJournal } from '../lib/journal';
import { binary, dial, long, makeCertificate, root, Server, temporaryFolder } from '../lib/server';
import { allow, patience, quiet, slow, until, wait } from '../lib/time';

let server: Server;
let staff: Api;
const files = () => ({
    certificate: join(server.data, 'tls.pem'),
    key: join(server.data, 'tls.key'),
});

test.describe.configure({ mode: 'default' });
test.beforeAll(async () => {
    server = await Server.start({ tls: true });
    staff = await Api.signIn(server.staff);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

/** Says `text`, hears what comes until the end. */
function talk(text: string | Buffer, plain = false): Promise<string> {
    return new Promise((done) => {
        let heard = '';
        const socket = dial(server.url, () => socket.write(text), plain);
        socket.setTimeout(patience(5000), () => socket.destroy(new Error('it stays open')));
        socket.on('data', (data) => {
            heard += data;
        });
        socket.on('error', (error) => {
            heard += (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? '' : error.message;
        });
        socket.on('close', () => done(heard));
    });
}

test('every address is https, and the cookie is for https only', async () => {
    expect(server.url).toMatch(/^https:/);
    expect(server.attend).toMatch(/^https:/);
    const answer = await new Api(server.url).ask('POST', '/api/v1/sign-in', {
        invitation: server.attend.split('/').pop(),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-majlis=.*; Secure/);
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    const foreign = await new Api(server.url).ask(
        'POST',
        '/api/v1/sign-out',
        {},
        { Cookie: cookie, Origin: server.url.replace('https', 'http') },
    );
    expect(foreign.status).toBe(403);
});

test('first bytes: plain HTTP is sent on to https, or refused; all else is closed without a word', async () => {
    const { host } = new URL(server.url);
    expect(await talk(`GET /ar/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`, true)).toContain(
        `\r\nLocation: ${server.url}/ar/\r\n`,
    );
    expect(
        await talk(
            `POST /api/v1/sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n\r\n{}`,
            true,
        ),
    ).toMatch(/^HTTP\/1.1 403 /);
    expect(await talk(Buffer.from([0x80, 1, 2, 3]), true)).toBe('');
    expect(await talk('\r\n\r\n', true)).toBe('');
    expect(await talk(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]), true)).not.toContain('HTTP');
    expect(
        await talk(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    ).toContain(' 200 ');
});

/** An offer to watch, of nobody who would come. */
function offer(): string {
    const media = (line: string, id: number, formats: string) =>
        `m=${line}\r\nc=IN IP4 0.0.0.0\r\na=mid:${id}\r\na=recvonly\r\na=rtcp-mux\r\na=ice-ufrag:here\r\na=ice-pwd:${'p'.repeat(24)}\r\n` +
        `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}\r\na=setup:actpass\r\n${formats}`;
    return (
        'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n' +
        media('audio 9 UDP/TLS/RTP/SAVPF 111', 0, 'a=rtpmap:111 opus/48000/2\r\n') +
        media(
            'video 9 UDP/TLS/RTP/SAVPF 102',
            1,
            'a=rtpmap:102 H264/90000\r\na=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n',
        )
    );
}

/** A Binding request (RFC 8489) with what an ICE check carries, framed by RFC 4571. */
function framedCheck(username: string, password: string): Buffer {
    const attribute = (type: number, value: Buffer) => {
        const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
        padded.writeUInt16BE(type, 0);
        padded.writeUInt16BE(value.length, 2);
        value.copy(padded, 4);
        return padded;
    };
    const priority = Buffer.from([0x6e, 0, 1, 0xff]);
    const attributes = [
        attribute(0x0006, Buffer.from(username)),
        attribute(0x0024, priority),
        attribute(0x802a, randomBytes(8)),
    ];
    const body = Buffer.concat(attributes);
    const head = Buffer.alloc(20);
    head.writeUInt16BE(1, 0);
    head.writeUInt16BE(body.length + 24, 2); // as the integrity counts: with itself
    head.writeUInt32BE(0x2112a442, 4);
    randomBytes(12).copy(head, 8);
    const signed = Buffer.concat([head, body]);
    const message = Buffer.concat([
        signed,
        attribute(0x0008, createHmac('sha1', password).update(signed).digest()),
    ]);
    message.writeUInt16BE(message.length - 20 + 8, 2); // and the fingerprint's
    const fingerprint = Buffer.alloc(4);
    fingerprint.writeUInt32BE((crc32(message) ^ 0x5354554e) >>> 0, 0);
    const whole = Buffer.concat([message, attribute(0x8028, fingerprint)]);
    const size = Buffer.alloc(2);
    size.writeUInt16BE(whole.length, 0);
    return Buffer.concat([size, whole]);
}

function crc32(bytes: Buffer): number {
    let sum = 0xffffffff;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) {
            sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
        }
    }
    return ~sum >>> 0;
}

test('first bytes: STUN in frames is answered by WebRTC, on the same port', async () => {
    const answer = await fetch(`${server.url}/sessions/${server.session}/whep`, {
        method: 'POST',
        headers: { ...staff.headers, 'Content-Type': 'application/sdp' },
        body: offer(),
    });
    expect(answer.status).toBe(201);
    const sdp = await answer.text();
    const value = (name: string) => new RegExp(`a=${name}:(\\S+)`).exec(sdp)?.[1] ?? '';
    const check = framedCheck(`${value('ice-ufrag')}:here`, value('ice-pwd'));
    const heard = await new Promise<Buffer>((done, fail) => {
        const socket = dial(server.url, () => socket.write(check), true);
        socket.setTimeout(patience(5000), () => socket.destroy(new Error('no answer')));
        socket.on('error', fail);
        socket.once('data', (data) => {
            socket.destroy();
            done(data);
        });
        socket.once('close', () => fail(new Error('closed')));
    });
    expect(heard.readUInt16BE(2)).toBe(0x0101); // a success
    expect(heard.subarray(10, 22)).toEqual(check.subarray(10, 22)); // to this request
});

/** Serial number of the certificate that a new connection gets. */
function serial(): Promise<string> {
    return new Promise((done, fail) => {
        const socket = dial(server.url) as TLSSocket;
        socket.once('secureConnect', () => {
            done(socket.getPeerCertificate().serialNumber);
            socket.destroy();
        });
        socket.once('error', fail);
    });
}

test('a renewed certificate is used without a restart, and connections go on', async () => {
    test.setTimeout(patience(60_000));
    const { host } = new URL(server.url);
    const { certificate, key } = files();
    const first = await serial();
    let heard = '';
    const kept = dial(server.url);
    kept.on('data', (data) => {
        heard += data;
    });
    const ask = async () => {
        heard = '';
        kept.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        await expect.poll(() => heard, { timeout: patience(5000) }).toContain(' 200 ');
    };
    await ask();

    // no pair, by SIGHUP: warned of, the old one stays
    copyFileSync(key, `${key}.old`);
    makeCertificate(join(server.data, 'other.pem'), key);
    server.process.kill('SIGHUP');
    await until('the warning', 5000 * slow, async () =>
        server.log.includes('is not the key of [server] tls_certificate'),
    );
    expect(await serial()).toBe(first);

    // its own certificate, by SIGHUP
    renameSync(join(server.data, 'other.pem'), certificate);
    server.process.kill('SIGHUP');
    const second = await until('another certificate', 5000 * slow, async () => {
        const now = await serial();
        return now !== first && now;
    });
    await ask();

    // by nothing but the files
    makeCertificate(`${certificate}.new`, `${key}.new`);
    renameSync(`${key}.new`, key);
    renameSync(`${certificate}.new`, certificate);
    await until('a third one', 15_000 * slow, async () => (await serial()) !== second);
    await ask();
    kept.destroy();
});

test('a websocket over TLS: a question and its answer, and its end within 2 s of the revocation', async () => {
    const made = await staff.json<{ id: string; url: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/invitations`,
        { name: 'Guest', role: 'attendee' },
    );
    const guest = await Api.signIn(made.url);
    const socket = guest.socket();
    const said: { op: string; ref?: string }[] = [];
    socket.on('message', (data) => said.push(JSON.parse(String(data))));
    await new Promise((done) => socket.once('open', done));
    socket.send(JSON.stringify({ op: 'join', session: server.session }));
    socket.send(JSON.stringify({ op: 'ask', ref: 'a', text: 'س'.repeat(290), anonymous: false }));
    await expect
        .poll(() => said.map((message) => message.op), { timeout: patience(5000) })
        .toEqual(expect.arrayContaining(['snapshot', 'ok']));
    const closed = new Promise<number>((done) => socket.once('close', done));
    const begun = Date.now();
    await staff.ask('DELETE', `/api/v1/sessions/${server.session}/invitations/${made.id}`);
    expect(await closed).toBe(4401);
    expect(Date.now() - begun).toBeLessThan(allow(2000, begun));
});

test('1,000 slow connections: others are served as before, the recording loses nothing @quiet', async () => {
    test.setTimeout(patience(60_000));
    const isQuiet = await quiet();
    const own = await Server.start({ tls: false, conf: { programme: { encoder: 'small' } } });
    let crowd: ChildProcess | undefined;
    try {
        const api = await Api.signIn(own.staff);
        const folder = join(own.data, 'recordings', own.session);
        await until(
            'something is stored',
            20_000 * slow,
            async () => readJournal(folder).parts.length > 20,
        );
        crowd = spawn(join(root, 'build/tests/bench/strangers'), [
            ...['--url', own.url, '--slow', '1000', '--arrive', '20000', '--once'],
        ]);
        const ended = new Promise((done) => crowd?.once('exit', done));
        let said = '';
        crowd.stdout?.on('data', (text) => {
            said += text;
        });
        await until('all are connected', 10_000 * slow, async () => said.includes('held\n'));
        const times: number[] = [];
        const begun = Date.now();
        while (times.length < 200 || Date.now() - begun < (long ? 60_000 : 3000)) {
            const asked = performance.now();
            expect((await api.ask('GET', `/api/v1/sessions/${own.session}/questions`)).status).toBe(
                200,
            );
            times.push(performance.now() - asked);
            await wait(10);
        }
        times.sort((a, b) => a - b);
        const p99 = times[Math.floor(times.length * 0.99)];
        if (long) {
            await until('the crowd is cut', 90_000 * slow, async () => crowd?.exitCode === 0);
        }
        crowd.kill();
        await ended;
        const { most_held } = JSON.parse(said.slice(said.indexOf('{'))) as { most_held: number };
        console.log(
            `printed: beside ${most_held} slow connections, ${isQuiet ? 'quiet' : 'on a busy machine'}: API p50 ${times[times.length >> 1].toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
        );
        expect(p99).toBeLessThan(isQuiet ? 100 * slow : allow(500, begun));
        const { recording } = await api.json<{
            recording: { lost_parts: number; lost_units: number };
        }>('GET', '/api/v1/health');
        expect([recording.lost_parts, recording.lost_units]).toEqual([0, 0]);
        const parts = readJournal(folder).parts.filter((part) => part.track === 'v360p');
        expect(parts.slice(1).filter((part, i) => part.startUs !== parts[i].endUs)).toEqual([]); // without a hole
        expect(await own.stop()).toBe(0);
    } finally {
        crowd?.kill();
        await own.stop();
    }
});

test('SIGHUP to all processes, as pkill does it, cuts no picture', async () => {
    const children = () =>
        execFileSync('pgrep', ['-P', String(server.process.pid)], { encoding: 'utf8' })
            .trim()
            .split('\n')
            .map(Number);
    const before = children();
    for (const pid of [server.process.pid as number, ...before]) {
        process.kill(pid, 'SIGHUP');
    }
    await wait(1500);
    expect(children()).toEqual(before);
});

test('a key that others may read stops the start; check says what is wrong with a certificate', () => {
    const folder = temporaryFolder();
    const [certificate, key, conf] = ['a.pem', 'a.key', 'majlis.conf'].map((name) =>
        join(folder, name),
    );
    makeCertificate(certificate, key);
    writeFileSync(
        conf,
        `[server]\nlisten=127.0.0.1:0\npublic_url=https://majlis.example\ntls_certificate=${certificate}\ntls_key=${key}\n[programme]\nencoder=small\n`,
    );
    const run = (command: string) => {
        const done = spawnSync(
            binary,
            [command, '--config', conf, '--data', join(folder, 'data')],
            { encoding: 'utf8', timeout: patience(20_000) },
        );
        expect(done.status).toBe(1);
        return done.stdout + done.stderr;
    };
    expect(run('check')).toMatch(
        /note {5}the certificate ends at [\s\S]*problem {2}the certificate is not for majlis.example/,
    );
    chmodSync(key, 0o644);
    for (const command of ['check', 'serve']) {
        expect(run(command)).toMatch(/tls_key .*a\.key cannot be used: .*chmod 0640/);
    }
});
