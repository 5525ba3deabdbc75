// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP requests as foreign tools and attackers write them, byte by byte, and their answers.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { dial, root, Server, slow } from '../lib/server';
import { wait } from '../lib/time';

let server: Server;
let host = '';

test.describe.configure({ mode: 'default' }); // one server
test.beforeAll(async () => {
    server = await Server.start();
    host = new URL(server.url).host;
});
test.afterAll(async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200); // it went on
    expect(await server.stop()).toBe(0);
    expect(server.log).not.toMatch(/critical/i);
});

interface Answer {
    status: number;
    headers: Record<string, string>;
    body: Buffer;
}

/** Says `text` and hears what comes until the server closes. */
function talk(text: string | Buffer): Promise<Buffer> {
    return new Promise((done, fail) => {
        const heard: Buffer[] = [];
        const socket = dial(server.url, () => socket.write(text));
        socket.setTimeout(10_000 * slow, () =>
            socket.destroy(new Error(`still open after ${Buffer.concat(heard)}`)),
        );
        socket.on('data', (data) => heard.push(data));
        socket.on('error', fail);
        socket.on('close', (failed) => failed || done(Buffer.concat(heard)));
    });
}

/** A request that ends its connection: `lines` follow the request line and Host. */
async function ask(
    request: string,
    lines: string[] = [],
    body: string | Buffer = '',
): Promise<Answer> {
    const head = [
        `${request} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: close',
        ...lines,
        '',
        '',
    ].join('\r\n');
    return parse(
        await talk(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body as string)])),
    );
}

function parse(heard: Buffer): Answer {
    const end = heard.indexOf('\r\n\r\n');
    const [line, ...fields] = heard.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
        fields.map((field) => [
            field.slice(0, field.indexOf(':')).toLowerCase(),
            field.slice(field.indexOf(':') + 1).trim(),
        ]),
    );
    return {
        status: Number(/^HTTP\/1\.[01] (\d{3}) /.exec(line)?.[1] ?? 0),
        headers,
        body: heard.subarray(end + 4),
    };
}

function largestAsset(): { path: string; size: number } {
    const folder = join(root, 'web/dist/assets');
    const sizes = readdirSync(folder).map((name) => ({
        path: `/assets/${name}`,
        size: statSync(join(folder, name)).size,
    }));
    return sizes.sort((a, b) => b.size - a.size)[0];
}

/** The most memory that the server ever had, in bytes. */
function peakMemory(): number {
    const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

test('ranges of a page file: all of it, however many are asked for @plain', async () => {
    const { path, size } = largestAsset();
    const before = peakMemory();
    for (const range of [
        '0-99999999',
        Array(2600).fill('0-').join(),
        Array.from({ length: 1500 }, (_, i) => `${i}-`).join(),
    ]) {
        const answer = await ask(`GET ${path}`, [`Range: bytes=${range}`]);
        expect(answer.status).toBe(200);
        expect(answer.body.length).toBe(size);
    }
    expect(peakMemory() - before).toBeLessThan(100e6);
});

/** A well-formed problem document, and nothing behind it. */
function problem(answer: Answer, status: number, said: string) {
    expect(answer.status, said).toBe(status);
    expect(answer.headers['content-type'], said).toContain('application/problem+json');
    expect(Number(answer.headers['content-length']), said).toBe(answer.body.length);
    const body = JSON.parse(answer.body.toString());
    expect(body, said).toMatchObject({
        type: expect.stringMatching(/^urn:majlis:problem:/),
        title: expect.any(String),
        status,
        detail: expect.any(String),
        request_id: answer.headers['x-request-id'],
    });
}

const post = (lines: string, body = '{}') =>
    `POST /api/v1/sign-in HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n${lines}\r\n\r\n${body}`;
const refused: [number, string][] = [
    [400, 'GET /healthz HTTP/1.1\nHost: HOST\n\n'], // bare LF
    [400, 'GET /healthz HTTP/1.1\r\nHost: HOST\rX: y\r\n\r\n'], // bare CR
    [400, 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n'],
    [400, 'GET /healthz HTTP/1.1\r\nHost : HOST\r\n\r\n'],
    [400, 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n'], // folded
    [400, 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nno colon\r\n\r\n'],
    [400, 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n'],
    [400, 'GET /healthz HTTP/1.1\r\nX: y\r\n\r\n'], // no Host
    [400, 'GET /healthz\r\nHost: HOST\r\n\r\n'], // HTTP/0.9
    [400, 'GET  /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET healthz HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET /assets/%00 HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET /assets/..%2fx HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET /assets/%2E./x HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET /assets/%zz HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET http://elsewhere.example/healthz HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [400, 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\n{}'],
    [400, 'GET /ws HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    [400, post('Content-Length: 2\r\nContent-Length: 2')],
    [400, post('Content-Length: +2')],
    [400, post('Content-Length: 2, 2')],
    [400, post('Content-Length: 2\r\nTransfer-Encoding: chunked')],
    [400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    [501, post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '-2\r\n{}\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '0x2\r\n{}\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '2 \r\n{}\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '2;a=b\r\n{}\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '2\n{}\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '2\r\n{}X\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', 'fffffffffffffffe\r\n{}\r\n0\r\n\r\n')],
    [400, post('Transfer-Encoding: chunked', '2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n')],
    [413, post('Content-Length: 99999999999999999999')],
    [413, post('Content-Length: 40000', 'x'.repeat(40_000))],
    [413, post('Transfer-Encoding: chunked', `9c40\r\n${'x'.repeat(40_000)}\r\n0\r\n\r\n`)],
    [414, `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: HOST\r\n\r\n`],
    [417, 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nExpect: a-miracle\r\n\r\n'],
    [431, `GET /healthz HTTP/1.1\r\nHost: HOST\r\nX: ${'y'.repeat(64_000)}\r\n\r\n`],
    [431, `GET /healthz HTTP/1.1\r\nHost: HOST\r\n${'X: y\r\n'.repeat(101)}\r\n`],
    [501, 'BREW /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    [505, 'GET /healthz HTTP/2.0\r\nHost: HOST\r\n\r\n'],
];

test('each request that is refused gets a problem document and its connection ends', async () => {
    for (const [status, request] of refused) {
        const said = request.slice(0, 120);
        problem(
            parse(await talk(Buffer.from(request.replaceAll('HOST', host), 'latin1'))),
            status,
            said,
        );
    }
});

test('the same after a request that was answered, and nothing behind it is read', async () => {
    const good = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    for (const [status, request] of refused.slice(0, 12)) {
        const heard = (
            await talk(Buffer.from(good + good + request.replaceAll('HOST', host) + good, 'latin1'))
        ).toString('latin1');
        expect(heard.match(/HTTP\/1\.1 \d{3}/g), request).toEqual([
            'HTTP/1.1 200',
            'HTTP/1.1 200',
            `HTTP/1.1 ${status}`,
        ]);
    }
});

test('whoever sends on after a refusal is cut, also after a request that was answered', async () => {
    for (const before of ['', `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`]) {
        await new Promise<void>((done) => {
            const socket = dial(server.url, () =>
                socket.write(
                    Buffer.concat([Buffer.from(`${before}GET / HTTP/1.1\n`), Buffer.alloc(8e6)]),
                ),
            );
            socket.on('data', () => {});
            socket.on('error', () => {}); // the cut
            socket.on('close', () => done());
        });
    }
    await wait(3000); // longer than HTTP_LINGER_S
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test('an endless body of tiny chunks keeps nobody waiting', async () => {
    const chunks = Buffer.from('1\r\nx\r\n'.repeat(20_000));
    const socket = dial(server.url, () =>
        socket.write(
            `POST /nowhere HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
            send,
        ),
    );
    function send() {
        if (!socket.destroyed) {
            socket.write(chunks, send);
        }
    }
    socket.on('error', () => {});
    await wait(300);
    for (let i = 0; i < 5; i++) {
        expect(
            (await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(5000 * slow) }))
                .status,
        ).toBe(200);
    }
    socket.destroy();
});

