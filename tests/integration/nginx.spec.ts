// SPDX-License-Identifier: GPL-3.0-or-later
// majlis behind Debian's nginx with deploy/nginx/majlis.conf as it is shipped: TLS, HTTP/2, websocket, and a cache that
// asks who may have what.

import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { Agent, get as getTls } from 'node:https';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { WebSocket } from 'ws';
import { Api } from '../lib/api';
import { type Answer, get } from '../lib/curl';
import { Nginx } from '../lib/nginx';
import { offer } from '../lib/offer';
import { long, Server, temporaryFolder } from '../lib/server';
import { allow, patience, quiet, slow, until, wait } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server

const data = temporaryFolder();
let nginx: Nginx;
let server: Server;
let staff: Api;
let attendee: Api;
let hour: string; // a signed path of the attendee
let resource: string; // of a WHEP viewer

/** Past nginx, as its certificate is not one that fetch() takes. */
function signIn(link: string): Promise<Api> {
    return Api.signIn(server.url + new URL(link).pathname);
}

async function mediaPath(api: Api, minutes: number): Promise<string> {
    return (
        await api.json<{ path: string }>(
            'GET',
            `/api/v1/sessions/${server.session}/media-path?minutes=${minutes}`,
        )
    ).path;
}

async function list(path: string, query = ''): Promise<Answer> {
    return get(`${nginx.url}${path}v360p.m3u8${query}`);
}

