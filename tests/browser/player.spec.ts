// SPDX-License-Identifier: GPL-3.0-or-later
// The live player's controls, judged by the time mark in the picture: back and forth, pause and go on, quality, over
// WebRTC and over LL-HLS. One server, one session.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { look } from '../lib/page';
import { Server } from '../lib/server';
import { allow, patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' });

let server: Server;
let context: BrowserContext;
let zero = 0;

test.beforeAll(async ({ browser }) => {
    server = await Server.start({
        conf: {
            programme: { encoder: 'software-fast', keyframe_ms: '1000' },
            hls: { segment_ms: '1000' },
            rtc: { listen: '127.0.0.1:0' },
        },
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(server.attend);
    await expect(page).not.toHaveURL(/\/i(\/|$)/, { timeout: patience(10_000) });
    await page.close();
    const api = await Api.signIn(server.attend);
    zero = Date.parse(
        (await api.json<{ epoch: string }>('GET', `/api/v1/sessions/${server.session}`)).epoch,
    );
    const length = async () =>
        (
            (
                await (
                    await api.ask('GET', `/sessions/${server.session}/hls/v360p.event.m3u8`)
                ).text()
            ).match(/#EXTINF/g) ?? []
        ).length;
    await until('15 s to go back in', 30_000, async () => (await length()) >= 15);
});
test.afterAll(async () => {
    await context?.close();
    expect(await server.stop()).toBe(0);
});

async function open(query = ''): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${server.url}/en/s/${server.session}${query}`);
    page.setDefaultTimeout(patience(5000));
    await playing(page, query.includes('hls') ? 'hls' : 'whep', 'live');
    return page;
}

async function playing(page: Page, via: string, mode: string): Promise<void> {
    const video = page.getByTestId('video');
    await expect(video).toHaveAttribute('data-mode', mode);
    await expect(video).toHaveAttribute('data-via', via, { timeout: patience(10_000) });
    await expect(video).toHaveAttribute('data-state', 'playing', { timeout: patience(10_000) });
}

/** How late the picture is, by its mark: the median of some frames, seconds. */
async function late(page: Page): Promise<number> {
    const found: number[] = [];
    for (let i = 0; i < 40 && found.length < 5; i++) {
        const { mark, wall } = await look(page);
        if (mark !== null) {
            found.push((wall - zero - mark) / 1000);
        }
    }
    expect(found.length, 'time marks seen').toBe(5);
    return found.sort((a, b) => a - b)[2];
}

const chip = (page: Page) => page.getByTestId('chip-delay');

for (const via of ['whep', 'hls'] as const) {
    test(`10 s back over ${via}, and live again`, async () => {
        const page = await open(via === 'hls' ? '?via=hls' : '');
        await expect(chip(page)).toHaveAttribute('data-kind', via === 'hls' ? 'behind' : 'live', {
            timeout: patience(10_000),
        });
        const before = await late(page);
        const begun = Date.now();
        await page.keyboard.press('j');
        await playing(page, 'hls', 'back');
        const after = await late(page);
        // The way there takes time that is lost too.
        expect(after - before, 'seconds gone back').toBeGreaterThan(9);
        expect(after - before, 'seconds gone back').toBeLessThan(11 + allow(2500, begun) / 1000);
        await expect(chip(page)).toHaveText(/^\d\d\ss\sbehind because you went back$/);
        let told = 0;
        // Chip and picture are not read at one moment: a picture that halts between the two is read again.
        await until('a chip that tells the truth', 10_000, async () => {
            told = Number(await chip(page).getAttribute('data-delay-ms')) / 1000;
            return Math.abs(told - (await late(page))) < 1.5;
        });
        await page.getByTestId('back-to-live').click();
        await playing(page, via, 'live');
        await until('live again', 15_000, async () => (await late(page)) < before + 1.5);
        console.log(
            `printed: ${via}: ${before.toFixed(1)} s late, back ${after.toFixed(1)} s, told ${told.toFixed(1)} s`,
        );
        await page.close();
    });
}

test('a pause goes on where it was; the bar reaches the start; keys are listed', async () => {
    const page = await open();
    await expect(chip(page)).toHaveAttribute('data-kind', 'live', { timeout: patience(10_000) });
    const { mark } = await look(page);
    await page.keyboard.press('k');
    await expect(chip(page)).toHaveText('Paused');
    await until('4 s of pause', 10_000, async () => Date.now() - zero - (mark as number) > 5000);
    await page.keyboard.press('k');
    await playing(page, 'hls', 'back');
    await expect(chip(page)).toContainText('behind because you paused');
    const there = (await look(page)).mark as number;
    expect(there - (mark as number), 'ms from the frame it stood at').toBeGreaterThan(-1000);
    expect((Date.now() - zero - there) / 1000).toBeGreaterThan(4);

    const bar = page.getByTestId('seek');
    await bar.focus();
    await expect(bar).toHaveAttribute(
        'aria-valuetext',
        /^\d:\d\d\sof\s\d:\d\d, 0:\d\d\sbehind live$/,
    );
    await page.keyboard.press('Home');
    await until('the start', 15_000, async () => {
        const seen = (await look(page)).mark;
        return seen !== null && (await late(page)) > 15;
    });
    await page.keyboard.press('?');
    const help = page.getByTestId('keys-help');
    await expect(help).toContainText('Back 10 seconds');
    await page.keyboard.press('End'); // not the player's while a dialog is open
    await page.keyboard.press('Escape');
    await expect(help).toHaveCount(0);
    await expect(page.getByTestId('video')).toHaveAttribute('data-mode', 'back');
    await page.getByTestId('ask-input').fill('jk?');
    await expect(help).toHaveCount(0);
    await page.getByTestId('ask-input').blur();
    await page.keyboard.press('End');
    await playing(page, 'whep', 'live');
    await page.close();
});

for (const via of ['whep', 'hls'] as const) {
    test(`quality over ${via}: the picture's size changes, and nothing is black`, async () => {
        const page = await open(via === 'hls' ? '?via=hls' : '');
        const width = () =>
            page.getByTestId('video').evaluate((video) => (video as HTMLVideoElement).videoWidth);
        const choose = async (name: string) => {
            if (!(await page.getByTestId('quality-panel').isVisible())) {
                await page.getByTestId('settings').press('Enter');
            }
            await page.getByTestId(`quality-${name}`).check();
        };
        await page.getByTestId('video').evaluate((video) => {
            video.addEventListener('emptied', () => video.setAttribute('data-emptied', 'true'));
        });
        await choose('360p');
        await until('the small picture', 20_000, async () => (await width()) === 640);
        await choose('720p');
        await until('the large picture', 20_000, async () => (await width()) === 1280);
        await expect(page.getByTestId('video')).not.toHaveAttribute('data-emptied', 'true');
        await playing(page, via, 'live');
        await choose('sound');
        await expect(page.getByTestId('audio-only-card')).toBeVisible();
        await playing(page, via, 'live');
        await choose('360p');
        await expect(page.getByTestId('audio-only-card')).toHaveCount(0);
        await page.reload();
        await playing(page, via, 'live');
        await expect(page.getByTestId('video')).toHaveAttribute('data-quality', '360p');
        await until('the small picture, remembered', 20_000, async () => (await width()) === 640);
        await choose('auto');
        await page.close();
    });
}

test('a server that stands still: the chip says since when, and never live', async () => {
    const page = await open();
    await expect(chip(page)).toHaveAttribute('data-kind', 'live', { timeout: patience(10_000) });
    const pid = server.process.pid as number;
    process.kill(pid, 'SIGSTOP');
    try {
        await expect(chip(page)).toHaveText(/^No connection for \d+\ss$/, {
            timeout: patience(10_000),
        });
        await expect(chip(page)).toHaveAttribute('data-delay-ms', '-1');
    } finally {
        process.kill(pid, 'SIGCONT');
    }
    await playing(page, 'whep', 'live');
    await expect(chip(page)).toHaveAttribute('data-kind', 'live', { timeout: patience(10_000) });
    await page.close();
});

test('full screen by button and key, sideways too, with the controls; picture in picture', async () => {
    const page = await open();
    const whole = () =>
        page.evaluate(() => document.fullscreenElement?.querySelector('video') !== null);
    const isFull = () => page.evaluate(() => document.fullscreenElement !== null);
    for (const [width, height] of [
        [1280, 800],
        [844, 390],
        [390, 844],
    ]) {
        await page.setViewportSize({ width, height });
        const video = page.getByTestId('video');
        await page.getByTestId('full-screen').click();
        await expect.poll(isFull).toBe(true);
        expect(await whole()).toBe(true);
        const size = async () => {
            const box = await video.boundingBox();
            return Math.abs(Math.min(width / 16, height / 9) - (box?.height ?? 0) / 9);
        };
        // As large as the screen allows: no part of the page limits it.
        await expect.poll(size, { message: `${width}x${height}` }).toBeLessThan(1);
        await expect(page.getByTestId('play')).toBeInViewport({ ratio: 1 });
        await expect(page.getByTestId('full-screen')).toBeInViewport({ ratio: 1 });
        await page.keyboard.press('f');
        await expect.poll(isFull).toBe(false);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    const inOwnWindow = () => page.evaluate(() => document.pictureInPictureElement !== null);
    if (await page.evaluate(() => document.pictureInPictureEnabled)) {
        await page.getByTestId('pip').click();
        await expect.poll(inOwnWindow).toBe(true);
        await playing(page, 'whep', 'live');
        await page.getByTestId('pip').click();
        await expect.poll(inOwnWindow).toBe(false);
    } else {
        await expect(page.getByTestId('pip')).toHaveCount(0);
    }
    console.log(
        `printed: picture in picture: ${await page.evaluate(() => document.pictureInPictureEnabled)}`,
    );
    await playing(page, 'whep', 'live');
    await page.close();
});

test('icons: the shell links them, each with its type', async () => {
    const shell = await (await context.request.get(`${server.url}/en/`)).text();
    const links = [
        ...shell.matchAll(/<link rel="(icon|apple-touch-icon|manifest)" href="([^"]+)"/g),
    ].map(([, rel, href]) => ({ rel, href }));
    expect(links.map(({ rel }) => rel).sort()).toEqual([
        'apple-touch-icon',
        'icon',
        'icon',
        'manifest',
    ]);
    const types = {
        svg: 'image/svg+xml',
        png: 'image/png',
        webmanifest: 'application/manifest+json',
    };
    const manifest = await context.request.get(
        server.url + links.find(({ rel }) => rel === 'manifest')?.href,
    );
    const named = (await manifest.json()).icons.map(
        (icon: { src: string }) => icon.src,
    ) as string[];
    for (const href of [...links.map((link) => link.href), ...named]) {
        const answer = await context.request.get(server.url + href);
        expect(answer.status(), href).toBe(200);
        expect(answer.headers()['content-type'], href).toBe(
            types[href.split('.').pop() as keyof typeof types],
        );
    }
});

test('a phone: the question on air under the picture; in a pause the card says whose session it is', async () => {
    const staff = await Api.signIn(server.staff);
    const officer = await Api.signIn(server.attend);
    const text = `Who answers ${'x'.repeat(200)}?`;
    const { id } = await officer.json<{ id: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/questions`,
        { text },
    );
    for (const state of ['approved', 'on_air']) {
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state });
    }
    const page = await open();
    const strip = page.getByTestId('on-air-strip');
    await expect(strip).toHaveCount(1);
    await expect(strip).toBeHidden();
    await page.setViewportSize({ width: 390, height: 844 });
    await expect(strip).toBeInViewport({ ratio: 1 });
    await expect(strip).toContainText('Who answers');
    const [picture, under] = [
        await page.getByTestId('video').boundingBox(),
        await strip.boundingBox(),
    ];
    expect(Math.abs((under?.y ?? 0) - (picture?.y ?? 0) - (picture?.height ?? 0))).toBeLessThan(60);
    expect(await strip.evaluate((element) => element.scrollWidth)).toBe(390);
    await staff.json('POST', `/api/v1/sessions/${server.session}/state`, { to: 'paused' });
    await expect(page.getByTestId('poster')).toContainText('Government communication');
    await page.close();
});
