// SPDX-License-Identifier: GPL-3.0-or-later
// The officer's pages in small windows, in the dark, and with texts that people should not have typed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { expectReachable, NARROW, sidewaysFaults } from '../lib/focus';
import { Server } from '../lib/server';

test.describe.configure({ mode: 'serial' });

let server: Server;
let staff: Api;
let asker: Api;
let context: BrowserContext;
let officer: Page;

async function person(browser: Browser, link: string): Promise<Page> {
    context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'ar-AE',
        reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(link);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
    return page;
}

async function ask(text: string, state: string): Promise<string> {
    const { id } = await asker.json<{ id: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/questions`,
        { text },
    );
    for (const next of state === 'on_air' ? ['approved', 'on_air'] : [state]) {
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state: next });
    }
    return id;
}

test.beforeAll(async ({ browser }) => {
    server = await Server.start({ conf: { programme: { encoder: 'small' } } });
    staff = await Api.signIn(server.staff);
    asker = await Api.signIn(await staff.invite(server.session, 'attendee', 'First officer'));
    officer = await person(browser, server.attend);
});
test.afterAll(async () => {
    await context?.close();
    expect(await server.stop()).toBe(0);
});

test('a keyboard reaches everything on the live page in small windows, and sees where it is', async () => {
    for (let i = 0; i < 6; i++) {
        await ask(
            `Question ${i}: how are services announced to people in every emirate at the same time?`,
            'approved',
        );
    }
    await ask(
        'The one on air: what comes first, the message or the channel? '.repeat(4).trim(),
        'on_air',
    );
    await expect(officer.locator('[data-testid=questions] > li')).toHaveCount(7);
    await expectReachable(officer, 'live', [
        { width: 1280, height: 800 },
        { width: 1280, height: 600 },
    ]);
    const stops = await expectReachable(officer, 'live');
    expect(stops.join()).toContain('ask-input');
    await officer.getByTestId('ask-input').fill('A draft, so that sending is possible');
    expect((await expectReachable(officer, 'live with a draft')).join()).toContain('ask-send');
});

const TEXTS = {
    letters: 'م'.repeat(300),
    latin: 'w'.repeat(300),
    address: `https://example.gov.ae/${'a-long-path/'.repeat(22)}`,
    marks: [...'question'].map((letter) => letter + '\u0301'.repeat(4)).join(''),
    override: '\u202Ereversed\u202E and never ended',
};

test('no text of a person widens a page, overlaps its neighbours or turns their direction', async () => {
    for (const text of Object.values(TEXTS)) {
        await ask(text, 'approved');
    }
    const list = officer.getByTestId('questions');
    for (const text of [TEXTS.letters, TEXTS.address, 'and never ended']) {
        await expect(list.getByText(text)).toBeVisible();
    }
    for (const size of [{ width: 1280, height: 800 }, ...NARROW]) {
        await officer.setViewportSize(size);
        await expect
            .poll(() => sidewaysFaults(officer), { message: `${size.width}x${size.height}` })
            .toEqual([]);
        const inner = await officer.evaluate(
            () =>
                [...document.querySelectorAll('main *')].filter(
                    (one) =>
                        ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) &&
                        one.scrollWidth > one.clientWidth,
                ).length,
        );
        expect(inner, 'parts that scroll sideways').toBe(0);
    }
    const marks = list.getByText(TEXTS.marks);
    expect(await marks.evaluate((one) => getComputedStyle(one).overflowY)).toBe('clip');
    expect((await marks.boundingBox())?.height).toBeLessThan(120);
    expect(
        await list
            .getByText('and never ended')
            .evaluate((one) => getComputedStyle(one).unicodeBidi),
    ).toContain('isolate');
    await officer.setViewportSize({ width: 1280, height: 800 });
});

