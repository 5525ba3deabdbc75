// SPDX-License-Identifier: GPL-3.0-or-later
// hls.js plays live in Chromium and does not stall: straight from the server and through nginx, side by side
// (twenty minutes with --long). Nothing but hls.js on the page, set as the project's own player sets it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, expect, type Page, test } from '@playwright/test';
import type Hls from 'hls.js';
import { Api } from '../lib/api';
import { Nginx } from '../lib/nginx';
import { delay } from '../lib/page';
import { long, Server } from '../lib/server';
import { allow, patience, quiet, wait } from '../lib/time';

const hlsSource = readFileSync(
    createRequire(`${__dirname}/../../web/package.json`).resolve('hls.js/dist/hls.js'),
    'utf8',
);
const seconds = long ? 20 * 60 : 15;
const settle = 4; // seconds in which a player may find the live edge

interface Watched {
    started: number; // ms from the page's load to the first picture
    waiting: number;
    stalls: number; // bufferStalledError
    standstills: number[]; // ms, each longer than 300
    errors: string[]; // all that was noted
    fatal: string[];
    latency: { mean: number; max: number; count: number };
    rate: number; // mean playback rate
    moved: number; // seconds of media played
    height: number;
}

/** In the page: plays `url`, and counts what a viewer would notice. */
function play(url: string, settleMs: number): void {
    const page = window as unknown as { Hls: typeof Hls; watched: Watched; watchedFrom: number };
    const video = document.querySelector('video') as HTMLVideoElement;
    const hls = new page.Hls({
        enableWorker: false,
        lowLatencyMode: true,
        backBufferLength: 30,
        maxLiveSyncPlaybackRate: 1.1,
    });
    const seen: Watched = {
        started: 0,
        waiting: 0,
        stalls: 0,
        standstills: [],
        errors: [],
        fatal: [],
        latency: { mean: 0, max: 0, count: 0 },
        rate: 0,
        moved: 0,
        height: 0,
    };
    page.watched = seen;
    let counting = false;
    let begin = 0;
    const tracks: [string, SourceBuffer][] = [];
    hls.on(
        page.Hls.Events.BUFFER_CREATED,
        (_: unknown, data: { tracks: Record<string, { buffer: SourceBuffer }> }) => {
            for (const [name, { buffer }] of Object.entries(data.tracks)) {
                tracks.push([name, buffer]);
            }
        },
    );
    const ranges = (spans: TimeRanges) =>
        Array.from(
            { length: spans.length },
            (_, i) => `${spans.start(i).toFixed(3)}-${spans.end(i).toFixed(3)}`,
        ).join(' ');
    const note = (what: string) => {
        const ahead = video.buffered.length
            ? video.buffered.end(video.buffered.length - 1) - video.currentTime
            : 0;
        const media = `media time ${video.currentTime.toFixed(3)}, buffered ${tracks.map(([name, buffer]) => `${name} ${ranges(buffer.buffered)}`).join(', ')}`;
        seen.errors.push(
            `${what} (${media}) at ${(video.currentTime - begin).toFixed(1)} s, ${ahead.toFixed(2)} s ahead, ${hls.latency.toFixed(2)} s behind`,
        );
    };
    hls.on(
        page.Hls.Events.ERROR,
        (_: unknown, data: { details: string; fatal: boolean; error?: Error }) => {
            if (data.fatal) {
                seen.fatal.push(data.details);
            }
            if (counting) {
                note(data.details);
                seen.stalls += data.details === 'bufferStalledError' ? 1 : 0;
            }
        },
    );
    video.addEventListener('waiting', () => {
        if (counting) {
            seen.waiting++;
            note('waiting');
        }
    });
    video.requestVideoFrameCallback(() => {
        seen.started = performance.now();
        setTimeout(() => {
            counting = true;
            begin = video.currentTime;
        }, settleMs);
    });
    let at = -1;
    let since = performance.now();
    setInterval(() => {
        const now = performance.now();
        if (video.currentTime !== at) {
            if (counting && now - since > 300) {
                seen.standstills.push(Math.round(now - since));
            }
            at = video.currentTime;
            since = now;
        }
    }, 20);
    setInterval(() => {
        if (!counting) {
            return;
        }
        const { latency } = seen;
        latency.mean += (hls.latency - latency.mean) / (latency.count + 1);
        seen.rate += (video.playbackRate - seen.rate) / (latency.count + 1);
        latency.max = Math.max(latency.max, hls.latency);
        latency.count++;
        seen.moved = video.currentTime - begin;
        seen.height = video.videoHeight;
    }, 250);
    hls.loadSource(url);
    hls.attachMedia(video);
    video.muted = true;
    video.play().catch(() => undefined);
}

