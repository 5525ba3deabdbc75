// SPDX-License-Identifier: GPL-3.0-or-later
// Entities, people, and the import of a roster: what each line says, once and again, two editors, export, rights.
import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import {
    Api,
    type Entity,
    type EntityList,
    type HitList,
    type InvitationMade,
    type Me,
    type Person,
    type PersonList,
    type Plan,
    type Problem,
    type Question,
    type Roster,
    type Session,
} from '../lib/api';
import { Server } from '../lib/server';
import { patience, wait } from '../lib/time';

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

const problem = async (answer: Response) =>
    ({ ...((await answer.json()) as Problem), at: answer.status }) as Problem & { at: number };
const entity = (code: string, ar: string, more: object = {}) =>
    staff.json<Entity>('POST', '/api/v1/entities', { code, name: { ar }, ...more });
const person = (body: object) => staff.json<Person>('POST', '/api/v1/people', body);
const people = (parameters: Record<string, string>) =>
    staff.json<PersonList>('GET', `/api/v1/people?${new URLSearchParams(parameters)}`);
const send = (body: string | Buffer, parameters: Record<string, string> = {}, api = staff) =>
    fetch(`${server.url}/api/v1/people/import?${new URLSearchParams(parameters)}`, {
        method: 'POST',
        headers: { ...api.headers, 'Content-Type': 'text/csv' },
        body: body as BodyInit,
    });
async function roster(body: string | Buffer, parameters: Record<string, string> = {}) {
    const answer = await send(body, parameters);
    expect(answer.status, await answer.clone().text()).toBe(200);
    return (await answer.json()) as Roster;
}
const arabic = (text: string) =>
    execFileSync('iconv', ['-f', 'UTF-8', '-t', 'CP1256'], { input: text });
const outcomes = ({ lines }: Roster) => lines.map(({ line, outcome }) => `${line} ${outcome}`);

test('an entity is added, found by its code, changed by one of two, deleted when it is empty', async () => {
    const made = await entity('MOEC', 'وزارة الاقتصاد', { domains: ['Economy.example'] });
    expect(made.domains).toEqual(['economy.example']);
    const same = await staff.ask('POST', '/api/v1/entities', { code: 'moec', name: { ar: 'س' } });
    expect(await problem(same)).toMatchObject({ at: 409, code: 'code-taken', field: 'code' });
    const at = `/api/v1/entities/${made.id}`;
    const seen = { 'If-Match': `"${made.version}"` };
    const first = await staff.ask('PATCH', at, { name: { en: 'Ministry of Economy' } }, seen);
    expect(first.status).toBe(200);
    expect(first.headers.get('etag')).not.toBe(seen['If-Match']);
    const second = await staff.ask('PATCH', at, { name: { en: 'Other' } }, seen);
    expect(await problem(second)).toMatchObject({ at: 412, code: 'changed' });
    const empty = await entity('NONE', 'جهة بلا أشخاص');
    const member = await person({ name: 'سالم', entity_id: made.id });
    expect(member.entity).toBe('وزارة الاقتصاد');
    expect(await problem(await staff.ask('DELETE', at))).toMatchObject({
        at: 409,
        code: 'entity-has-people',
        params: { count: 1 },
    });
    const none = `/api/v1/entities/${empty.id}`;
    await staff.json('PATCH', none, { name: { en: 'Nobody yet' } });
    const stale = { 'If-Match': `"${empty.version}"` };
    const kept = await staff.ask('DELETE', none, undefined, stale);
    expect(await problem(kept)).toMatchObject({ at: 412, code: 'changed' });
    expect((await staff.ask('DELETE', none)).status).toBe(204);
    const { items } = await staff.json<EntityList>('GET', '/api/v1/entities');
    expect(items.map(({ code, people: count }) => `${code} ${count}`)).toEqual(['MOEC 1']);
});

