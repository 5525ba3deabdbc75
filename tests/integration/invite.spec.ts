// SPDX-License-Identifier: GPL-3.0-or-later
// Many invited in one act, acts on many invitations, and registration: who gets which link, and which links die.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
    Api,
    type Entity,
    type Invitation,
    type InvitationList,
    type InvitationMade,
    type InvitationsActed,
    type InvitedMany,
    type Person,
    type Problem,
    type RegistrationList,
    type RegistrationsDecided,
    type Session,
} from '../lib/api';
import { codeIn, mailConf, Relay, settled } from '../lib/mail';
import { Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

const create = (staff: Api, title = 'Session') =>
    staff.json<Session>('POST', '/api/v1/sessions', {
        title: { en: title },
        starts_at: '2031-03-01T10:00:00Z',
    });
const at = (session: string) => `/api/v1/sessions/${session}`;
const person = (staff: Api, name: string, more: object = {}) =>
    staff.json<Person>('POST', '/api/v1/people', { name, ...more });
const many = (staff: Api, session: string, to: unknown, more: object = {}) =>
    staff.json<InvitedMany>('POST', `${at(session)}/invitations/many`, { to, ...more });
const act = (staff: Api, session: string, word: string, of: unknown) =>
    staff.json<InvitationsActed>('POST', `${at(session)}/invitations/acts`, { act: word, of });
const list = (staff: Api, session: string, parameters: Record<string, string> = {}) =>
    staff.json<InvitationList>(
        'GET',
        `${at(session)}/invitations?${new URLSearchParams(parameters)}`,
    );
const refusal = async (answer: Response) => {
    const { code, field } = (await answer.json()) as Problem;
    return [answer.status, code, field ?? null];
};
const code = (url: string) => String(url.split('/').pop());
/** All that the data folder holds of the database. */
const stored = (server: Server) =>
    readdirSync(server.data)
        .filter((name) => name.startsWith('majlis.db'))
        .map((name) => readFileSync(join(server.data, name), 'latin1'))
        .join('');
const names = (items: { name: string }[]) => items.map(({ name }) => name).sort();

test.describe('without mail', () => {
    test.describe.configure({ mode: 'default' }); // one server, in this order

    let server: Server;
    let staff: Api;
    let entity: Entity;
    let earlier: string;

    test.beforeAll(async () => {
        server = await Server.start({ command: 'serve' });
        staff = await Api.signIn(staffLink(server));
        entity = await staff.json<Entity>('POST', '/api/v1/entities', {
            code: 'MOEC',
            name: { ar: 'وزارة الاقتصاد' },
            domains: ['economy.test'],
        });
        for (const name of ['Noura', 'Hind', 'Salem']) {
            await person(staff, name, {
                entity_id: entity.id,
                email: `${name.toLowerCase()}@economy.test`,
            });
        }
        const left = await person(staff, 'Disabled', { entity_id: entity.id });
        await staff.json('PATCH', `/api/v1/people/${left.id}`, { disabled: true });
        await person(staff, 'Ali');
        earlier = (await create(staff, 'Earlier')).id;
        await many(staff, earlier, { entities: [entity.id] });
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
    });

    test('an entity, chosen people, everybody, an earlier session: counted first, then invited once', async () => {
        const { id } = await create(staff);
        const { items } = await staff.json<{ items: Person[] }>('GET', '/api/v1/people');
        const ids = Object.fromEntries(items.map((one) => [one.name, one.id]));
        const none = { disabled: 0, staff: 0, revoked: 0, unknown: 0 };

        const dry = { dry_run: true };
        expect(await many(staff, id, { entities: [entity.id, 'nosuchentity'] }, dry)).toEqual({
            dry_run: true,
            invited: 3,
            already: 0,
            left_out: { ...none, disabled: 1, unknown: 1 },
            without_address: 0,
            mails: 0,
        });
        expect((await list(staff, id)).counts.all).toBe(0);
        const chosen = [ids.Noura, ids.Noura, ids.Ali];
        expect(await many(staff, id, { people: chosen })).toMatchObject({
            invited: 2,
            left_out: none,
            without_address: 1,
        });
        // as the earlier session had them: one of three is invited already
        expect(await many(staff, id, { session: earlier }, dry)).toMatchObject({
            invited: 2,
            already: 1,
        });
        const hind = (await list(staff, earlier)).items.find(({ name }) => name === 'Hind');
        await staff.json('DELETE', `${at(earlier)}/invitations/${hind?.id}`);
        expect(await many(staff, id, { session: earlier })).toMatchObject({
            invited: 1,
            already: 1,
            left_out: none,
        });
        expect(await many(staff, id, 'everybody')).toMatchObject({
            invited: 1,
            already: 3,
            left_out: { disabled: 1, staff: 1 },
        });
        const all = await list(staff, id);
        expect(names(all.items)).toEqual(['Ali', 'Hind', 'Noura', 'Salem']);
        expect(all.items.every(({ role }) => role === 'attendee')).toBe(true);
        // whoever was revoked comes back only by name
        const salem = all.items.find(({ name }) => name === 'Salem');
        await staff.json('DELETE', `${at(id)}/invitations/${salem?.id}`);
        expect(await many(staff, id, 'everybody')).toMatchObject({
            invited: 0,
            already: 3,
            left_out: { revoked: 1 },
        });
        expect(await many(staff, id, { people: [ids.Salem] })).toMatchObject({ invited: 1 });
    });

    test('two who invite at once invite nobody twice', async () => {
        const { id } = await create(staff);
        const answers = await Promise.all(
            Array.from({ length: 5 }, () => many(staff, id, 'everybody')),
        );
        expect(answers.map(({ invited }) => invited).sort()).toEqual([0, 0, 0, 0, 4]);
        expect((await list(staff, id)).counts.valid).toBe(4);
    });

    test('what cannot be meant is refused by its field', async () => {
        const { id } = await create(staff);
        const thousand = Array.from({ length: 1001 }, (_, i) => `p${i}`);
        const cases: [unknown, string, string][] = [
            [{}, 'bad-value', 'to'],
            [{ to: 'nobody' }, 'bad-value', 'to'],
            [{ to: {} }, 'bad-value', 'to'],
            [{ to: { people: ['a'], entities: ['b'] } }, 'bad-value', 'to'],
            [{ to: { people: [] } }, 'bad-value', 'to.people'],
            [{ to: { people: ['<x>'] } }, 'bad-value', 'to.people'],
            [{ to: { people: [5] } }, 'bad-value', 'to.people'],
            [{ to: { people: thousand } }, 'too-many-items', 'to.people'],
            [{ to: { session: id } }, 'bad-value', 'to'],
            [{ to: { session: 'nosuchsession' } }, 'bad-value', 'to'],
            [{ to: 'everybody', dry_run: 'yes' }, 'bad-value', 'dry_run'],
            [{ to: 'everybody', role: 'staff' }, 'unknown-field', 'role'],
        ];
        for (const [body, word, field] of cases) {
            const answer = await staff.ask('POST', `${at(id)}/invitations/many`, body);
            expect(await refusal(answer), JSON.stringify(body).slice(0, 80)).toEqual([
                400,
                word,
                field,
            ]);
        }
        const acts: [unknown, string][] = [
            [{ act: 'print', of: 'valid' }, 'act'],
            [{ act: 'links', of: 'all' }, 'of'],
            [{ act: 'links', of: [] }, 'of'],
            [{ act: 'links' }, 'of'],
        ];
        for (const [body, field] of acts) {
            const answer = await staff.ask('POST', `${at(id)}/invitations/acts`, body);
            expect(await refusal(answer)).toEqual([400, 'bad-value', field]);
        }
        const mail = await staff.ask('POST', `${at(id)}/invitations/many`, {
            to: 'everybody',
            mail: true,
        });
        expect((await refusal(mail)).slice(0, 2)).toEqual([409, 'mail-off']);
        await staff.state(id, 'cancelled');
        const off = await staff.ask('POST', `${at(id)}/invitations/many`, { to: 'everybody' });
        expect((await refusal(off)).slice(0, 2)).toEqual([409, 'session-over']);
        for (const bad of ['show=some', 'limit=0', 'limit=201', 'cursor=%22', 'q=%ff']) {
            expect((await staff.ask('GET', `${at(id)}/invitations?${bad}`)).status, bad).toBe(400);
        }
    });

    test('a further link leaves the first; a new one in its place ends it and its sign-in', async () => {
        const { id } = await create(staff);
        const first = await staff.json<InvitationMade>('POST', `${at(id)}/invitations`, {
            name: 'Printed',
        });
        const guest = await Api.signIn(first.url);
        await many(staff, id, { entities: [entity.id] });
        const added = await act(staff, id, 'links', 'valid');
        expect(added.done).toBe(4);
        expect(names(added.items)).toEqual(['Hind', 'Noura', 'Printed', 'Salem']);
        const further = added.items.find(({ name }) => name === 'Printed')?.url ?? '';
        await Api.signIn(first.url);
        await Api.signIn(further);
        expect((await guest.ask('GET', '/api/v1/me')).status).toBe(200);

        const replaced = await act(staff, id, 'replace', [first.id]);
        expect(replaced).toMatchObject({ done: 1, items: [{ id: first.id, name: 'Printed' }] });
        expect((await guest.ask('GET', '/api/v1/me')).status).toBe(401);
        for (const dead of [first.url, further]) {
            await expect(Api.signIn(dead)).rejects.toThrow('link-unknown');
        }
        const [{ url }] = replaced.items;
        expect((await Api.signIn(url)).session).toBe(id);
        for (const secret of [...added.items, ...replaced.items].map((one) => code(one.url))) {
            expect(server.log + stored(server)).not.toContain(secret);
        }

        // revoked together; the others' links still open
        const rows = (await list(staff, id)).items;
        const two = rows.filter(({ name }) => name === 'Noura' || name === 'Hind');
        const ids = two.map((one) => one.id);
        expect((await act(staff, id, 'revoke', ids)).done).toBe(2);
        expect((await act(staff, id, 'revoke', ids)).done).toBe(0);
        const urlOf = (name: string) => added.items.find((one) => one.name === name)?.url ?? '';
        await expect(Api.signIn(urlOf('Noura'))).rejects.toThrow('link-revoked');
        await Api.signIn(urlOf('Salem'));
        // of another session: nothing
        expect((await act(staff, earlier, 'revoke', [first.id])).done).toBe(0);
        await Api.signIn(url);
        expect(names((await list(staff, id, { show: 'revoked' })).items)).toEqual([
            'Hind',
            'Noura',
        ]);
    });

    test('the list: page by page, by words and kind, with who opened and who comes', async () => {
        const { id } = await create(staff);
        const ali = await staff.json<{ items: Person[] }>('GET', '/api/v1/people?q=ali');
        await many(staff, id, { entities: [entity.id] });
        await many(staff, id, { people: [ali.items[0].id] });
        const links = await act(staff, id, 'links', 'valid');
        const noura = links.items.find(({ name }) => name === 'Noura');
        const guest = await Api.signIn(noura?.url ?? '');
        const opened = (await list(staff, id, { q: 'noura' })).items[0].opened_at;
        expect(opened).not.toBeNull();
        await guest.json('PUT', `${at(id)}/rsvp`, { coming: 'yes' });
        await Api.signIn(noura?.url ?? ''); // the first time counts
        expect((await list(staff, id, { q: 'اقتصاد نور' })).items).toEqual([]);
        expect((await list(staff, id, { q: 'noura اقتصاد' })).items).toMatchObject([
            { name: 'Noura', coming: 'yes', opened_at: opened, disabled: false },
        ]);
        const seen: string[] = [];
        for (let cursor: string | null = ''; cursor !== null; ) {
            const page: InvitationList = await list(staff, id, {
                limit: '1',
                ...(cursor && { cursor }),
            });
            expect(page.counts).toMatchObject({ all: 4, valid: 4, opened: 1, without_address: 1 });
            seen.push(...page.items.map(({ name }) => name));
            cursor = page.next;
        }
        expect(seen.sort()).toEqual(['Ali', 'Hind', 'Noura', 'Salem']);
        for (const show of ['unopened', 'unanswered']) {
            expect(names((await list(staff, id, { show })).items)).toEqual([
                'Ali',
                'Hind',
                'Salem',
            ]);
        }
        expect((await act(staff, id, 'links', 'unopened')).done).toBe(3);
        expect((await guest.ask('GET', `${at(id)}/invitations`)).status).toBe(403);
    });

    test('registration is closed at first; staff approve or refuse, and get the links where no mail goes', async () => {
        const { id } = await create(staff, 'Registering');
        const nobody = new Api(server.url);
        const page = `${at(id)}/registration`;
        for (const [method, body] of [['GET'], ['POST', { name: 'A' }]] as const) {
            const closed = await nobody.ask(method, page, body);
            const unknown = await nobody.ask(method, `${at('nosuchsession')}/registration`, body);
            expect((await refusal(closed)).slice(0, 2)).toEqual([404, 'registration-off']);
            expect((await refusal(unknown)).slice(0, 2)).toEqual([404, 'registration-off']);
        }
        const settings = {
            mode: 'approval',
            email: 'required',
            entity: 'optional',
            job_title: 'required',
        };
        const opened = await staff.json<RegistrationList>('PUT', page, settings);
        expect(opened).toMatchObject({ page: settings, mailed: false, items: [] });
        expect(opened.url).toContain(`/ar/register/${id}`);
        expect(await nobody.json('GET', page)).toMatchObject({
            session: id,
            title: { en: 'Registering' },
            mailed: false,
            page: settings,
        });
        const good = { name: 'Reem', email: 'reem@economy.test', job_title: 'Officer' };
        const bad: [object, string, string][] = [
            [{ ...good, name: ' ' }, 'blank', 'name'],
            [{ ...good, email: null }, 'required', 'email'],
            [{ ...good, email: 'reem' }, 'bad-email', 'email'],
            [{ ...good, job_title: '' }, 'required', 'job_title'],
            [{ ...good, entity: 'x'.repeat(201) }, 'too-long', 'entity'],
            [{ ...good, role: 'staff' }, 'unknown-field', 'role'],
        ];
        for (const [body, word, field] of bad) {
            expect(await refusal(await nobody.ask('POST', page, body))).toEqual([400, word, field]);
        }
        // a new one, again, one whom the server knows, one who is disabled: told the same
        const known = await person(staff, 'Known', { email: 'known@else.test' });
        const gone = await person(staff, 'Gone', { email: 'gone@else.test' });
        await staff.json('PATCH', `/api/v1/people/${gone.id}`, { disabled: true });
        const asked = [
            'reem@economy.test',
            'REEM@economy.test',
            'known@else.test',
            'gone@else.test',
        ];
        for (const email of asked) {
            const answer = await nobody.ask('POST', page, { ...good, email, entity: 'Typed' });
            expect([answer.status, await answer.json()]).toEqual([202, { next: 'approval' }]);
        }
        await nobody.json('POST', page, { ...good, name: 'Unwanted', email: 'u@else.test' });
        const waiting = await staff.json<RegistrationList>('GET', `${at(id)}/registrations`);
        expect(waiting.counts).toEqual({ waiting: 4, approved: 0, refused: 0 });
        expect(waiting.items[0]).toMatchObject({
            name: 'Reem',
            entity: 'وزارة الاقتصاد', // by the mail domain, not as typed
            entity_known: true,
            job_title: 'Officer',
        });
        const decide = (word: string, of: unknown) =>
            staff.json<RegistrationsDecided>('POST', `${at(id)}/registrations`, { act: word, of });
        const unwanted = waiting.items.find(({ name }) => name === 'Unwanted');
        expect(await decide('refuse', [unwanted?.id])).toMatchObject({ done: 1, links: [] });
        const approved = await decide('approve', 'waiting');
        expect(approved).toMatchObject({ done: 2, left_out: 1, mails: 0 });
        const [reem, second] = approved.links;
        expect(reem).toMatchObject({ name: 'Reem', email: 'reem@economy.test' });
        expect(second.person).toBe(known.id);
        expect((await Api.signIn(reem.url)).session).toBe(id);
        expect(server.log + stored(server)).not.toContain(code(reem.url));
        const made = await staff.json<Person>('GET', `/api/v1/people/${reem.person}`);
        expect(made).toMatchObject({ entity_id: entity.id, role: 'officer' });
        // a decided one is decided
        expect(await decide('approve', [unwanted?.id])).toMatchObject({ done: 0, left_out: 0 });

        await staff.json('PUT', page, { mode: 'off' });
        expect((await nobody.ask('GET', page)).status).toBe(404);
        expect(
            (await staff.json<RegistrationList>('GET', `${at(id)}/registrations`)).counts,
        ).toEqual({ waiting: 1, approved: 2, refused: 1 });
        for (const wrong of [{}, { mode: 'public' }, { ...settings, email: 'perhaps' }]) {
            expect((await staff.ask('PUT', page, wrong)).status).toBe(400);
        }
    });

    test('one address registers only so often; nobody after the end', async () => {
        const { id } = await create(staff);
        const nobody = new Api(server.url);
        const page = `${at(id)}/registration`;
        await staff.json('PUT', page, {
            mode: 'open',
            email: 'off',
            entity: 'off',
            job_title: 'off',
        });
        const statuses: number[] = [];
        for (let i = 0; i < 40; i++) {
            statuses.push((await nobody.ask('POST', page, { name: `N${i}` })).status);
        }
        expect(statuses).toContain(429);
        const taken = statuses.filter((status) => status === 202).length;
        expect(
            (await staff.json<RegistrationList>('GET', `${at(id)}/registrations`)).counts.waiting,
        ).toBe(taken); // open, but no mail can reach them
        await staff.state(id, 'cancelled');
        const late = await nobody.ask('GET', page);
        expect((await refusal(late)).slice(0, 2)).toEqual([409, 'registration-over']);
    });
});

test('with mail: the new ones are mailed in the same act, those who did not open it again; an open registration sends the link only to the address', async () => {
    test.setTimeout(patience(60_000));
    const relay = await Relay.start(temporaryFolder());
    const server = await Server.start({ command: 'serve', conf: mailConf(relay.port) });
    const staff = await Api.signIn(staffLink(server));
    const { id } = await create(staff);
    for (const name of ['Noura', 'Hind']) {
        await person(staff, name, { email: `${name.toLowerCase()}@economy.test` });
    }
    await person(staff, 'Ali');
    const dry = await many(staff, id, 'everybody', { mail: true, dry_run: true });
    expect(dry).toMatchObject({ invited: 3, without_address: 1, mails: 2 });
    expect(await many(staff, id, 'everybody', { mail: true })).toMatchObject({
        invited: 3,
        mails: 2,
    });
    await settled(staff, id, ['sent']);
    const to = (name: string) => relay.read().filter((mail) => mail.rcpt.startsWith(name));
    expect((await list(staff, id)).counts).toMatchObject({ mailable: 2, unmailed: 0 });
    expect(names((await list(staff, id, { show: 'unmailed' })).items)).toEqual(['Ali']);
    await Api.signIn(`${server.url}/ar/i/${codeIn(to('noura')[0])}`);
    const again = await staff.json<{ queued: number }>('POST', `${at(id)}/mails`, {
        kind: 'invitation',
        to: 'unopened',
    });
    expect(again.queued).toBe(1);
    await settled(staff, id, ['sent']);
    expect([to('noura').length, to('hind').length]).toEqual([1, 2]);
    // a replaced invitation: mailed links end as well
    const hind = (await list(staff, id, { q: 'hind' })).items[0] as Invitation;
    await act(staff, id, 'replace', [hind.id]);
    await expect(Api.signIn(`${server.url}/ar/i/${codeIn(to('hind')[0])}`)).rejects.toThrow(
        'link-unknown',
    );

    const nobody = new Api(server.url);
    const page = `${at(id)}/registration`;
    await staff.json('PUT', page, {
        mode: 'open',
        email: 'required',
        entity: 'off',
        job_title: 'off',
    });
    relay.forget();
    for (const email of ['new@else.test', 'noura@economy.test', 'new@else.test']) {
        const answer = await nobody.ask('POST', page, { name: 'Somebody', email });
        expect([answer.status, await answer.json()]).toEqual([202, { next: 'mail' }]);
    }
    await until('two mails', patience(10_000), async () => relay.files().length === 2);
    await settled(staff, id, ['sent']);
    const fresh = await Api.signIn(`${server.url}/ar/i/${codeIn(to('new')[0])}`);
    expect(fresh.session).toBe(id);
    const noura = await Api.signIn(`${server.url}/ar/i/${codeIn(to('noura')[0])}`);
    expect(await noura.json('GET', '/api/v1/me')).toMatchObject({ name: 'Noura' });
    // whom staff revoked is told the same, and waits
    const row = (await list(staff, id, { q: 'new' })).items[0];
    await staff.json('DELETE', `${at(id)}/invitations/${row.id}`);
    expect(await server.stop()).toBe(0);
    await relay.stop();
});
