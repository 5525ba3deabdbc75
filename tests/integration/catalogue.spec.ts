// SPDX-License-Identifier: GPL-3.0-or-later
// Lists of sessions and recordings by filters and pages, changes of many recordings at once, the settings.
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
    type Act,
    type ActList,
    Api,
    type Problem,
    type RecordingList,
    type Series,
    type SessionList,
    type SettingList,
    type Speaker,
    until,
} from '../lib/api';
import * as files from '../lib/files';
import { majlis, Server, staffLink, temporaryFolder } from '../lib/server';

test.describe.configure({ mode: 'default' }); // one server, in this order

const SECRET = 'rtsp://10.0.0.9/main?token=hush';

const exports = join(temporaryFolder(), 'exports');

let server: Server;
let staff: Api;
let attendee: Api;
let series: Series;
let speaker: Speaker;
const made: string[] = [];

const sessions = (parameters: Record<string, string>, api = staff) =>
    api.json<SessionList>('GET', `/api/v1/sessions?${new URLSearchParams(parameters)}`);
const recordings = (parameters: Record<string, string> = {}, api = staff) =>
    api.json<RecordingList>('GET', `/api/v1/recordings?${new URLSearchParams(parameters)}`);
const ids = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
const begin = (body: object) => staff.json<Act>('POST', '/api/v1/recordings/acts', body);
const acts = async () => (await staff.json<ActList>('GET', '/api/v1/recordings/acts')).items;
/** The act once it has ended. */
async function act(body: object): Promise<Act> {
    const { id, items, done } = await begin(body);
    expect([done, ...items.map(({ outcome }) => outcome)]).toEqual([
        0,
        ...items.map(() => 'waiting'),
    ]);
    return until('the act ends', 10_000, async () =>
        (await acts()).find((one) => one.id === id && one.ended_at !== null),
    );
}
const outcomes = ({ items }: Act) =>
    items.map(({ recording, outcome, code }) => [recording, outcome, code]);

test.beforeAll(async () => {
    server = await Server.start({ conf: { archive: { export_directory: exports } } });
    staff = await Api.signIn(server.staff);
    attendee = await Api.signIn(server.attend);
    series = await staff.json<Series>('POST', '/api/v1/series', { name: { en: 'Talks' } });
    speaker = await staff.json<Speaker>('POST', '/api/v1/speakers', {
        name: { ar: 'مريم الكتبي', en: 'Mariam' },
    });
    for (let day = 1; day <= 7; day++) {
        const { id } = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
            title: { ar: `لقاء الأزمات ${day}`, en: `Crisis ${day}` },
            starts_at: `2031-03-0${Math.min(day, 6)}T10:00:00Z`, // two at one time
            series: day % 2 ? series.id : null,
            speakers: day === 3 ? [{ id: speaker.id, name: speaker.name }] : [],
            tags: day === 4 ? ['الإعلام'] : [],
        });
        made.push(id);
    }
    await staff.state(made[6], 'cancelled');
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

test('all sessions come at once to who asks for no page', async () => {
    const { items, next } = await sessions({});
    expect(next).toBeNull();
    expect(items).toHaveLength(8); // and the one that is on
    const starts = items.map(({ starts_at }) => starts_at);
    expect(starts).toEqual([...starts].sort().reverse());
});

