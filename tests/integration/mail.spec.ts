// SPDX-License-Identifier: GPL-3.0-or-later
// Mails through a real relay, read by Python's email and icalendar: invitations, changes, refusals, a relay that fails.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
    Api,
    type Invitation,
    type InvitationList,
    type Mail,
    type MailChoice,
    type MailPreview,
    type MailText,
    type MailTextList,
    type Plan,
    type Question,
    type Session,
} from '../lib/api';
import { codeIn, mailConf, mails, type Read, Relay, settled, stopIn } from '../lib/mail';
import { finished } from '../lib/recording';
import {
    binary,
    majlis,
    makeCertificate,
    root,
    Server,
    staffLink,
    temporaryFolder,
} from '../lib/server';
import { patience, slow, until } from '../lib/time';

const START = '2031-12-01T11:00:00+04:00';

const create = (staff: Api, starts_at = START) =>
    staff.json<Session>('POST', '/api/v1/sessions', {
        title: {
            ar: 'الاتصال في وقت الأزمات، وما يقال فيه حين لا يُعرف كل شيء بعد',
            en: 'Crisis communication',
        },
        speakers: [{ name: { ar: 'مريم الهاشمي', en: 'Maryam' }, role: { ar: '', en: '' } }],
        starts_at,
    });

const invite = (staff: Api, session: string, name: string, email: string | null) =>
    staff.json<Invitation>('POST', `/api/v1/sessions/${session}/invitations`, { name, email });

const send = (staff: Api, session: string, to: 'all' | 'not-sent' | string[] = 'not-sent') =>
    staff.json<{ queued: number }>('POST', `/api/v1/sessions/${session}/mails`, {
        kind: 'invitation',
        to,
    });

const decide = (staff: Api, mail: Mail, act: 'retry' | 'cancel') =>
    staff.json<Mail>('POST', `/api/v1/mails/${mail.id}`, { act });

/** By the address's local part. */
const byName = (items: Mail[]) =>
    Object.fromEntries(items.map((mail) => [mail.address.split('@')[0], mail]));

/** All that the data folder holds of the database. */
const stored = (server: Server) =>
    readdirSync(server.data)
        .filter((name) => name.startsWith('majlis.db'))
        .map((name) => readFileSync(join(server.data, name), 'latin1'))
        .join('');

