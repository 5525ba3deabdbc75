// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody looks for a question of a past session: by a word as people type it, with the keyboard, to its second.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Chapter, type Question } from '../lib/api';
import { Server } from '../lib/server';
import { patience, until, wait } from '../lib/time';

test.describe.configure({ mode: 'default' });

const TEXT = 'كيف تُبنى الثِّقةُ مع الجمهور في الأزمات؟';

let server: Server;
let staff: Api;
let question: Question;
let atMs = 0;
let context: BrowserContext;
let page: Page;

test.beforeAll(async ({ browser }) => {
    test.setTimeout(patience(120_000));
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    const attendee = await Api.signIn(server.attend);
    const about = `/api/v1/sessions/${server.session}`;
    const live = `/sessions/${server.session}/hls/main.m3u8`;
    await until('the picture', patience(20_000), async () => (await staff.ask('GET', live)).ok);
    await wait(9000); // so that its second is not the first one
    question = await attendee.json<Question>('POST', `${about}/questions`, { text: TEXT });
    for (const state of ['approved', 'on_air', 'answered']) {
        await staff.json('PATCH', `/api/v1/questions/${question.id}`, { state });
    }
    await wait(4000);
    await staff.state(server.session, 'ended');
    atMs = await until('its place', patience(60_000), async () => {
        const { items } = await attendee.json<{ items: Chapter[] }>('GET', `${about}/chapters`);
        const { state } = await staff.read(server.session);
        return (state === 'published' && items[0]?.at_ms) || null;
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ar-AE' });
    page = await context.newPage();
    await page.goto(server.attend);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
});
test.afterAll(async () => {
    await context?.close();
    expect(await server?.stop()).toBe(0);
});

const field = () => page.getByTestId('search');
const hits = () => page.getByTestId('hit');
const position = () =>
    page.getByTestId('video').evaluate((video: HTMLVideoElement) => video.currentTime);

test('a word without vowel signs finds the question, Enter plays it at its second', async () => {
    expect(atMs).toBeGreaterThan(3000);
    await page.goto(`${server.url}/ar/recordings`);
    await field().focus();
    await page.keyboard.type('ثقه الجمه');
    await expect(hits()).toHaveCount(1);
    await expect(hits()).toHaveAttribute('data-hit-id', question.id);
    await expect(page.locator('mark')).toHaveText(['الثِّقةُ', 'الجمهور']);
    await expect(page.getByText(/نتيجة واحدة/)).toHaveCount(1); // told to a screen reader
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/ar/recordings/${server.session}#t=*`);
    const video = page.getByTestId('video');
    await expect(video).toHaveAttribute('data-state', 'playing');
    const second = Math.floor(atMs / 1000);
    await expect.poll(position).toBeGreaterThan(second);
    expect(await position()).toBeLessThan(second + 4);
    await page.goBack(); // to what was found
    await expect(field()).toHaveValue('ثقه الجمه');
    await expect(hits()).toHaveCount(1);
});

test('the arrows go through the hits, Escape leads back and empties', async () => {
    await page.goto(`${server.url}/ar/`);
    await field().fill('الثقة');
    await expect(hits()).toHaveCount(1);
    await page.keyboard.press('ArrowDown');
    await expect(hits().first()).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(field()).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(field()).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(field()).toHaveValue('');
    await expect(page.getByTestId('hits')).toHaveCount(0);
    await expect(page.locator('main li').first()).toBeVisible(); // the list is back
});

test('nothing found, a failure, and an answer that comes late', async () => {
    await page.goto(`${server.url}/en/recordings`);
    await field().fill('لاشيءكهذا');
    await expect(page.getByTestId('no-hits')).toBeVisible();
    await page.route('**/api/v1/search?*', (route) => route.abort());
    await field().fill('ثقة');
    await expect(page.getByTestId('error')).toBeVisible();
    await page.unroute('**/api/v1/search?*');
    await page.getByTestId('error').getByRole('button').first().click();
    await expect(hits()).toHaveCount(1);
    await page.route('**/api/v1/search?*', async (route) => {
        await wait(route.request().url().endsWith('qqqx') ? 1500 : 0);
        await route.continue().catch(() => undefined); // given up by the page
    });
    await field().fill('qqqx');
    await wait(400); // it is on its way
    await field().fill('ثقة الجمهور');
    await expect(hits()).toHaveCount(1);
    await wait(1500);
    await expect(hits()).toHaveCount(1);
    await page.unroute('**/api/v1/search?*');
});

test('staff read who asked, and what is not public', async ({ browser }) => {
    const desk = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const other = await desk.newPage();
    await other.goto(server.staff);
    await other.waitForURL('**/staff');
    await other.getByTestId('search').fill('الجمهور');
    const hit = other.getByTestId('hit');
    await expect(hit).toHaveCount(1);
    const by = (await staff.json<{ items: Question[] }>(
        'GET',
        `/api/v1/sessions/${server.session}/questions`,
    )) as { items: { by?: { name?: string | null } }[] };
    await expect(hit).toContainText(by.items[0]?.by?.name ?? '?');
    await desk.close();
});
