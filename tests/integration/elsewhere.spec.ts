// SPDX-License-Identifier: GPL-3.0-or-later
// Pages and players of other sites: signed paths and bearers answer them, cookies never do.
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { offer } from '../lib/offer';
import { Server } from '../lib/server';
import { slow, until } from '../lib/time';

const elsewhere = { Origin: 'https://player.example' };
const fragment = 'application/trickle-ice-sdpfrag';

test.describe.configure({ mode: 'serial' }); // one server, live and then as a recording
let server: Server;
let staff: Api;
let attendee: Api;
let hls: string; // signed paths
let whep: string;

const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(server.url + path, { method, headers: { ...elsewhere, ...headers }, body });
const post = (path: string, headers: Record<string, string> = {}) =>
    call('POST', path, { 'Content-Type': 'application/sdp', ...headers }, offer);
const patch = (path: string, headers: Record<string, string> = {}) =>
    call('PATCH', path, { 'Content-Type': fragment, ...headers }, 'a=end-of-candidates\r\n');

/** Whether a page of another site may read the answer, and these headers of it. */
function expectReadable(answer: Response, ...names: string[]): void {
    expect(answer.headers.get('access-control-allow-origin'), answer.url).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const exposed = (answer.headers.get('access-control-expose-headers') ?? '')
        .toLowerCase()
        .split(/, */);
    for (const name of names) {
        expect(exposed).toContain(name);
        expect(answer.headers.get(name), name).not.toBeNull();
    }
}

async function expectPreflight(path: string, method: string, asked: string): Promise<Response> {
    const answer = await call('OPTIONS', path, {
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': asked,
    });
    expect(answer.ok, path).toBe(true);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect((answer.headers.get('access-control-allow-methods') ?? '').split(/, */)).toContain(
        method,
    );
    const taken = (answer.headers.get('access-control-allow-headers') ?? '')
        .toLowerCase()
        .split(/, */);
    for (const name of asked.split(',')) {
        expect(taken).toContain(name);
    }
    return answer;
}

test.beforeAll(async () => {
    server = await Server.start({
        conf: {
            rtc: { listen: '127.0.0.1:0', ice_servers: 'stun:127.0.0.1:3478' },
            programme: { encoder: 'small' },
        },
    });
    staff = await Api.signIn(server.staff);
    attendee = await Api.signIn(server.attend);
    const made = await attendee.json<{ path: string; whep: string }>(
        'GET',
        `/api/v1/sessions/${server.session}/media-path`,
    );
    hls = made.path;
    whep = made.whep;
    await until(
        'tracks',
        20_000 * slow,
        async () => (await post(whep)).status === 201 || undefined,
    );
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
    expect(server.log).not.toMatch(/critical/i);
});

test('OPTIONS needs no sign-in, and says what WHEP takes', async () => {
    const endpoint = `/sessions/${server.session}/whep`;
    for (const path of [endpoint, whep]) {
        const answer = await expectPreflight(path, 'POST', 'authorization,content-type');
        expect(answer.headers.get('accept-post')).toBe('application/sdp');
    }
    const resource = await expectPreflight(
        `${endpoint}/anything`,
        'PATCH',
        'content-type,if-match',
    );
    expect(resource.headers.get('accept-patch')).toBe(fragment);
    await expectPreflight(`${endpoint}/anything`, 'DELETE', 'authorization');
    await expectPreflight(`${hls}main.m3u8`, 'GET', 'range');
    await expectPreflight(`/recordings/${server.session}/main.m3u8`, 'GET', 'authorization,range');
    await expectPreflight('/api/v1/sessions', 'GET', 'authorization');
    for (const [path, headers] of [
        [whep, {}],
        [endpoint, attendee.headers],
    ] as const) {
        // MediaMTX's reader asks here
        expectReadable(await call('OPTIONS', path, headers), 'link', 'accept-post');
    }
    const plain = await fetch(server.url + endpoint, { method: 'OPTIONS' });
    expect(plain.headers.get('link')).toBeNull(); // TURN's credentials are for viewers
    expect(plain.status).toBe(200);
    expect(plain.headers.get('allow')).toBe('OPTIONS, POST');
    expect((await call('OPTIONS', '/nothing/here')).status).toBe(404);
    const signIn = await call('OPTIONS', '/api/v1/sign-in', {
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
    });
    expect(signIn.headers.get('access-control-allow-origin')).toBeNull();
});