/** The newest part that a plain playlist names. */
async function newestPart(path: string): Promise<string> {
    const parts = [...(await list(path)).body.matchAll(/#EXT-X-PART:[^\n]*URI="([^"]+)"/g)];
    return parts[parts.length - 1][1];
}

/** On the same data each time. */
async function startServer(): Promise<void> {
    server = await Server.start({
        data,
        listen: `127.0.0.1:${nginx.upstream}`,
        conf: {
            server: nginx.server,
            rtc: { listen: '127.0.0.1:0' },
            programme: { encoder: 'small' },
        },
    });
}

test.beforeAll(async () => {
    nginx = await Nginx.make();
    await startServer();
    await nginx.start();
    staff = await signIn(server.staff);
    attendee = await signIn(server.attend);
    hour = await mediaPath(attendee, 60);
    await until('media', 20_000 * slow, async () => (await list(hour)).body.includes('#EXTINF'));
});
test.afterAll(async () => {
    await nginx.stop();
    expect(await server.stop()).toBe(0);
    rmSync(data, { recursive: true, force: true });
});

test('pages and API come over HTTP/2, compressed by majlis; plain HTTP is sent to TLS', async () => {
    const page = await get(`${nginx.url}/ar/`, '-H', 'Accept-Encoding: gzip');
    expect([page.status, page.version, page.headers['content-encoding']]).toEqual([
        200,
        '2',
        'gzip',
    ]);
    expect((await get(`${nginx.url}/ar/`)).body).toContain('dir="rtl"');
    expect(JSON.parse((await get(`${nginx.url}/api/openapi.json`)).body).openapi).toContain('3.1');
    const plain = await fetch(`http://127.0.0.1:${nginx.plain}/ar/`, { redirect: 'manual' });
    expect(plain.status).toBe(301);
    expect(plain.headers.get('location')).toMatch(/^https:\/\//);
    expect(server.attend.startsWith(nginx.url)).toBe(true); // links name the public address
});

test('a personal link signs in with a cookie that only TLS of this host gets', async () => {
    const body = JSON.stringify({ invitation: new URL(server.attend).pathname.split('/').pop() });
    const answer = await get(
        `${nginx.url}/api/v1/sign-in`,
        '-H',
        'Content-Type: application/json',
        '-H',
        `Origin: ${nginx.url}`,
        '-d',
        body,
    );
    expect(answer.status).toBe(200);
    const cookie = answer.headers['set-cookie'];
    expect(cookie).toMatch(
        /^__Host-majlis=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/,
    );
    const me = await get(`${nginx.url}/api/v1/me`, '-H', `Cookie: ${cookie.split(';')[0]}`);
    expect(me.status).toBe(200);
    expect((await get(`${nginx.url}/api/v1/me`)).status).toBe(401);
});

test('files that staff send pass, and nothing else of that size', async () => {
    const file = join(data, 'slides.pdf');
    writeFileSync(file, `%PDF-1.4\n${'%'.repeat(2 * 1024 * 1024)}\n%%EOF\n`);
    const send = (path: string) =>
        get(
            `${nginx.url}${path}`,
            ...['-X', 'POST', '--data-binary', `@${file}`],
            ...['-H', `Authorization: Bearer ${staff.token}`, '-H', 'Content-Type: text/plain'],
        );
    const at = `/api/v1/sessions/${server.session}`;
    const sent = await send(`${at}/materials?name=Slides`);
    expect([sent.status, JSON.parse(sent.body).type]).toEqual([201, 'application/pdf']);
    expect((await send(`${at}/links`)).status).toBe(413);
});

test('the websocket passes', async () => {
    const socket = new WebSocket(`${nginx.url.replace('https', 'wss')}/ws`, 'majlis.v1', {
        headers: { Cookie: `__Host-majlis=${attendee.token}`, Origin: nginx.url },
        rejectUnauthorized: false,
    });
    const first = new Promise<string>((done, fail) => {
        socket.on('message', (text) => done(text.toString()));
        socket.on('error', fail);
    });
    socket.on('open', () => socket.send(JSON.stringify({ op: 'join', session: server.session })));
    expect(JSON.parse(await first).op).toBe('snapshot');
    socket.close();
});

test('WHEP is answered through it', async () => {
    const answer = await get(
        `${nginx.url}/sessions/${server.session}/whep`,
        '-X',
        'POST',
        '-H',
        'Content-Type: application/sdp',
        '-H',
        `Authorization: Bearer ${attendee.token}`,
        '-d',
        'v=0',
    );
    expect(answer.status).toBe(400); // it is no offer; nginx itself would have said 404 or 405
    expect(answer.headers['content-type']).toContain('application/problem+json');
});

test('WHEP by a signed path, for a page of another site: preflight, POST, and the resource', async () => {
    const foreign = ['-H', 'Origin: https://player.example'];
    const asked = await get(
        `${nginx.url}${hour}whep`,
        '-X',
        'OPTIONS',
        ...foreign,
        '-H',
        'Access-Control-Request-Method: POST',
    );
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([200, '*']);
    const answer = await get(
        `${nginx.url}${hour}whep`,
        '-X',
        'POST',
        ...foreign,
        '-H',
        'Content-Type: application/sdp',
        '--data-binary',
        offer,
    );
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([201, '*']);
    resource = answer.headers.location;
    const patched = await get(
        `${nginx.url}${resource}`,
        '-X',
        'PATCH',
        ...foreign,
        '-H',
        'Content-Type: application/trickle-ice-sdpfrag',
        '--data-binary',
        'a=end-of-candidates',
    );
    expect(patched.status).toBe(204);
});

test('a blocking reload waits for its part and is answered with it', async () => {
    const now = (await list(hour)).body;
    const msn =
        Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(now)?.[1]) + (now.match(/#EXTINF/g)?.length ?? 0);
    const next = await list(hour, `?_HLS_msn=${msn + 1}&_HLS_part=1&_HLS_skip=YES`);
    expect([next.status, next.version]).toEqual([200, '2']);
    expect(next.headers['x-cache']).toBe('MISS');
    expect(next.seconds).toBeGreaterThan(0.4);
    const last = next.body.slice(next.body.lastIndexOf('#EXTINF'));
    expect(last.match(/#EXT-X-PART:/g)?.length).toBeGreaterThanOrEqual(2);
    console.log(
        `printed: blocking reload through nginx answered after ${(1000 * next.seconds).toFixed(0)} ms`,
    );
    expect((await list(hour)).headers['x-cache']).toBe('BYPASS'); // a plain one is new each time
});

test('a second viewer with another token is served from the cache, staff from an entry of their own', async () => {
    const guest = await signIn(await staff.invite(server.session, 'attendee', 'Guest'));
    const theirs = await mediaPath(guest, 60);
    const part = await newestPart(hour);
    const first = await get(nginx.url + hour + part);
    const second = await get(nginx.url + theirs + part);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect([first.headers['x-cache'], second.headers['x-cache']]).toEqual(['MISS', 'HIT']);
    expect(second.body).toBe(first.body);
    expect(second.headers['cache-control']).toMatch(/immutable/);
    const privileged = await get(nginx.url + (await mediaPath(staff, 60)) + part);
    expect([privileged.status, privileged.headers['x-cache']]).toEqual([200, 'MISS']);
});

test('a wrong or revoked token gets nothing, though the cache has it', async () => {
    const guest = await signIn(await staff.invite(server.session, 'attendee', 'Revoked'));
    const theirs = await mediaPath(guest, 60);
    const init = /#EXT-X-MAP:URI="([^"]+)"/.exec((await list(hour)).body)?.[1];
    expect((await get(nginx.url + hour + init)).status).toBe(200);
    expect((await get(nginx.url + theirs + init)).headers['x-cache']).toBe('HIT');
    const wrong = theirs.slice(0, -3) + (theirs.at(-3) === 'A' ? 'B' : 'A') + theirs.slice(-2);
    expect((await get(nginx.url + wrong + init)).status).toBe(403);
    expect((await get(`${nginx.url}/sessions/${server.session}/hls/${init}`)).status).toBe(401); // nor without any
    const items = await staff.json<{ items: { id: string; name: string }[] }>(
        'GET',
        `/api/v1/sessions/${server.session}/invitations`,
    );
    const invitation = items.items.find((item) => item.name === 'Revoked')?.id;
    const begun = Date.now();
    expect(
        (await staff.ask('DELETE', `/api/v1/sessions/${server.session}/invitations/${invitation}`))
            .status,
    ).toBe(204);
    await until(
        'the revoked token is refused',
        5000,
        async () => (await get(nginx.url + theirs + init)).status === 403,
    );
    console.log(
        `printed: a revoked token is refused by the cache after ${Date.now() - begun} ms (5 s are promised)`,
    );
    expect((await get(nginx.url + hour + init)).headers['x-cache']).toBe('HIT'); // others keep theirs
});

test('failed sign-ins count for the client, not for nginx, whatever the client writes', async () => {
    const attempt = (...words: string[]) =>
        get(
            `${nginx.url}/api/v1/sign-in`,
            '-H',
            'Content-Type: application/json',
            '-d',
            `{"invitation":"${'a'.repeat(26)}"}`,
            ...words,
        );
    const codes: number[] = [];
    for (let i = 0; i < 130; i++) {
        // the count begins anew with each minute: in one of two it passes 60
        codes.push((await attempt('-H', `X-Forwarded-For: 203.0.113.${i}`)).status);
    }
    expect(codes[0]).toBe(401);
    expect(codes).toContain(429);
    expect((await attempt('--interface', '127.0.0.2')).status).toBe(401); // another client is not held for it
    const direct = (forwarded: string) =>
        new Api(server.url).ask(
            'POST',
            '/api/v1/sign-in',
            { invitation: 'x' },
            { 'X-Forwarded-For': forwarded },
        );
    expect((await direct('198.51.100.79')).status).toBe(401); // as a proxy that is trusted tells it
    expect((await signIn(server.attend)).token).not.toBe(''); // and a good link is never refused for others
});

test('nobody in front is believed where no proxy is configured', async () => {
    const alone = await Server.start({ command: 'serve' });
    const codes: number[] = [];
    try {
        for (let i = 0; i < 130; i++) {
            const forwarded = { 'X-Forwarded-For': `203.0.113.${i}` };
            codes.push(
                (
                    await new Api(alone.url).ask(
                        'POST',
                        '/api/v1/sign-in',
                        { invitation: 'a'.repeat(26) },
                        forwarded,
                    )
                ).status,
            );
        }
    } finally {
        expect(await alone.stop()).toBe(0);
    }
    expect(codes[0]).toBe(401);
    expect(codes).toContain(429);
});

/** One status and Retry-After a request, as fast as they come, until stopped. */
class Knocker {
    readonly seen = new Map<string, number>();
    private going = true;
    private readonly done: Promise<void>;

    constructor(
        private readonly agent: Agent,
        private readonly url: string,
    ) {
        this.done = this.knock();
    }

    private async knock(): Promise<void> {
        while (this.going) {
            const said = await new Promise<string>((done) => {
                const request = getTls(
                    this.url,
                    { agent: this.agent, rejectUnauthorized: false },
                    (answer) => {
                        answer.resume();
                        answer.on('end', () =>
                            done(
                                `${answer.statusCode}${answer.headers['retry-after'] ? ' later' : ''}`,
                            ),
                        );
                        answer.on('error', (error) => done(error.message));
                    },
                );
                request.on('error', (error) => done(error.message));
            });
            this.seen.set(said, (this.seen.get(said) ?? 0) + 1);
            await wait(20);
        }
    }

    async stop(): Promise<string[]> {
        this.going = false;
        await this.done;
        return [...this.seen.keys()];
    }
}

test('while majlis restarts: 503 with Retry-After, and what is cached plays on @plain', async () => {
    const part = await newestPart(hour);
    expect((await get(nginx.url + hour + part)).status).toBe(200);
    const agent = new Agent({ keepAlive: true });
    const knockers = [
        `/sessions/${server.session}/hls/main.m3u8`,
        '/api/v1/me',
        '/ar/',
        `${hour}v360p.m3u8`,
        hour + part,
    ].map((path) => new Knocker(agent, nginx.url + path));
    await wait(300);
    await server.kill();
    await wait(6500); // past the 5 s that a check is good for
    const away = await get(`${nginx.url}/api/v1/me`);
    expect([away.status, away.headers['retry-after'], JSON.parse(away.body).code]).toEqual([
        503,
        '2',
        'unavailable',
    ]);
    await startServer();
    staff.url = server.url;
    attendee.url = server.url;
    await until('media again', 20_000 * slow, async () =>
        (await list(hour)).body.includes('#EXTINF'),
    );
    const [own, me, page, playlist, cached] = await Promise.all(knockers.map((one) => one.stop()));
    console.log(
        `printed: through a restart of 6.5 s: ${knockers.map((one) => JSON.stringify(Object.fromEntries(one.seen))).join(' ')}`,
    );
    agent.destroy();
    expect(own.sort()).toEqual(['401', '503 later']);
    expect(me.sort()).toEqual(['401', '503 later']);
    expect(page.sort()).toEqual(['200', '503 later']);
    expect(playlist.sort()).toEqual(['200', '503 later']);
    expect(cached).toEqual(['200']);
});

/** How far each of `viewers` is behind the first with the same part, in ms, sorted. */
async function behindFirst(viewers: number, rounds: number): Promise<number[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: viewers });
    const behind: number[] = [];
    for (let round = 0; round < rounds; round++) {
        const now = (await list(hour)).body;
        const msn =
            Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(now)?.[1]) +
            (now.match(/#EXTINF/g)?.length ?? 0) +
            1;
        const url = `${nginx.url}${hour}v360p.m3u8?_HLS_msn=${msn}&_HLS_part=0`;
        const times = await Promise.all(
            Array.from(
                { length: viewers },
                () =>
                    new Promise<number>((done, fail) => {
                        getTls(url, { agent, rejectUnauthorized: false }, (answer) => {
                            answer.resume();
                            answer.on('end', () =>
                                answer.statusCode === 200
                                    ? done(performance.now())
                                    : fail(new Error(`status ${answer.statusCode}`)),
                            );
                        }).on('error', fail);
                    }),
            ),
        );
        behind.push(...times.map((at) => at - Math.min(...times)));
    }
    agent.destroy();
    return behind.sort((a, b) => a - b);
}

test('how far viewers behind nginx are behind the first of them, quiet and loaded @quiet', async () => {
    const rounds = long ? 20 : 2;
    const isQuiet = await quiet();
    const begun = Date.now();
    const figure = async (how: string) => {
        const behind = await behindFirst(100, rounds);
        const at = (share: number) => behind[Math.floor(share * (behind.length - 1))];
        console.log(
            `printed: 100 viewers behind nginx, ${how}: behind the first p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms`,
        );
        return at(0.99);
    };
    const free = await figure(isQuiet ? 'quiet' : 'busy before');
    const loops = [0, 1].map(() =>
        spawn(process.execPath, ['-e', 'setTimeout(process.exit, 120000); for (;;);']),
    );
    try {
        await figure('beside two busy loops');
    } finally {
        for (const loop of loops) {
            loop.kill('SIGKILL');
        }
    }
    expect(free).toBeLessThan(allow(1500, begun)); // nginx looks again each 0.5 s
});

test(`${long ? 'an expired token gets nothing, though the cache has it; and ' : ''}no token or link is in a log`, async ({
    browser,
}) => {
    test.setTimeout(patience(120_000));
    const init = /#EXT-X-MAP:URI="([^"]+)"/.exec((await list(hour)).body)?.[1];
    const minute = await mediaPath(attendee, 1);
    expect((await get(nginx.url + minute + init)).status).toBe(200);
    if (long) {
        // to wait for a minute's end; that it ends is in unit/auth, what the cache does with a refusal above
        await until('the path of one minute has expired', 75_000, async () => {
            await wait(1000);
            return (await get(nginx.url + minute + init)).status === 403;
        });
    }
    expect((await get(nginx.url + hour + init)).headers['x-cache']).toBe('HIT');
    await get(server.attend);
    await fetch(`http://127.0.0.1:${nginx.plain}${new URL(server.attend).pathname}`, {
        redirect: 'manual',
    });
    const recording = hour.replace(/^\/sessions\/(\w+)\/hls/, '/recordings/$1');
    expect((await get(`${nginx.url}${recording}main.m3u8`)).status).toBe(403); // it is not published
    for (const name of ['', 'check', 'a+b.m4s', '%20']) {
        await get(nginx.url + hour + name);
    }
    const context = await browser.newContext({ ignoreHTTPSErrors: true }); // which tells what page wants a file
    const page = await context.newPage();
    await page.goto(server.attend);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
    await context.close();
    await get(`${nginx.url}/api/v1/me`);
    const logs = nginx.logs();
    expect(logs).toContain('/api/v1/me'); // it does log
    for (const secret of [
        hour.split('/')[4],
        minute.split('/')[4],
        resource.split('/')[4],
        new URL(server.attend).pathname.split('/').pop(),
    ]) {
        expect(logs).not.toContain(secret);
    }
});
