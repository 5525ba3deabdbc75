// SPDX-License-Identifier: GPL-3.0-or-later
// A server that is full, by each of its limits: who watches goes on, who comes is told when to come
// again, staff and speaker are let in. So with recordings, past a limit of load or memory.
import { truncateSync } from 'node:fs';
import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getTls } from 'node:https';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { offer } from '../lib/offer';
import { Server } from '../lib/server';
import { patience, until } from '../lib/time';

const BYTES = 128 * 1024 * 1024;

interface Load {
    full: string | null;
    viewers: number;
    refused: number;
}

interface Cast {
    server: Server;
    first: Api; // watches
    second: Api; // comes when it is full
    staff: Api;
    speaker: Api;
}

async function start(limits: Record<string, string>): Promise<Cast> {
    const server = await Server.start({
        conf: {
            server: limits,
            rtc: { listen: '127.0.0.1:0' },
            programme: { encoder: 'small' },
        },
    });
    const staff = await Api.signIn(server.staff);
    const link = await staff.invite(server.session, 'attendee', 'Second');
    return {
        server,
        staff,
        first: await Api.signIn(server.attend),
        second: await Api.signIn(link),
        speaker: await Api.signIn(server.present),
    };
}

const load = async (staff: Api) => (await staff.json<{ load: Load }>('GET', '/api/v1/health')).load;

const list = ({ server }: Cast, who: Api) =>
    who.ask('GET', `/sessions/${server.session}/hls/main.m3u8`);

const watch = ({ server }: Cast, who: Api) =>
    fetch(`${server.url}/sessions/${server.session}/whep`, {
        method: 'POST',
        headers: { ...who.headers, 'Content-Type': 'application/sdp' },
        body: offer,
    });

const path = ({ server }: Cast, who: Api) =>
    who.ask('GET', `/api/v1/sessions/${server.session}/media-path`);

async function watches(cast: Cast, who: Api): Promise<void> {
    await until('it watches', patience(20_000), async () => (await list(cast, who)).ok);
}

/** Every way in is closed to who comes, and open to staff and speaker. */
async function closed(cast: Cast): Promise<void> {
    for (const answer of [
        await watch(cast, cast.second),
        await list(cast, cast.second),
        await path(cast, cast.second),
    ]) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('30');
        expect(((await answer.json()) as { code: string }).code).toBe('no-place');
    }
    for (const who of [cast.staff, cast.speaker]) {
        expect((await watch(cast, who)).status).toBe(201);
        expect((await list(cast, who)).status).toBe(200);
    }
}

test('as many viewers as may be: the next one waits until a place is free', async () => {
    test.setTimeout(patience(90_000));
    const cast = await start({ max_viewers: '1' });
    try {
        await watches(cast, cast.first);
        await closed(cast);
        expect((await list(cast, cast.first)).status).toBe(200);
        const again = await watch(cast, cast.first); // another way, the same viewer
        expect(again.status).toBe(201);
        expect(await load(cast.staff)).toMatchObject({ full: 'viewers', viewers: 1, refused: 3 });
        await fetch(cast.server.url + again.headers.get('location'), { method: 'DELETE' });
        await watches(cast, cast.second); // the first one asks for nothing any more
    } finally {
        expect(await cast.server.stop()).toBe(0);
    }
});

test('a serving thread at its limit: nobody new until it is calm again @plain', async () => {
    test.setTimeout(patience(90_000));
    const cast = await start({ max_load: '3' });
    let busy = true;
    const ask = async () => {
        while (busy) {
            await fetch(`${cast.server.url}/healthz`);
        }
    };
    try {
        await watches(cast, cast.first);
        const asking = Promise.all(Array.from({ length: 8 }, ask));
        await until('it is full', patience(30_000), async () => {
            expect((await list(cast, cast.first)).status).toBe(200); // it goes on watching
            return (await load(cast.staff)).full === 'load';
        });
        await closed(cast);
        expect((await list(cast, cast.first)).status).toBe(200);
        busy = false;
        await asking;
        expect(cast.server.log).toContain('new viewers are refused');
        await watches(cast, cast.second);
        expect(cast.server.log).toContain('new viewers are let in again');
    } finally {
        busy = false;
        expect(await cast.server.stop()).toBe(0);
    }
});

