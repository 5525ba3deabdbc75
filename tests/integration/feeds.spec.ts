// SPDX-License-Identifier: GPL-3.0-or-later
// Calendars and podcasts to subscribe to: read by foreign programs, by everybody and by personal address.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import ICAL from 'ical.js';
import { Api, type Chapter, type Feeds, type Session } from '../lib/api';
import * as media from '../lib/media';
import { finished } from '../lib/recording';
import { majlis, root, Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server, in this order

interface Event {
    uid: string;
    summary: string;
    description: string;
    status: string;
    start: string;
    end: string;
}
interface Episode {
    id: string;
    title: string;
    summary: string;
    link: string;
    published: number[];
    duration: string;
    image: string;
    enclosures: { url: string; type: string; length: number }[];
}

let server: Server;
let staff: Api;
let attendee: Api;
const TITLE =
    'الاتصال الحكومي وقت الأزمات: كيف نبني الثقة، ومتى نتحدث؟ «60 دقيقة»; A\\B, نقاش مفتوح 🎙️';

const python = <T>(kind: 'ics' | 'rss', text: string): T =>
    JSON.parse(
        execFileSync('/usr/bin/python3', [join(root, 'tests/peers/feeds.py'), kind], {
            input: text,
            encoding: 'utf8',
        }),
    );

/** By python3-icalendar, and by ical.js, which must have understood the same. */
function events(text: string): Event[] {
    const one = python<{ events: Event[] }>('ics', text).events;
    const two = new ICAL.Component(ICAL.parse(text))
        .getAllSubcomponents('vevent')
        .map((component) => new ICAL.Event(component));
    expect(
        two.map((event) => [
            event.uid,
            event.summary,
            event.description,
            event.startDate.toJSDate(),
        ]),
    ).toEqual(
        one.map((event) => [event.uid, event.summary, event.description, new Date(event.start)]),
    );
    return one;
}

const ask = (url: string, headers: Record<string, string> = {}) =>
    fetch(url, { headers, redirect: 'manual' });

async function read(url: string): Promise<string> {
    const answer = await ask(url);
    expect(answer.status, url).toBe(200);
    return answer.text();
}

async function session(api: Api, title: string, access: 'open' | 'invited'): Promise<string> {
    const made = await api.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: title, en: 'Trust' },
        speakers: [{ name: { ar: 'مريم الهاشمي', en: 'Maryam' }, role: { ar: 'خبيرة', en: '' } }],
        starts_at: '2031-03-01T10:00:00Z',
        duration_minutes: 90,
        access,
    });
    return made.id;
}

const feedsOf = (api: Api, method: 'GET' | 'POST' = 'GET') =>
    api.json<Feeds>(method, '/api/v1/me/feeds', method === 'POST' ? {} : undefined);
const guest = async (id: string, name: string) =>
    Api.signIn(await staff.invite(id, 'attendee', name));
const uids = (list: Event[]) => list.map(({ uid }) => uid.replace('@majlis', '')).sort();

