// SPDX-License-Identifier: GPL-3.0-or-later
// The month around an hour, as staff and an officer live it: a series, a roster from an old Windows program, one act
// that invites, mails, a move, answers, a registration, the hour, and a word that finds its place afterwards.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test';
import ICAL from 'ical.js';
import { Api, type PersonList, type Plan, type Session } from '../lib/api';
import { codeIn, mailConf, mails, type Read, Relay, settled } from '../lib/mail';
import { expectAdvancing, hold } from '../lib/page';
import { Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one month, in this order

const OFFICERS = 60;
const ENTITIES = 20;
const QUESTION = 'كيف تُدارُ السُّمعةُ في الأزمات؟';

let server: Server;
let relay: Relay;
let staff: Api;
let contexts: BrowserContext[] = [];
let desk: Page;
let officer: Page;
let session: Session;
let link = ''; // of the first officer

/** Sixty officers of twenty entities, with three lines that cannot be taken. */
function roster(): Buffer {
    const lines = Array.from({ length: OFFICERS }, (_, i) => {
        const entity = (i % ENTITIES) + 1;
        return `الموظف ${i + 1};officer${i + 1}@entity${entity}.test;الجهة رقم ${entity}`;
    });
    lines.splice(10, 0, 'بلا عنوان صحيح;officer@;الجهة رقم 1');
    lines.splice(30, 0, ';nobody@entity2.test;الجهة رقم 2');
    lines.push('جهة غير معروفة;other@other.test;جهة لا يعرفها أحد');
    return execFileSync('iconv', ['-f', 'UTF-8', '-t', 'CP1256'], {
        input: ['الاسم;البريد;الجهة', ...lines].join('\r\n'),
    });
}

test.beforeAll(async ({ browser }) => {
    relay = await Relay.start(temporaryFolder());
    const conf = mailConf(relay.port);
    server = await Server.start({
        command: 'serve',
        conf: { ...conf, rtc: { listen: '127.0.0.1:0' } },
    });
    staff = await Api.signIn(staffLink(server, 'Program'));
    for (let i = 1; i <= ENTITIES; i++) {
        await staff.json('POST', '/api/v1/entities', {
            code: `E${i}`,
            name: { ar: `الجهة رقم ${i}`, en: `Entity ${i}` },
        });
    }
    desk = await open(browser, staffLink(server), { width: 1280, height: 800 });
});
test.afterAll(async () => {
    await Promise.all(contexts.map((one) => one.close()));
    relay?.stop();
    expect(await server?.stop()).toBe(0);
});

async function open(
    browser: Browser,
    url: string,
    viewport: { width: number; height: number },
): Promise<Page> {
    const context = await browser.newContext({ viewport, locale: 'ar-AE' });
    contexts = [...contexts, context];
    context.setDefaultTimeout(patience(5000));
    const page = await context.newPage();
    await page.goto(url);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
    return page;
}

const fill = (id: string, text: string) => desk.getByTestId(id).fill(text);
const press = (id: string) => desk.getByTestId(id).click();

/** The mails that came for an officer, oldest first. */
const mailsOf = (number: number): Read[] =>
    relay.read().filter((mail) => mail.rcpt.startsWith(`officer${number}@`));

/** Identity, number and start of the event in a mail, which python3-icalendar and ical.js read alike. */
function eventIn(mail: Read) {
    expect(mail.defects).toEqual([]);
    const calendar = new ICAL.Component(ICAL.parse(mail.calendar));
    for (const zone of calendar.getAllSubcomponents('vtimezone')) {
        ICAL.TimezoneService.register(new ICAL.Timezone(zone));
    }
    const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent') as never);
    const start = new Date(String(mail.event?.start));
    expect([mail.event?.uid, mail.event?.sequence, start.getTime()]).toEqual([
        event.uid,
        event.sequence,
        event.startDate.toJSDate().getTime(),
    ]);
    return [event.uid, event.sequence, start.toISOString()];
}

test('a series, and the roster of its officers', async () => {
    await press('to-series');
    await press('new-entry');
    await fill('name-ar', '60 دقيقة اتصال');
    await fill('name-en', '60 Minutes of Communication');
    await press('save-entry');
    await expect(desk.getByTestId('entry')).toContainText('60 دقيقة اتصال');

    const file = join(server.data, 'roster.csv');
    writeFileSync(file, roster());
    await desk.goto(`${server.url}/ar/staff/people`);
    await press('to-import');
    await desk.getByTestId('roster-file').setInputFiles(file);
    await press('read-roster');
    await expect(desk.getByTestId('review')).toContainText('Windows-1256');
    await expect(desk.getByTestId('only-refused')).toHaveAttribute('data-count', '3');
    await press('take-roster');
    await expect(desk.getByTestId('roster-done')).toBeVisible();
    const { items } = await staff.json<PersonList>('GET', '/api/v1/people?q=officer&limit=100');
    expect(items).toHaveLength(OFFICERS);
});

test('a session of it; everybody is invited in one act, and each gets a link by mail', async () => {
    await desk.goto(`${server.url}/ar/staff#new`);
    await desk.getByTestId('session-series').selectOption({ label: '60 دقيقة اتصال' });
    await fill('title-ar', 'الاتصال الحكومي في عصر الاقتصاد الرقمي');
    await press('step-next');
    await press('step-next');
    await fill('starts-at', '2031-05-01T11:00');
    await press('create-session');
    await desk.waitForURL('**/desk/*');
    session = await staff.read(String(desk.url().split('/').pop()));
    await press('tab-invitations');
    await press('open-invite-many');
    await press('invite-whom-everybody');
    await expect(desk.getByTestId('invite-preview')).toContainText(String(OFFICERS));
    await desk.getByTestId('invite-mail').check();
    await press('invite-now');
    await expect(desk.getByTestId('invite-done')).toContainText(String(OFFICERS));
    const { items } = await settled(staff, session.id, ['sent']);
    expect(items).toHaveLength(OFFICERS);
    expect(new Set(relay.read().map(codeIn)).size).toBe(OFFICERS);
    const [first] = mailsOf(1);
    expect(eventIn(first)).toEqual([`${session.id}@majlis`, 0, '2031-05-01T07:00:00.000Z']);
    link = `${server.url}/ar/i/${codeIn(first)}`;
});

test('the hour moves: the same event in every calendar, one number higher', async () => {
    await desk.goto(`${server.url}/ar/staff#edit=${session.id}`);
    await fill('starts-at', '2031-05-02T12:00');
    await press('save-session');
    for (const change of await until('the changes are due', patience(10_000), async () => {
        const { items } = await mails(staff, session.id);
        const some = items.filter(({ kind }) => kind === 'change');
        return some.length === OFFICERS ? some : null;
    })) {
        await staff.json('POST', `/api/v1/mails/${change.id}`, { act: 'retry' }); // not after its pause
    }
    await settled(staff, session.id, ['sent']);
    const last = mailsOf(1).at(-1) as Read;
    expect(eventIn(last)).toEqual([`${session.id}@majlis`, 1, '2031-05-02T08:00:00.000Z']);
});

test('an officer opens the link of the mail on a phone and says yes', async ({ browser }) => {
    officer = await open(browser, link, { width: 390, height: 844 });
    await officer.goto(`${server.url}/ar/`);
    await officer.getByTestId('rsvp-yes').click();
    await expect(officer.getByTestId('rsvp-yes')).toHaveAttribute('aria-pressed', 'true');
    await desk.goto(`${server.url}/ar/desk/${session.id}`);
    await press('tab-invitations');
    await expect(desk.getByTestId('coming')).toBeVisible();
    const { counts } = await staff.json<Plan>('GET', `/api/v1/sessions/${session.id}/rsvp`);
    expect(counts).toMatchObject({ yes: 1, maybe: 0, no: 0 });
});

test('somebody without a link registers, staff approve, and the link comes by mail', async ({
    browser,
}) => {
    await press('open-registration');
    await desk.getByTestId('registration-approval').check();
    await press('save-registration');
    const address = await desk.getByTestId('registration-url').inputValue();
    const visitor = await open(browser, server.url + new URL(address).pathname, {
        width: 390,
        height: 844,
    });
    await visitor.getByTestId('register-name').fill('ريم المنصوري');
    await visitor.getByTestId('register-email').fill('reem@entity3.test');
    await visitor.getByTestId('register-send').click();
    await expect(visitor.getByTestId('registered')).toHaveAttribute('data-next', 'approval');
    await desk.reload();
    await press('tab-invitations');
    await press('open-registration');
    await press('approve-registration');
    await expect(desk.getByTestId('registered-person')).toHaveAttribute('data-state', 'approved');
    const mail = await until('her mail', patience(20_000), async () =>
        relay.read().find(({ rcpt }) => rcpt === 'reem@entity3.test'),
    );
    await visitor.goto(`${server.url}/ar/i/${codeIn(mail)}`);
    await visitor.waitForURL(/\/s\//);
});

test('the hour: a picture, a question, its answer', async () => {
    await desk.goto(`${server.url}/ar/desk/${session.id}`);
    await hold(desk, 'lobby');
    await hold(desk, 'start');
    await press('ask-confirm'); // its day is to come
    await expect(desk.getByTestId('state-chip').first()).toHaveAttribute('data-state', 'live');
    await officer.goto(`${server.url}/ar/s/${session.id}`);
    await expectAdvancing(officer, patience(20_000));
    await officer.getByTestId('ask-input').fill(QUESTION);
    await officer.getByTestId('ask-send').click();
    await desk.getByTestId('approve').first().click();
    await press('tab-approved');
    await desk.getByTestId('on-air').first().click();
    await expect(officer.locator('[data-question-id][data-state=on_air]')).toHaveCount(1);
    await press('tab-on_air');
    await desk.getByTestId('answered').first().click();
    await expect(officer.locator('[data-question-id][data-state=answered]')).toHaveCount(1);
    await hold(desk, 'end');
    await hold(desk, 'publish');
    await until('its recording is whole', patience(60_000), async () => {
        const { state, recording } = await staff.read(session.id);
        return state === 'published' && recording.steps.every((step) => step.state === 'ready');
    });
});

for (const [how, words] of [
    ['with vowel signs', 'تُدارُ السُّمعةُ'],
    ['without them', 'تدار السمعة'],
]) {
    test(`later, a word of the question ${how} leads to its second`, async () => {
        await officer.goto(`${server.url}/ar/recordings`);
        await officer.getByTestId('search').fill(words);
        await expect(officer.getByTestId('hit')).toHaveCount(1);
        await officer.getByTestId('hit').click();
        await officer.waitForURL(`**/ar/recordings/${session.id}#t=*`);
        const video = officer.getByTestId('video');
        await expect(video).toHaveAttribute('data-state', 'playing');
        const second = Number(/#t=([\d.]+)/.exec(officer.url())?.[1]);
        const position = () => video.evaluate((one: HTMLVideoElement) => one.currentTime);
        await expect.poll(position).toBeGreaterThan(second);
        expect(await position()).toBeLessThan(second + 4);
    });
}