test('"without my name" is ticked for one question, and a sentence tells who sees the name', async () => {
    const box = officer.getByTestId('ask-anonymous');
    const who = officer.getByTestId('ask-who');
    const input = officer.getByTestId('ask-input');
    const off = await box.screenshot();
    const sentence = await who.innerText();
    await box.press('Space'); // a key of the player elsewhere
    await expect(box).toBeChecked();
    await officer.mouse.move(0, 0);
    expect((await box.screenshot()).equals(off), 'looks the same on and off').toBe(false);
    await expect(who).not.toHaveText(sentence);
    await input.fill('Asked without a name');
    await officer.getByTestId('ask-send').click();
    await expect(officer.getByTestId('ask-sent')).toBeVisible();
    await expect(box).not.toBeChecked();
    await expect(who).toHaveText(sentence);

    await staff.json('PATCH', `/api/v1/sessions/${server.session}`, { show_names: true });
    await expect(who).not.toHaveText(sentence);
    await ask('Asked by name, for all to see', 'approved');
    const named = officer.locator('li', { hasText: 'Asked by name, for all to see' });
    await expect(named.getByTestId('asker')).toHaveText('First officer');
    const { items } = await staff.json<{ items: { id: string; text: string }[] }>(
        'GET',
        `/api/v1/sessions/${server.session}/questions`,
    );
    const hidden = items.find(({ text }) => text === 'Asked without a name');
    await staff.json('PATCH', `/api/v1/questions/${hidden?.id}`, { state: 'approved' });
    const unnamed = officer.locator('li', { hasText: 'Asked without a name' });
    await expect(unnamed).toHaveAttribute('data-state', 'approved');
    await expect(unnamed.getByTestId('asker')).toHaveCount(0);
});

test('the agenda that staff saved stands beside the questions', async () => {
    const tab = officer.getByTestId('tab-agenda');
    await expect(tab).toHaveCount(0);
    const agenda = [
        { title: { ar: 'افتتاح', en: 'Opening' }, minutes: 40 },
        { title: { ar: TEXTS.letters.slice(0, 190), en: '' } },
        { title: { ar: 'ختام', en: 'Closing' } },
    ];
    await staff.json('PATCH', `/api/v1/sessions/${server.session}`, { agenda });
    await tab.click();
    await expect(officer.getByTestId('officer-agenda').locator('li')).toHaveText([
        /^افتتاح.+ · 40.دقيقة$/,
        new RegExp(`^${TEXTS.letters.slice(0, 190)}\\d+:\\d\\d`),
        'ختام', // behind one whose length is not planned
    ]);
    await tab.press('ArrowRight'); // right to left: back to the questions
    await expect(officer.getByTestId('tab-questions')).toBeFocused();
    await expect(officer.getByTestId('ask-input')).toBeVisible();
});

const AXE = readFileSync(
    createRequire(`${__dirname}/../../web/package.json`).resolve('axe-core/axe.min.js'),
    'utf8',
);

async function axeFaults(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    return page.evaluate(async () => {
        const { axe } = window as unknown as {
            axe: {
                run: (
                    options: object,
                ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
            };
        };
        const { violations } = await axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        });
        return violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
    });
}

test('dark by the system or by the switch, which the server remembers before the first paint', async () => {
    const ground = () => officer.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await officer.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    expect(await axeFaults(officer), 'live, dark').toEqual([]);
    const choice = officer.getByTestId('theme-switch');
    await choice.click();
    await expect(choice).toHaveAttribute('data-theme-now', 'light');
    await expect.poll(ground).toBe(light);
    expect(await axeFaults(officer), 'live, light').toEqual([]);
    await officer.emulateMedia({ colorScheme: 'light' });
    await choice.click();
    await expect.poll(ground).toBe(dark);
    const page = await context.request.get(officer.url());
    expect(await page.text()).toContain('data-theme="dark"');
    await choice.click();
    expect(await (await context.request.get(officer.url())).text()).toContain('data-theme="auto"');
});

