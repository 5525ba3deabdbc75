// SPDX-License-Identifier: GPL-3.0-or-later
// hls.js as it comes, through a signed path: the live variants with sound alone among them, and a latecomer who
// watches from the start, over a restart of the server, up to what is being made now.

import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { root, Server } from '../lib/server';
import { allow, patience, until } from '../lib/time';

test.use({ bypassCSP: true });

interface State {
    at: number;
    end: number;
    duration: number;
    errors: string[];
    levels: string[];
    languages: string[];
}

async function open(page: Page, url: string, options: Record<string, unknown> = {}): Promise<void> {
    await page.goto(`${new URL(url).origin}/en/`);
    await page.addScriptTag({ path: join(root, 'web/node_modules/hls.js/dist/hls.min.js') });
    await page.evaluate(
        ([from, more]) => {
            // biome-ignore lint/suspicious/noExplicitAny: the script above made them
            const here = window as any;
            document.body.innerHTML = '<video muted autoplay></video>';
            here.video = document.querySelector('video');
            here.errors = [];
            here.hls = new here.Hls({ lowLatencyMode: true, ...(more as object) });
            here.hls.on('hlsError', (_: string, about: { fatal: boolean; details: string }) =>
                here.errors.push((about.fatal ? 'fatal ' : '') + about.details),
            );
            here.hls.loadSource(from);
            here.hls.attachMedia(here.video);
        },
        [url, options] as const,
    );
}

function state(page: Page): Promise<State> {
    return page.evaluate(() => {
        // biome-ignore lint/suspicious/noExplicitAny: see above
        const { video, hls, errors } = window as any;
        const ranges = video.seekable;
        return {
            at: video.currentTime,
            end: ranges.length > 0 ? ranges.end(ranges.length - 1) : 0,
            duration: video.duration,
            errors,
            levels: hls.levels.map(
                (level: { height: number; audioCodec?: string }) => `${level.height}`,
            ),
            languages: hls.audioTracks.map((track: { lang: string }) => track.lang),
        };
    });
}

async function expectPlaying(page: Page, seconds: number): Promise<void> {
    const first = await state(page);
    const begun = Date.now();
    await expect
        .poll(async () => (await state(page)).at - first.at, {
            timeout: patience((seconds + 15) * 1000),
        })
        .toBeGreaterThan(seconds);
    const late = (Date.now() - begun) / 1000 - seconds;
    expect(late, 'seconds lost').toBeLessThan(allow(6000, begun) / 1000);
    const now = await state(page);
    expect(now.errors.filter((error) => error.startsWith('fatal'))).toEqual([]);
}

test('the live variants: pictures with every language, sound alone passed over where there are pictures', async ({
    page,
}) => {
    const server = await Server.start({ conf: { programme: { encoder: 'software-fast' } } });
    try {
        const api = await Api.signIn(server.attend);
        const { path } = await api.json<{ path: string }>(
            'GET',
            `/api/v1/sessions/${server.session}/media-path`,
        );
        await until(
            'media',
            20_000,
            async () => (await api.ask('GET', `${path}aar.m3u8`)).status === 200,
        );
        await open(page, `${server.url}${path}main.m3u8`);
        await expectPlaying(page, 4);
        const seen = await state(page);
        expect(seen.levels.sort()).toEqual(['360', '720']);
        expect(seen.languages).toEqual(['ar']);
        await open(page, `${server.url}${path}aar.m3u8`); // who only listens
        await expectPlaying(page, 4);
    } finally {
        await server.stop();
    }
});

test('a latecomer watches from the start, over a restart, up to now', async ({ page }) => {
    test.setTimeout(patience(180_000));
    const conf = {
        programme: { encoder: 'small', keyframe_ms: '1000' },
        hls: { segment_ms: '1000', window: '6' },
        rtc: { listen: '127.0.0.1:0' },
    };
    let server = await Server.start({ conf });
    const api = await Api.signIn(server.attend);
    const length = async () => {
        const text = await (
            await api.ask('GET', `/sessions/${server.session}/hls/v360p.event.m3u8`)
        ).text();
        return text.match(/#EXTINF/g)?.length ?? 0;
    };
    try {
        await until('5 s', 30_000, async () => (await length()) >= 5);
        await server.kill();
        server = await Server.start({ data: server.data, conf });
        api.url = server.url;
        await until('three times the window', 60_000, async () => (await length()) >= 18);
        const { path } = await api.json<{ path: string }>(
            'GET',
            `/api/v1/sessions/${server.session}/media-path?minutes=10`,
        );
        await open(page, `${server.url}${path}event.m3u8`, { startPosition: 0 });
        await expectPlaying(page, 2);
        const first = await state(page);
        expect(first.end).toBeGreaterThan(12);
        expect(first.at).toBeLessThan(first.end - 5); // from the start, not at the live edge
        await expectPlaying(page, 8); // over the break
        const sought = Date.now();
        await page.evaluate(() => {
            // biome-ignore lint/suspicious/noExplicitAny: see above
            const { video, hls } = window as any;
            video.currentTime = hls.liveSyncPosition;
        });
        await expectPlaying(page, 4); // and live
        const last = await state(page);
        expect(last.end - last.at).toBeLessThan(allow(6000, sought) / 1000);
        console.log(
            `printed: EVENT: ${last.end.toFixed(1)} s to seek in, ${(last.end - last.at).toFixed(1)} s behind its end; not fatal: ${last.errors.join(', ') || 'nothing'}`,
        );
    } finally {
        await server.stop();
    }
});
