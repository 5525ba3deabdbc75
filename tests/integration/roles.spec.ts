// SPDX-License-Identifier: GPL-3.0-or-later
// Roles of the whole server, and what becomes of a person who is renamed, merged, disabled or erased while a session runs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type WebSocket from 'ws';
import {
    Api,
    type InvitationList,
    type InvitationMade,
    type Me,
    type Person,
    type PersonData,
    type PersonList,
    type Problem,
    type Question,
    type QuestionList,
    type ServerRole,
} from '../lib/api';
import { majlis, Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server, in this order

let server: Server;
let staff: Api;
let admin: Api;

test.beforeAll(async () => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    admin = await Api.signIn(server.admin);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

const here = (what: string) => `/api/v1/sessions/${server.session}/${what}`;
const problem = async (answer: Response) =>
    ({ ...((await answer.json()) as Problem), at: answer.status }) as Problem & { at: number };
const appoint = (role: ServerRole, name: string) =>
    admin.json<InvitationMade>('POST', '/api/v1/invitations', { name, role });
const change = (who: { person: string }, body: object, api = admin) =>
    api.ask('PATCH', `/api/v1/people/${who.person}`, body);
const guest = (name: string, email?: string) =>
    staff.json<InvitationMade>('POST', here('invitations'), { name, email, entity: 'Economy' });
const ask = async (api: Api, text: string) =>
    (await api.json<Question>('POST', here('questions'), { text })).id;
const asker = async (id: string) =>
    (await staff.json<QuestionList>('GET', here('questions'))).items.find((one) => one.id === id)
        ?.by;

type Message = {
    op: string;
    code?: string;
    you?: { role: string; name: string };
    questions?: Question[];
};

/** In the session that runs: all that is heard. */
class Listener {
    readonly heard: Message[] = [];
    closed = 0;

    private constructor(readonly socket: WebSocket) {
        socket.on('message', (data) => this.heard.push(JSON.parse(String(data))));
        socket.on('close', (code) => {
            this.closed = code;
        });
    }

    static async join(api: Api): Promise<Listener> {
        const one = new Listener(api.socket());
        await new Promise((done, fail) => {
            one.socket.once('open', done);
            one.socket.once('error', fail);
        });
        one.socket.send(JSON.stringify({ op: 'join', session: server.session }));
        await one.snapshot(() => true);
        return one;
    }

    snapshot(fits: (message: Message) => boolean): Promise<Message> {
        return until('a snapshot', patience(10_000), async () =>
            this.heard.findLast((one) => one.op === 'snapshot' && fits(one)),
        );
    }
}

const by = ({ questions }: Message, id: string) => questions?.find((one) => one.id === id)?.by;

test('a moderator of the server moderates every session, and does nothing else that staff do', async () => {
    const made = await appoint('moderator', 'Maryam');
    const moderator = await Api.signIn(made.url);
    expect([moderator.role, moderator.session]).toEqual(['moderator', null]);
    const officer = await Api.signIn((await guest('Asker')).url);
    const id = await ask(officer, 'Who reads this?');
    const listed = await moderator.json<QuestionList>('GET', here('questions'));
    expect(listed.items.find((one) => one.id === id)?.by?.name).toBe('Asker');
    await moderator.json('PATCH', `/api/v1/questions/${id}`, { state: 'approved' });
    const other = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title: { en: 'Another' },
        starts_at: '2031-03-01T10:00:00Z',
    });
    expect((await moderator.ask('GET', `/api/v1/sessions/${other.id}/questions`)).status).toBe(200);
    const denied: [string, string, object?][] = [
        ['POST', here('invitations'), { name: 'x' }],
        ['GET', here('invitations')],
        ['PATCH', `/api/v1/sessions/${other.id}`, { duration_minutes: 30 }],
        ['POST', here('state'), { to: 'paused' }],
        ['GET', '/api/v1/system'],
        ['GET', '/api/v1/health'],
        ['GET', '/api/v1/people'],
        ['GET', `/api/v1/people/${made.person}/data`],
        ['GET', '/api/v1/invitations'],
    ];
    for (const [method, path, body] of denied) {
        expect((await moderator.ask(method, path, body)).status, `${method} ${path}`).toBe(403);
    }
    for (const role of ['staff', 'admin']) {
        const refused = await staff.ask('POST', here('invitations'), { name: 'x', role });
        expect(await problem(refused)).toMatchObject({ at: 400, code: 'staff-of-all' });
    }
});