test('pages have each session once, in both orders, also when one on the edge goes', async () => {
    for (const order of ['latest', 'earliest']) {
        const seen: string[] = [];
        const narrowed = { order, limit: '2', from: '2031-01-01T00:00:00Z' };
        for (let cursor: string | null = ''; cursor !== null; ) {
            const page: SessionList = await sessions({ ...narrowed, ...(cursor && { cursor }) });
            expect(page.items.length).toBeLessThanOrEqual(2);
            seen.push(...ids(page));
            cursor = page.next;
        }
        expect(seen).toHaveLength(7);
        expect([...seen].sort()).toEqual([...made].sort());
        const whole = ids(await sessions({ order, from: '2031-01-01T00:00:00Z' }));
        expect(seen).toEqual(whole);
    }
    const { id: extra } = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title: { en: 'Gone soon' },
        starts_at: '2031-03-02T10:00:00Z',
    });
    const narrowed = { order: 'earliest', from: '2031-03-02T00:00:00Z', limit: '2' };
    const first = await sessions(narrowed);
    expect(ids(first)).toContain(extra);
    await staff.ask('DELETE', `/api/v1/sessions/${extra}`);
    const rest = await sessions({ ...narrowed, cursor: String(first.next) });
    expect(ids(rest)).toEqual([made[2], made[3]]);
});

test('filters narrow the list down', async () => {
    const future = { from: '2031-01-01T00:00:00Z', order: 'earliest' };
    expect(ids(await sessions({ ...future, series: series.id }))).toEqual([
        made[0],
        made[2],
        made[4],
        made[6],
    ]);
    expect(ids(await sessions({ speaker: speaker.id }))).toEqual([made[2]]);
    expect(ids(await sessions({ state: 'cancelled' }))).toEqual([made[6]]);
    expect(await sessions({ ...future, state: 'scheduled,cancelled' })).toMatchObject({
        items: { length: 7 },
    });
    expect(ids(await sessions({ q: 'ازمات اعلام' }))).toEqual([made[3]]);
    expect(ids(await sessions({ q: 'MARIAM' }))).toEqual([made[2]]);
    expect(
        ids(await sessions({ from: '2031-03-02T00:00:00Z', to: '2031-03-03T00:00:00Z' })),
    ).toEqual([made[1]]);
    expect(ids(await sessions({ q: 'nothing of the kind' }))).toEqual([]);
    expect(ids(await sessions({ ...future }, attendee))).toEqual([]); // not theirs
    expect(ids(await sessions({ limit: '5' }, attendee))).toEqual([server.session]);
});

test('a wrong parameter is named', async () => {
    for (const [query, code, field] of [
        ['limit=0', 'out-of-range', 'limit'],
        ['limit=201', 'out-of-range', 'limit'],
        ['cursor=x', 'bad-value', 'cursor'],
        ['cursor=1.%22', 'bad-value', 'cursor'],
        ['state=live,dead', 'bad-value', 'state'],
        ['order=random', 'bad-value', 'order'],
        ['series=%22', 'bad-value', 'series'],
        ['speaker=..', 'bad-value', 'speaker'],
        ['from=yesterday', 'bad-time', 'from'],
        ['to=2031-13-01T00:00:00Z', 'bad-time', 'to'],
        [`q=${'x'.repeat(201)}`, 'too-long', 'q'],
    ]) {
        for (const list of ['sessions', 'recordings']) {
            const answer = await staff.ask('GET', `/api/v1/${list}?${query}`);
            const problem = (await answer.json()) as Problem;
            expect([answer.status, problem.code, problem.field], query).toEqual([400, code, field]);
        }
    }
});

test('recordings are found by their state, with what they take in all', async () => {
    await staff.state(server.session, 'ended');
    const { recording } = await until('the recording is made', 60_000, async () => {
        const session = await staff.read(server.session); // a demo publishes by itself
        const whole = session.recording.steps.every(({ state }) => state === 'ready');
        return session.state === 'published' && whole && session;
    });
    expect(recording.bytes).toBeGreaterThan(0);
    const all = await recordings();
    expect(ids(all)).toEqual([server.session]);
    expect(all.total).toEqual({ count: 1, bytes: recording.bytes });
    expect(ids(await recordings({ state: 'published,failed' }))).toEqual([server.session]);
    for (const state of ['unpublished', 'failed', 'working', 'held', 'deleted']) {
        expect(await recordings({ state }), state).toEqual({
            items: [],
            next: null,
            total: { count: 0, bytes: 0 },
        });
    }
    expect((await recordings({ series: series.id })).items).toEqual([]);
});