test('WHEP by a bearer: the answer is readable, and the resource needs no header', async () => {
    const answer = await post(`/sessions/${server.session}/whep`, attendee.headers);
    expect(answer.status).toBe(201);
    expectReadable(answer, 'location', 'etag', 'link', 'accept-patch');
    const place = answer.headers.get('location') ?? '';
    expect(/\/whep\/\w{26,}\.[0-9a-f]{32}$/.test(place)).toBe(true); // 128 bits, and a signature
    const trickled = await patch(place);
    expect(trickled.status).toBe(204);
    expectReadable(trickled);
    const guess = place.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const wrong of [guess, `/sessions/other/whep/${place.split('/').pop()}`]) {
        expect((await patch(wrong)).status).toBe(404);
        expect((await call('DELETE', wrong)).status).toBe(404);
    }
    expect((await patch(place)).status).toBe(204);
    expectReadable(await call('DELETE', place));
    await until(
        'it is gone',
        2000 * slow,
        async () => (await patch(place)).status === 404 || undefined,
    );
});

test('a refused bearer is told to other sites too', async () => {
    const answer = await post(`/sessions/${server.session}/whep`, {
        Authorization: 'Bearer nobody',
    });
    expect(answer.status).toBe(401);
    expectReadable(answer);
});

test('a cookie gives another site neither a right nor an answer', async () => {
    const cookie = {
        Cookie: `${server.url.startsWith('https:') ? '__Host-' : ''}majlis=${staff.token}`,
    };
    expect((await fetch(`${server.url}/api/v1/me`, { headers: cookie })).status).toBe(200); // it is a good one
    const asked: [string, string][] = [
        ['GET', '/api/v1/me'],
        ['GET', `/sessions/${server.session}/hls/main.m3u8`],
        ['GET', `/recordings/${server.session}/main.m3u8`],
        ['POST', `/sessions/${server.session}/whep`],
        ['POST', `/api/v1/sessions/${server.session}/state`],
    ];
    for (const [method, path] of asked) {
        const answer = await call(method, path, cookie, method === 'POST' ? '{}' : undefined);
        expect(answer.status, path).toBe(method === 'GET' ? 401 : 403);
        expect(
            [...answer.headers.keys()].filter((name) => name.startsWith('access-control')),
        ).toEqual([]);
    }
});