test('another role counts at once, on open websockets too; a link opens with the role of now', async () => {
    const made = await appoint('moderator', 'Rashid');
    const one = await Api.signIn(made.url);
    const socket = await Listener.join(one);
    expect((await change(made, { role: 'staff' })).status).toBe(200);
    expect(await one.json<Me>('GET', '/api/v1/me')).toMatchObject({ role: 'staff', session: null });
    expect((await one.ask('GET', '/api/v1/health')).status).toBe(200);
    await socket.snapshot(({ you }) => you?.role === 'staff');
    expect((await Api.signIn(made.url)).role).toBe('staff');
    expect((await one.ask('GET', '/api/v1/invitations')).status).toBe(403);
    expect((await change(made, { role: 'officer' })).status).toBe(200);
    expect((await one.ask('GET', '/api/v1/me')).status).toBe(401);
    await until('its socket is closed', patience(10_000), async () => socket.closed === 4401);
    await expect(Api.signIn(made.url)).rejects.toThrow('link-revoked');
});

test('staff change no role, no staff, and erase nobody', async () => {
    const [colleague, officer] = [await appoint('staff', 'Salem'), await guest('Hind')];
    const refusals: [string, string, object][] = [
        ['PATCH', officer.person, { role: 'staff' }],
        ['PATCH', colleague.person, { role: 'officer' }],
        ['PATCH', colleague.person, { disabled: true }],
    ];
    for (const [method, person, body] of refusals) {
        const answer = await staff.ask(method, `/api/v1/people/${person}`, body);
        expect(await problem(answer)).toMatchObject({ at: 403, code: 'admin-only' });
    }
    const made = await staff.ask('POST', '/api/v1/people', { name: 'New', role: 'admin' });
    expect(await problem(made)).toMatchObject({ at: 403, code: 'admin-only' });
    for (const [from, into] of [
        [colleague.person, officer.person],
        [officer.person, colleague.person],
    ]) {
        const merged = await staff.ask('POST', `/api/v1/people/${from}/merge`, { into });
        expect(await problem(merged)).toMatchObject({ at: 403, code: 'admin-only' });
    }
    const erased = await staff.ask('DELETE', `/api/v1/people/${officer.person}`, { name: 'Hind' });
    expect(erased.status).toBe(403);
    expect((await change(colleague, { name: 'Salem A.' }, staff)).status).toBe(200);
    // an invitation of a colleague's address to a session is a seat in that session, no more
    await change(colleague, { email: 'salem@staff.example' }, staff);
    const seat = await guest('Salem', 'salem@staff.example');
    expect(seat.person).toBe(colleague.person);
    expect(await Api.signIn(seat.url)).toMatchObject({ role: 'attendee', session: server.session });
});

test('the last admin who can sign in stays one', async () => {
    const me = await admin.json<Me>('GET', '/api/v1/me');
    const { items } = await admin.json<InvitationList>('GET', '/api/v1/invitations');
    const link = items.find(({ person }) => person === me.person)?.id;
    const refused = async () => {
        for (const answer of [
            await change(me, { role: 'staff' }),
            await admin.ask('DELETE', `/api/v1/invitations/${link}`),
        ]) {
            expect(await problem(answer)).toMatchObject({ at: 409, code: 'last-admin' });
        }
    };
    await refused();
    const second = await admin.json<Person>('POST', '/api/v1/people', {
        name: 'Second',
        role: 'admin',
    });
    await refused(); // that one has no link yet
    const made = await admin.json<InvitationMade>('POST', '/api/v1/invitations', {
        person: second.id,
    });
    expect(made.role).toBe('admin');
    const other = await Api.signIn(made.url);
    const again = await other.json<InvitationMade>('POST', '/api/v1/invitations', {
        person: second.id,
    });
    expect((await other.ask('GET', '/api/v1/me')).status).toBe(401); // a new link replaces
    await expect(Api.signIn(made.url)).rejects.toThrow('link-revoked');
    const back = await Api.signIn(again.url);
    expect((await change(me, { role: 'staff' })).status).toBe(200);
    expect((await admin.ask('GET', '/api/v1/invitations')).status).toBe(403);
    const two = { person: second.id };
    const acts = [
        await change(two, { role: 'officer' }, back),
        await back.ask('DELETE', `/api/v1/people/${second.id}`, { name: 'Second' }),
    ];
    expect(await problem(acts[0])).toMatchObject({ at: 409, code: 'last-admin' });
    expect(await problem(acts[1])).toMatchObject({ at: 409, code: 'own-person' });
    expect((await change(me, { role: 'admin' }, back)).status).toBe(200);
    expect((await admin.ask('GET', '/api/v1/invitations')).status).toBe(200);
    const officer = await guest('No role');
    const none = await admin.ask('POST', '/api/v1/invitations', { person: officer.person });
    expect(await problem(none)).toMatchObject({ at: 409, code: 'no-role' });
});