test('a person is found by spellings and entity, page by page', async () => {
    const [moec] = (await staff.json<EntityList>('GET', '/api/v1/entities')).items;
    for (const name of ['أحمد الأول', 'احمد الثاني', 'إحمد الثالث']) {
        await person({ name, email: `${name.length}${Math.random()}@people.example` });
    }
    expect((await people({ q: 'احمد' })).items).toHaveLength(3);
    expect((await people({ q: 'سالم اقتصاد' })).items).toHaveLength(1);
    expect((await people({ q: 'ministry' })).items).toHaveLength(1); // its entity's other name
    expect((await people({ entity: moec.id })).items.map(({ name }) => name)).toEqual(['سالم']);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
        const page: PersonList = await people({ q: 'احمد', limit: '2', ...(cursor && { cursor }) });
        seen.push(...page.items.map(({ name }) => name));
        cursor = page.next;
    }
    expect(seen).toEqual(['أحمد الأول', 'إحمد الثالث', 'احمد الثاني']); // by name, as folded
    for (const bad of ['limit=0', 'limit=201', 'limit=x', 'entity=%22', 'cursor=%22']) {
        expect((await staff.ask('GET', `/api/v1/people?${bad}`)).status, bad).toBe(400);
    }
    expect((await staff.ask('GET', `/api/v1/people?q=${'x'.repeat(201)}`)).status).toBe(400);
});

test('of two editors the second is told; an address is one person’s', async () => {
    const made = await person({ name: 'Noura', email: 'noura@two.example' });
    const other = await person({ name: 'Hind' });
    const at = `/api/v1/people/${made.id}`;
    const seen = { 'If-Match': `"${made.version}"` };
    const first = await staff.ask('PATCH', at, { name: 'Noura Ali' }, seen);
    expect(first.status).toBe(200);
    const second = await staff.ask('PATCH', at, { name: 'Noura Omar' }, seen);
    expect(await problem(second)).toMatchObject({ at: 412, code: 'changed' });
    expect((await staff.json<Person>('GET', at)).name).toBe('Noura Ali');
    const taken = await staff.ask('PATCH', `/api/v1/people/${other.id}`, {
        email: 'NOURA@two.example',
    });
    expect(await problem(taken)).toMatchObject({
        at: 409,
        code: 'email-taken',
        field: 'email',
        params: { name: 'Noura Ali' },
    });
    const cases: [object, string, string][] = [
        [{ name: '' }, 'required', 'name'],
        [{ email: 'noura' }, 'bad-email', 'email'],
        [{ entity_id: 'nosuchentity' }, 'unknown-entity', 'entity_id'],
        [{ role: 'chief' }, 'bad-value', 'role'],
        [{ rank: 1 }, 'unknown-field', 'rank'],
    ];
    for (const [body, code, field] of cases) {
        expect(await problem(await staff.ask('PATCH', at, body))).toMatchObject({
            at: 400,
            code,
            field,
        });
    }
    const nobody = await staff.ask('PATCH', '/api/v1/people/nobody', { name: 'x' });
    expect(await problem(nobody)).toMatchObject({ at: 404, code: 'no-person' });
});

test('an invitation to a known address is that person’s; who is disabled is signed out', async () => {
    const known = await person({ name: 'Maryam', email: 'maryam@known.example' });
    const invite = (name: string, session: string) =>
        staff.json<InvitationMade>('POST', `/api/v1/sessions/${session}/invitations`, {
            name,
            email: 'Maryam@known.example',
        });
    const other = await staff.json<Session>('POST', '/api/v1/sessions', {
        title: { en: 'Another' },
        starts_at: '2031-03-01T10:00:00Z',
    });
    const [first, second] = [
        await invite('Maryam A.', server.session),
        await invite('M.', other.id),
    ];
    expect([first.person, second.person]).toEqual([known.id, known.id]);
    expect(first.name).toBe('Maryam');
    expect((await people({ q: 'maryam' })).items).toHaveLength(1);
    const officer = await Api.signIn(first.url);
    const at = `/api/v1/people/${known.id}`;
    await staff.json('PATCH', at, { name: 'Maryam Hassan', entity: 'Somewhere' });
    expect(await officer.json<Me>('GET', '/api/v1/me')).toMatchObject({
        name: 'Maryam Hassan',
        entity: 'Somewhere',
    });
    await staff.json('PATCH', at, { disabled: true });
    expect((await officer.ask('GET', '/api/v1/me')).status).toBe(401);
    await expect(Api.signIn(second.url)).rejects.toThrow('link-revoked');
    await staff.json('PATCH', at, { disabled: false });
    await Api.signIn(second.url);
    const me = await staff.json<Me>('GET', '/api/v1/me');
    const own = await staff.ask('PATCH', `/api/v1/people/${me.person}`, { disabled: true });
    expect(await problem(own)).toMatchObject({ at: 409, code: 'own-person' });
});