test('what monitors and tools send is answered', async () => {
    const old = parse(await talk('GET /healthz HTTP/1.0\r\n\r\n')); // Nagios, HAProxy
    expect(old.status).toBe(200);
    expect(parse(await talk('GET /healthz?from=monitor&x=%2F HTTP/1.0\r\n\r\n')).status).toBe(200);
    expect(parse(await talk('GET /en?x=1 HTTP/1.0\r\n\r\n')).headers.location).toBe('/en/?x=1');
    for (const name of [
        '[',
        '[]',
        '[::1',
        '::1',
        '[::1]x',
        'a:b',
        'a:65536',
        'a:1:2',
        '[1.2.3.4]',
    ]) {
        problem(parse(await talk(`GET /healthz HTTP/1.1\r\nHost: ${name}\r\n\r\n`)), 400, name);
    }
    expect(
        parse(await talk('GET /healthz HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n'))
            .status,
    ).toBe(200);
    const blank = parse(
        await talk(`\r\nGET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    expect(blank.status).toBe(200);
    for (const name of ['localhost.', 'LOCALHOST', 'localhost']) {
        expect(
            parse(
                await talk(
                    `GET /healthz HTTP/1.1\r\nHost: ${name}:${new URL(server.url).port}\r\nConnection: close\r\n\r\n`,
                ),
            ).status,
            name,
        ).toBe(200);
    }
    problem(
        parse(await talk('GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n')),
        400,
        'evil.example',
    );
    expect(
        parse(
            await talk(
                `GET http://${host}/healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
            ),
        ).status,
    ).toBe(200);
    expect((await ask('GET /ar')).headers.location).toBe('/ar/');
    expect((await ask('GET /en?x=1')).headers.location).toBe('/en/?x=1');
    const put = await ask('PUT /api/v1/me', ['Content-Length: 0']);
    problem(put, 405, 'PUT');
    expect(put.headers.allow).toBe('OPTIONS, GET, HEAD');
    const nobody = await ask('GET /api/v1/me');
    problem(nobody, 401, 'nobody');
    expect(nobody.headers['www-authenticate']).toMatch(/^Bearer/);
    problem(
        await ask('POST /api/v1/sign-in', ['Content-Type: text/plain', 'Content-Length: 2'], '{}'),
        415,
        'text/plain',
    );
    const { token } = (await (
        await fetch(`${server.url}/api/v1/sign-in`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ invitation: server.attend.split('/').pop() }),
        })
    ).json()) as { token: string };
    const offer = await ask(
        `POST /sessions/${server.session}/whep`,
        [
            `Authorization: Bearer ${token}`,
            'Content-Type: Application/SDP; charset=utf-8',
            'Content-Length: 5',
        ],
        'hello',
    );
    problem(offer, 400, 'SDP'); // of its text, not its type
    expect(JSON.parse(offer.body.toString()).detail).not.toContain('Content-Type');
});

