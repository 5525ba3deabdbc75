// SPDX-License-Identifier: GPL-3.0-or-later
// Settings that an admin changes: in use at once, after a new start and beside another file; refusals, two editors, rights.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
    Api,
    type Invitation,
    type Problem,
    type Session,
    type Setting,
    type SettingList,
} from '../lib/api';
import { mailConf, Relay, settled } from '../lib/mail';
import { Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

const PATH = '/api/v1/settings';
const read = (api: Api) => api.json<SettingList>('GET', PATH);
const set = (api: Api, body: object) => api.json<SettingList>('PATCH', PATH, body);
const find = ({ items }: SettingList, section: string, name: string) =>
    items.find((one) => one.section === section && one.name === name) as Setting;

/** Mails an invitation to somebody new, and answers what the relay got. */
async function mailTo(staff: Api, relay: Relay, session: string, name: string) {
    const email = `${name}@entity.test`;
    await staff.json<Invitation>('POST', `/api/v1/sessions/${session}/invitations`, {
        name,
        email,
    });
    await staff.json('POST', `/api/v1/sessions/${session}/mails`, {
        kind: 'invitation',
        to: 'not-sent',
    });
    await settled(staff, session, ['sent']);
    const [mail] = relay.read().filter(({ rcpt }) => rcpt === email);
    return mail;
}

test('a change counts for the next mail, after a new start, and beside another file until it is taken back', async () => {
    test.setTimeout(patience(90_000));
    const relay = await Relay.start(temporaryFolder());
    const data = temporaryFolder();
    const options = {
        command: 'serve',
        data,
        conf: mailConf(relay.port, { per_minute: '1' }),
    } as const;
    let server = await Server.start(options);
    const link = new URL(staffLink(server, 'مريم')).pathname;
    let admin = await Api.signIn(server.url + link);
    const { id } = await admin.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: 'جلسة', en: 'A session' },
        starts_at: '2031-12-01T11:00:00+04:00',
    });
    const before = await mailTo(admin, relay, id, 'first');
    expect([before.from_name, before.reply_to]).toEqual(['60 دقيقة اتصال', 'office@majlis.test']);

    // the next mail would wait for a minute
    const list = await set(admin, {
        mail: { from_name: ' مكتب  الاتصال\n', reply_to: 'desk@majlis.test', per_minute: '6000' },
    });
    expect(find(list, 'mail', 'from_name')).toMatchObject({
        value: 'مكتب الاتصال',
        default: '',
        set: true,
        on_page: true,
        changed: { by: 'مريم', instead_of: '60 دقيقة اتصال' },
    });
    expect(find(list, 'mail', 'reminders').changed).toBeNull();
    expect(find(list, 'mail', 'relay')).toMatchObject({ on_page: false, changed: null });
    expect(await read(admin)).toEqual(list);
    const second = await mailTo(admin, relay, id, 'second');
    expect([second.from_name, second.reply_to, second.event?.organizer]).toEqual([
        'مكتب الاتصال',
        'desk@majlis.test',
        'mailto:desk@majlis.test',
    ]);

    expect(await server.stop()).toBe(0);
    server = await Server.start(options);
    admin = await Api.signIn(server.url + link);
    expect((await mailTo(admin, relay, id, 'third')).from_name).toBe('مكتب الاتصال');

    const conf = join(data, 'test.conf');
    const other = readFileSync(conf, 'utf8').replace(/^from_name=.*$/m, 'from_name=From the file');
    writeFileSync(conf, other);
    server.process.kill('SIGHUP');
    await until('the reload', patience(10_000), async () =>
        server.log.includes('the configuration was reloaded; changed: [mail] from_name'),
    );
    expect(server.log).toMatch(/admins set another value .* take it back: \[mail\] from_name/);
    expect(find(await read(admin), 'mail', 'from_name')).toMatchObject({
        value: 'مكتب الاتصال',
        changed: { by: 'مريم', instead_of: 'From the file' },
    });
    expect((await mailTo(admin, relay, id, 'fourth')).from_name).toBe('مكتب الاتصال');

    const back = await set(admin, { mail: { from_name: null } });
    expect(find(back, 'mail', 'from_name')).toMatchObject({
        value: 'From the file',
        changed: null,
    });
    const last = await mailTo(admin, relay, id, 'fifth');
    expect([last.from_name, last.reply_to]).toEqual(['From the file', 'desk@majlis.test']);
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