test('two are made one, with the questions, votes and links of both', async () => {
    const at = `/api/v1/sessions/${server.session}`;
    const invite = (name: string) =>
        staff.json<InvitationMade>('POST', `${at}/invitations`, { name, entity: `of ${name}` });
    const [first, second] = [await invite('Rashid'), await invite('Rashed')];
    const [one, two] = [await Api.signIn(first.url), await Api.signIn(second.url)];
    const asked = await one.json<Question>('POST', `${at}/questions`, { text: 'Whose is it?' });
    await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { state: 'approved' });
    for (const api of [one, two]) {
        await api.json('PUT', `/api/v1/questions/${asked.id}/vote`);
    }
    const later = await staff.json<Session>('POST', '/api/v1/sessions', {
        title: { en: 'To come' },
        starts_at: '2031-03-01T10:00:00Z',
        access: 'open',
    });
    const plan = `/api/v1/sessions/${later.id}/rsvp`;
    await one.json('PUT', plan, { coming: 'yes' });
    const merge = (into: string) =>
        staff.ask('POST', `/api/v1/people/${first.person}/merge`, { into });
    for (const into of ['nobody', first.person]) {
        expect(await problem(await merge(into))).toMatchObject({ at: 400, field: 'into' });
    }
    const kept = (await (await merge(second.person)).json()) as Person;
    expect(kept).toMatchObject({ id: second.person, name: 'Rashed', entity: 'of Rashed' });
    expect((await one.ask('GET', '/api/v1/me')).status).toBe(401);
    expect((await (await Api.signIn(first.url)).json<Me>('GET', '/api/v1/me')).person).toBe(
        kept.id,
    );
    expect((await staff.json<Plan>('GET', plan)).counts?.yes).toBe(1);
    expect((await people({ q: 'rash' })).items).toHaveLength(1);
    const { items } = await staff.json<HitList>('GET', '/api/v1/search?q=whose');
    expect(items[0].by?.name).toBe('Rashed');
});

/** 60 officers of 20 entities, and three lines that cannot be taken. */
function office(): string {
    const lines = ['الاسم;البريد الإلكتروني;الجهة'];
    for (let n = 0; n < 60; n++) {
        lines.push(`"ضابط ${n}";o${n}@office.example;هيئة ${n % 20}`);
    }
    lines.splice(10, 0, ';nobody@office.example;هيئة 1');
    lines.splice(20, 0, 'بلا بريد;nobody@office;هيئة 2');
    lines.splice(30, 0, 'من جهة أخرى;other@office.example;هيئة لا وجود لها');
    return `${lines.join('\r\n')}\r\n`;
}

