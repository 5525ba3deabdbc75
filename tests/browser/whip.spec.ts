// SPDX-License-Identifier: GPL-3.0-or-later
// A speaker with a browser: its camera over WHIP is the programme, and a viewer sees it.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { age, FAKE_DEVICES, publish } from '../lib/publish';
import { Server } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' });
test.use({ launchOptions: { executablePath: '/usr/bin/chromium', args: FAKE_DEVICES } });

let server: Server;
let staff: Api;
let speaker: Api;
let context: BrowserContext;
let studio: Page;

interface Health {
    sessions: {
        programme: {
            state: string;
            code: string | null;
            inputs: { input: string; taken: boolean; connected: boolean; packets: number }[];
        };
    }[];
}
const programme = async () =>
    (await staff.json<Health>('GET', '/api/v1/health')).sessions[0]?.programme;
const becomes = (state: string) =>
    until(`the source is ${state}`, patience(15_000), async () => {
        return (await programme())?.state === state;
    });
const address = (input = 'speaker') => `${server.url}/sessions/${server.session}/whip/${input}`;
const opened = async () => {
    const page = await context.newPage();
    await page.goto(`${server.url}/ar/`);
    return page;
};

test.beforeAll(async ({ browser }) => {
    server = await Server.start({ source: 'whip:speaker' });
    staff = await Api.signIn(server.staff);
    speaker = await Api.signIn(await staff.invite(server.session, 'speaker', 'Expert'));
    context = await browser.newContext({ permissions: ['camera', 'microphone'] });
    studio = await opened();
});
test.afterAll(async () => {
    await context?.close();
    expect(await server?.stop()).toBe(0);
});

test('a picture is the programme; a viewer sees it soon after', async () => {
    await becomes('failed');
    expect((await programme())?.code).toBe('source-not-published');
    const said = await publish(studio, address(), speaker.token, { picture: 'clock' });
    expect(said.status, said.text).toBe(201);
    expect(said.text).toContain('H264/90000');
    await becomes('playing');
    const viewer = await opened();
    await viewer.goto(server.attend);
    const ages: number[] = [];
    await until('the clock is read', patience(40_000), async () => {
        const one = await age(viewer);
        if (one !== null && one < 5000) {
            ages.push(one);
        }
        return ages.length >= 40;
    });
    ages.sort((a, b) => a - b);
    console.log(
        `printed: WHIP, glass to glass: median ${ages[20]} ms, 90 % ${ages[36]} ms, of ${ages.length} pictures`,
    );
    await viewer.close();
});

test('an input is of one publisher; staff take it over; who left is told', async () => {
    const other = await Api.signIn(await staff.invite(server.session, 'speaker', 'Second expert'));
    const second = await opened();
    const refused = await publish(second, address(), other.token);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text).code).toBe('input-taken');
    expect((await publish(second, address('nothing'), other.token)).status).toBe(404);
    const attendee = await Api.signIn(await staff.invite(server.session, 'attendee', 'Officer'));
    expect((await publish(second, address(), attendee.token)).status).toBe(403);
    expect((await publish(second, address('guest'), other.token)).status).toBe(201);
    const taken = await publish(second, address(), staff.token);
    expect(taken.status, taken.text).toBe(201);
    await until('the first one is told', patience(15_000), () =>
        studio.evaluate(() => {
            const { publisher } = window as unknown as { publisher: RTCPeerConnection };
            return publisher.connectionState !== 'connected';
        }),
    );
    await becomes('playing');
    const gone = await fetch(`${server.url}${taken.place}`, { method: 'DELETE' });
    expect(gone.status).toBe(200);
    await becomes('failed');
    await second.close();
});

test('a browser that dies is replaced by the slate, and comes back', async () => {
    const fragile = await opened();
    await publish(fragile, address(), speaker.token);
    await becomes('playing');
    await fragile.close();
    const died = Date.now();
    await becomes('failed');
    const slate = Date.now() - died;
    const again = await opened();
    await publish(again, address(), speaker.token); // its own place
    const returned = Date.now();
    await becomes('playing');
    console.log(
        `printed: WHIP: slate ${slate} ms after the browser died, back ${Date.now() - returned} ms after its return`,
    );
    await again.close();
    await becomes('failed');
});

test('an encoder publishes with the key of its input, until another is made', async () => {
    interface Place {
        path: string;
        key: string | null;
    }
    const at = `/api/v1/sessions/${server.session}/inputs`;
    const { items } = await staff.json<{ items: Place[] }>('GET', at);
    expect(items.map(({ key }) => key)).toEqual([null, null, null]);
    const { key, path } = await staff.json<Place>('PUT', `${at}/speaker/key`);
    const encoder = await opened();
    await until('the place of who left is free', patience(10_000), async () => {
        return (await publish(encoder, server.url + path, String(key))).status === 201;
    });
    await becomes('playing');
    expect((await publish(encoder, address('guest'), String(key))).status).toBe(401); // another input
    const whep = await fetch(`${server.url}/sessions/${server.session}/whep`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${key}` },
        body: 'v=0',
    });
    expect(whep.status).toBe(401); // it opens nothing else
    const next = await staff.json<Place>('PUT', `${at}/speaker/key`);
    await becomes('failed'); // who published with the old one has ended
    expect((await publish(encoder, address(), String(key))).status).toBe(401);
    expect((await publish(encoder, address(), String(next.key))).status).toBe(201);
    await becomes('playing');
    await staff.json('DELETE', `${at}/speaker/key`);
    await becomes('failed');
    await encoder.close();
});

test('VP8 where it is all there is; what cannot be taken is refused with the reason', async () => {
    const said = await publish(studio, address(), speaker.token, { codec: 'video/VP8' });
    expect(said.status, said.text).toBe(201);
    expect(said.text).toContain('VP8/90000');
    await becomes('playing');
    const head = await studio.evaluate(async () => {
        const peer = new RTCPeerConnection();
        peer.addTransceiver('video', { direction: 'recvonly' });
        const { sdp } = await peer.createOffer();
        peer.close();
        return sdp;
    });
    const send = (body: string, type = 'application/sdp') =>
        fetch(address(), {
            method: 'POST',
            headers: { ...speaker.headers, 'Content-Type': type },
            body,
        });
    expect((await send('hello', 'text/plain')).status).toBe(415);
    const refused = await send(String(head));
    expect(refused.status).toBe(400);
    expect((await refused.json()).detail).toContain('sends nothing');
    expect((await programme())?.state).toBe('playing'); // a bad offer ends nobody's publishing
});
