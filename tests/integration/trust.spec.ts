// SPDX-License-Identifier: GPL-3.0-or-later
// Rights and descriptors that outlast what they were given for: a websocket's way in, requests that wait or send while
// an invitation is revoked, and a server whose every descriptor is asked for.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, truncateSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import WebSocket from 'ws';
import { Api, type Health, type Role, until } from '../lib/api';
import { dial, root, Server, slow } from '../lib/server';
import { wait } from '../lib/time';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: majlis.v1',
];
// What led libwebsockets into its HTTP/2.
const twoUpgrades = [
    ...[
        'Upgrade: h2c',
        'Upgrade: websocket',
        'Connection: Upgrade, HTTP2-Settings',
        'HTTP2-Settings: AAMAAABkAAQAAP__',
    ],
    ...[`Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13'],
];

function head(api: Api, lines: string[], request = 'GET /ws HTTP/1.1'): string {
    return [
        request,
        `Host: ${new URL(api.url).host}`,
        `Authorization: Bearer ${api.token}`,
        ...lines,
        '',
        '',
    ].join('\r\n');
}

interface Talk {
    socket: Socket;
    heard: () => string;
    closed: () => boolean;
    answered: Promise<void>; // or closed
}

/** Says `text` and keeps the connection. */
function say(api: Api, text: string): Promise<Talk> {
    return new Promise((done, fail) => {
        let heard = '';
        let closed = false;
        let settle = () => {};
        const answered = new Promise<void>((settled) => {
            settle = settled;
        });
        const socket = dial(api.url, () => {
            socket.write(text, 'latin1');
            done({ socket, heard: () => heard, closed: () => closed, answered });
        });
        socket.on('data', (data) => {
            heard += data.toString('latin1');
            settle();
        });
        socket.on('error', fail); // nothing where the connection was made
        socket.on('close', () => {
            closed = true;
            settle();
        });
    });
}

/** The answer's status and head. */
async function answer(api: Api, text: string): Promise<{ status: number; head: string }> {
    const talk = await say(api, text);
    const heard = await until(
        'an answer',
        5000 * slow,
        async () => talk.heard().includes('\r\n\r\n') && talk.heard(),
    );
    talk.socket.destroy();
    return { status: Number(heard.split(' ')[1]), head: heard.split('\r\n\r\n')[0].toLowerCase() };
}

/** Invites somebody as `role` and signs in; answers with a way to revoke, too. */
async function invited(staff: Api, session: string, role: Role, name: string) {
    const api = await Api.signIn(await staff.invite(session, role, name));
    const list = await staff.json<{ items: { id: string; name: string }[] }>(
        'GET',
        `/api/v1/sessions/${session}/invitations`,
    );
    const id = list.items.find((item) => item.name === name)?.id;
    const revoke = () => staff.json('DELETE', `/api/v1/sessions/${session}/invitations/${id}`);
    return { api, revoke };
}

function openSocket(api: Api): Promise<WebSocket> {
    return new Promise((done, fail) => {
        const socket = api.socket();
        socket.once('open', () => done(socket));
        socket.once('error', fail);
    });
}

test.describe('with a server', () => {
    let server: Server;
    let staff: Api;
    test.describe.configure({ mode: 'default' });
    test.beforeAll(async () => {
        server = await Server.start();
        staff = await Api.signIn(server.staff);
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
    });

    test('staff are invited to every session and not to one; there, a moderator is the most', async () => {
        const admin = await Api.signIn(server.admin);
        const here = `/api/v1/sessions/${server.session}/invitations`;
        const refused = await staff.ask('POST', here, { name: 'For one session', role: 'staff' });
        expect(refused.status).toBe(400);
        expect((await refused.json()).detail).toContain('/api/v1/invitations');
        expect(
            (await admin.ask('POST', '/api/v1/invitations', { name: 'Guest', role: 'attendee' }))
                .status,
        ).toBe(400);
        const made = await admin.json<{ id: string; url: string; role: string }>(
            'POST',
            '/api/v1/invitations',
            { name: 'A colleague' },
        );
        expect(made.role).toBe('staff');
        const colleague = await Api.signIn(made.url);
        expect(colleague.role).toBe('staff');
        expect((await colleague.ask('GET', '/api/v1/health')).status).toBe(200);
        const names = async (path: string) =>
            (await admin.json<{ items: { name: string }[] }>('GET', path)).items.map(
                (item) => item.name,
            );
        expect(await names('/api/v1/invitations')).toContain('A colleague');
        expect(await names(here)).not.toContain('A colleague');
        const moderator = (await invited(staff, server.session, 'moderator', 'For the questions'))
            .api;
        expect((await moderator.ask('GET', '/api/v1/invitations')).status).toBe(403);
        expect((await moderator.ask('POST', '/api/v1/invitations', { name: 'More' })).status).toBe(
            403,
        );
        expect((await staff.ask('DELETE', `${here}/${made.id}`)).status).toBe(404);
        expect((await staff.ask('DELETE', `/api/v1/invitations/${made.id}`)).status).toBe(403);
        expect((await admin.ask('DELETE', `/api/v1/invitations/${made.id}`)).status).toBe(204);
        expect((await colleague.ask('GET', '/api/v1/me')).status).toBe(401);
    });

    test('a websocket begins with one right handshake; all else gets an answer of HTTP', async () => {
        const { api } = await invited(staff, server.session, 'attendee', 'Handshakes');
        const without = (name: string) => upgrade.filter((line) => !line.startsWith(name));
        const cases: [string, string[], number, string?][] = [
            ['fine', upgrade, 101],
            [
                'fine, as a proxy writes it',
                [...without('Connection'), 'Connection: keep-alive, upgrade'],
                101,
            ],
            ['two upgrades', ['Upgrade: h2c', ...upgrade, 'HTTP2-Settings: AAMAAABkAAQAAP__'], 400],
            [
                'two upgrades, the other way',
                [...upgrade, 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
                400,
            ],
            [
                'h2c',
                [
                    'Connection: Upgrade, HTTP2-Settings',
                    'Upgrade: h2c',
                    'HTTP2-Settings: AAMAAABkAAQAAP__',
                ],
                426,
            ],
            ['no upgrade', [], 426],
            ['version 8', [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 8'], 426],
            ['no version', without('Sec-WebSocket-Version'), 400],
            ['no connection', without('Connection'), 400],
            ['short key', [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: c2hvcnQ='], 400],
            ['no key', without('Sec-WebSocket-Key'), 400],
            ['no subprotocol', without('Sec-WebSocket-Protocol'), 400],
            [
                'another subprotocol',
                [...without('Sec-WebSocket-Protocol'), 'Sec-WebSocket-Protocol: chat'],
                400,
            ],
            ['HEAD', upgrade, 400, 'HEAD /ws HTTP/1.1'],
        ];
        for (const [name, lines, status, request] of cases) {
            const got = await answer(api, head(api, lines, request));
            expect.soft(got.status, name).toBe(status);
            if (status === 426) {
                expect.soft(got.head, name).toContain('\r\nupgrade: websocket');
                expect.soft(got.head, name).toContain('\r\nsec-websocket-version: 13');
            }
        }
        const offers = async (offer: string) => {
            const got = await answer(
                api,
                head(api, [...upgrade, `Sec-WebSocket-Extensions: ${offer}`]),
            );
            return /sec-websocket-extensions: (.*)/.exec(got.head)?.[1].trim() ?? 'none';
        };
        expect(await offers('permessage-deflate; client_max_window_bits')).toMatch(
            /^permessage-deflate/,
        );
        expect(await offers('permessage-deflate; server_max_window_bits=10')).toBe('none'); // it would not be kept to
        expect(await offers('x-other, permessage-deflate; server_no_context_takeover')).toMatch(
            /^permessage-deflate; server_no_context_takeover/,
        );
    });

    test('sockets of one person are counted from the start, whatever became of them', async () => {
        const { api, revoke } = await invited(staff, server.session, 'attendee', 'Counted');
        const talks = await Promise.all(
            Array.from({ length: 30 }, () => say(api, head(api, twoUpgrades))),
        );
        await until('an answer for each', 5000 * slow, async () =>
            talks.every((talk) => talk.heard().startsWith('HTTP/1.1 400')),
        );
        const sockets = await Promise.all(
            Array.from({ length: 22 }, () => say(api, head(api, upgrade))),
        );
        await until('an answer for each', 5000 * slow, async () =>
            sockets.every((talk) => talk.heard().includes('\r\n\r\n')),
        );
        expect(sockets.filter((talk) => talk.heard().startsWith('HTTP/1.1 101')).length).toBe(20);
        await revoke();
        await until('all of them closed', 2000 * slow, async () =>
            sockets.every((talk) => talk.closed()),
        );
        for (const talk of talks) {
            talk.socket.destroy();
        }
    });

    test('frames that break the protocol close the websocket with 1002', async () => {
        const { api } = await invited(staff, server.session, 'attendee', 'Frames');
        const masked = (...bytes: number[]) => [...bytes, 0, 0, 0, 0];
        const frames: [string, number[]][] = [
            ['not masked', [0x81, 2, 0x7b, 0x7d]],
            ['not masked, a ping', [0x89, 0]],
            [
                'a close frame of 126 bytes',
                [...masked(0x88, 0xfe, 0, 126), ...Array(126).fill(0x61)],
            ],
            ['a ping with a length of 64 bits', [...masked(0x89, 0xff, 0, 0, 0, 0, 0, 0, 0, 1), 0]],
            ['a length past 2^63', masked(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1)],
            ['a length in a longer form than needed', [...masked(0x81, 0xfe, 0, 2), 0x7b, 0x7d]],
            ['a continuation of nothing', masked(0x80, 0x80)],
            ['a reserved opcode', masked(0x8f, 0x80)],
        ];
        for (const [name, bytes] of frames) {
            const talk = await say(api, head(api, upgrade));
            await talk.answered;
            expect(talk.heard(), name).toMatch(/^HTTP\/1.1 101 /);
            talk.socket.write(Buffer.from(bytes));
            await until(`the end: ${name}`, 5000, async () => talk.closed());
            const frame = Buffer.from(
                talk.heard().split('\r\n\r\n').slice(1).join('\r\n\r\n'),
                'latin1',
            );
            expect
                .soft([frame[0], frame.length >= 4 && frame.readUInt16BE(2)], name)
                .toEqual([0x88, 1002]);
        }
    });

    test('no body where none may be', async () => {
        const { api } = await invited(staff, server.session, 'attendee', 'Bodies');
        for (const path of [
            '/ws',
            '/api/v1/me',
            '/healthz',
            `/sessions/${server.session}/hls/main.m3u8`,
        ]) {
            const chunked = await answer(
                api,
                head(api, ['Transfer-Encoding: chunked'], `GET ${path} HTTP/1.1`),
            );
            expect.soft(chunked.status, `${path}, chunked and not ended`).toBe(400);
            const sized = await answer(
                api,
                `${head(api, ['Content-Length: 3'], `GET ${path} HTTP/1.1`)}abc`,
            );
            expect.soft(sized.status, `${path}, of a length`).toBe(400);
        }
        const empty = await answer(
            api,
            head(api, ['Content-Length: 0'], 'GET /api/v1/me HTTP/1.1'),
        );
        expect(empty.status).toBe(200);
    });

    test('a request whose end came after the revocation has no right', async () => {
        const { api, revoke } = await invited(staff, server.session, 'moderator', 'Late');
        const late = await say(api, head(api, [...upgrade, 'Transfer-Encoding: chunked']));
        const post = await say(
            api,
            head(
                api,
                ['Content-Type: application/json', 'Content-Length: 30'],
                `POST /api/v1/sessions/${server.session}/questions HTTP/1.1`,
            ),
        );
        await wait(200);
        await revoke();
        late.socket.write('0\r\n\r\n');
        post.socket.write(JSON.stringify({ text: 'Too late?   ' }).padEnd(30));
        await until('the answer', 5000 * slow, async () => post.heard().includes('\r\n\r\n'));
        expect(post.heard()).toMatch(/^HTTP\/1.1 401 /);
        await until(
            'the end',
            5000 * slow,
            async () => late.closed() || late.heard().includes('\r\n\r\n'),
        );
        expect(late.heard()).toMatch(/^(HTTP\/1.1 4|$)/);
        post.socket.destroy();
        late.socket.destroy();
    });

    test('a viewer whose invitation is revoked sees nothing 2 s later, nor does a playlist wait on', async () => {
        const { api, revoke } = await invited(staff, server.session, 'attendee', 'Viewer');
        const seconds = 8;
        const peer = spawn(join(root, 'build/tests/peers/whep-peer'), [
            `${server.url}/sessions/${server.session}/whep`,
            '--token',
            api.token,
            '--seconds',
            String(seconds),
        ]);
        const spawned = Date.now();
        let said = '';
        peer.stdout.on('data', (text) => {
            said += text;
        });
        const ended = new Promise((done) => peer.once('exit', done));
        const hls = `/sessions/${server.session}/hls/`;
        const main = await until('a playlist', 10_000, async () => {
            const answer = await api.ask('GET', `${hls}main.m3u8`);
            return answer.ok && answer.text();
        });
        const video = /^[^#].*\.m3u8$/m.exec(main)?.[0] ?? '';
        await until(
            'the peer watches',
            10_000,
            async () => ((await staff.json<Health>('GET', '/api/v1/health')).viewers.whep ?? 0) > 0,
        );
        await wait(1000);
        const list = await (await api.ask('GET', hls + video)).text();
        const sequence =
            Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)?.[1]) + (list.match(/#EXTINF/g)?.length ?? 0);
        const waiting = await say(
            api,
            head(api, [], `GET ${hls}${video}?_HLS_msn=${sequence + 1} HTTP/1.1`),
        );
        await wait(100);
        const begun = Date.now();
        await revoke();
        await until('the waiting playlist is refused', 2000, async () =>
            waiting.heard().startsWith('HTTP/1.1 401 '),
        );
        console.log(
            `printed: a playlist that waited was refused ${Date.now() - begun} ms after the revocation (2 s are promised)`,
        );
        expect((await api.ask('GET', hls + video)).status).toBe(401);
        waiting.socket.destroy();
        await ended;
        const frames = (JSON.parse(said) as { video_frames: number }).video_frames;
        console.log(
            `printed: ${frames} frames in ${seconds} s, revoked after ${begun - spawned} ms`,
        );
        expect(frames).toBeGreaterThan(0);
        expect(frames).toBeLessThan(Math.min(((begun - spawned) / 1000 + 2) * 30, seconds * 29));
    });

    test('a session that is no longer open ends the pictures and sockets of guests', async () => {
        const other = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
            title: { ar: 'أخرى', en: 'Another' },
            starts_at: new Date(Date.now() + 86_400_000).toISOString(),
        });
        const access = (value: string) =>
            staff.json('PATCH', `/api/v1/sessions/${server.session}`, { access: value });
        await access('open');
        const { api } = await invited(staff, other.id, 'attendee', 'Guest');
        const { api: own } = await invited(staff, server.session, 'attendee', 'Own');
        const peers = [api, own].map((of) => {
            const peer = spawn(join(root, 'build/tests/peers/whep-peer'), [
                `${server.url}/sessions/${server.session}/whep`,
                '--token',
                of.token,
                '--seconds',
                '8',
            ]);
            const said = { text: '' };
            peer.stdout.on('data', (text) => {
                said.text += text;
            });
            return { said, ended: new Promise((done) => peer.once('exit', done)) };
        });
        const socket = await openSocket(api);
        const closed = new Promise<number>((done) => socket.once('close', done));
        const snapshot = new Promise((done) => socket.once('message', done));
        socket.send(JSON.stringify({ op: 'join', session: server.session }));
        await snapshot;
        await until(
            'both watch',
            10_000,
            async () =>
                ((await staff.json<Health>('GET', '/api/v1/health')).viewers.whep ?? 0) >= 2,
        );
        await wait(1000);
        await access('invited');
        const late = new Promise<string>((done) => setTimeout(done, 5000 * slow, 'still open'));
        expect(await Promise.race([closed, late])).toBe(4403);
        await Promise.all(peers.map((peer) => peer.ended));
        const [guest, invitee] = peers.map(
            (peer) => (JSON.parse(peer.said.text) as { video_frames: number }).video_frames,
        );
        expect(guest).toBeGreaterThan(0);
        expect(guest).toBeLessThan(invitee * 0.8);
        expect((await api.ask('GET', `/sessions/${server.session}/hls/main.m3u8`)).status).toBe(
            403,
        );
    });

    test('frames that come before the answer to a handshake are kept, or too many refused', async () => {
        const { api } = await invited(staff, server.session, 'attendee', 'Hasty');
        const frame = (text: string) =>
            Buffer.concat([
                Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 255, 0, 0, 0, 0]),
                Buffer.from(text),
            ]).toString('latin1');
        const join_ = JSON.stringify({ op: 'join', session: server.session }).padEnd(200);
        const talk = await say(api, head(api, upgrade) + frame(join_));
        await until('the snapshot', 2000 * slow, async () =>
            talk.heard().includes('"op":"snapshot"'),
        );
        expect(talk.heard()).toMatch(/^HTTP\/1.1 101 /);
        talk.socket.destroy();
        const much = await answer(api, head(api, upgrade) + frame('x'.repeat(1000)).repeat(24));
        expect([101, 400]).toContain(much.status); // 400: all of it came at once
    });

    test('a sign-in that ends takes its websocket along, and not those of others', async () => {
        const link = await staff.invite(server.session, 'attendee', 'Two devices');
        const [phone, laptop] = [await Api.signIn(link), await Api.signIn(link)];
        const [gone, kept] = [await openSocket(phone), await openSocket(laptop)];
        const code = new Promise<number>((done) => gone.once('close', done));
        await phone.json('POST', '/api/v1/sign-out', {});
        expect(await code).toBe(4401);
        expect(kept.readyState).toBe(WebSocket.OPEN);
        kept.close();
    });

    const large = 100_000_000; // more than sockets hold
    /** Begins to download the recording, stops reading while `act` runs; answers with how much came. */
    const download = async (api: Api, act: () => Promise<unknown>) => {
        const path = `/recordings/${server.session}/recording.mp4`;
        await until('the recording', 30_000, async () => (await api.ask('HEAD', path)).ok);
        truncateSync(join(server.data, 'recordings', server.session, 'recording.mp4'), large);
        const talk = await say(api, head(api, [], `GET ${path} HTTP/1.1`));
        await talk.answered;
        talk.socket.pause();
        expect(talk.heard()).toMatch(/^HTTP\/1.1 200 /);
        await act();
        await wait(2000);
        talk.socket.resume();
        await until('its end', 10_000, async () => talk.closed() || talk.heard().length >= large);
        console.log(`printed: ${talk.heard().length} of ${large} bytes came`);
        return talk.heard().length;
    };

    test('a recording on its way to somebody whose invitation is revoked is cut', async () => {
        const { api, revoke } = await invited(staff, server.session, 'attendee', 'Downloader');
        await staff.state(server.session, 'ended'); // a demo publishes by itself
        expect(await download(api, revoke)).toBeLessThan(large / 2);
    });

    test('a recording that is deleted goes on to nobody', async () => {
        const { api } = await invited(staff, server.session, 'attendee', 'Late downloader');
        // Refused while other files of the recording are still being made.
        const remove = () =>
            until('the recording is deleted', 20_000 * slow, async () => {
                const body = { reason: 'طلب المتحدث' };
                const path = `/api/v1/recordings/${server.session}`;
                return (await staff.ask('DELETE', path, body)).ok;
            });
        expect(await download(api, remove)).toBeLessThan(large / 2);
    });
});

const limit = 256;

test(`at a limit of ${limit} descriptors connections take all but the reserve, and the recording goes on`, async () => {
    const server = await Server.start({ wrap: ['prlimit', `--nofile=${limit / 2}:${limit}`] });
    const talks: Talk[] = [];
    try {
        const staff = await Api.signIn(server.staff);
        const { api } = await invited(staff, server.session, 'attendee', 'Greedy');
        const open = () => readdirSync(`/proc/${server.process.pid}/fd`).length;
        const own = open();
        const inRun = (run: number) =>
            existsSync(join(server.data, 'recordings', server.session, String(run), 'v360p'));
        await until('a recording', 20_000 * slow, async () => inRun(1));
        for (const lines of [twoUpgrades, upgrade, []]) {
            for (let i = 0; i < 150; i++) {
                const talk = await say(
                    api,
                    lines.length > 0 ? head(api, lines) : 'GET /healthz HTTP/1.1\r\nHost',
                );
                talks.push(talk);
                if (lines.length > 0) {
                    await talk.answered;
                }
            }
        }
        await until('a refusal', 10_000 * slow, async () => talks.some((talk) => talk.closed()));
        const most = open();
        console.log(
            `printed: ${own} descriptors of its own, ${most} of ${limit} with everything taken`,
        );
        expect(most).toBeLessThanOrEqual(limit - 64);
        const children = () =>
            execFileSync('pgrep', ['-P', String(server.process.pid)])
                .toString()
                .trim()
                .split('\n')
                .map(Number);
        process.kill(children()[0], 'SIGKILL');
        await until('a new child, and its first files', 20_000 * slow, async () => inRun(2));
        expect(talks.some((talk) => !talk.closed())).toBe(true); // they still hold on
        expect(server.log).not.toMatch(/nothing is being recorded|Too many open files/);
        for (const talk of talks) {
            talk.socket.destroy();
        }
        await until(
            'the API answers',
            10_000 * slow,
            async () =>
                (await staff.ask('GET', '/api/v1/health').catch(() => undefined))?.status === 200,
        );
        await until('what was taken is given back', 10_000 * slow, async () => open() <= own + 10);
    } finally {
        for (const talk of talks) {
            talk.socket.destroy();
        }
        await server.stop();
    }
});
