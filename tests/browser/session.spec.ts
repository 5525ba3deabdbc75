// SPDX-License-Identifier: GPL-3.0-or-later
// A session in Chromium, whole: as officers, speaker and staff use it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Session } from '../lib/api';
import { delay, expectAdvancing, hold, look, watchOrigins } from '../lib/page';
import { Server } from '../lib/server';
import { patience, until } from '../lib/time';

const axeSource = readFileSync(
    createRequire(`${__dirname}/../../web/package.json`).resolve('axe-core/axe.min.js'),
    'utf8',
);

test.describe.configure({ mode: 'serial' });

let server: Server;
let staff: Api;
let begun = 0;
const contexts: BrowserContext[] = [];
const foreign: string[][] = [];

test.beforeAll(async () => {
    begun = Date.now();
    server = await Server.start();
    staff = await Api.signIn(server.staff);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

/** A person with a browser of their own, who opens their personal link. */
async function person(
    browser: { newContext: (options: object) => Promise<BrowserContext> },
    link: string,
    options: object = {},
): Promise<Page> {
    const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'ar-AE',
        ...options,
    });
    contexts.push(context);
    foreign.push(watchOrigins(context, server.url));
    const page = await context.newPage();
    await page.goto(link);
    await expect(page).not.toHaveURL(/\/i(\/|$)/); // signed in, and the code has left the address
    return page;
}

async function checkAxe(page: Page, what: string): Promise<void> {
    await page.evaluate(axeSource);
    const found = await page.evaluate(async () => {
        const { axe } = window as unknown as {
            axe: {
                run: (options: object) => Promise<{
                    violations: {
                        id: string;
                        nodes: { html: string; failureSummary?: string }[];
                    }[];
                }>;
            };
        };
        const { violations } = await axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        });
        return violations.map(
            (one) =>
                `${one.id}: ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary ?? ''}`,
        );
    });
    expect(found, `${what}: axe`).toEqual([]);
}

async function checkNarrow(page: Page, what: string): Promise<void> {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.waitForTimeout(200);
    const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wide, `${what}: sideways scroll at 320 px`).toBeLessThanOrEqual(0);
}

let officer: Page;

test('an officer opens the Arabic link and sees the picture over WebRTC', async ({ browser }) => {
    const opened = Date.now();
    officer = await person(browser, server.attend);
    await expect(officer).toHaveURL(new RegExp(`/ar/s/${server.session}$`));
    expect(
        await officer.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
    ).toEqual(['ar', 'rtl']);
    await expect
        .poll(async () => (await look(officer)).mark, { timeout: patience(15_000) })
        .not.toBeNull();
    const first = Date.now();
    await expect(officer.getByTestId('video')).toHaveAttribute('data-via', 'whep');
    await expectAdvancing(officer);
    const { epoch } = await staff.json<Session>('GET', `/api/v1/sessions/${server.session}`);
    console.log(
        `printed: start of the server to "ready" ${server.readyMs} ms; "ready" to the first frame seen in the browser ${first - begun - server.readyMs} ms, ` +
            `of which ${first - opened} ms from opening the personal link`,
    );
    console.log(
        `printed: delay picture to screen over WebRTC ${(await delay(officer, String(epoch))).toFixed(0)} ms (goal 250)`,
    );
});

