// SPDX-License-Identifier: GPL-3.0-or-later
// Series and speakers: defaults and numbers of sessions, copies, two who edit one thing, and who sees and changes what.
import { rmSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import {
    Api,
    type Problem,
    type Role,
    type SeriesDetail,
    type Session,
    type SpeakerDetail,
} from '../lib/api';
import { Server, staffLink, temporaryFolder } from '../lib/server';

test.describe.configure({ mode: 'default' }); // one server, in this order

const AGENDA = [
    { title: { ar: 'العرض', en: 'Talk' }, minutes: 40 },
    { title: { ar: 'الأسئلة', en: 'Questions' }, minutes: 20 },
];
const STARTS = '2031-03-01T10:00:00Z';

let server: Server;
let staff: Api;
let series: SeriesDetail;
let speaker: SpeakerDetail;

const make = (more: object = {}) =>
    staff.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: 'جلسة', en: 'A session' },
        starts_at: STARTS,
        ...more,
    });
const problem = async (answer: Response) => {
    const { code, field } = (await answer.json()) as Problem;
    return [answer.status, code, field ?? null];
};

test.beforeAll(async () => {
    server = await Server.start({ command: 'serve', data: temporaryFolder() });
    staff = await Api.signIn(staffLink(server));
    series = await staff.json<SeriesDetail>('POST', '/api/v1/series', {
        name: { ar: 'لقاءات الاتصال', en: 'Talks' },
        duration_minutes: 45,
        access: 'open',
        show_names: true,
        agenda: AGENDA,
        retention_days: 30,
    });
    speaker = await staff.json<SpeakerDetail>('POST', '/api/v1/speakers', {
        name: { ar: 'مريم الكتبي', en: 'Mariam Al Ketbi' },
        title: { ar: 'خبيرة', en: 'Expert' },
        biography: { ar: 'سطر\n\nوآخر', en: '' },
    });
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
    rmSync(server.data, { recursive: true });
});

test('a session has the defaults of its series and the next number', async () => {
    const first = await make({ series: series.id });
    expect(first).toMatchObject({
        series: { id: series.id, name: series.name },
        number: 1,
        duration_minutes: 45,
        access: 'open',
        show_names: true,
        agenda: AGENDA,
        retention_days: 30,
    });
    const both = await Promise.all([make({ series: series.id }), make({ series: series.id })]);
    expect(both.map((one) => one.number).sort()).toEqual([2, 3]);
    const own = await make({ series: series.id, number: 9, duration_minutes: 20, agenda: [] });
    expect(own).toMatchObject({ number: 9, duration_minutes: 20, agenda: [], access: 'open' });
    expect((await make({ series: series.id, number: null })).number).toBeNull();
    expect(await make()).toMatchObject({ series: null, number: null, duration_minutes: 60 });
    const path = `/api/v1/sessions/${first.id}`;
    expect((await staff.json<Session>('PATCH', path, { number: 7 })).number).toBe(7);
    expect(await problem(await staff.ask('PATCH', path, { number: 9 }))).toEqual([
        409,
        'number-taken',
        'number',
    ]);
    const apart = await staff.json<Session>('PATCH', path, { series: null });
    expect([apart.series, apart.number]).toEqual([null, null]);
    const back = await staff.json<Session>('PATCH', path, { series: series.id });
    expect(back.number).toBe(10);
});

test('what a session names must be there', async () => {
    const refused = async (more: object) =>
        problem(
            await staff.ask('POST', '/api/v1/sessions', {
                title: { en: 'x' },
                starts_at: STARTS,
                ...more,
            }),
        );
    expect(await refused({ series: 'nothing' })).toEqual([400, 'unknown-reference', 'series']);
    expect(await refused({ copy_of: 'nothing' })).toEqual([400, 'unknown-reference', 'copy_of']);
    expect(await refused({ speakers: [{ id: 'nothing' }] })).toEqual([
        400,
        'unknown-reference',
        'speakers[0].id',
    ]);
    expect(await refused({ number: 3 })).toEqual([400, 'required', 'series']);
    expect(await refused({ tags: Array(11).fill('x') })).toEqual([400, 'too-many-items', 'tags']);
    expect(await refused({ tags: ['x'.repeat(61)] })).toEqual([400, 'too-long', 'tags[0]']);
    const long = { name: { en: 'x' }, biography: { ar: 'س'.repeat(4001) } };
    expect(await problem(await staff.ask('POST', '/api/v1/speakers', long))).toEqual([
        400,
        'too-long',
        'biography.ar',
    ]);
    expect(await problem(await staff.ask('POST', '/api/v1/series', { name: {} }))).toEqual([
        400,
        'required',
        'name',
    ]);
});

