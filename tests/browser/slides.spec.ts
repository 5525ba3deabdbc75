// SPDX-License-Identifier: GPL-3.0-or-later
// Slides from a PDF: chosen at the desk, turned by the speaker, seen by viewers, found in the recording.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { Api, type Health } from '../lib/api';
import { sendWell } from '../lib/files';
import { end } from '../lib/recording';
import { Server } from '../lib/server';
import { GREYS, pageSeen, printPdf } from '../lib/slides';
import { openStudio } from '../lib/studio';
import { allow, patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' });

const TEXTS = ['الافتتاح', 'الاقتصاد الرقمي', 'منصات التواصل', 'المؤشرات والقياس', 'الخلاصة'];

let server: Server;
let staff: Api;
let stage: Page;
let desk: Page;
let viewer: Page;

const turnedAt: number[] = []; // of slides 1 to 5

/** How long after `from` a recording shows `grey`; Infinity: not before `to`. */
function lateMs(file: string, from: number, to: number, grey: number): number {
    const greys = execFileSync('ffmpeg', [
        ...['-v', 'error', '-ss', `${from / 1000}`, '-t', `${(to - from) / 1000}`, '-i', file],
        ...'-vf fps=30,crop=8:8:200:60,scale=1:1 -f rawvideo -pix_fmt gray -'.split(' '),
    ]);
    const frame = greys.findIndex((one) => Math.abs(one - grey) < 20);
    return frame < 0 ? Number.POSITIVE_INFINITY : Math.round((frame * 1000) / 30);
}

const slides = async () => (await staff.read(server.session)).slides;
const programme = async () =>
    (await staff.json<Health>('GET', '/api/v1/health')).sessions[0]?.programme;
const sees = (page: number) =>
    until(`a viewer sees slide ${page}`, patience(15_000), async () => {
        return (await pageSeen(viewer)) === page - 1;
    });

test.beforeAll(async ({ browser }) => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    ({ stage, desk } = await openStudio(browser, server, staff));
    viewer = await (await browser.newContext()).newPage();
    await viewer.goto(server.attend);
});
test.afterAll(async () => {
    for (const page of [viewer, desk, stage]) {
        await page?.context().close();
    }
    expect(await server?.stop()).toBe(0);
});

test('staff choose a PDF of the materials; it is prepared', async () => {
    const pdf = await printPdf(desk.context(), TEXTS);
    await sendWell(
        staff,
        'POST',
        `/api/v1/sessions/${server.session}/materials?name=${encodeURIComponent('العرض')}`,
        pdf,
    );
    await expect(desk.getByTestId('slides-file')).toBeVisible();
    await desk.getByTestId('slides-file').selectOption({ label: 'العرض' });
    await expect(desk.getByTestId('slide-number')).toContainText(`${TEXTS.length}`);
    expect(await slides()).toMatchObject({ state: 'ready', pages: 5, page: 1, shown: 'off' });
});

test('the speaker turns the page by a clicker; viewers see it', async () => {
    await expect(stage.getByTestId('slides-panel')).toBeVisible();
    turnedAt.push(Date.now());
    await desk.getByTestId('slides-full').click();
    await sees(1);
    const took: number[] = [];
    for (const page of [2, 3, 4, 5]) {
        const begun = Date.now();
        turnedAt.push(begun);
        await stage.keyboard.press('PageDown');
        await sees(page);
        took.push(Date.now() - begun);
        await stage.waitForTimeout(1000); // long enough to be found in the recording
    }
    took.sort((a, b) => a - b);
    console.log(`printed: from the key to a viewer's screen: ${took.join(', ')} ms`);
    await stage.keyboard.press('PageDown'); // there is no other page
    await stage.keyboard.press('PageUp');
    await sees(4);
    expect((await slides())?.page).toBe(4);
});