test.beforeAll(async () => {
    server = await Server.start({
        conf: { log: { requests: 'yes' }, server: { public_feeds: 'yes' } },
    });
    staff = await Api.signIn(server.staff);
    attendee = await Api.signIn(server.attend);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

let open = '';
let closed = '';

test('the calendar: open sessions for everybody, one more for who is invited to it', async () => {
    const calendar = `${server.url}/feeds/sessions.ics`;
    expect(events(await read(calendar))).toEqual([]); // the demo is by invitation
    open = await session(staff, TITLE, 'open');
    closed = await session(staff, 'مغلقة', 'invited');
    const own = await guest(closed, 'سالم');
    const { sessions } = await feedsOf(own);
    const [event, ...rest] = events(await read(calendar));
    expect(rest).toEqual([]);
    expect(event).toMatchObject({
        uid: `${open}@majlis`,
        summary: TITLE,
        status: 'CONFIRMED',
        start: '2031-03-01T10:00:00+00:00',
        end: '2031-03-01T11:30:00+00:00',
    });
    expect(event.description).toContain('مريم الهاشمي - خبيرة\n');
    expect(uids(events(await read(sessions)))).toEqual([open, closed].sort());
    expect(events(await read(`${calendar}?lang=en`))[0].summary).toBe('Trust');
    await staff.state(open, 'cancelled');
    expect(events(await read(calendar))[0].status).toBe('CANCELLED');
});

test('who has it already is told so, until something changes', async () => {
    for (const url of [`${server.url}/feeds/sessions.ics`, (await feedsOf(attendee)).sessions]) {
        const first = await ask(url);
        const etag = String(first.headers.get('etag'));
        const modified = String(first.headers.get('last-modified'));
        const own = url.includes('/t-');
        expect(first.headers.get('cache-control')).toBe(
            `${own ? 'private' : 'public'}, max-age=300`,
        );
        expect((await ask(url, { 'If-None-Match': etag })).status).toBe(304);
        expect((await ask(url, { 'If-Modified-Since': modified })).status).toBe(304);
        const past = 'Wed, 01 Jan 2025 00:00:00 GMT';
        expect((await ask(url, { 'If-Modified-Since': past })).status).toBe(200);
        const both = { 'If-None-Match': '"x"', 'If-Modified-Since': modified };
        expect((await ask(url, both)).status).toBe(200);
        expect((await fetch(url, { method: 'HEAD' })).headers.get('etag')).toBe(etag);
        const added = await session(staff, 'أخرى', 'open');
        const second = await ask(url, { 'If-None-Match': etag });
        expect(second.status).toBe(200);
        expect(await second.text()).toContain(added);
        expect((await staff.ask('DELETE', `/api/v1/sessions/${added}`)).status).toBe(204);
        expect(await read(url)).not.toContain(added);
    }
});

test('an address is of one person, opens nothing else, and ends when it is replaced', async () => {
    const { sessions } = await feedsOf(attendee);
    expect(await feedsOf(attendee)).toEqual({
        sessions,
        recordings: sessions.replace('sessions.ics', 'recordings.rss'),
    });
    const other = await guest(closed, 'هدى');
    const others = (await feedsOf(other)).sessions;
    expect(others).not.toBe(sessions);
    expect(uids(events(await read(sessions)))).toEqual([open, server.session].sort());
    expect(uids(events(await read(others)))).toEqual([open, closed].sort());

    const token = String(/\/(t-[\w-]+)\//.exec(sessions)?.[1]);
    for (const secret of [token, token.slice(2)]) {
        const headers = { Authorization: `Bearer ${secret}`, Cookie: `majlis=${secret}` };
        expect((await ask(`${server.url}/api/v1/me`, headers)).status).toBe(401);
    }
    const path = `/sessions/${server.session}/hls/${token}/main.m3u8`;
    expect((await ask(server.url + path)).status).toBe(403);
    const cookie = { Cookie: `majlis=${other.token}` };
    expect(uids(events(await (await ask(sessions, cookie)).text()))).toContain(server.session);
    const { path: signed } = await attendee.json<{ path: string }>(
        'GET',
        `/api/v1/sessions/${server.session}/media-path`,
    );
    const wrong = [token.replace(/.$/, (one) => (one === 'A' ? 'B' : 'A')), 't-', 't-x'];
    for (const bad of [...wrong, `${token}A`, String(/t-[\w-]+/.exec(signed))]) {
        const answer = await ask(sessions.replace(token, bad));
        expect([403, 404], bad).toContain(answer.status);
    }
    expect((await ask(`${server.url}/api/v1/me/feeds`)).status).toBe(401);

    const { sessions: replaced } = await feedsOf(attendee, 'POST');
    expect(replaced).not.toBe(sessions);
    expect((await ask(sessions)).status).toBe(403);
    expect(await read(replaced)).toContain('BEGIN:VCALENDAR');
    expect(await read(others)).toContain('BEGIN:VCALENDAR');
});

test('the podcast: both files and the chapters, and none for who may not', async () => {
    test.setTimeout(patience(120_000));
    const { recordings } = await feedsOf(attendee);
    const podcast = `${server.url}/feeds/recordings.rss`;
    const live = `/sessions/${server.session}/hls/v360p.m3u8`;
    await until('media', patience(20_000), async () => (await staff.ask('GET', live)).ok);
    await staff.json<Chapter>('POST', `/api/v1/sessions/${server.session}/chapters`, {
        title: { ar: 'افتتاح & <ترحيب>', en: 'Opening' },
    });
    // a picture of each fifth second is kept, and the poster is one of them
    await until('twelve seconds of it', patience(30_000), async () =>
        /(#EXTINF[\s\S]*){6}/.test(await (await staff.ask('GET', live)).text()),
    );
    await staff.json('PATCH', `/api/v1/sessions/${server.session}`, {
        title: { ar: TITLE, en: 'Trust & <crisis>' },
    });
    await staff.state(server.session, 'ended');
    await finished(staff, server.session);
    const items = (text: string) => python<{ bozo: boolean; items: Episode[] }>('rss', text).items;
    expect(items(await read(podcast))).toEqual([]);
    const [episode] = await until('the sound is ready', patience(60_000), async () => {
        const found = items(await read(recordings));
        return found[0]?.enclosures[0]?.type === 'audio/mp4' && !!found[0].image && found;
    });
    expect(episode).toMatchObject({ id: `${server.session}@majlis`, title: TITLE });
    expect(episode.summary).toContain('Trust &amp; &lt;crisis&gt;');
    const { live_at } = await staff.read(server.session);
    const [year, month, ...time] = episode.published.slice(0, 6);
    expect(Date.UTC(year, month - 1, ...time)).toBe(
        Math.floor(Date.parse(String(live_at)) / 1000) * 1000,
    );

    const text = await read(recordings);
    execFileSync('xmllint', ['--noout', '-'], { input: text });
    const xpath = (query: string) =>
        execFileSync('xmllint', ['--xpath', `string(${query})`, '-'], {
            input: text,
            encoding: 'utf8',
        }).trim();
    const alternate = "//*[local-name()='alternateEnclosure'][@type='video/mp4']";
    const video = xpath(`${alternate}/*[local-name()='source']/@uri`);
    const parts = [
        { url: episode.enclosures[0].url, length: episode.enclosures[0].length, streams: 1 },
        { url: video, length: Number(xpath(`${alternate}/@length`)), streams: 2 },
    ];
    for (const { url, length, streams } of parts) {
        const asked = await ask(url, { Range: 'bytes=0-9' });
        expect(asked.status).toBe(302);
        const target = new URL(String(asked.headers.get('location')), server.url).href;
        const part = await ask(target, { Range: 'bytes=0-9' });
        expect(part.status).toBe(206);
        expect(part.headers.get('content-range')).toBe(`bytes 0-9/${length}`);
        const probed = media.probe(url);
        expect(probed.streams.length).toBeGreaterThanOrEqual(streams);
        const seconds = Number(probed.format.duration);
        expect(Math.abs(Number(episode.duration) - seconds)).toBeLessThan(1.5);
    }
    const chapters = xpath("//*[local-name()='chapters']/@url");
    const told = await ask(chapters);
    expect(told.headers.get('content-type')).toBe('application/json+chapters');
    expect(await told.json()).toMatchObject({
        version: '1.2.0',
        chapters: [{ startTime: expect.any(Number), title: 'افتتاح & <ترحيب>' }],
    });
});

test('a podcast of an open session needs no sign-in; rights are asked at each request', async () => {
    const podcast = `${server.url}/feeds/recordings.rss`;
    const file = `${server.url}/feeds/recordings/${server.session}/audio.m4a`;
    expect((await ask(file)).status).toBe(401);
    const access = (to: 'open' | 'invited') =>
        staff.json('PATCH', `/api/v1/sessions/${server.session}`, { access: to });
    await access('open');
    const { items } = python<{ items: Episode[] }>('rss', await read(podcast));
    expect(items.map((item) => item.enclosures[0].url)).toEqual([file]);
    expect(media.probe(file).streams[0].codec_name).toBe('aac');
    expect(items[0].image).toBe(file.replace('audio.m4a', 'poster.jpg'));
    expect((await ask(items[0].image)).status).toBe(200);
    expect((await ask(`${server.url}/recordings/${server.session}/audio.m4a`)).status).toBe(401);

    const other = await guest(closed, 'خليفة'); // sees it because it is open
    const theirs = file.replace(
        '/feeds/',
        `${new URL('.', (await feedsOf(other)).sessions).pathname}`,
    );
    const lent = String((await ask(theirs)).headers.get('location'));
    expect((await ask(server.url + lent)).status).toBe(200);
    await access('invited');
    expect((await ask(file)).status).toBe(401);
    expect((await ask(theirs)).status).toBe(404);
    expect((await ask(server.url + lent)).status).toBe(403);
    expect(await read(podcast)).not.toContain(server.session);
});

test('an address ends with the person, at once and for files under way', async () => {
    const link = await staff.invite(server.session, 'attendee', 'منى');
    const api = await Api.signIn(link);
    const { recordings } = await feedsOf(api);
    const file = recordings.replace('recordings.rss', `recordings/${server.session}/audio.m4a`);
    const lent = async () => server.url + String((await ask(file)).headers.get('location'));
    const first = await lent();
    expect((await ask(first)).status).toBe(200);
    await feedsOf(api, 'POST');
    expect((await ask(first)).status).toBe(403); // replaced
    const next = (await feedsOf(api)).recordings;
    expect((await api.ask('GET', '/api/v1/me')).status).toBe(200); // the sign-in stays
    const { person } = await api.json<{ person: string }>('GET', '/api/v1/me');
    const conf = ['--data', server.data, '--config', join(server.data, 'test.conf')];
    const done = majlis('user', 'disable', person, ...conf);
    expect(done.status, done.text).toBe(0);
    await until('it has ended', patience(10_000), async () => (await ask(next)).status === 403);
    expect((await ask(next.replace('recordings.rss', 'sessions.ics'))).status).toBe(403);

    const revoked = await guest(closed, 'عائشة');
    const { sessions } = await feedsOf(revoked);
    expect(uids(events(await read(sessions)))).toContain(closed);
    const list = `/api/v1/sessions/${closed}/invitations`;
    const { items } = await staff.json<{ items: { id: string; name: string }[] }>('GET', list);
    const { id } = items.find((one) => one.name === 'عائشة') as { id: string };
    expect((await staff.ask('DELETE', `${list}/${id}`)).status).toBe(204);
    expect((await ask(sessions)).status).toBe(403);
    expect(server.log).not.toMatch(/t-[\w-]{20}/);
});

test('without [server] public_feeds what is open needs a sign-in', async () => {
    const shut = await Server.start({ command: 'serve', data: temporaryFolder() });
    const own = await Api.signIn(staffLink(shut));
    const id = await session(own, TITLE, 'open');
    for (const name of ['sessions.ics', 'recordings.rss']) {
        expect((await ask(`${shut.url}/feeds/${name}`)).status).toBe(404);
    }
    for (const name of ['chapters.json', 'audio.m4a']) {
        expect((await ask(`${shut.url}/feeds/recordings/${id}/${name}`)).status).toBe(401);
    }
    expect(uids(events(await read((await feedsOf(own)).sessions)))).toEqual([id]);
    expect(await shut.stop()).toBe(0);
});