test('a copy has all but its time, number and questions', async () => {
    const earlier = await make({
        series: series.id,
        tags: ['أزمات', ' أزمات', 'إعلام'],
        access: 'invited',
        speakers: [{ id: speaker.id }, { name: { en: 'Ali' } }],
    });
    expect(earlier.tags).toEqual(['أزمات', 'إعلام']);
    expect(earlier.speakers[0]).toEqual({
        id: speaker.id,
        name: speaker.name,
        role: speaker.title,
    });
    await staff.json('POST', `/api/v1/sessions/${earlier.id}/questions`, { text: 'Only once' });
    const copy = await staff.json<Session>('POST', '/api/v1/sessions', {
        copy_of: earlier.id,
        starts_at: '2031-04-01T10:00:00Z',
        show_names: false,
    });
    const { title, speakers, agenda, access, tags, series: its, duration_minutes } = earlier;
    expect(copy).toMatchObject({ title, speakers, agenda, access, tags, duration_minutes });
    expect([copy.series, copy.show_names]).toEqual([its, false]);
    expect(copy.number).toBe(Number(earlier.number) + 1);
    const asked = `/api/v1/sessions/${copy.id}/questions`;
    expect((await staff.json<{ items: [] }>('GET', asked)).items).toEqual([]);
});

test('a speaker changes and goes; sessions keep what they had', async () => {
    const other = await staff.json<SpeakerDetail>('POST', '/api/v1/speakers', {
        name: { ar: 'سالم', en: 'Salem' },
        title: { ar: 'مستشار', en: '' },
    });
    const { id } = await make({ speakers: [{ id: other.id }] });
    const path = `/api/v1/speakers/${other.id}`;
    await staff.json('PATCH', path, { title: { ar: 'وزير', en: '' } });
    const role = { ar: 'مستشار', en: '' };
    expect((await staff.read(id)).speakers).toEqual([{ id: other.id, name: other.name, role }]);
    await staff.json('DELETE', path);
    expect((await staff.read(id)).speakers).toEqual([{ name: other.name, role }]);
    expect((await staff.ask('GET', path)).status).toBe(404);
    expect(speaker.biography.ar).toBe('سطر\nوآخر');
});

test('the second of two editors is told, by If-Match', async () => {
    const session = await make();
    for (const path of [
        `/api/v1/series/${series.id}`,
        `/api/v1/speakers/${speaker.id}`,
        `/api/v1/sessions/${session.id}`,
    ]) {
        const etag = String((await staff.ask('GET', path)).headers.get('etag'));
        const change = path.includes('sessions') ? { duration_minutes: 30 } : { name: { en: 'N' } };
        const first = await staff.ask('PATCH', path, change, { 'If-Match': etag });
        expect([path, first.status]).toEqual([path, 200]);
        expect(first.headers.get('etag')).not.toBe(etag);
        const second = await staff.ask('PATCH', path, change, { 'If-Match': etag });
        expect(await problem(second)).toEqual([412, 'changed', null]);
        const again = { 'If-Match': String(first.headers.get('etag')) };
        expect((await staff.ask('PATCH', path, change, again)).status).toBe(200);
        expect((await staff.ask('PATCH', path, change)).status).toBe(200); // as it always was
    }
});

test('what was changed after it was read is not deleted, with If-Match', async () => {
    const made = [
        ['series', await staff.json<SeriesDetail>('POST', '/api/v1/series', { name: { en: 'S' } })],
        [
            'speakers',
            await staff.json<SpeakerDetail>('POST', '/api/v1/speakers', { name: { en: 'P' } }),
        ],
        ['sessions', await make()],
    ] as const;
    for (const [kind, { id, version }] of made) {
        const path = `/api/v1/${kind}/${id}`;
        const change = kind === 'sessions' ? { duration_minutes: 31 } : { name: { en: 'N' } };
        const now = String((await staff.ask('PATCH', path, change)).headers.get('etag'));
        const old = `"${version}"`;
        const drop = (seen: string) => staff.ask('DELETE', path, undefined, { 'If-Match': seen });
        expect([kind, ...(await problem(await drop(old)))]).toEqual([kind, 412, 'changed', null]);
        expect((await staff.ask('GET', path)).status).toBe(200);
        expect([kind, (await drop(`${old}, ${now}`)).status]).toEqual([kind, 204]);
    }
});