test('an act changes many, and says of each what became of it', async () => {
    const path = `/recordings/${server.session}/main.m3u8`;
    expect((await attendee.ask('GET', path)).status).toBe(200);
    const taken = await act({
        act: 'unpublish',
        recordings: [server.session, made[0], 'nosession222', server.session],
    });
    expect(outcomes(taken)).toEqual([
        [server.session, 'done', null],
        [made[0], 'refused', 'not-ended'],
        ['nosession222', 'refused', 'no-session'],
    ]);
    expect(taken).toMatchObject({ act: 'unpublish', done: 3 });
    expect(taken.by).not.toBe('');
    expect((await staff.read(made[0])).state).toBe('scheduled');
    expect((await staff.read(server.session)).state).toBe('ended');
    expect((await attendee.ask('GET', path)).status).toBe(403);
    expect(ids(await recordings({}, attendee))).toEqual([]);
    expect(ids(await recordings({ state: 'unpublished' }))).toEqual([server.session]);

    const again = await act({ act: 'unpublish', recordings: [server.session] });
    expect(outcomes(again)).toEqual([[server.session, 'done', null]]); // as it is already
    await act({ act: 'publish', recordings: [server.session] });
    expect((await staff.read(server.session)).state).toBe('published');
    expect((await attendee.ask('GET', path)).status).toBe(200);
});

test('acts hold, release and keep; they stand in the list, the newest first', async () => {
    const one = [server.session];
    await act({ act: 'hold', recordings: one, reason: 'Asked for' });
    expect((await staff.read(server.session)).recording).toMatchObject({
        hold: true,
        hold_why: 'Asked for',
    });
    expect(ids(await recordings({ state: 'held' }))).toEqual(one);
    await act({ act: 'release', recordings: one });
    await act({ act: 'retain', recordings: one, days: 400 });
    const session = await staff.read(server.session);
    expect(session.retention_days).toBe(400);
    const days =
        (Date.parse(String(session.recording.keep_until)) - Date.parse(String(session.ended_at))) /
        86_400_000;
    expect(Math.round(days)).toBe(400);
    await act({ act: 'retain', recordings: one, days: null });
    expect((await staff.read(server.session)).recording.keep_until).toBeNull();
    const list = await acts();
    expect(list.slice(0, 4).map((one) => one.act)).toEqual(['retain', 'retain', 'release', 'hold']);
    expect(list[0]?.items[0]?.title.en).toBe(session.title.en);
});

test('an act exports, each to a folder of its own, as majlis export does', async () => {
    const one = [server.session];
    const body = { act: 'export', recordings: [...one, made[0]] };
    const missing = await staff.ask('POST', '/api/v1/recordings/acts', body);
    expect([missing.status, await missing.json()]).toMatchObject([
        409,
        { code: 'export-folder', params: { folder: exports } },
    ]);
    mkdirSync(exports);
    const at = `/api/v1/sessions/${server.session}`;
    const guide = encodeURIComponent('دليل: الأزمات/1');
    await files.sendWell(staff, 'PUT', `${at}/picture`, files.png());
    await files.sendWell(staff, 'POST', `${at}/materials?name=${guide}`, files.pdf);
    const link = { name: 'A link', url: 'https://guide.example/' };
    await staff.json('POST', `${at}/links`, link);
    const done = await act(body);
    expect(outcomes(done)).toEqual([
        [server.session, 'done', null],
        [made[0], 'refused', 'not-ended'],
    ]);
    const { starts_at } = await staff.read(server.session);
    const folder = join(exports, `${starts_at?.slice(0, 10)}_${server.session}`);
    const copied = 'materials/01 دليل_ الأزمات_1.pdf';
    const written = JSON.parse(readFileSync(join(folder, 'session.json'), 'utf8'));
    expect(written).toMatchObject({
        cover: 'cover.png',
        materials: [
            { name: 'دليل: الأزمات/1', file: copied, link: null },
            { name: link.name, file: null, link: link.url },
        ],
    });
    expect(readFileSync(join(folder, copied))).toEqual(files.pdf);
    for (const name of [
        'index.html',
        'recording.mp4',
        'questions.csv',
        'cover.png',
        'manifest.sig',
    ]) {
        expect(existsSync(join(folder, name)), name).toBe(true);
    }
    expect(majlis('verify', folder).status).toBe(0);
    const again = await act({ act: 'export', recordings: one });
    expect(again.items[0]).toMatchObject({
        outcome: 'refused',
        code: 'export-there',
        params: { folder },
    });
    renameSync(folder, `${folder}.partial`); // as an export that was killed leaves it
    const partial = await act({ act: 'export', recordings: one });
    expect(partial.items[0]).toMatchObject({ outcome: 'refused', code: 'export-there' });
});