test('a session to come: calendar, the time here, a check; the page then opens by itself, and ends plainly', async ({
    browser,
}) => {
    const { id } = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title: { ar: 'جلسة قادمة', en: 'A session to come' },
        starts_at: new Date(Date.now() + 11 * 86_400_000).toISOString(),
        duration_minutes: 30,
        agenda: [{ title: { ar: 'افتتاح', en: 'Opening' } }],
    });
    const link = (await staff.invite(id, 'attendee', 'Early officer')).replace('/ar/', '/en/');
    const early = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        timezoneId: 'Europe/London',
    });
    const page = await early.newPage();
    await page.goto(link);
    const card = page.getByTestId('state-card');
    await expect(card).toContainText('opens by itself on');
    await expect(card).not.toContainText('shortly');
    await expect(page.getByTestId('time-here')).toBeVisible();
    await expect(page.getByTestId('officer-agenda')).toContainText('Opening');

    const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('calendar').click(),
    ]);
    const event = readFileSync(await file.path(), 'utf8');
    expect(event).toContain(`\r\nUID:${id}@majlis\r\n`);
    expect(event).toContain('\r\nSUMMARY:A session to come\r\n');
    const path = `/api/v1/sessions/${id}/calendar.ics`;
    expect((await new Api(server.url).ask('GET', path)).status).toBe(401);
    expect((await asker.ask('GET', path)).status).toBe(403);

    await page.getByTestId('check-start').click();
    await page.getByTestId('heard-yes').click();
    await expect(page.getByTestId('check-sound')).toHaveAttribute('data-good', 'true');
    await expect(page.getByTestId('check-line')).toContainText('Mb/s');
    await expect(page.getByTestId('check-questions')).toHaveAttribute('data-good', 'true');
    await expect(page.getByTestId('check-picture')).toContainText('not tested');
    expect(await axeFaults(page), 'waiting').toEqual([]);
    await expectReachable(page, 'waiting');

    await page.evaluate(() => {
        (window as unknown as { same: boolean }).same = true;
    });
    await staff.state(id, 'lobby');
    await staff.state(id, 'live');
    await expect(page.getByTestId('video')).toHaveAttribute('data-state', 'playing');
    expect(
        await page.evaluate(() => (window as unknown as { same?: boolean }).same),
        'loaded anew',
    ).toBe(true);
    await expect(page.getByTestId('waiting')).toHaveCount(0);

    await staff.state(id, 'ended');
    await expect(page.getByTestId('recording-state')).toContainText(
        'opens here once the organisers publish it',
    );
    await page.getByTestId('tab-questions').click();
    await expect(page.locator('#panel-questions')).toContainText('No questions were asked');
    expect(await axeFaults(page), 'ended').toEqual([]);
    await expectReachable(page, 'ended');
    await early.close();
});

test('a lost sign-in is told over the page, which stays with what was typed', async ({
    browser,
}) => {
    const guest = await staff.json<{ id: string; url: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/invitations`,
        { role: 'attendee', name: 'Guest' },
    );
    const own = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await own.newPage();
    await page.goto(guest.url);
    await page.getByTestId('ask-input').fill('Half a question');
    await expect(page.getByTestId('video')).toHaveAttribute('data-state', 'playing');
    await staff.json('DELETE', `/api/v1/sessions/${server.session}/invitations/${guest.id}`);
    const dialog = page.getByTestId('sign-in-lost');
    await expect(dialog).toBeVisible();
    await expect(dialog.getByTestId('sign-in-again')).toHaveAttribute('href', /\/sign-in$/);
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('sign-in-lost-note')).toBeVisible();
    await expect(page.getByTestId('ask-input')).toHaveValue('Half a question');
    await expect(page.getByTestId('video')).toBeAttached();
    await page.goto(server.attend);
    await expect(page.getByTestId('ask-input')).toHaveValue('Half a question');
    await own.close();
});