test('all that is kept about a person is for staff, and for the person', async () => {
    const made = await guest('Noura', 'noura@data.example');
    const officer = await Api.signIn(made.url);
    const id = await ask(officer, 'What is kept?');
    const own = await officer.json<PersonData>('GET', '/api/v1/me/data');
    expect(own).toMatchObject({
        person: { id: made.person, name: 'Noura', email: 'noura@data.example', role: 'officer' },
        invitations: [{ session: server.session, role: 'attendee', revoked: false }],
        questions: [{ id, text: 'What is kept?', state: 'pending' }],
        votes: 0,
    });
    expect(own.sign_ins).toHaveLength(1);
    const at = `/api/v1/people/${made.person}/data`;
    expect(await staff.json<PersonData>('GET', at)).toEqual(own);
    expect((await officer.ask('GET', at)).status).toBe(403);
    const answer = await staff.ask('GET', at);
    expect(answer.headers.get('content-disposition')).toContain('person.json');
    expect((await staff.ask('GET', '/api/v1/people/nobody/data')).status).toBe(404);
});

test('a person who is merged or renamed is so at once in the session that runs', async () => {
    const [first, second] = [await guest('Khalid'), await guest('Khaled')];
    const [one, two] = [await Api.signIn(first.url), await Api.signIn(second.url)];
    const id = await ask(one, 'Whose is it now?');
    await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'approved' });
    await one.json('PUT', `/api/v1/questions/${id}/vote`);
    const [desk, hall] = [await Listener.join(staff), await Listener.join(two)];
    await staff.json('POST', `/api/v1/people/${first.person}/merge`, { into: second.person });
    expect(await asker(id)).toMatchObject({ person: second.person, name: 'Khaled' });
    await desk.snapshot((one) => by(one, id)?.person === second.person);
    await hall.snapshot(({ questions }) =>
        Boolean(questions?.some((one) => one.id === id && one.mine && one.voted)),
    );
    await two.json('PATCH', `/api/v1/questions/${id}`, { state: 'withdrawn' }); // it is theirs
    const later = await ask(two, 'And this?');
    await change({ person: second.person }, { name: 'Khaled Omar' }, staff);
    expect(await asker(later)).toMatchObject({ name: 'Khaled Omar' });
    await desk.snapshot((one) => by(one, later)?.name === 'Khaled Omar');
    expect(
        (await staff.json<PersonData>('GET', `/api/v1/people/${second.person}/data`)).votes,
    ).toBe(1);
});

test('who is disabled leaves the session that runs; the questions stay', async () => {
    const made = await guest('Laila');
    const officer = await Api.signIn(made.url);
    const id = await ask(officer, 'May I stay?');
    const socket = await Listener.join(officer);
    await change(made, { disabled: true }, staff);
    await until('the socket is closed', patience(10_000), async () => socket.closed === 4401);
    expect(await asker(id)).toMatchObject({ person: made.person, name: 'Laila' });
});

const dump = () => execFileSync('sqlite3', [join(server.data, 'majlis.db'), '.dump']).toString();
/** Files below the data folder that have the text, but the log of the database. */
const holding = (text: string) =>
    execFileSync('sh', ['-c', `grep -rlF -e "$1" "$2" || true`, 'sh', text, server.data])
        .toString()
        .split('\n')
        .filter((file) => file && !file.includes('majlis.db'));