test('invitations: read as meant, each with its own link; refusals, delays and doubts are told; a move and a cancellation follow', async () => {
    test.setTimeout(patience(60_000));
    const relay = await Relay.start(temporaryFolder());
    const server = await Server.start({ command: 'serve', conf: mailConf(relay.port) });
    const staff = await Api.signIn(staffLink(server));
    const { id } = await create(staff);
    const at = `/api/v1/sessions/${id}`;
    const name = 'نورة "الشامسي" بنت عبدالله من وزارة الاقتصاد والسياحة';
    await invite(staff, id, name, 'noura@economy.test');
    await invite(staff, id, 'No address', null);
    for (const local of ['refused', 'later-1', 'quote', 'drop']) {
        await invite(staff, id, local, `${local}@entity.test`);
    }
    const twice = await staff.ask('POST', `${at}/invitations`, {
        name: 'Again',
        email: 'NOURA@economy.test',
    });
    expect([twice.status, (await twice.json()).code]).toEqual([409, 'invited-already']);
    for (const email of ['a@b@c', 'a@b.ae\r\nBcc: x@y.ae', 'نورة@economy.test']) {
        const bad = await staff.ask('POST', `${at}/invitations`, { name: 'Bad', email });
        expect([bad.status, (await bad.json()).field]).toEqual([400, 'email']);
    }

    expect((await send(staff, id)).queued).toBe(5);
    const told = await until('every mail tried', patience(20_000), async () => {
        const list = await mails(staff, id);
        const open = list.items.some(
            (one) => one.state === 'sending' || (one.state === 'queued' && !one.reason),
        );
        return open ? null : list;
    });
    const all = byName(told.items);
    const states = Object.entries(all).map(([local, { state, reason }]) => [local, state, reason]);
    expect(states.sort()).toEqual([
        ['drop', 'doubt', 'interrupted'],
        ['later-1', 'queued', 'later'],
        ['noura', 'sent', null],
        ['quote', 'failed', 'refused'],
        ['refused', 'failed', 'refused'],
    ]);
    expect(all.refused.error).toContain('550 5.1.1 no such user');
    expect(all.quote.error).toMatch(/^554 5\.7\.1 blocked for https?:\/\/majlis\.test\/ar\/i\/…$/);
    expect(all['later-1'].next_at).not.toBeNull();
    expect(told.relay).toEqual({ configured: true, trouble: null });

    const [first] = relay.read().filter((mail) => mail.rcpt === 'noura@economy.test');
    expect(first).toMatchObject({
        envelope: 'sessions@majlis.test',
        to: 'noura@economy.test',
        from: 'sessions@majlis.test',
        from_name: '60 دقيقة اتصال',
        reply_to: 'office@majlis.test',
        auto: 'auto-generated',
        types: ['text/plain', 'text/html', 'text/calendar'],
        calendar_method: 'REQUEST',
        defects: [],
        event: {
            method: 'REQUEST',
            uid: `${id}@majlis`,
            sequence: 0,
            status: 'CONFIRMED',
            start: START,
            minutes: 60,
            zone: 'Asia/Dubai',
            zones: ['Asia/Dubai'],
            organizer: 'mailto:office@majlis.test',
            attendee: 'mailto:noura@economy.test',
            rsvp: 'TRUE',
            alarms: 1,
        },
    });
    expect(first.to_name.replace(/ +/g, ' ')).toBe(name); // Python doubles the space between encoded words
    expect(first.subject).toBe(
        'دعوة: الاتصال في وقت الأزمات، وما يقال فيه حين لا يُعرف كل شيء بعد | Invitation: Crisis communication',
    );
    expect(first.text.indexOf('السلام عليكم')).toBeLessThan(first.text.indexOf('Dear'));
    expect(first.longest).toBeLessThanOrEqual(76);
    expect(first.names.filter((one) => one === 'bcc')).toEqual([]);
    const guest = await Api.signIn(`${server.url}/ar/i/${codeIn(first)}`);
    expect([guest.role, guest.session]).toEqual(['attendee', id]);
    expect((await guest.ask('GET', `${at}/mails`)).status).toBe(403);
    expect(
        (await guest.ask('POST', `/api/v1/mails/${all.noura.id}`, { act: 'retry' })).status,
    ).toBe(403);
    expect(server.log + stored(server)).not.toContain(codeIn(first));

    // In doubt: it arrived, and is not sent again. Delayed: at once, by hand.
    expect((await decide(staff, all.drop, 'cancel')).state).toBe('sent');
    await decide(staff, all['later-1'], 'retry');
    await decide(staff, all.refused, 'cancel');
    await settled(staff, id, ['sent', 'failed', 'cancelled']);
    const sent = await staff.ask('POST', `/api/v1/mails/${all.noura.id}`, { act: 'retry' });
    expect([sent.status, (await sent.json()).code]).toEqual([409, 'mail-state']);
    const rows = await staff.json<InvitationList>('GET', `${at}/invitations`);
    expect(rows.items.map(({ mail }) => mail?.state ?? 'none').sort()).toEqual(
        ['cancelled', 'failed', 'none', 'sent', 'sent', 'sent'].sort(),
    );
    expect(
        relay
            .read()
            .map(({ rcpt }) => rcpt.split('@')[0])
            .sort(),
    ).toEqual(['drop', 'later-1', 'noura']);

    // A retry of Noura's brings another link, and the first stays good.
    const noura = rows.items.find(({ email }) => email === 'noura@economy.test');
    expect((await send(staff, id, [String(noura?.id)])).queued).toBe(1);
    await settled(staff, id, ['sent', 'failed', 'cancelled']);
    const links = relay
        .read()
        .filter((mail) => mail.rcpt === 'noura@economy.test')
        .map(codeIn);
    expect(new Set(links).size).toBe(2);
    for (const code of links) {
        await Api.signIn(`${server.url}/ar/i/${code}`);
    }

    relay.forget();
    const moved = '2031-12-02T12:30:00+04:00';
    await staff.json('PATCH', at, { starts_at: moved });
    const changes = await until('mails of the change', patience(10_000), async () => {
        const { items } = await mails(staff, id);
        const some = items.filter(({ kind }) => kind === 'change');
        return some.length === 3 ? some : null;
    });
    for (const change of changes) {
        await decide(staff, change, 'retry'); // they wait for staff who mistyped
    }
    await until('three mails', patience(10_000), async () => relay.files().length === 3);
    for (const mail of relay.read()) {
        expect(mail.event).toMatchObject({
            method: 'REQUEST',
            uid: `${id}@majlis`,
            sequence: 1,
            start: moved,
        });
        expect(mail.defects).toEqual([]);
    }
    const kept = await staff.ask('DELETE', at);
    expect([kept.status, (await kept.json()).code]).toEqual([409, 'mailed']);

    relay.forget();
    await staff.state(id, 'cancelled');
    await until('three mails', patience(10_000), async () => relay.files().length === 3);
    for (const mail of relay.read()) {
        expect(mail.event).toMatchObject({
            method: 'CANCEL',
            uid: `${id}@majlis`,
            sequence: 2,
            status: 'CANCELLED',
            alarms: 0,
        });
        expect([mail.calendar_method, codeIn(mail)]).toEqual(['CANCEL', '']);
    }
    await settled(staff, id, ['sent', 'failed', 'cancelled']);
    const late = await staff.ask('POST', `${at}/mails`, { kind: 'invitation', to: 'all' });
    expect([late.status, (await late.json()).code]).toEqual([409, 'session-over']);
    expect((await staff.ask('DELETE', at)).status).toBe(204); // all who were invited are told
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

test('a cancelled session is deleted at once; with mails owed nothing of it goes, not even its lobby', async () => {
    test.setTimeout(patience(60_000));
    const relay = await Relay.start(temporaryFolder());
    const server = await Server.start({ command: 'serve', conf: mailConf(relay.port) });
    const staff = await Api.signIn(staffLink(server));
    const gone = async (id: string) => {
        const answer = await staff.ask('DELETE', `/api/v1/sessions/${id}`);
        return answer.ok ? '' : ((await answer.json()) as { code: string }).code;
    };
    for (const opened of [false, true]) {
        const { id } = await create(staff);
        if (opened) {
            await staff.state(id, 'lobby');
        }
        await staff.state(id, 'cancelled');
        expect(await gone(id)).toBe('');
    }

    const { id } = await create(staff);
    await invite(staff, id, 'One', 'one@entity.test');
    await send(staff, id);
    await settled(staff, id, ['sent']);
    await staff.state(id, 'lobby');
    const journal = join(server.data, 'recordings', id, 'journal');
    await until('its recording', patience(20_000), async () => existsSync(journal));
    await relay.stop();
    await staff.state(id, 'cancelled');
    expect(await gone(id)).toBe('mailed');
    expect(existsSync(journal)).toBe(true);
    await relay.begin();
    await until(
        'the cancellation',
        patience(20_000),
        async () => (await mails(staff, id)).counts.sent === 2,
    );
    expect(await gone(id)).toBe('');
    expect(existsSync(journal)).toBe(false);
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

test('a relay that is down or busy loses nothing; reminders come once', async () => {
    test.setTimeout(patience(60_000));
    const relay = await Relay.start(temporaryFolder());
    await relay.stop();
    const conf = mailConf(relay.port, { reminders: '1m' });
    const server = await Server.start({ command: 'serve', conf });
    const staff = await Api.signIn(staffLink(server));
    // Reminded from a minute to half a minute before; more than a minute away while the invitation goes.
    const { id } = await create(staff);
    await invite(staff, id, 'One', 'one@entity.test');
    await invite(staff, id, 'Busy', 'busy-1@entity.test');
    expect((await send(staff, id)).queued).toBe(2);
    expect((await send(staff, id, 'all')).queued).toBe(0); // both are on their way
    await until(
        'the trouble',
        patience(10_000),
        async () => (await mails(staff, id)).relay.trouble === 'unreachable',
    );
    const { counts, items } = await mails(staff, id);
    expect([counts.queued, counts.failed, counts.doubt]).toEqual([2, 0, 0]);
    expect(items.every(({ attempts }) => attempts === 0)).toBe(true); // not the mails' fault
    expect(server.log).toMatch(/the mail relay 127\.0\.0\.1:\d+ takes no mail \(unreachable\)/);
    await relay.begin();
    const after = await settled(staff, id, ['sent']);
    expect(after.relay.trouble).toBeNull();
    expect(
        relay
            .read()
            .map(({ rcpt }) => rcpt)
            .sort(),
    ).toEqual(['busy-1@entity.test', 'one@entity.test']);

    relay.forget();
    const soon = await create(staff, new Date(Date.now() + 60_000 + 6_000 * slow).toISOString());
    await invite(staff, soon.id, 'One', 'one@entity.test');
    await send(staff, soon.id);
    await settled(staff, soon.id, ['sent']);
    const reminded = await until('the reminder', patience(15_000), async () => {
        await send(staff, soon.id); // has the sessions looked at
        const list = await mails(staff, soon.id);
        const some = list.items.filter(
            ({ kind, state }) => kind === 'reminder' && state === 'sent',
        );
        return some.length > 0 ? some : null;
    });
    expect(reminded.length).toBe(1);
    await send(staff, soon.id);
    const reminders = relay.read().filter(({ event }) => event === null);
    expect(reminders.length).toBe(1);
    expect(reminders[0].subject).toMatch(/^تذكير: /);
    expect(reminders[0].unsubscribe).toMatch(/<mailto:office@majlis\.test\?subject=unsubscribe>$/);
    expect(stopIn(reminders[0])).not.toBe('');
    expect(codeIn(reminders[0])).not.toBe('');
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

/** Sends at once what waits for staff who may have erred. */
async function hurry(staff: Api, session: string, kinds: string[], count: number): Promise<void> {
    const items = await until(kinds.join(), patience(20_000), async () => {
        const list = (await mails(staff, session)).items.filter(({ kind }) => kinds.includes(kind));
        return list.length === count ? list : null;
    });
    for (const mail of items.filter(({ state }) => state === 'queued')) {
        await staff.ask('POST', `/api/v1/mails/${mail.id}`, { act: 'retry' }); // or it is sent already
    }
}

const byRecipient = (list: Read[]) =>
    Object.fromEntries(list.map((mail) => [mail.rcpt.split('@')[0], mail]));

test('what follows: live to who is not there, the recording, an answer to its asker alone; a choice is kept @media', async () => {
    test.setTimeout(patience(120_000));
    const relay = await Relay.start(temporaryFolder());
    const conf = mailConf(relay.port, { per_minute: '6000' });
    conf.server.public_url = 'https://majlis.test';
    const server = await Server.start({ command: 'serve', conf });
    const staff = await Api.signIn(staffLink(server));
    const { id } = await create(staff);
    for (const local of ['there', 'away', 'declined', 'revoked', 'disabled']) {
        await invite(staff, id, local, `${local}@entity.test`);
    }
    await send(staff, id);
    await settled(staff, id, ['sent']);
    const invited = byRecipient(relay.read());
    const there = await Api.signIn(`${server.url}/ar/i/${codeIn(invited.there)}`);
    expect(invited.there.text).toContain(`/ar/i/${codeIn(invited.there)}?coming=yes`);
    expect(invited.there.text).toContain(`/en/i/${codeIn(invited.there)}?coming=no`);
    const declined = await Api.signIn(`${server.url}/ar/i/${codeIn(invited.declined)}`);
    await declined.json('PUT', `/api/v1/sessions/${id}/rsvp`, { coming: 'no' });
    await declined.ask('POST', '/api/v1/sign-out', {});
    const rows = await staff.json<InvitationList>('GET', `/api/v1/sessions/${id}/invitations`);
    const row = (name: string) => rows.items.find((one) => one.name === name);
    await staff.ask('DELETE', `/api/v1/sessions/${id}/invitations/${row('revoked')?.id}`);
    const person = `/api/v1/people/${row('disabled')?.person}`;
    await staff.json('PATCH', person, { disabled: true });

    relay.forget();
    await staff.state(id, 'lobby');
    await staff.state(id, 'live');
    const live = await until('the mail of the beginning', patience(20_000), async () => {
        const read = relay.read();
        return read.length > 0 ? read : null;
    });
    expect(live.map(({ rcpt }) => rcpt)).toEqual(['away@entity.test']);
    expect(live[0].subject).toMatch(/^بدأ البث: .*Live now: /);
    expect(live[0].event).toBeNull();

    // One click by the mail program, without a sign-in; opening the page changes nothing.
    const token = stopIn(live[0]);
    expect(live[0].one_click).toBe('List-Unsubscribe=One-Click');
    expect(live[0].text).toContain(`https://majlis.test/en/unsubscribe/${token}`);
    const page = `${server.url}/ar/unsubscribe/${token}`;
    const choice = `/api/v1/mail-choices/${token}`;
    const nobody = new Api(server.url);
    expect((await fetch(page)).status).toBe(200);
    expect(await nobody.json<MailChoice>('GET', choice)).toEqual({ reminders: true });
    const click = (body: string, at = page) =>
        fetch(at, {
            method: 'POST',
            body,
            headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        });
    expect((await click('')).status).toBe(400);
    expect((await click('List-Unsubscribe=One-Click', `${page.slice(0, -1)}~`)).status).toBe(404);
    expect(await nobody.json<MailChoice>('GET', choice)).toEqual({ reminders: true });
    expect((await click('List-Unsubscribe=One-Click')).status).toBe(200);
    expect(await nobody.json<MailChoice>('GET', choice)).toEqual({ reminders: false });

    relay.forget();
    const { id: question } = await there.json<Question>(
        'POST',
        `/api/v1/sessions/${id}/questions`,
        { text: 'كيف نخاطب <الجمهور>؟', anonymous: true },
    );
    for (const state of ['approved', 'on_air', 'answered']) {
        await staff.json('PATCH', `/api/v1/questions/${question}`, { state });
    }
    await staff.state(id, 'ended');
    await finished(staff, id);
    expect(relay.files()).toEqual([]); // the recording is for staff
    await staff.state(id, 'published');
    await hurry(staff, id, ['recording', 'answer'], 2);
    await until('both mails', patience(20_000), async () => relay.files().length === 2);
    const after = byRecipient(relay.read());
    expect(Object.keys(after).sort()).toEqual(['declined', 'there']);
    expect(after.declined.subject).toContain('The recording: ');
    expect(after.declined.text).toContain(`/en/i/${codeIn(after.declined)}?recording`);
    expect(after.there.subject).toContain('Your question was answered: ');
    expect(after.there.text).toContain('كيف نخاطب <الجمهور>؟');
    expect(after.there.html).toContain('كيف نخاطب &lt;الجمهور&gt;؟');
    expect(after.there.text).toContain(`?question=${question}`);
    const watcher = await Api.signIn(`${server.url}/ar/i/${codeIn(after.declined)}`);
    expect((await watcher.ask('GET', `/recordings/${id}/main.m3u8`)).status).toBe(200);
    for (const mail of relay.read()) {
        expect(mail.defects).toEqual([]);
        expect(server.log).not.toContain(codeIn(mail));
        expect(server.log).not.toContain(stopIn(mail));
    }

    // A choice is kept, and can be taken back.
    relay.forget();
    expect(await nobody.json<MailChoice>('GET', choice)).toEqual({ reminders: false });
    await staff.json('PATCH', person, { disabled: false });
    await nobody.json('PUT', choice, { reminders: true });
    await hurry(staff, id, ['recording'], 3); // what was not due before
    await until('the rest', patience(90_000), async () => relay.files().length === 2);
    expect(Object.keys(byRecipient(relay.read())).sort()).toEqual(['away', 'disabled']);
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

test('texts that staff write: refused at the field, shown before, sent, and back', async () => {
    const relay = await Relay.start(temporaryFolder());
    const server = await Server.start({ command: 'serve', conf: mailConf(relay.port) });
    const staff = await Api.signIn(staffLink(server));
    const kinds = (await staff.json<MailTextList>('GET', '/api/v1/mail-texts')).items;
    expect(kinds.map(({ kind }) => kind)).toContain('invitation-speaker');
    const kind = kinds.find((one) => one.kind === 'invitation');
    const at = '/api/v1/mail-texts/invitation';
    const subject = 'Come\r\nBcc: evil@x.test';
    const body = 'Dear {name},\r\n\r\n<b>{title}</b>\nSeries: {series}\nIn: {link}\n';
    const faults: [unknown, string, string][] = [
        [{ subject: '', body }, 'required', 'subject'],
        [{ subject: '{link}', body }, 'unknown-placeholder', 'subject'],
        [{ subject, body: '{nobody} {link}' }, 'unknown-placeholder', 'body'],
        [{ subject, body: 'Nothing to open' }, 'link-missing', 'body'],
        [{ subject: 'x'.repeat(201), body }, 'too-long', 'subject'],
        [{ subject, body: 5 }, 'bad-value', 'body'],
        [{ subject, body, more: '' }, 'unknown-field', 'more'],
    ];
    for (const [wrong, code, field] of faults) {
        const refused = await staff.ask('PUT', `${at}/en`, wrong);
        expect([refused.status, await refused.json()]).toMatchObject([400, { code, field }]);
    }
    const twice = await staff.ask('POST', `${at}/preview`, {
        ar: { subject, body },
        en: { subject, body: '{x}{link}' },
    });
    expect(await twice.json()).toMatchObject({ code: 'unknown-placeholder', field: 'en.body' });
    for (const nothing of ['/api/v1/mail-texts/nothing/ar', `${at}/fr`]) {
        expect((await staff.ask('PUT', nothing, { subject, body })).status).toBe(404);
    }
    const preview = await staff.json<MailPreview>('POST', `${at}/preview`, {
        ar: kind?.texts.ar && { subject: kind.texts.ar.subject, body: kind.texts.ar.body },
        en: { subject, body },
    });
    expect(preview.subject).toMatch(/^دعوة: .* \| Come Bcc: evil@x\.test$/);
    expect(preview.html).toContain('&lt;b&gt;<bdi>Crisis communication</bdi>&lt;/b&gt;');

    const saved = await staff.json<MailText>('PUT', `${at}/en`, { subject, body });
    expect(saved).toMatchObject({ subject: 'Come Bcc: evil@x.test', edited: true });
    const seen = { 'If-Match': `"${saved.version}"` };
    const again = await staff.ask('PUT', `${at}/en`, { subject, body }, seen);
    expect(again.status, 'by who saw the newest').toBe(200);
    const stale = await staff.ask(
        'PUT',
        `${at}/en`,
        { subject: 'Other', body },
        { 'If-Match': '"0"' },
    );
    expect(stale.status).toBe(412);
    const { id } = await create(staff);
    await invite(staff, id, 'One\r\nBcc: evil@x.test', 'one@entity.test');
    await send(staff, id);
    await settled(staff, id, ['sent']);
    const [mail] = relay.read();
    expect(mail.subject).toMatch(/ \| Come Bcc: evil@x\.test$/);
    expect(mail.names.filter((name) => name === 'bcc')).toEqual([]);
    expect(mail.defects).toEqual([]);
    expect(mail.text.replaceAll('\r', '')).toContain(
        'Dear One Bcc: evil@x.test,\n\n<b>Crisis communication</b>\nIn:\n',
    );
    expect(mail.text).not.toContain('Series');
    const back = await staff.json<MailText>('DELETE', `${at}/en`);
    expect(back).toMatchObject({ edited: false, version: '0', body: kind?.built_in.en.body });
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

test('answers of calendars: by staff and by a pipe, for the invited alone, the newest counts', async () => {
    const relay = await Relay.start(temporaryFolder());
    const server = await Server.start({ command: 'serve', conf: mailConf(relay.port) });
    const staff = await Api.signIn(staffLink(server));
    const { id } = await create(staff);
    await invite(staff, id, 'Noura', 'noura@entity.test');
    await send(staff, id);
    await settled(staff, id, ['sent']);
    const [file] = relay.files();
    const noura = await Api.signIn(`${server.url}/ar/i/${codeIn(relay.read()[0])}`);
    const rsvp = `/api/v1/sessions/${id}/rsvp`;
    const coming = async () => (await noura.json<Plan>('GET', rsvp)).coming;
    const made = (...words: string[]) =>
        execFileSync(join(root, 'tests/peers/answer-mail'), [file, ...words]);
    const take = (body: Uint8Array, type = 'message/rfc822') =>
        fetch(`${server.url}/api/v1/calendar-replies`, {
            method: 'POST',
            body: new Uint8Array(body),
            headers: { ...staff.headers, 'Content-Type': type },
        });
    const answer = await take(made('ACCEPTED'));
    expect(await answer.json()).toMatchObject({
        session: id,
        name: 'Noura',
        coming: 'yes',
        taken: true,
    });
    expect(await coming()).toBe('yes');
    const older = await take(
        made('DECLINED', '--ics', '--stamp', '2020-01-01T00:00:00Z'),
        'text/calendar',
    );
    expect(await older.json()).toMatchObject({ coming: 'no', taken: false });
    expect(await coming()).toBe('yes');

    const piped = (mail: Uint8Array) =>
        execFileSync(binary, ['reply', '--data', server.data], {
            input: mail,
            encoding: 'utf8',
            stdio: ['pipe', 'pipe', 'ignore'],
        });
    const stamp = new Date(Date.now() + 1000).toISOString();
    expect(piped(made('TENTATIVE', '--stamp', stamp))).toMatch(
        new RegExp(`^${id}\t\\w+\tmaybe\ttaken\n$`),
    );
    expect(await coming()).toBe('maybe');
    expect(piped(Buffer.from('Subject: Out of office\n\nI am away.\n'))).toBe('');
    expect(piped(made('ACCEPTED', '--sender', 'stranger@entity.test'))).toBe('');

    const refused: [Uint8Array, string, number, string][] = [
        [
            made('ACCEPTED', '--sender', 'stranger@entity.test'),
            'message/rfc822',
            409,
            'reply-not-invited',
        ],
        [made('NEEDS-ACTION'), 'message/rfc822', 400, 'reply-unreadable'],
        [Buffer.from('x'), 'text/calendar', 400, 'reply-unreadable'],
        [Buffer.from('x'), 'text/plain', 415, 'media-type'],
    ];
    for (const [body, type, status, code] of refused) {
        const said = await take(body, type);
        expect([said.status, (await said.json()).code]).toEqual([status, code]);
    }
    const before = made('DECLINED');
    await staff.json('PATCH', `/api/v1/sessions/${id}`, { starts_at: '2031-12-02T12:30:00+04:00' });
    const moved = await take(before);
    expect([moved.status, (await moved.json()).code]).toEqual([409, 'reply-old']);
    expect(await coming()).toBe('maybe');
    expect(await server.stop()).toBe(0);
    await relay.stop();
});

test.describe('encrypted, with a password', () => {
    const folder = temporaryFolder();
    const certificate = join(folder, 'relay.pem');
    const key = join(folder, 'relay.key');
    const password = join(folder, 'password');
    makeCertificate(certificate, key);
    writeFileSync(password, 'a pass"word\\\n', { mode: 0o600 });
    const words = [
        '--certificate',
        certificate,
        '--key',
        key,
        '--user',
        'majlis',
        '--password',
        'a pass"word\\',
    ];
    const secure = (security: string, more: Record<string, string> = {}) => ({
        security,
        user: 'majlis',
        password_file: password,
        ca_file: certificate,
        ...more,
    });

    for (const security of ['starttls', 'tls']) {
        test(`${security}: sent, and nothing of the password is told`, async () => {
            const relay = await Relay.start(temporaryFolder(), [...words, '--security', security]);
            const server = await Server.start({
                command: 'serve',
                conf: mailConf(relay.port, secure(security)),
            });
            const staff = await Api.signIn(staffLink(server));
            const { id } = await create(staff);
            await invite(staff, id, 'One', 'one@entity.test');
            await send(staff, id);
            await settled(staff, id, ['sent']);
            expect(relay.files().length).toBe(1);
            expect(server.log).not.toContain('pass"word');
            expect(await server.stop()).toBe(0);
            await relay.stop();
        });
    }

    test('what is wrong with the relay is said by the server and by majlis check', async () => {
        const relay = await Relay.start(temporaryFolder(), [...words, '--security', 'starttls']);
        const wrong = join(folder, 'wrong');
        writeFileSync(wrong, 'wrong-horse-battery', { mode: 0o600 });
        const cases: [string, Record<string, string>, RegExp][] = [
            ['login', secure('starttls', { password_file: wrong }), /refuses \[mail\] user/],
            ['certificate', secure('starttls', { ca_file: '' }), /certificate is not trusted/],
            ['no-tls', secure('tls'), /does not encrypt in this way/],
        ];
        for (const [reason, more, words] of cases) {
            const server = await Server.start({
                command: 'serve',
                conf: mailConf(relay.port, more),
            });
            const staff = await Api.signIn(staffLink(server));
            const { id } = await create(staff);
            await invite(staff, id, 'One', 'one@entity.test');
            await send(staff, id);
            await until(
                reason,
                patience(10_000),
                async () => (await mails(staff, id)).relay.trouble === reason,
            );
            expect((await mails(staff, id)).counts.queued).toBe(1);
            expect(await server.stop()).toBe(0);
            if (reason !== 'login') {
                continue; // the others' words are in the same table; a check takes its time
            }
            const data = temporaryFolder();
            mkdirSync(join(data, 'data'));
            const file = join(data, 'majlis.conf');
            const { server: at, mail } = mailConf(relay.port, more);
            const lines = Object.entries(mail).map(([name, value]) => `${name}=${value}`);
            const small = '[programme]\nencoder=small\n';
            writeFileSync(
                file,
                `${small}[server]\npublic_url=${at.public_url}\n[mail]\n${lines.join('\n')}\n`,
            );
            const said = majlis(
                'check',
                '--config',
                file,
                '--data',
                join(data, 'data'),
                '--listen',
                '127.0.0.1:0',
            );
            expect(said.text).toMatch(words);
            expect(said.text).not.toContain('wrong-horse');
        }
        expect(relay.files()).toEqual([]);
        await relay.stop();
    });
});

test('without a relay staff are told so', async () => {
    const server = await Server.start();
    const staff = await Api.signIn(server.staff);
    const answer = await staff.ask('POST', `/api/v1/sessions/${server.session}/mails`, {
        kind: 'invitation',
        to: 'all',
    });
    expect([answer.status, (await answer.json()).code]).toEqual([409, 'mail-off']);
    expect((await mails(staff, server.session)).relay).toEqual({
        configured: false,
        trouble: null,
    });
    expect(await server.stop()).toBe(0);
});