test('many presses end at the page asked for last', async () => {
    for (let i = 0; i < 3; i++) {
        await stage.keyboard.press('PageUp');
    }
    await sees(1);
    await stage.getByTestId('slide-next').click();
    await sees(2);
    await expect(desk.getByTestId('slide-current')).toHaveAttribute('data-page', '2');
});

test('the source is shown in a corner, or alone; no run begins', async () => {
    await stage.keyboard.press('s');
    await expect(desk.getByTestId('slides-corner')).toHaveAttribute('aria-pressed', 'true');
    await sees(2); // the corner is elsewhere
    await desk.getByTestId('slides-off').click();
    await until('the source is back', patience(10_000), async () => (await pageSeen(viewer)) !== 1);
    await desk.getByTestId('slides-full').click();
    await sees(2);
    expect((await programme())?.restarts).toBe(0);
});

test('a capture child that is killed shows the slide again', async () => {
    process.kill((await programme())?.pid ?? 0, 'SIGKILL');
    await until('there is another child', patience(20_000), async () => {
        const now = await programme();
        return now?.restarts === 1 && now.state === 'playing';
    });
    await sees(2);
});

test('viewers get the page that is shown as a picture, and no other', async () => {
    const attendee = await Api.signIn(server.attend);
    const at = (name: string) => `/api/v1/sessions/${server.session}/slides/${name}`;
    expect((await attendee.ask('GET', at('2.png'))).status).toBe(200);
    expect((await attendee.ask('GET', at('2.jpg'))).headers.get('content-type')).toBe('image/jpeg');
    expect((await attendee.ask('GET', at('3.png'))).status).toBe(404);
    expect((await staff.ask('GET', at('3.png'))).status).toBe(200);
    for (const bad of ['0.png', '6.png', '2.gif', '2', '-1.png', '99999999999999999999.png']) {
        expect((await staff.ask('GET', at(bad))).status, bad).toBe(404);
    }
});

test('in the recording each page has its second, and its words are found', async () => {
    await end(staff, server.session); // a demo publishes by itself
    const shown = await staff.json<{
        items: { at_ms: number | null; page: number; text: string }[];
    }>('GET', `/api/v1/recordings/${server.session}/slides`);
    const placed = shown.items.filter(({ at_ms, page }) => at_ms !== null && page > 0);
    expect(placed.map(({ page }) => page).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 4]);
    const file = join(server.data, 'recordings', server.session, 'recording.mp4');
    const late = placed.slice(0, 5).map(({ at_ms, page }, i) => {
        const [from, to] = [at_ms ?? 0, placed[i + 1]?.at_ms ?? 0];
        return lateMs(file, from, to, GREYS[page - 1] ?? 0);
    });
    console.log(`printed: from the noted time to the page in the recording: ${late.join(', ')} ms`);
    for (const [i, ms] of late.entries()) {
        expect(ms, `slide ${i + 1}`).toBeLessThanOrEqual(allow(200, turnedAt[i] ?? 0));
    }
    const heard = spawnSync(
        'ffmpeg',
        ['-i', file, '-af', 'volumedetect', '-vn', '-f', 'null', '-'],
        { encoding: 'utf8' },
    ).stderr;
    expect(Number(/max_volume: (-?[\d.]+) dB/.exec(heard)?.[1])).toBeGreaterThan(-30); // the source is heard with slides in full
    const hits = await staff.json<{ items: { kind: string; at_ms: number | null }[] }>(
        'GET',
        `/api/v1/search?q=${encodeURIComponent('مؤشرات')}`,
    );
    const hit = hits.items.find(({ kind }) => kind === 'slide');
    expect(hit?.at_ms).toBe(placed.find(({ page }) => page === 4)?.at_ms);
    await viewer.goto(`${server.url}/ar/recordings/${server.session}`);
    await expect(viewer.getByTestId('shown-slide').first()).toBeVisible();
    await viewer.getByTestId('shown-slide').nth(3).click();
    await sees(4);
});
