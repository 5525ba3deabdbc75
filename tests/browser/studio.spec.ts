// SPDX-License-Identifier: GPL-3.0-or-later
// A speaker at home sends camera and screen from the presenter's page; staff choose what the programme shows.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Health } from '../lib/api';
import { FAKE_DEVICES } from '../lib/publish';
import { Server } from '../lib/server';
import { openStudio } from '../lib/studio';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' });
test.use({
    launchOptions: {
        executablePath: '/usr/bin/chromium',
        args: [...FAKE_DEVICES, '--auto-select-desktop-capture-source=Entire screen'],
    },
});

let server: Server;
let staff: Api;
let speaker: BrowserContext;
let stage: Page;
let desk: Page;

const programme = async () =>
    (await staff.json<Health>('GET', '/api/v1/health')).sessions[0]?.programme;
const becomes = (what: string, wanted: string) =>
    expect(desk.getByTestId(what)).toHaveAttribute('data-state', wanted);

test.beforeAll(async ({ browser }) => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    ({ speaker, stage, desk } = await openStudio(browser, server, staff, ['camera', 'microphone']));
});
test.afterAll(async () => {
    await desk?.context().close();
    await speaker?.close();
    expect(await server?.stop()).toBe(0);
});

test('the speaker opens the camera, sees it, and sends it', async () => {
    await becomes('source-speaker', 'away');
    await stage.keyboard.press('c');
    await stage.getByTestId('open-camera').click();
    const view = stage.getByTestId('self-view');
    await expect
        .poll(() => view.evaluate((one: HTMLVideoElement) => one.videoWidth))
        .toBeGreaterThan(0);
    await expect(stage.getByTestId('choose-camera').locator('option')).not.toHaveCount(0);
    await expect
        .poll(() =>
            stage.getByTestId('mic-level').evaluate((one: HTMLMeterElement) => one.value > 0.1),
        )
        .toBe(true); // the fake microphone beeps
    await stage.getByTestId('send').click();
    await expect(stage.getByTestId('state-of-sending')).toHaveAttribute('data-sending', 'sending');
    await stage.getByTestId('close-camera').click();
    await expect(stage.getByTestId('camera-panel')).toBeHidden();
    await expect(stage.getByTestId('camera')).toContainText('تُرسِل');
    await becomes('source-speaker', 'here'); // it goes on
});

test('staff put it on the programme while the session is on, and take it off', async () => {
    await expect(desk.getByTestId('source-configured')).toHaveAttribute('aria-pressed', 'true');
    const { restarts } = (await programme()) ?? {};
    await desk.getByTestId('source-speaker').click();
    await expect(desk.getByTestId('source-speaker')).toHaveAttribute('aria-pressed', 'true');
    await until('it plays', patience(10_000), async () => {
        const now = await programme();
        return now?.state === 'playing' && !now.text;
    });
    expect((await staff.read(server.session)).source).toBe('speaker');
    await desk.getByTestId('source-screen').click(); // nobody sends it
    await until('the slate is on', patience(10_000), async () => {
        return (await programme())?.code === 'source-not-published';
    });
    await desk.getByTestId('source-configured').click();
    await until('the studio is back', patience(10_000), async () => {
        return (await programme())?.state === 'playing';
    });
    expect((await programme())?.restarts).toBe(restarts);
});

test('the screen is sent beside it; together they are a scene', async () => {
    await stage.getByTestId('camera').click();
    await stage.getByTestId('share-screen').click();
    await expect(stage.getByTestId('screen-of-sending')).toHaveAttribute('data-sending', 'sending');
    await becomes('source-screen_with_speaker', 'here');
    await desk.getByTestId('source-screen_with_speaker').click();
    await until('both play', patience(10_000), async () => {
        const now = await programme();
        return now?.state === 'playing' && !now.text;
    });
    await stage.getByTestId('share-screen').click(); // the screen ends: the speaker in full
    await becomes('source-screen_with_speaker', 'partly');
    await until('it is said', patience(10_000), async () => {
        const now = await programme();
        return now?.state === 'playing' && now.code === 'source-not-published';
    });
    await stage.getByTestId('close-camera').click();
    await desk.getByTestId('source-configured').click();
});

test('it is stopped, and the camera is let go', async () => {
    await stage.getByTestId('camera').click();
    await stage.getByTestId('stop').click();
    await expect(stage.getByTestId('state-of-sending')).toHaveAttribute('data-sending', 'off');
    await expect(stage.getByTestId('open-camera')).toBeVisible();
    await becomes('source-speaker', 'away');
});

test('what the browser refuses is said, with what to do', async ({ browser }) => {
    const context = await browser.newContext({ storageState: await speaker.storageState() });
    const page = await context.newPage();
    await page.addInitScript(() => {
        navigator.mediaDevices.getUserMedia = () =>
            Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await page.goto(stage.url());
    await page.getByTestId('camera').click();
    await page.getByTestId('open-camera').click();
    await expect(page.getByTestId('device-fault')).toHaveAttribute('data-fault', 'denied');
    await context.close();
});