test('who is erased has no name any more: in the database, in the session that runs, in its files', async () => {
    const NAME = 'Zulaikha Alerased';
    const EMAIL = 'zulaikha@erased.example';
    const made = await guest(NAME, EMAIL);
    const officer = await Api.signIn(made.url);
    const id = await ask(officer, 'What stays of me?');
    for (const state of ['approved', 'on_air', 'answered']) {
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state });
    }
    await officer.json('PUT', here('rsvp'), { coming: 'yes' });
    const { sessions } = await officer.json<{ sessions: string }>('GET', '/api/v1/me/feeds');
    const feed = server.url + new URL(sessions).pathname;
    expect((await fetch(feed)).status).toBe(200);
    const [desk, theirs] = [await Listener.join(staff), await Listener.join(officer)];
    const at = `/api/v1/people/${made.person}`;
    for (const name of ['', 'Zulaikha', undefined]) {
        const answer = await admin.ask('DELETE', at, { name });
        expect(await problem(answer)).toMatchObject({
            at: 400,
            code: 'name-differs',
            field: 'name',
        });
    }
    const stale = await admin.ask('DELETE', at, { name: NAME }, { 'If-Match': '"99"' });
    expect(stale.status).toBe(412);
    expect((await officer.ask('GET', '/api/v1/me')).status).toBe(200);
    expect(dump()).toContain(NAME);

    expect((await admin.ask('DELETE', at, { name: ` ${NAME} ` })).status).toBe(204);
    expect(await asker(id)).toMatchObject({ name: '', entity: null, named: false });
    await desk.snapshot((one) => by(one, id)?.name === '');
    await until('their socket is closed', patience(10_000), async () => theirs.closed === 4401);
    expect((await officer.ask('GET', '/api/v1/me')).status).toBe(401);
    await expect(Api.signIn(made.url)).rejects.toThrow('link-unknown');
    expect((await fetch(feed)).status).toBe(403);
    for (const [method, path] of [
        ['GET', at],
        ['GET', `${at}/data`],
        ['PATCH', at],
    ]) {
        expect((await staff.ask(method, path, method === 'PATCH' ? {} : undefined)).status).toBe(
            404,
        );
    }
    const found = await staff.json<PersonList>('GET', '/api/v1/people?q=zulaikha');
    expect(found.items).toEqual([]);
    expect(
        (await (await staff.ask('GET', '/api/v1/people/export.csv')).text()).includes(NAME),
    ).toBe(false);
    const hits = await staff.json<{ items: unknown[] }>('GET', '/api/v1/search?q=zulaikha');
    expect(hits.items).toEqual([]);
    const text = dump();
    expect(text).toContain('What stays of me?');
    for (const gone of [NAME, EMAIL]) {
        expect(text.includes(gone), gone).toBe(false);
        expect(holding(gone)).toEqual([]);
    }
});

test('the first of a server is admin, others are staff, and the command line makes admins', async () => {
    const data = temporaryFolder();
    const serve = await Server.start({ command: 'serve', data });
    try {
        const [first, second] = [await Api.signIn(staffLink(serve)), staffLink(serve, 'Second')];
        const colleague = await Api.signIn(second);
        expect([first.role, colleague.role]).toEqual(['admin', 'staff']);
        const { person } = await colleague.json<Me>('GET', '/api/v1/me');
        const run = (...words: string[]) => majlis('user', ...words, '--data', data);
        expect(run('role', person, '--role', 'chief').status).toBe(2);
        expect(run('role', person, '--role', 'moderator').status).toBe(0);
        await until('the role counts', patience(10_000), async () => {
            return (await colleague.json<Me>('GET', '/api/v1/me')).role === 'moderator';
        });
        const admins = await first.json<Me>('GET', '/api/v1/me');
        const alone = run('disable', admins.person);
        expect(alone.text).toContain('there is no admin who can sign in');
        expect(run('role', person, '--role', 'admin').text).not.toContain('no admin');
        await until('an admin again', patience(10_000), async () => {
            return (await colleague.json<Me>('GET', '/api/v1/me')).role === 'admin';
        });
        const added = run('add', '--name', 'Third', '--role', 'moderator');
        expect(added.status).toBe(0);
        expect(added.text).toContain('/ar/i/');
    } finally {
        expect(await serve.stop()).toBe(0);
    }
});