test('a wrong act is refused as a whole, and of many that wait the last ones', async () => {
    for (const [body, field] of [
        [{}, 'act'],
        [{ act: 'publish' }, 'recordings'],
        [{ act: 'publish', recordings: ['../x'] }, 'recordings[0]'],
        [{ act: 'retain', recordings: ['a'], days: 0 }, 'days'],
        [{ act: 'publish', recordings: ['a'], reason: 'x' }, 'reason'],
    ] as const) {
        const answer = await staff.ask('POST', '/api/v1/recordings/acts', body);
        expect([answer.status, ((await answer.json()) as Problem).field]).toEqual([400, field]);
    }
    const many = Array.from({ length: 200 }, (_, i) => `none${i}`);
    const asked = await Promise.all(
        Array.from({ length: 12 }, () =>
            staff.ask('POST', '/api/v1/recordings/acts', { act: 'publish', recordings: many }),
        ),
    );
    const statuses = asked.map(({ status }) => status);
    expect(statuses.every((status) => status === 202 || status === 409)).toBe(true);
    expect(statuses).toContain(202);
    await until('all have ended', 10_000, async () =>
        (await acts()).every(({ ended_at }) => ended_at !== null),
    );
    expect((await acts()).length).toBeLessThanOrEqual(20);
});

test('an ended session is not ended by taking back what is live', async () => {
    const id = await staff.create();
    await staff.state(id, 'lobby');
    await staff.state(id, 'live');
    const refused = await act({ act: 'unpublish', recordings: [id] });
    expect(outcomes(refused)).toEqual([[id, 'refused', 'not-ended']]);
    expect((await staff.read(id)).state).toBe('live');
    await staff.state(id, 'ended');
});

test('settings are those of the file, without passwords', async () => {
    const own = await Server.start({
        command: 'serve',
        conf: { archive: { keep_days: '90' }, programme: { source: SECRET, encoder: 'small' } },
    });
    try {
        const one = await Api.signIn(staffLink(own));
        const answer = await one.ask('GET', '/api/v1/settings');
        const text = await answer.text();
        const { items } = JSON.parse(text) as SettingList;
        const find = (section: string, name: string) =>
            items.find((item) => item.section === section && item.name === name);
        expect(find('archive', 'keep_days')).toEqual({
            section: 'archive',
            name: 'keep_days',
            value: '90',
            default: '0',
            set: true,
            reloads: true,
            on_page: true,
            changed: null,
        });
        expect(find('mail', 'per_minute')).toMatchObject({ value: '60', set: false });
        expect(find('programme', 'source')?.value).toContain('10.0.0.9');
        expect(text).not.toMatch(/hush/);
        const off = await one.ask('POST', '/api/v1/recordings/acts', {
            act: 'export',
            recordings: ['a'],
        });
        expect([off.status, ((await off.json()) as Problem).code]).toEqual([409, 'export-off']);
    } finally {
        expect(await own.stop()).toBe(0);
    }
});
