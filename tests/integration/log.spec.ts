// SPDX-License-Identifier: GPL-3.0-or-later
// The server's log: requests without anything that gives a right, lines of JSON, journald's fields.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { offer } from '../lib/offer';
import { dial, root, Server, temporaryFolder } from '../lib/server';
import { patience, slow, until } from '../lib/time';

const conf = (log: Record<string, string>) => ({
    programme: { encoder: 'small' },
    rtc: { listen: '127.0.0.1:0' },
    log,
});

interface Line {
    level: string;
    message: string;
    session?: string;
    viewer?: string;
    request_id?: string;
    status?: string;
}

test('the request log says who asked for what, and holds nothing that gives a right', async () => {
    test.setTimeout(patience(60_000));
    const server = await Server.start({ conf: conf({ requests: 'yes', format: 'json' }) });
    const secrets: string[] = [];
    let answered = '';
    try {
        const codes = [server.attend, server.present, server.staff].map(
            (link) => new URL(link).pathname.split('/').pop() as string,
        );
        for (const link of [server.attend, server.staff]) {
            await fetch(link); // the page of the personal link
        }
        const attendee = await Api.signIn(server.attend);
        const staff = await Api.signIn(server.staff);
        const folder = `/sessions/${server.session}/hls/`;
        const main = () => attendee.ask('GET', `${folder}main.m3u8?secret=query`);
        await until('there is a picture', patience(30_000), async () => (await main()).ok);
        const { path } = await attendee.json<{ path: string }>(
            'GET',
            `/api/v1/sessions/${server.session}/media-path`,
        );
        const token = path.split('/').filter(Boolean).pop() as string;
        expect((await fetch(`${server.url}${path}main.m3u8`)).status).toBe(200);
        await fetch(server.url + path.slice(0, -1)); // and by wrong paths that hold it
        await fetch(`${server.url}/nowhere/${token}`);
        await fetch(`${server.url}/ar/${token}/x`);
        const whep = await fetch(`${server.url}/sessions/${server.session}/whep`, {
            method: 'POST',
            headers: { ...attendee.headers, 'Content-Type': 'application/sdp' },
            body: offer,
        });
        expect(whep.status).toBe(201);
        const resource = whep.headers.get('location') as string;
        const ended = await fetch(server.url + resource, { method: 'DELETE' });
        answered = ended.headers.get('x-request-id') as string;
        const socket = attendee.socket();
        await new Promise((done) => socket.once('open', done));
        socket.close();
        const at = new URL(server.url);
        const cut = dial(server.url, () => {
            const fields = `Host: ${at.host}\r\nOrigin: ${at.origin}\r\nContent-Length: 9`;
            cut.write(`POST /api/v1/sign-in HTTP/1.1\r\n${fields}\r\n\r\nhalf`);
            cut.end();
        });
        cut.resume(); // until it is closed
        await new Promise((done) => cut.once('close', done));
        secrets.push(...codes, attendee.token, staff.token, token, token.slice(2));
        secrets.push(resource.split('/').pop() as string, 'secret=query');
    } finally {
        expect(await server.stop()).toBe(0);
    }
    for (const secret of secrets) {
        expect(secret.length).toBeGreaterThan(8);
        expect(server.log).not.toContain(secret);
    }
    const lines = server.log
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Line);
    const requests = lines.filter(({ status }) => status !== undefined);
    const deleted = requests.find(({ request_id }) => request_id === answered);
    expect(deleted?.message).toMatch(
        new RegExp(
            `^DELETE /sessions/${server.session}/whep/… 200, \\d+ bytes, [\\d.]+ ms, nobody$`,
        ),
    );
    expect(deleted?.session).toBe(server.session);
    const listed = requests.find(({ message }) => message.includes('/hls/t-…/main.m3u8 200'));
    expect(listed?.message).toContain('attendee');
    expect(listed?.viewer).toBeTruthy();
    expect(requests.some(({ message }) => message.startsWith('GET /ar/i/… 200'))).toBe(true);
    expect(requests.some(({ message }) => message.startsWith('GET /… 404'))).toBe(false);
    expect(requests.some(({ message }) => message.startsWith('… /… 404'))).toBe(true);
    const half = requests.find(({ message }) => message.startsWith('POST /api/v1/sign-in cut, '));
    expect(half?.status).toBe('0');
    const upgraded = requests.filter(({ status }) => status === '101');
    expect(upgraded.map(({ message }) => message)).toEqual([
        expect.stringMatching(/^GET \/ws 101, 0 bytes, .* attendee$/),
    ]);
    expect(lines.find(({ message }) => message.startsWith('a run begins'))?.session).toBe(
        server.session,
    );
});

test('journald gets fields: session, viewer, request and place in the source', async () => {
    test.setTimeout(patience(60_000));
    const able = spawnSync('unshare', ['-m', 'true']).status === 0;
    test.skip(!able, 'a mount namespace of its own needs root');
    const file = join(temporaryFolder(), 'journal');
    const server = await Server.start({
        conf: conf({ requests: 'yes' }),
        wrap: ['unshare', '-m', join(root, 'tests/peers/journal'), file],
    });
    const read = () =>
        (existsSync(file) ? readFileSync(file, 'utf8') : '')
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as Record<string, string>);
    try {
        const attendee = await Api.signIn(server.attend);
        const answer = await attendee.ask('GET', `/api/v1/sessions/${server.session}`);
        const id = answer.headers.get('x-request-id');
        const request = await until('the request is noted', patience(10_000), async () =>
            read().find((entry) => entry.MAJLIS_REQUEST_ID === id),
        );
        expect(request).toMatchObject({
            MAJLIS_SESSION: server.session,
            MAJLIS_STATUS: '200',
            PRIORITY: '6',
        });
        expect(request.MAJLIS_VIEWER).toBeTruthy();
        expect(request.CODE_FILE).toContain('http/core/log.c');
        const began = await until('the run is noted', patience(20_000), async () =>
            read().find((entry) => entry.MESSAGE?.startsWith('a run begins')),
        );
        expect(began.MAJLIS_SESSION).toBe(server.session);
    } finally {
        expect(await server.stop()).toBe(0);
    }
});

test('without [log] no request is logged, and a line is text', async () => {
    const server = await Server.start({ conf: conf({}) });
    await Api.signIn(server.attend);
    const begins = /^\d{4}-\d\d-\d\dT[\d:.]+Z info a run begins at .* session=/m;
    await until('the run is noted', 20_000 * slow, async () => begins.test(server.log));
    expect(await server.stop()).toBe(0);
    expect(server.log).not.toContain('sign-in');
});
