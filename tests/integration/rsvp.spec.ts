// SPDX-License-Identifier: GPL-3.0-or-later
// Who comes, and a person's own questions: each sees what the others' rights do not give.
import { expect, test } from '@playwright/test';
import { Api, type OwnQuestionList, type Plan, type Question, type Session } from '../lib/api';
import { finished } from '../lib/recording';
import { Server } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server, in this order

let server: Server;
let staff: Api;

test.beforeAll(async () => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

const at = (id: string) => `/api/v1/sessions/${id}/rsvp`;

async function guest(id: string, name: string, entity = ''): Promise<Api> {
    const { url } = await staff.json<{ url: string }>(
        'POST',
        `/api/v1/sessions/${id}/invitations`,
        { name, entity, role: 'attendee' },
    );
    return Api.signIn(url);
}

async function session(access: 'open' | 'invited'): Promise<string> {
    const { id } = await staff.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: 'جلسة', en: '' },
        starts_at: '2031-03-01T10:00:00Z',
        access,
    });
    return id;
}

test('each says whether they come; only staff read how many', async () => {
    const [mine, other] = [await session('invited'), await session('invited')];
    const entities = ['وزارة الاقتصاد', 'وزارة الاقتصاد', 'Ministry of Health', ''];
    const answers = ['yes', 'maybe', 'yes', 'no'];
    const people = await Promise.all(
        entities.map((entity, i) => guest(mine, `Guest ${i}`, entity)),
    );
    expect(await people[0].json<Plan>('GET', at(mine))).toEqual({ coming: null });
    for (const [i, coming] of answers.entries()) {
        await people[i].json('PUT', at(mine), { coming: 'no' });
        expect(await people[i].json<Plan>('PUT', at(mine), { coming })).toEqual({ coming });
    }
    expect(await people[1].json<Plan>('GET', at(mine))).toEqual({ coming: 'maybe' });
    expect(await staff.json<Plan>('GET', at(mine))).toEqual({
        coming: null,
        counts: {
            yes: 2,
            maybe: 1,
            no: 1,
            entities: [
                { entity: 'وزارة الاقتصاد', yes: 1, maybe: 1, no: 0 },
                { entity: null, yes: 0, maybe: 0, no: 1 },
                { entity: 'Ministry of Health', yes: 1, maybe: 0, no: 0 },
            ],
        },
    });
    for (const method of ['GET', 'PUT']) {
        const body = method === 'PUT' ? { coming: 'yes' } : undefined;
        expect((await people[0].ask(method, at(other), body)).status).toBe(403);
        expect((await new Api(server.url).ask(method, at(mine), body)).status).toBe(401);
        expect((await people[0].ask(method, at('nothing'), body)).status).toBe(404);
    }
    for (const body of [{}, { coming: 'perhaps' }, { coming: null }, { coming: 1 }]) {
        const refused = await people[0].ask('PUT', at(mine), body);
        expect(refused.status).toBe(400);
        expect(await refused.json()).toMatchObject({ field: 'coming', code: 'bad-value' });
    }
    await staff.state(mine, 'cancelled');
    const late = await people[0].ask('PUT', at(mine), { coming: 'no' });
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ code: 'plans-closed' });
    expect(await people[0].json<Plan>('GET', at(mine))).toEqual({ coming: 'yes' });
});

const own = (api: Api) => api.json<OwnQuestionList>('GET', '/api/v1/me/questions');

test("one's own questions in all sessions, and what became of each", async () => {
    test.setTimeout(patience(120_000));
    const id = server.session;
    const open = await session('open');
    const [asker, other] = [await guest(id, 'سالم'), await guest(id, 'هدى')];
    const live = `/sessions/${id}/hls/v360p.m3u8`;
    await until('media', patience(20_000), async () => (await staff.ask('GET', live)).ok);
    const put = async (api: Api, to: string, text: string) =>
        (await api.json<Question>('POST', `/api/v1/sessions/${to}/questions`, { text })).id;
    const become = (question: string, ...states: object[]) =>
        states.reduce<Promise<unknown>>(
            (before, state) =>
                before.then(() => staff.json('PATCH', `/api/v1/questions/${question}`, state)),
            Promise.resolve(),
        );
    const elsewhere = await put(asker, open, 'في جلسة أخرى');
    const answered = await put(other, id, 'سؤال أُجيب عنه');
    const merged = await put(asker, id, 'السؤال نفسه');
    const rejected = await put(asker, id, 'لم يُطرح');
    expect((await own(asker)).items.map(({ state }) => state)).toEqual(Array(3).fill('pending'));
    await become(answered, { state: 'approved' });
    await become(merged, { merge_into: answered });
    await become(answered, { state: 'on_air' }, { state: 'answered' });
    await become(rejected, { state: 'rejected' });
    const mine = await own(asker);
    expect(mine.next).toBeNull();
    expect(mine.items.map((one) => [one.id, one.session.id, one.state, one.merged_state])).toEqual([
        [rejected, id, 'rejected', null],
        [merged, id, 'merged', 'answered'],
        [elsewhere, open, 'pending', null],
    ]);
    expect(mine.items.every((one) => one.at_ms === null)).toBe(true);
    expect((await own(other)).items.map((one) => one.id)).toEqual([answered]);
    expect((await own(staff)).items).toEqual([]);
    expect((await new Api(server.url).ask('GET', '/api/v1/me/questions')).status).toBe(401);
    for (const cursor of ['x', '0', '-1']) {
        const refused = await asker.ask('GET', `/api/v1/me/questions?cursor=${cursor}`);
        expect(refused.status).toBe(400);
    }
    await staff.json('PATCH', `/api/v1/sessions/${open}`, { access: 'invited' });
    expect((await own(asker)).items.map((one) => one.id)).toEqual([rejected, merged]);
    await staff.state(id, 'ended');
    await finished(staff, id);
    const place = async (api: Api, question: string) =>
        (await own(api)).items.find((one) => one.id === question)?.at_ms ?? null;
    await until(
        'the place of the answer',
        patience(20_000),
        async () => (await place(other, answered)) !== null,
    );
    expect(await place(asker, merged)).toBe(await place(other, answered));
    expect(await place(asker, rejected)).toBeNull();
});