async function open(browser: Browser, origin: string, path: string): Promise<Page> {
    const context = await browser.newContext({
        viewport: { width: 800, height: 500 },
        ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    await page.route('**/bare.html', (route) =>
        route.fulfill({
            contentType: 'text/html',
            body: '<!doctype html><video playsinline muted style="width:640px"></video><script src="/hls-bare.js"></script>',
        }),
    );
    await page.route('**/hls-bare.js', (route) =>
        route.fulfill({ contentType: 'text/javascript', body: hlsSource }),
    );
    await page.goto(`${origin}/bare.html`);
    await page.evaluate(
        `(${play.toString()})(${JSON.stringify(`${path}main.m3u8`)}, ${settle * 1000})`,
    );
    return page;
}

function watched(page: Page): Promise<Watched> {
    return page.evaluate(() => (window as unknown as { watched: Watched }).watched);
}

test('hls.js plays live without a stall, straight and through nginx @quiet', async ({
    browser,
}) => {
    test.setTimeout((seconds + 240) * 1000);
    const free = await quiet();
    const begun = Date.now();
    const nginx = await Nginx.make();
    const server = await Server.start({
        listen: `127.0.0.1:${nginx.upstream}`,
        conf: {
            server: nginx.server,
            rtc: { listen: '127.0.0.1:0' },
            programme: { encoder: 'software-fast' },
        },
    });
    try {
        await nginx.start();
        const signIn = (link: string) => Api.signIn(server.url + new URL(link).pathname);
        const staff = await signIn(server.staff);
        const people = [server.attend, await staff.invite(server.session, 'attendee', 'Other')];
        const paths: string[] = [];
        for (const link of people) {
            paths.push(
                (
                    await (
                        await signIn(link)
                    ).json<{ path: string }>(
                        'GET',
                        `/api/v1/sessions/${server.session}/media-path?minutes=60`,
                    )
                ).path,
            );
        }
        const { epoch } = await staff.json<{ epoch: string }>(
            'GET',
            `/api/v1/sessions/${server.session}`,
        );
        await wait(3000);
        const pages: [string, Page][] = [
            ['straight', await open(browser, server.url, paths[0])],
            ['through nginx', await open(browser, nginx.url, paths[1])],
        ];
        for (const [how, page] of pages) {
            await expect
                .poll(async () => (await watched(page)).started, {
                    message: `${how}: first picture`,
                    timeout: patience(20_000),
                })
                .toBeGreaterThan(0);
        }
        await wait((seconds + settle) * 1000);
        for (const [how, page] of pages) {
            const seen = await watched(page);
            const glass = await delay(page, epoch);
            expect(glass, how).toBeLessThan(3 * (free ? 2500 : allow(2500, begun)));
            const still = seen.standstills.length
                ? `${seen.standstills.length} (${seen.standstills.join(', ')} ms)`
                : '0';
            console.log(
                `printed: hls.js ${how}: first picture after ${seen.started.toFixed(0)} ms; in ${seconds} s at ${seen.height}p ${seen.waiting} waiting, ` +
                    `${seen.stalls} bufferStalledError, standstills over 0.3 s: ${still}; latency mean ` +
                    `${seen.latency.mean.toFixed(2)} s (goal 2.0), max ${seen.latency.max.toFixed(2)}; rate ${seen.rate.toFixed(3)}; glass to glass ${glass.toFixed(0)} ms (goal 2500)`,
            );
            if (seen.errors.length) {
                console.log(`printed: hls.js ${how}: ${seen.errors.join('; ')}`);
            }
        }
        for (const [how, page] of pages) {
            const seen = await watched(page);
            expect(seen.fatal, how).toEqual([]);
            expect(seen.stalls, `${how}: bufferStalledError`).toBeLessThanOrEqual(free ? 0 : 2);
            const most = free ? 0 : allow(300, begun); // a busy machine paints late
            const still = seen.standstills.filter((ms) => ms > most);
            expect(still, `${how}: standstills`).toEqual([]);
            expect(seen.moved / seconds, how).toBeGreaterThan(free ? 0.95 : 0.5);
            expect(seen.latency.mean, how).toBeLessThan(3 * (free ? 2 : allow(2, begun)));
        }
        await Promise.all(pages.map(([, page]) => page.context().close()));
    } finally {
        await nginx.stop();
        expect(await server.stop()).toBe(0);
    }
});