test.describe('on one server', () => {
    test.describe.configure({ mode: 'default' }); // one server
    let server: Server;
    let admin: Api;
    test.beforeAll(async () => {
        server = await Server.start({ conf: { archive: { keep_days: '90' } } });
        admin = await Api.signIn(server.admin);
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
    });

    for (const [body, code, field] of [
        [{ mail: { per_minute: '0' } }, 'out-of-range', 'mail.per_minute'],
        [{ archive: { keep_days: 'long' } }, 'out-of-range', 'archive.keep_days'],
        [{ mail: { reply_to: 'office@example..ae' } }, 'bad-value', 'mail.reply_to'],
        [{ mail: { reply_to: 'a@b.ae\r\nBcc: c@d.ae' } }, 'bad-value', 'mail.reply_to'],
        [{ mail: { reminders: 'tomorrow' } }, 'bad-value', 'mail.reminders'],
        [{ mail: { follow_ups: 'live, all' } }, 'bad-value', 'mail.follow_ups'],
        [{ mail: { from_name: 'x'.repeat(201) } }, 'bad-value', 'mail.from_name'],
        [{ mail: { per_minute: 30 } }, 'bad-value', 'mail.per_minute'],
        [{ mail: { relay: 'evil.example:25' } }, 'unknown-field', 'mail.relay'],
        [{ mail: { password_file: null } }, 'unknown-field', 'mail.password_file'],
        [{ mail: 'off' }, 'bad-value', 'mail'],
        [{ server: { listen: ':1' } }, 'unknown-field', 'server.listen'],
    ] as const) {
        test(`${JSON.stringify(body).slice(0, 60)}`, async () => {
            const { version } = await read(admin);
            const good = { archive: { keep_days: '30' } };
            const answer = await admin.ask('PATCH', PATH, { ...good, ...body });
            expect(answer.status).toBe(400);
            const problem = (await answer.json()) as Problem;
            expect(problem).toMatchObject({ code, field });
            expect(Object.keys(problem.params)).toEqual(
                code === 'out-of-range' ? ['min', 'max'] : ['allowed'],
            );
            const after = await read(admin); // nothing of it is taken
            expect(after.version).toBe(version);
            expect(find(after, 'archive', 'keep_days')).toMatchObject({
                value: '90',
                changed: null,
            });
        });
    }

    test('the second of two editors; whoever is no admin', async () => {
        const { version } = await read(admin);
        const seen = { 'If-Match': `"${version}"` };
        const first = await admin.ask('PATCH', PATH, { mail: { per_minute: '10' } }, seen);
        expect(first.status).toBe(200);
        expect(first.headers.get('etag')).not.toBe(seen['If-Match']);
        const second = await admin.ask('PATCH', PATH, { mail: { per_minute: '20' } }, seen);
        expect([second.status, ((await second.json()) as Problem).code]).toEqual([412, 'changed']);
        const staff = await Api.signIn(server.staff);
        const denied = await staff.ask('PATCH', PATH, { mail: { per_minute: '30' } });
        expect(denied.status).toBe(403);
        const shown = find(await read(staff), 'mail', 'per_minute');
        expect(shown).toMatchObject({ value: '10', set: false });
        expect(shown.changed?.instead_of).toBe('60');
    });

    test('how long recordings are kept counts at once', async () => {
        const kept = async () => {
            const { recording } = await admin.read(server.session);
            return Date.parse(recording.keep_until ?? '');
        };
        await admin.state(server.session, 'ended');
        const before = await kept();
        await set(admin, { archive: { keep_days: '30' } });
        expect((before - (await kept())) / 86_400_000).toBe(60);
        await set(admin, { archive: { keep_days: null } });
        expect(await kept()).toBe(before);
    });
});