test('a roster in Windows-1256 with three bad lines is taken, and the same again changes nothing', async () => {
    for (let n = 0; n < 20; n++) {
        await entity(`H${n}`, `هيئة ${n}`);
    }
    const file = arabic(office());
    const before = (await staff.ask('GET', '/api/v1/people/export.csv')).text();
    const dry = await roster(file, { dry_run: 'true' });
    expect(dry).toMatchObject({
        applied: false,
        encoding: 'windows-1256',
        separator: 'semicolon',
        heading: true,
        counts: { new: 60, changed: 0, unchanged: 0, duplicate: 0, refused: 3 },
    });
    expect(dry.columns.map(({ field }) => field)).toEqual(['name', 'email', 'entity']);
    const refused = dry.lines.filter(({ outcome }) => outcome === 'refused');
    expect(refused.map((one) => `${one.line} ${one.refused?.code} ${one.refused?.field}`)).toEqual([
        '11 required name',
        '21 bad-email email',
        '31 unknown-entity entity',
    ]);
    expect(refused[1]).toMatchObject({ name: 'بلا بريد', email: 'nobody@office' });
    expect(refused[2].entity).toBe('هيئة لا وجود لها');
    expect(await (await staff.ask('GET', '/api/v1/people/export.csv')).text()).toBe(await before);
    const done = await roster(file, { dry_run: 'false' });
    expect(done).toMatchObject({ applied: true, counts: dry.counts });
    expect((await people({ q: 'office', limit: '200' })).items).toHaveLength(60);
    const [h3] = (await staff.json<EntityList>('GET', '/api/v1/entities')).items.filter(
        ({ code }) => code === 'H3',
    );
    expect(h3.people).toBe(3);
    const all = await (await staff.ask('GET', '/api/v1/people/export.csv')).text();
    const again = await roster(file, { dry_run: 'false' });
    expect(again.counts).toEqual({ new: 0, changed: 0, unchanged: 60, duplicate: 0, refused: 3 });
    expect(await (await staff.ask('GET', '/api/v1/people/export.csv')).text()).toBe(all);
});

test('changes, duplicates and repeated lines are named', async () => {
    const text = [
        'Name,Email,Entity,Remark',
        'ضابط 1,o1@office.example,هيئة 7,moved',
        'ضابط 2,another@office.example,هيئة 2,the same name',
        'Somebody,new@office.example,,',
        'Somebody,NEW@office.example,,again',
    ].join('\n');
    const dry = await roster(text);
    expect(outcomes(dry)).toEqual(['2 changed', '3 duplicate', '4 new', '5 refused']);
    expect(dry.lines[0].changes).toEqual(['entity']);
    expect(dry.lines[1].of).toMatchObject({ name: 'ضابط 2', email: 'o2@office.example' });
    expect(dry.lines[3].refused).toMatchObject({ code: 'roster-twice', params: { line: 4 } });
    expect(dry.lines[3].of).toEqual({ line: 4 });
    const done = await roster(text, { dry_run: 'false', take: '3' });
    expect(outcomes(done)).toEqual(['2 changed', '3 new', '4 new', '5 refused']);
    expect(done.counts).toEqual({ new: 2, changed: 1, unchanged: 0, duplicate: 0, refused: 1 });
});

test('columns are corrected by hand', async () => {
    const text = 'Who;Where\nHessa;H1\n';
    const found = await roster(text);
    expect(found).toMatchObject({ heading: false, lines: [] });
    const refused = await send(text, { dry_run: 'false' });
    expect(await problem(refused)).toMatchObject({ code: 'roster-no-names', field: 'columns' });
    const by = { columns: 'name,entity', heading: 'true' };
    expect(outcomes(await roster(text, by))).toEqual(['2 new']);
    const bad = { columns: 'who', heading: '1', take: 'x', dry_run: 'no' };
    for (const [field, value] of Object.entries(bad)) {
        const answer = await send(text, { [field]: value });
        expect(await problem(answer)).toMatchObject({ at: 400, field });
    }
});

test('a wrong, empty or too large file is refused', async () => {
    const code = async (body: string | Buffer) => (await problem(await send(body))).code;
    expect(await code('')).toBe('roster-empty');
    expect(await code('PK\u0003\u0004workbook')).toBe('roster-not-text');
    expect(await code('name\n'.repeat(20_001))).toBe('roster-too-long');
    const large = await send(Buffer.alloc(2 * 1024 * 1024 + 1, 'a'));
    expect(large.status).toBe(413);
    const full = await send(Buffer.alloc(2 * 1024 * 1024, 'a')); // one line, one too long name
    expect(full.status).toBe(200);
});