test('live by signed paths: readable, and gone with the invitation', async () => {
    expectReadable(await call('GET', `${hls}main.m3u8`));
    const made = await staff.json<{ id: string; url: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/invitations`,
        { name: 'Guest', role: 'attendee' },
    );
    const guest = await Api.signIn(made.url);
    const theirs = await guest.json<{ path: string; whep: string }>(
        'GET',
        `/api/v1/sessions/${server.session}/media-path?minutes=480`,
    );
    expect(theirs.whep).toBe(`${theirs.path}whep`);
    expect(
        (
            await post(
                theirs.whep.replace(/.\/whep$/, (end) => (end[0] === 'A' ? 'B/whep' : 'A/whep')),
            )
        ).status,
    ).toBe(403);
    const answer = await post(theirs.whep);
    expect(answer.status).toBe(201);
    expectReadable(answer, 'location', 'etag', 'link', 'accept-patch');
    const place = answer.headers.get('location') ?? '';
    expect((await patch(place)).status).toBe(204);
    await staff.json('DELETE', `/api/v1/sessions/${server.session}/invitations/${made.id}`);
    await until(
        'the viewer ended',
        2000 * slow,
        async () => (await patch(place)).status === 404 || undefined,
    );
    const refused = await post(theirs.whep);
    expect(refused.status).toBe(403);
    expectReadable(refused);
});

test('a viewer over WebRTC ends with the sign-in that it was asked for with, also by a signed path', async () => {
    const link = await staff.invite(server.session, 'attendee', 'Two devices');
    const [phone, laptop] = [await Api.signIn(link), await Api.signIn(link)];
    const theirs = await phone.json<{ whep: string }>(
        'GET',
        `/api/v1/sessions/${server.session}/media-path?minutes=480`,
    );
    const endpoint = `/sessions/${server.session}/whep`;
    const answers = [
        await post(endpoint, phone.headers),
        await post(theirs.whep),
        await post(endpoint, laptop.headers),
    ];
    const places = answers.map((answer) => answer.headers.get('location') ?? '');
    const statuses = () => Promise.all(places.map(async (place) => (await patch(place)).status));
    expect(await statuses()).toEqual([204, 204, 204]);
    await phone.json('POST', '/api/v1/sign-out', {});
    await until(
        'both viewers of the phone ended',
        2000 * slow,
        async () => (await statuses()).join() === '404,404,204' || undefined,
    );
    expect((await call('DELETE', places[2])).status).toBe(200);
});

test('what is refused before a handler sees it is told to other sites too, where a handler would be', async () => {
    const bearer = attendee.headers;
    const large = 'x'.repeat(100_000);
    for (const [status, answer] of [
        [405, await call('PUT', whep)],
        [405, await call('POST', `${hls}main.m3u8`)],
        [405, await call('PUT', `/sessions/${server.session}/whep/anything`)],
        [405, await call('DELETE', '/api/v1/me', bearer)],
        [404, await call('GET', '/api/v1/nothing', bearer)],
        [413, await call('POST', whep, { 'Content-Type': 'application/sdp' }, large)],
        [
            413,
            await call(
                'PATCH',
                `/sessions/${server.session}/whep/anything`,
                { 'Content-Type': fragment },
                large,
            ),
        ],
    ] as const) {
        expect(answer.status, answer.url).toBe(status);
        expectReadable(answer);
    }
    for (const answer of [await call('PUT', '/api/v1/me'), await call('GET', '/api/v1/nothing')]) {
        expect(answer.headers.get('access-control-allow-origin'), answer.url).toBeNull();
    }
});

test('the player page that staff make for another site has the rights of an attendee', async () => {
    const at = `/api/v1/sessions/${server.session}/media-path`;
    const made = await staff.json<{ path: string; embed: string }>('GET', at);
    const shown = `/sessions/${server.session}/hls/${made.embed.split('#')[1]}/`;
    const audiences: (string | null)[] = [];
    for (const path of [made.path, shown]) {
        audiences.push((await call('GET', `${path}check`)).headers.get('x-majlis-audience'));
    }
    expect(audiences).toEqual(['privileged', 'public']);
});

test('a recording by its signed path: playlists, segments, ranges of the MP4', async () => {
    const at = `/api/v1/recordings/${server.session}/media-path`;
    expect((await attendee.ask('GET', at)).status).toBe(403); // not before it is published
    const early = await staff.json<{ path: string; embed: string }>('GET', at);
    const shown = `/recordings/${server.session}/${early.embed.split('#')[1]}/`;
    expect((await call('GET', `${shown}main.m3u8`)).status).toBe(403); // nor by the page that staff make
    await staff.state(server.session, 'ended');
    await until('it is published', 20_000 * slow, async () => (await attendee.ask('GET', at)).ok);
    const { path } = await attendee.json<{ path: string }>('GET', `${at}?minutes=480`);
    expect((await attendee.ask('GET', `${at}?minutes=481`)).status).toBe(400);
    expect(path).toMatch(new RegExp(`^/recordings/${server.session}/t-[\\w-]+/$`));
    const read = async (name: string) => {
        const answer = await call('GET', path + name);
        expect(answer.status, name).toBe(200);
        expectReadable(answer);
        return answer.text();
    };
    const main = await read('main.m3u8');
    const folder = (name: string) => name.replace(/[^/]*$/, '');
    const list = main.split('\n').find((line) => line && !line.startsWith('#')) ?? '';
    const first =
        (await read(list)).split('\n').find((line) => line && !line.startsWith('#')) ?? '';
    expect(first).not.toMatch(/^\/|:/); // relative: it stays under the token
    await read(folder(list) + first);
    await until(
        'the MP4',
        20_000 * slow,
        async () => (await call('HEAD', `${path}recording.mp4`)).ok,
    );
    const part = await call('GET', `${path}recording.mp4`, { Range: 'bytes=4-7' });
    expect(part.status).toBe(206);
    expect(await part.text()).toBe('ftyp');
    expectReadable(part, 'content-range', 'etag', 'accept-ranges');
    const wrong = await call(
        'GET',
        `${path.replace(/.\/$/, (end) => (end[0] === 'A' ? 'B/' : 'A/'))}main.m3u8`,
    );
    expect(wrong.status).toBe(403);
    expectReadable(wrong);
});
