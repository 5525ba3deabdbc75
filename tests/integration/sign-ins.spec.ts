// SPDX-License-Identifier: GPL-3.0-or-later
// How many sign-ins a person has, how long they last, and a database that holds too many of them.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { Server, temporaryFolder } from '../lib/server';
import { allow } from '../lib/time';

const day = 24 * 3600;

function sqlite(data: string, statement: string): string {
    return execFileSync('sqlite3', [join(data, 'majlis.db'), `.timeout 5000`, statement], {
        encoding: 'utf8',
    }).trim();
}

async function me(url: string, cookie: string): Promise<number> {
    return (await fetch(`${url}/api/v1/me`, { headers: { Cookie: cookie } })).status;
}

/** Signs in as a browser does; the cookie is that of an earlier time. */
function signIn(link: string, cookie?: string): Promise<Response> {
    const at = new URL(link);
    return fetch(`${at.origin}/api/v1/sign-in`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(cookie ? { Cookie: cookie } : {}) },
        body: JSON.stringify({ invitation: at.pathname.split('/').pop() }),
    });
}

async function cookieOf(link: string, former?: string): Promise<string> {
    const answer = await signIn(link, former);
    expect(answer.status).toBe(200);
    return (answer.headers.get('set-cookie') ?? '').split(';')[0];
}

test('a sign-in ends the one before it in that browser; the 21st ends the oldest; a link has a rate', async () => {
    const server = await Server.start();
    try {
        const first = await cookieOf(server.attend);
        const second = await cookieOf(server.attend, first);
        expect(second).not.toBe(first); // a cookie that somebody planted is never adopted
        expect(await me(server.url, first)).toBe(401);
        expect(await me(server.url, second)).toBe(200);
        const speaker = await cookieOf(server.present);
        for (let i = 1; i < 20; i++) {
            await cookieOf(server.attend);
        }
        expect(await me(server.url, second)).toBe(200);
        await cookieOf(server.attend);
        expect(await me(server.url, second)).toBe(401);
        expect(await me(server.url, speaker)).toBe(200);
        expect(
            sqlite(
                server.data,
                'SELECT max(n) FROM (SELECT count(*) n FROM tokens GROUP BY person)',
            ),
        ).toBe('20');

        const rest = await Promise.all(Array.from({ length: 40 }, () => signIn(server.attend)));
        const refused = rest.filter((answer) => answer.status === 429);
        expect(refused.length).toBeGreaterThan(20);
        expect(refused[0].headers.get('retry-after')).not.toBeNull();
        expect((await signIn(server.present)).status).toBe(200); // each link has its own
    } finally {
        await server.stop();
    }
});

test('105,000 sign-ins of one person that an older majlis left do not delay a start @plain', async () => {
    const data = temporaryFolder();
    let server = await Server.start({ data });
    const staff = (await Api.signIn(server.staff)).token;
    await server.stop();
    const usual = server.readyMs;
    sqlite(
        data,
        `WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 105000)
     INSERT INTO tokens SELECT randomblob(32), person, role, session, now - n, now + 2500000000000 - n
     FROM many, invitations, (SELECT CAST(strftime('%s') AS INTEGER) * 1000000 AS now) WHERE role = 'attendee'`,
    );
    const begun = Date.now();
    server = await Server.start({ data });
    try {
        console.log(`ready after ${server.readyMs} ms, of a small database after ${usual} ms`);
        expect(server.readyMs).toBeLessThan(usual + allow(10_000, begun));
        expect(
            sqlite(data, 'SELECT max(n) FROM (SELECT count(*) n FROM tokens GROUP BY person)'),
        ).toBe('20');
        const api = new Api(server.url);
        api.token = staff;
        expect((await api.ask('GET', '/api/v1/me')).status).toBe(200); // who was signed in still is
    } finally {
        await server.stop();
    }
});

test('a sign-in ends after a week without use, and after thirty days in any case @plain', async () => {
    const data = temporaryFolder();
    const env = (seconds: number) => ({
        LD_PRELOAD: execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketime.so.1'], {
            encoding: 'utf8',
        }).trim(),
        FAKETIME: `+${seconds}s`,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    let server = await Server.start({ data });
    const used = await Api.signIn(server.staff);
    const idle = await Api.signIn(server.present);
    await server.stop();
    const seen: Record<string, number[]> = { used: [], idle: [] };
    for (const days of [6, 12, 18, 24, 31]) {
        server = await Server.start({ data, command: 'serve', env: env(days * day) });
        for (const [name, who] of Object.entries({ used, idle })) {
            if (name === 'used' || days > 6) {
                const answer = await fetch(`${server.url}/api/v1/me`, { headers: who.headers });
                seen[name].push(answer.status);
            }
        }
        await expect
            .poll(() =>
                sqlite(data, 'SELECT max(expires_us - created_us) / 86400000000 FROM tokens'),
            )
            .toBe(days > 24 ? '' : String(Math.min(days + 7, 30)));
        await server.stop();
    }
    expect(seen).toEqual({ used: [200, 200, 200, 200, 401], idle: [401, 401, 401, 401] });
});