test('a series with sessions stays, one without goes', async () => {
    const { items } = await staff.json<{ items: Session[] }>('GET', '/api/v1/sessions');
    const count = items.filter((one) => one.series?.id === series.id).length;
    const refused = await staff.ask('DELETE', `/api/v1/series/${series.id}`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'series-in-use', params: { count } });
    const empty = await staff.json<SeriesDetail>('POST', '/api/v1/series', { name: { en: 'E' } });
    const path = `/api/v1/series/${empty.id}`;
    expect((await staff.ask('DELETE', path)).status).toBe(204);
    expect((await staff.ask('GET', path)).status).toBe(404);
    expect((await staff.ask('PATCH', path, { name: { en: 'F' } })).status).toBe(404);
    expect((await staff.ask('DELETE', path)).status).toBe(404);
});

test('each role sees and changes what it may', async () => {
    const hidden = await staff.json<SeriesDetail>('POST', '/api/v1/series', {
        name: { en: 'Hidden' },
    });
    const unseen = await staff.json<SpeakerDetail>('POST', '/api/v1/speakers', {
        name: { en: 'Unseen' },
    });
    const secret = await make({
        access: 'invited',
        series: hidden.id,
        speakers: [{ id: unseen.id }, { id: speaker.id }],
    });
    const mine = await make({ access: 'invited', speakers: [{ id: speaker.id }] });
    await make({ series: series.id }); // an open one
    const guest = async (role: Role) => Api.signIn(await staff.invite(mine.id, role, 'Guest'));
    const people = {
        nobody: new Api(server.url),
        attendee: await guest('attendee'),
        speaker: await guest('speaker'),
        moderator: await guest('moderator'),
        staff,
    };
    const allowed = { nobody: 401, attendee: 200, speaker: 200, moderator: 200, staff: 200 };
    const refused = { nobody: 401, attendee: 403, speaker: 403, moderator: 403 };
    const unknown = { nobody: 401, attendee: 404, speaker: 404, moderator: 404, staff: 200 };
    const name = { name: { en: 'By whom?' } };
    for (const [method, path, body, wanted] of [
        ['GET', 'series', undefined, allowed],
        ['GET', 'speakers', undefined, allowed],
        ['GET', `series/${series.id}`, undefined, allowed], // it has open sessions
        ['GET', `speakers/${speaker.id}`, undefined, allowed],
        ['GET', `series/${hidden.id}`, undefined, unknown],
        ['GET', `speakers/${unseen.id}`, undefined, unknown],
        ['POST', 'series', name, refused],
        ['POST', 'speakers', name, refused],
        ['PATCH', `series/${series.id}`, name, refused],
        ['PATCH', `speakers/${speaker.id}`, name, refused],
        ['DELETE', `series/${hidden.id}`, undefined, refused],
        ['DELETE', `speakers/${unseen.id}`, undefined, refused],
    ] as const) {
        for (const [role, status] of Object.entries(wanted)) {
            const api = people[role as keyof typeof people];
            const answer = await api.ask(method, `/api/v1/${path}`, body);
            expect([method, path, role, answer.status]).toEqual([method, path, role, status]);
        }
    }
    const { attendee } = people;
    const page = await attendee.json<SpeakerDetail>('GET', `/api/v1/speakers/${speaker.id}`);
    const ids = page.sessions.map((one) => one.id);
    expect(ids).toContain(mine.id);
    expect(ids).not.toContain(secret.id);
    const all = await staff.json<SpeakerDetail>('GET', `/api/v1/speakers/${speaker.id}`);
    expect(all.sessions.map((one) => one.id)).toContain(secret.id);
    const list = await attendee.json<{ items: SeriesDetail[] }>('GET', '/api/v1/series');
    expect(list.items.map((one) => [one.id, one.version, one.retention_days])).toEqual([
        [series.id, undefined, undefined], // no more than its public fields
    ]);
});

test('a restart keeps them', async () => {
    const before = await staff.json<SeriesDetail>('GET', `/api/v1/series/${series.id}`);
    await server.kill();
    server = await Server.start({ command: 'serve', data: server.data });
    const after = await Api.signIn(staffLink(server));
    expect(await after.json('GET', `/api/v1/series/${series.id}`)).toEqual(before);
    const one = await after.json<SpeakerDetail>('GET', `/api/v1/speakers/${speaker.id}`);
    expect(one.title).toEqual(speaker.title);
});