test('little memory left: nobody new', async () => {
    test.setTimeout(patience(60_000));
    const cast = await start({ min_memory: '1048576G' });
    try {
        await until(
            'it is full',
            patience(20_000),
            async () => (await load(cast.staff)).full === 'memory',
        );
        await until(
            'there is a picture',
            patience(20_000),
            async () => (await list(cast, cast.staff)).ok,
        );
        await closed(cast);
    } finally {
        expect(await cast.server.stop()).toBe(0);
    }
});

/** An answer that is read as slowly as the caller likes. */
function open(url: string, options: RequestOptions): Promise<IncomingMessage> {
    const get = url.startsWith('https:') ? getTls : getPlain;
    return new Promise((done, fail) => get(url, options, done).on('error', fail));
}

test('recordings under load: no new download, and one that runs goes on @plain', async () => {
    test.setTimeout(patience(120_000));
    const cast = await start({ max_load: '3', public_feeds: 'yes' });
    const { server, staff, first, second } = cast;
    /** Without a sign-in, from an address of this machine. */
    const nobody = async (localAddress: string) => {
        const url = `${server.url}/feeds/recordings/${server.session}/recording.mp4`;
        const answer = await open(url, { method: 'HEAD', localAddress });
        answer.resume();
        return answer.statusCode;
    };
    await staff.json('PATCH', `/api/v1/sessions/${server.session}`, { access: 'open' });
    const folder = `/recordings/${server.session}/`;
    const there = async () => (await first.ask('GET', `${folder}manifest.json`)).status === 200;
    let busy = true;
    let asking: Promise<unknown> = Promise.resolve();
    const ask = async () => {
        while (busy) {
            await fetch(`${server.url}/healthz`);
        }
    };
    try {
        await watches(cast, first);
        await staff.state(server.session, 'ended');
        await until('it can be downloaded', patience(30_000), there);
        // more than sockets hold
        truncateSync(join(server.data, 'recordings', server.session, 'recording.mp4'), BYTES);
        await until(
            'it is public',
            patience(10_000),
            async () => (await nobody('127.0.0.1')) === 200,
        );
        const running = await open(`${server.url}${folder}recording.mp4`, {
            headers: first.headers,
        });
        let bytes = 0;
        const read = () => {
            bytes += running.read()?.length ?? 0;
        };
        asking = Promise.all(Array.from({ length: 8 }, ask));
        await until('it is full', patience(30_000), async () => {
            read();
            return (await load(staff)).full === 'load';
        });
        for (const name of ['main.m3u8', 'recording.mp4', 'audio.m4a']) {
            const refused = await second.ask('GET', folder + name);
            expect(refused.status, name).toBe(503);
            expect(refused.headers.get('retry-after')).toBe('30');
            expect(((await refused.json()) as { code: string }).code).toBe('no-place');
            expect((await staff.ask('HEAD', folder + name)).status, name).toBe(200);
        }
        expect([await nobody('127.0.0.1'), await nobody('127.0.0.2')]).toEqual([200, 503]);
        expect((await second.ask('GET', `${folder}manifest.json`)).status).toBe(200);
        expect((await first.ask('GET', `${folder}main.m3u8`)).status).toBe(200);
        expect(bytes).toBeLessThan(BYTES);
        for await (const chunk of running) {
            bytes += chunk.length;
        }
        expect(bytes).toBe(BYTES);
        busy = false;
        await until(
            'new ones are let in again',
            patience(30_000),
            async () => (await second.ask('HEAD', `${folder}recording.mp4`)).ok,
        );
    } finally {
        busy = false;
        await asking;
        expect(await server.stop()).toBe(0);
    }
});