test('a body in chunks, cut anywhere, is read as it was sent', async () => {
    const body = JSON.stringify({ invitation: server.attend.split('/').pop() });
    const chunked = [body.slice(0, 1), body.slice(1, 20), body.slice(20)]
        .map((part) => `00${part.length.toString(16)}\r\n${part}\r\n`)
        .join('');
    const request = `POST /api/v1/sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n${chunked}0\r\n\r\n`;
    const answer = await new Promise<Buffer>((done, fail) => {
        const heard: Buffer[] = [];
        const socket = dial(server.url, async () => {
            socket.setNoDelay(true);
            for (let at = 0; at < request.length; at += 7) {
                socket.write(request.slice(at, at + 7));
                await new Promise((next) => setTimeout(next, 1));
            }
        });
        socket.on('data', (data) => heard.push(data));
        socket.on('error', fail);
        socket.on('close', () => done(Buffer.concat(heard)));
    });
    expect(parse(answer).status).toBe(200);
});

test('nobody asks the main thread as often as one likes', async () => {
    const answers = await Promise.all(
        Array.from({ length: 150 }, () => fetch(`${server.url}/readyz`)),
    );
    const codes = answers.map((answer) => answer.status);
    expect(codes.filter((code) => code === 200).length).toBeGreaterThanOrEqual(60);
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0].headers.get('retry-after')).not.toBeNull();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});