test('the export opens rightly, runs nothing, and an import of it changes nothing', async () => {
    await person({ name: '=HYPERLINK("http://evil.example")', entity: '+1' });
    const answer = await staff.ask('GET', '/api/v1/people/export.csv');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toContain('people.csv');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const text = bytes.toString();
    expect(text).toContain('"\'=HYPERLINK(""http://evil.example"")"');
    expect(text).toContain('"ضابط 1","o1@office.example","هيئة 7","H7"');
    const { counts } = await roster(bytes);
    expect({ new: counts.new, changed: counts.changed }).toEqual({ new: 0, changed: 0 });
});

test('nobody else may', async () => {
    const [someone] = (await people({})).items;
    const [moec] = (await staff.json<EntityList>('GET', '/api/v1/entities')).items;
    const guests: [Api, number][] = [[new Api(server.url), 401]];
    for (const role of ['attendee', 'speaker', 'moderator'] as const) {
        guests.push([await Api.signIn(await staff.invite(server.session, role, role)), 403]);
    }
    const routes: [string, string, object?][] = [
        ['GET', '/api/v1/people'],
        ['GET', '/api/v1/people/export.csv'],
        ['GET', `/api/v1/people/${someone.id}`],
        ['POST', '/api/v1/people', { name: 'x' }],
        ['PATCH', `/api/v1/people/${someone.id}`, { disabled: true }],
        ['POST', `/api/v1/people/${someone.id}/merge`, { into: someone.id }],
        ['GET', '/api/v1/entities'],
        ['POST', '/api/v1/entities', { code: 'X', name: { en: 'x' } }],
        ['PATCH', `/api/v1/entities/${moec.id}`, { code: 'Y' }],
        ['DELETE', `/api/v1/entities/${moec.id}`],
    ];
    for (const [api, status] of guests) {
        for (const [method, path, body] of routes) {
            const answer = await api.ask(method, path, body);
            expect(answer.status, `${api.role} ${method} ${path}`).toBe(status);
        }
        expect((await send('name\nx\n', { dry_run: 'false' }, api)).status).toBe(status);
    }
});

test('two imports at once are as one after the other, and no vote waits for an import', async () => {
    test.setTimeout(patience(60_000));
    await entity('MANY', 'جهة كبيرة');
    const lines = Array.from({ length: 10_000 }, (_, n) => `عضو ${n},n${n}@many.example,MANY`);
    const file = ['Name,Email,Entity', ...lines].join('\n');
    const at = `/api/v1/sessions/${server.session}`;
    const voters = await Promise.all(
        [1, 2, 3, 4, 5, 6].map(async (n) =>
            Api.signIn(await staff.invite(server.session, 'attendee', `Voter ${n}`)),
        ),
    );
    const { id } = await voters[0].json<Question>('POST', `${at}/questions`, { text: 'How?' });
    await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'approved' });
    /** How long the imports took, and the longest vote. */
    const beside = async (imports: Promise<Roster>[]) => {
        const begun = performance.now();
        let longest = 0;
        let over = false;
        const all = Promise.all(imports).finally(() => {
            over = true;
        });
        for (let i = 0; !over; i++) {
            const voted = performance.now();
            const method = i % 12 < 6 ? 'PUT' : 'DELETE';
            const answer = await voters[i % 6].ask(method, `/api/v1/questions/${id}/vote`);
            expect(answer.ok).toBe(true);
            longest = Math.max(longest, performance.now() - voted);
            await wait(20); // below the voters' rate
        }
        const made = await all;
        const took = performance.now() - begun;
        console.log(`imports: ${took.toFixed(0)} ms, longest vote ${longest.toFixed(0)} ms`);
        expect(longest).toBeLessThan(took / 2);
        return made.map(({ counts }) => counts);
    };
    const take = () => roster(file, { dry_run: 'false' });
    const both = await beside([take(), take()]);
    expect(both.map((one) => one.new).sort()).toEqual([0, 10_000]);
    expect(both.map(({ unchanged }) => unchanged).sort()).toEqual([0, 10_000]);
    const [again] = await beside([take()]);
    expect(again).toMatchObject({ new: 0, changed: 0, unchanged: 10_000 });
});
