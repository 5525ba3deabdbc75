// SPDX-License-Identifier: GPL-3.0-or-later
// Search: each role finds what it may see by the other addresses and no more; spellings, paging, bad input, moments.
import { expect, test } from '@playwright/test';
import {
    Api,
    type Chapter,
    type Hit,
    type HitList,
    type Problem,
    type Question,
    type Session,
} from '../lib/api';
import { finished } from '../lib/recording';
import { dial, Server } from '../lib/server';
import { patience, until, wait } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server, in this order

let server: Server;
let staff: Api;
let first = ''; // a session by invitation

const at = (parameters: Record<string, string>) =>
    `/api/v1/search?${new URLSearchParams(parameters)}`;
const search = (api: Api, q: string, more: Record<string, string> = {}) =>
    api.json<HitList>('GET', at({ q, ...more }));

/** All pages. */
async function everything(
    api: Api,
    q: string,
    more: Record<string, string> = {},
): Promise<HitList['items']> {
    const items: HitList['items'] = [];
    for (let cursor: string | null = '0'; cursor !== null; ) {
        const page: HitList = await search(api, q, { ...more, cursor });
        items.push(...page.items);
        cursor = page.next;
    }
    return items;
}

const texts = async (api: Api, q: string, more: Record<string, string> = {}) =>
    (await search(api, q, more)).items.map((hit) => hit.text);

async function session(name: string, more: object = {}): Promise<string> {
    const { id } = await staff.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: `موسم ${name}`, en: `Season ${name}` },
        speakers: [{ name: { ar: 'مريم الهاشمي', en: 'Maryam' }, role: { ar: 'خبيرة', en: '' } }],
        agenda: [{ title: { ar: 'محور الموسم', en: 'Season talk' } }],
        starts_at: '2031-03-01T10:00:00Z',
        access: 'invited',
        ...more,
    });
    return id;
}

const ask = (api: Api, id: string, text: string) =>
    api.json<Question>('POST', `/api/v1/sessions/${id}/questions`, { text });
const moderate = (id: string, state: string) =>
    staff.json('PATCH', `/api/v1/questions/${id}`, { state });
const guest = async (id: string, role: 'attendee' | 'speaker' | 'moderator', name = 'Guest') =>
    Api.signIn(await staff.invite(id, role, name));