test('the same in English over LL-HLS', async ({ browser }) => {
    const page = await person(browser, await staff.invite(server.session, 'attendee', 'Reader'), {
        locale: 'en-GB',
    });
    await expect(page).toHaveURL(/\/s\//);
    await page.goto(`${server.url}/en/s/${server.session}?via=hls`);
    expect(
        await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
    ).toEqual(['en', 'ltr']);
    await expectAdvancing(page);
    await expect(page.getByTestId('video')).toHaveAttribute('data-via', 'hls');
    const { epoch } = await staff.json<Session>('GET', `/api/v1/sessions/${server.session}`);
    await page.waitForTimeout(4000);
    console.log(
        `printed: delay picture to screen over LL-HLS ${(await delay(page, String(epoch))).toFixed(0)} ms (goal 2500)`,
    );
    await expectAdvancing(page);
    await page.context().close();
});

test('a question asked in one browser is approved in a second and appears in a third', async ({
    browser,
}) => {
    const desk = await person(browser, server.staff);
    await desk.goto(`${server.url}/ar/desk/${server.session}`);
    const other = await person(browser, await staff.invite(server.session, 'attendee', 'مريم'), {
        viewport: { width: 390, height: 844 },
    });
    const speaker = await person(browser, server.present);
    const text = 'كيف نقيس أثر الاتصال الحكومي في الاقتصاد الرقمي؟';

    await officer.getByTestId('ask-input').first().fill(text);
    await officer.getByTestId('ask-send').first().click();
    const mine = officer.locator('[data-question-id]', { hasText: text });
    await expect(mine).toHaveAttribute('data-state', 'pending');
    await expect(other.locator('[data-question-id]', { hasText: text })).toHaveCount(0);

    const incoming = desk.locator('[data-question-id]', { hasText: text });
    await expect(incoming).toBeVisible();
    await incoming.getByTestId('approve').click();
    const seen = other.locator('[data-question-id]', { hasText: text });
    await expect(seen).toHaveCount(1);
    await expect(mine).toHaveAttribute('data-state', 'approved');

    await seen.getByTestId('vote').click();
    await expect(mine).toContainText('1'); // the vote, told to everybody

    await desk.getByTestId('tab-approved').click();
    await desk.locator('[data-question-id]', { hasText: text }).getByTestId('on-air').click();
    await expect(speaker.getByTestId('current-question')).toContainText(text);
    await expect(seen).toHaveAttribute('data-state', 'on_air');

    await desk.getByTestId('tab-on_air').click();
    await desk.locator('[data-question-id]', { hasText: text }).getByTestId('answered').click();
    await expect(seen).toHaveAttribute('data-state', 'answered');

    for (const [page, what] of [
        [officer, 'attendee'],
        [desk, 'desk'],
        [speaker, 'presenter'],
    ] as const) {
        await checkAxe(page, what);
    }
    await checkNarrow(other, 'attendee');
    await checkNarrow(desk, 'desk');
});

test('staff pause, resume and end; every page follows; the recording plays and seeks', async () => {
    const [, , desk] = contexts.map((context) => context.pages()[0]);
    await desk.setViewportSize({ width: 1280, height: 800 });
    await hold(desk, 'pause');
    await expect(officer.getByTestId('state-card').first()).toBeVisible();
    await officer.waitForTimeout(1500);
    await hold(desk, 'resume');
    await expectAdvancing(officer);
    await officer.waitForTimeout(4000);
    await hold(desk, 'end');
    await expect(officer.getByTestId('state-card').first()).toContainText('انتهت الجلسة');
    await until('it is published with its MP4', 30_000, async () => {
        const now = await staff.json<Session>('GET', `/api/v1/sessions/${server.session}`);
        return now.state === 'published' && now.recording.mp4 === 'ready';
    });
    await officer.getByTestId('recording-link').first().click();
    await expect(officer).toHaveURL(new RegExp(`/ar/recordings/${server.session}`));
    const video = officer.getByTestId('video');
    await expect
        .poll(() => video.evaluate((element) => (element as HTMLVideoElement).readyState), {
            timeout: patience(15_000),
        })
        .toBeGreaterThanOrEqual(2);
    await video.evaluate((element) => (element as HTMLVideoElement).pause());
    const at = async (seconds: number) => {
        await video.evaluate(
            (element, to) =>
                new Promise<void>((done) => {
                    const player = element as HTMLVideoElement;
                    player.addEventListener('seeked', () => setTimeout(done, 300), { once: true });
                    player.currentTime = to;
                }),
            seconds,
        );
        return (await look(officer)).mark as number;
    };
    const early = await at(1);
    const later = await at(4);
    expect(Math.abs(later - early - 3000)).toBeLessThan(200);
    await checkAxe(officer, 'recording');
    expect(foreign.flat(), 'requests to other origins').toEqual([]);
    for (const context of contexts) {
        await context.close().catch(() => {});
    }
});