test.beforeAll(async () => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

/** What `api` sees of the word by the lists, as "kind id". */
async function seenElsewhere(api: Api, word: string): Promise<string[]> {
    const { items } = await api.json<{ items: Session[] }>('GET', '/api/v1/sessions');
    const seen: string[] = [];
    for (const { id, title, agenda } of items) {
        const about = `/api/v1/sessions/${id}`;
        const questions = await api.json<{ items: Question[] }>('GET', `${about}/questions`);
        const chapters = await api.json<{ items: Chapter[] }>('GET', `${about}/chapters`);
        seen.push(...(title.ar.includes(word) ? [`session ${id}`] : []));
        seen.push(...agenda.filter((one) => one.title.ar.includes(word)).map(() => `agenda ${id}`));
        for (const one of chapters.items) {
            seen.push(
                ...(one.kind === 'agenda' && one.title.ar.includes(word)
                    ? [`chapter ${one.id}`]
                    : []),
            );
        }
        for (const one of questions.items) {
            seen.push(...(one.text.includes(word) ? [`question ${one.id}`] : []));
        }
    }
    return seen.sort();
}

/** A hit tells nothing that another address keeps from `api`. */
async function checkHits(api: Api, hits: Hit[]): Promise<void> {
    for (const id of new Set(hits.map((hit) => hit.session?.id))) {
        const recording = await api.ask('GET', `/api/v1/recordings/${id}`);
        const list = `/api/v1/sessions/${id}/questions`;
        const { items } = await api.json<{ items: Question[] }>('GET', list);
        for (const hit of hits.filter((one) => one.session?.id === id)) {
            expect(hit.session?.recording).toBe(recording.ok);
            expect(hit.at_ms === null || recording.ok).toBe(true);
            const same = items.find((one) => one.id === hit.id);
            expect(hit.state).toBe(same?.state);
            expect(!!hit.by).toBe(same?.by?.person !== undefined);
        }
    }
}

test('each role finds what it sees elsewhere, and no more', async () => {
    const one = await session('الأول');
    first = one;
    const two = await session('الثاني');
    const open = await session('المفتوح', { access: 'open' });
    const people = {
        attendee: await guest(one, 'attendee', 'سالم'),
        other: await guest(two, 'attendee', 'هدى'),
        speaker: await guest(one, 'speaker'),
        moderator: await guest(one, 'moderator'),
        staff,
    };
    for (const id of [one, two, open]) {
        await staff.json('POST', `/api/v1/sessions/${id}/chapters`, {
            title: { ar: 'فصل الموسم', en: '' },
            media_ms: 1000,
        });
    }
    for (const [asker, id] of [
        [people.attendee, one],
        [people.other, two],
        [people.attendee, open],
        [people.other, open],
    ] as const) {
        await ask(asker, id, 'سؤال الموسم الذي لم يُنظر فيه');
        const { id: approved } = await ask(asker, id, 'سؤال الموسم المعتمد');
        await moderate(approved, 'approved');
        const { id: rejected } = await ask(asker, id, 'سؤال الموسم المرفوض');
        await moderate(rejected, 'rejected');
    }
    const counts: Record<string, number> = {};
    for (const [role, api] of Object.entries(people)) {
        const hits = await everything(api, 'موسم');
        const found = hits.map(({ kind, id }) => `${kind} ${id}`).sort();
        expect(found, role).toEqual(await seenElsewhere(api, 'موسم'));
        await checkHits(api, hits);
        counts[role] = found.length;
    }
    expect(counts.staff).toBeGreaterThan(counts.moderator);
    expect(counts.moderator).toBeGreaterThan(counts.speaker);
    expect(counts.attendee).toBeGreaterThan(counts.speaker); // own ones
    expect((await new Api(server.url).ask('GET', at({ q: 'موسم' }))).status).toBe(401);
});

test('the name of an asker is searched by staff alone', async () => {
    const moderator = await guest(first, 'moderator');
    const found = await everything(staff, 'سالم');
    expect(found.length).toBe(6);
    expect(found.every((hit) => hit.by?.name === 'سالم')).toBe(true);
    expect(await everything(moderator, 'سالم')).toEqual([]);
    expect(await everything(await guest(first, 'attendee'), 'سالم')).toEqual([]);
});

test('a revoked invitation ends it', async () => {
    const id = first;
    const made = await staff.json<{ id: string; url: string }>(
        'POST',
        `/api/v1/sessions/${id}/invitations`,
        { name: 'Guest', role: 'attendee' },
    );
    const gone = await Api.signIn(made.url);
    expect((await search(gone, 'موسم')).items).not.toEqual([]);
    await staff.json('DELETE', `/api/v1/sessions/${id}/invitations/${made.id}`);
    const answer = await gone.ask('GET', at({ q: 'موسم' }));
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain('items');
});

test('a change is found at once, what was before no more', async () => {
    const id = await session('العابر');
    const api = await guest(id, 'attendee');
    const question = await ask(api, id, 'هل تُقاس السمعة بالأرقام؟');
    const other = await guest(id, 'attendee');
    expect(await texts(other, 'سمعة')).toEqual([]);
    await moderate(question.id, 'approved');
    expect(await texts(other, 'سمعة')).toEqual([question.text]);
    await staff.json('PATCH', `/api/v1/questions/${question.id}`, { text: 'هل يُقاس الأثر؟' });
    expect(await texts(other, 'سمعة')).toEqual([]);
    expect(await texts(other, 'الاثر')).toEqual(['هل يُقاس الأثر؟']);
    await staff.json('DELETE', `/api/v1/sessions/${id}`);
    expect(await texts(staff, 'الاثر')).toEqual([]);
    expect(await texts(staff, 'العابر')).toEqual([]);
});

test('letters, digits and prefixes written in more than one way are one', async () => {
    const id = await session('الإملاء');
    await ask(staff, id, 'كيف تُبنى الاستِراتيجيّةُ للأزمات خلال ٦٠ دقيقة؟');
    for (const q of [
        'إستراتيجية',
        'الاستراتيجيه',
        'والإستراتيجية',
        'استراتيج',
        'أزمات 60',
        'الازمات ٦٠',
        'ازمات ۶۰',
        'دقيقه',
        'تبني',
        'الاســتراتيجية',
    ]) {
        expect((await texts(staff, q)).length, q).toBe(1);
    }
    const [hit] = (await search(staff, 'استراتيجيه')).items;
    const letters = Array.from(hit.text);
    expect(hit.ranges.map(([from, to]) => letters.slice(from, to).join(''))).toEqual([
        'الاستِراتيجيّةُ',
    ]);
    expect(await texts(staff, 'راتيجية')).toEqual([]); // only beginnings
});

test('kinds and years choose', async () => {
    const id = await session('القديم', { starts_at: '2031-12-31T21:00:00Z' }); // 2032 in the UAE
    const kinds = async (more: Record<string, string>) => [
        ...new Set((await everything(staff, 'موسم', more)).map((hit) => hit.kind)),
    ];
    expect(await kinds({ kind: 'chapter' })).toEqual(['chapter']);
    expect((await kinds({})).sort()).toEqual(['agenda', 'chapter', 'question', 'session']);
    const of2032 = await everything(staff, 'موسم', { year: '2032' });
    expect([...new Set(of2032.map((hit) => hit.session?.id))]).toEqual([id]);
    expect((await search(staff, 'موسم')).items[0].kind).toBe('session'); // titles are worth more
});

test('series, speakers and topics are found, and narrow down', async () => {
    const named = (ar: string) => ({ name: { ar, en: '' } });
    const series = await staff.json<{ id: string }>('POST', '/api/v1/series', {
        ...named('ديوانية القهوة'),
        access: 'invited',
    });
    const speaker = await staff.json<{ id: string }>('POST', '/api/v1/speakers', {
        ...named('راشد القهوجي'),
        biography: { ar: 'خبير القهوة', en: '' },
    });
    const speakers = [{ id: speaker.id }];
    const one = await session('فنجان', { series: series.id, speakers, tags: ['قهوة عربية'] });
    const two = await session('فنجان آخر', { series: series.id });
    const three = await session('فنجان ثالث', { speakers, starts_at: '2029-02-01T10:00:00Z' });
    const ids = async (api: Api, q: string, more: Record<string, string> = {}) =>
        (await everything(api, q, more)).map((hit) => `${hit.kind} ${hit.id}`).sort();
    const found = [`series ${series.id}`, `session ${one}`, `speaker ${speaker.id}`];
    expect(await ids(staff, 'القهوة')).toEqual(found); // also by its topic
    const sessions = (...all: string[]) => all.map((id) => `session ${id}`).sort();
    const kind = { kind: 'session' };
    expect(await ids(staff, 'فنجان', kind)).toEqual(sessions(one, two, three));
    expect(await ids(staff, 'فنجان', { ...kind, series: series.id })).toEqual(sessions(one, two));
    const spoken = { ...kind, speaker: speaker.id };
    expect(await ids(staff, 'فنجان', spoken)).toEqual(sessions(one, three));
    expect(await ids(staff, 'فنجان', { ...spoken, year: '2029' })).toEqual(sessions(three));
    expect(await ids(staff, 'قهوة', { year: '2029' })).toEqual([`speaker ${speaker.id}`]);
    const stranger = await guest(two, 'attendee'); // sees the series by its session alone
    expect(await ids(stranger, 'قهوة')).toEqual([`series ${series.id}`]);
    expect((await search(stranger, 'قهوة')).items[0]).toMatchObject({
        session: null,
        at_ms: null,
        name: { ar: 'ديوانية القهوة', en: '' },
    });
    await staff.json('DELETE', `/api/v1/speakers/${speaker.id}`);
    expect(await ids(staff, 'القهوجي', { kind: 'speaker' })).toEqual([]);
});

test('pages have each hit once', async () => {
    const id = await session('الصفحات');
    const asked: string[] = [];
    for (let n = 0; n < 45; n++) {
        asked.push((await ask(staff, id, `صفحةٌ رقم ${n}`)).id);
        if (n % 15 === 14) {
            for (const one of asked.slice(-15)) {
                await moderate(one, 'rejected'); // no more than 20 are open
            }
        }
    }
    const hits = await everything(staff, 'صفحه', { kind: 'question' });
    expect(hits.map((hit) => hit.id).sort()).toEqual(asked.sort());
    const page = await search(staff, 'صفحه', { kind: 'question' });
    expect(page.items.length).toBe(20);
    expect(page.next).not.toBeNull();
    expect((await search(staff, 'صفحه', { cursor: '1000' })).items).toEqual([]);
});

test('bad input is refused with its field, and syntax is text', async () => {
    const refused = async (parameters: Record<string, string>) => {
        const answer = await staff.ask('GET', at(parameters));
        const problem = (await answer.json()) as Problem;
        return [answer.status, problem.code, problem.field];
    };
    expect(await refused({})).toEqual([400, 'required', 'q']);
    expect(await refused({ q: '' })).toEqual([400, 'required', 'q']);
    expect(await refused({ q: 'x', series: 'No id!' })).toEqual([400, 'bad-value', 'series']);
    expect(await refused({ q: 'x', speaker: 'x'.repeat(65) })).toEqual([
        400,
        'bad-value',
        'speaker',
    ]);
    expect(await refused({ q: 'م'.repeat(201) })).toEqual([400, 'too-long', 'q']);
    expect(await refused({ q: 'a', kind: 'people' })).toEqual([400, 'bad-value', 'kind']);
    expect(await refused({ q: 'a', year: 'x' })).toEqual([400, 'out-of-range', 'year']);
    expect(await refused({ q: 'a', year: '-1' })).toEqual([400, 'out-of-range', 'year']);
    expect(await refused({ q: 'a', cursor: '1e3' })).toEqual([400, 'out-of-range', 'cursor']);
    expect(await refused({ q: 'a', cursor: '1001' })).toEqual([400, 'out-of-range', 'cursor']);
    for (const q of ['؟', ' ', '"', '*', '( )', 'NEAR(a b', 'AND', '-', '" OR "x', '^', ':']) {
        expect((await search(staff, q)).items, q).toEqual([]);
    }
    expect((await search(staff, '"موسم" AND (القديم*)')).items).toEqual([]); // "and" is a word
    expect((await search(staff, '"موسم" - (القديم*)')).items.length).toBeGreaterThan(0);
    expect((await search(staff, 'م'.repeat(200))).items).toEqual([]);
    const long = await staff.ask('GET', at({ q: 'a'.repeat(10_000) }));
    expect([400, 414]).toContain(long.status);
    for (const raw of ['%00', 'a%00b', '%FF%FE', '%', '%zz', '%D8']) {
        const answer = await staff.ask('GET', `/api/v1/search?q=${raw}`);
        expect([200, 400], raw).toContain(answer.status);
    }
});

/** The status line for a request target that fetch() would not send. */
const raw = (target: string) =>
    new Promise<string>((done) => {
        let heard = '';
        const socket = dial(server.url, () =>
            socket.write(
                `GET ${target} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nAuthorization: Bearer ${staff.token}\r\nConnection: close\r\n\r\n`,
            ),
        );
        socket.on('data', (data) => {
            heard += data;
        });
        socket.on('close', () => done(heard.split('\r\n')[0]));
    });

test('a byte that no address has is refused', async () => {
    expect(await raw('/api/v1/search?q=a\0b')).toContain(' 400 ');
    expect(await raw('/api/v1/search?q=%D9%85')).toContain(' 200 ');
});

test('searches are limited for each person', async () => {
    const api = await guest(first, 'attendee');
    const answers = await Promise.all(
        Array.from({ length: 120 }, () => api.ask('GET', at({ q: 'موسم' }))),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(429);
    expect(statuses).toContain(200);
    expect((await search(staff, 'موسم')).items.length).toBe(20);
});

test('a hit has the second at which the recording has it @media', async () => {
    const id = server.session;
    const about = `/api/v1/sessions/${id}`;
    const attendee = await Api.signIn(server.attend);
    const live = `/sessions/${id}/hls/main.m3u8`;
    await until('the picture', patience(20_000), async () => (await staff.ask('GET', live)).ok);
    await wait(3000);
    const question = await ask(attendee, id, 'ما أثرُ الصورة على الجمهور؟');
    await moderate(question.id, 'approved');
    await moderate(question.id, 'on_air');
    await staff.json('POST', `${about}/chapters`, { title: { ar: 'أثر الكلمة', en: '' } });
    await wait(2000);
    await moderate(question.id, 'answered');
    const early = (await search(attendee, 'اثر')).items.filter((hit) => hit.session?.id === id);
    expect(early.map((hit) => hit.at_ms)).toEqual([null, null]);
    await staff.state(id, 'ended');
    const placed = await until('the chapters', patience(60_000), async () => {
        const { items } = await attendee.json<{ items: Chapter[] }>('GET', `${about}/chapters`);
        const { state } = await staff.read(id);
        return state === 'published' && items.every((one) => one.at_ms !== null) ? items : null;
    });
    const hits = (await search(attendee, 'اثر')).items.filter((hit) => hit.session?.id === id);
    expect(hits.map((hit) => [hit.id, hit.at_ms]).sort()).toEqual(
        placed.map((one) => [one.id, one.at_ms]).sort(),
    );
    expect(hits.every((hit) => hit.session?.recording)).toBe(true);
    const gone = { reason: 'a test' };
    await until('its files are made', patience(60_000), async () => {
        await finished(staff, id);
        return (await staff.ask('DELETE', `/api/v1/recordings/${id}`, gone)).ok;
    });
    const after = (await search(attendee, 'اثر')).items.filter((hit) => hit.session?.id === id);
    expect(after.map((hit) => [hit.at_ms, hit.session?.recording])).toEqual([
        [null, false],
        [null, false],
    ]);
});
