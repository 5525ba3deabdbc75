// SPDX-License-Identifier: GPL-3.0-or-later
// Web players of other makes on a page of another site: live, and the recording with a seek. In the short form hls.js alone;
// with --long those of tests/players too, and a table of all is printed.

import { createServer, type Server as Site } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { MARK_CELLS } from '../browser/mark';
import { Api } from '../lib/api';
import { standStill } from '../lib/holes';
import { markOf } from '../lib/page';
import { long, root, Server } from '../lib/server';
import { patience, slow, until, wait } from '../lib/time';

interface Player {
    package: string;
    /** Of a module in the page: plays `url` in `video`, or in an element of its own inside `box`. */
    code: string;
    whep?: boolean;
    from?: string; // the folder whose node_modules have it
}

const hls = (name: string) =>
    `import Hls from '${name}'; const hls = new Hls(); hls.loadSource(url); hls.attachMedia(video); hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());`;
const whip = (rest: string) => `import { WHEPClient } from 'whip-whep/whep.js';
  const pc = new RTCPeerConnection();
  pc.addTransceiver('video', { direction: 'recvonly' });
  pc.addTransceiver('audio', { direction: 'recvonly' });
  const stream = (video.srcObject = new MediaStream());
  pc.ontrack = ({ track }) => stream.addTrack(track);
  new WHEPClient().view(pc, url${rest});`;
const clappr = (name: string) =>
    `import Clappr from '${name}'; video.remove(); new Clappr.Player({ source: url, parent: box, mute: true, autoPlay: true });`;

const common: Record<string, Player> = {
    'hls.js 1.7': { package: 'hls.js', code: hls('hls.js'), from: 'web' },
};
const others: Record<string, Player> = {
    "Chromium's own": { package: '', code: 'video.src = url;' },
    'hls.js 1.0': { package: 'hls-1.0', code: hls('hls-1.0') },
    'hls.js 0.14': { package: 'hls-0.14', code: hls('hls-0.14') },
    'video.js': {
        package: 'video.js',
        code: `import videojs from 'video.js'; videojs(video, { html5: { vhs: { overrideNative: true } } }).src({ src: url, type: 'application/x-mpegURL' });`,
    },
    shaka: {
        package: 'shaka-player',
        code: `import shaka from 'shaka-player'; shaka.polyfill.installAll(); const player = new shaka.Player(); player.attach(video).then(() => player.load(url));`,
    },
    clappr: { package: '@clappr/player', code: clappr('@clappr/player') },
    'clappr, the old one': { package: 'clappr', code: clappr('clappr') },
    'whip-whep': { package: 'whip-whep', code: whip(''), whep: true },
    'whip-whep, bearer': { package: 'whip-whep', code: whip(', token'), whep: true },
    '@eyevinn/webrtc-player': {
        package: '@eyevinn/webrtc-player',
        code: `import { WebRTCPlayer } from '@eyevinn/webrtc-player'; new WebRTCPlayer({ video, type: 'whep', iceServers: [] }).load(new URL(url));`,
        whep: true,
    },
    'mediamtx-webrtc-react': {
        package: 'mediamtx-webrtc-react',
        code: `import { MediaMTXWebRTCReader } from 'mediamtx-webrtc-react'; new MediaMTXWebRTCReader({ url, onTrack: ({ streams }) => { video.srcObject = streams[0]; } });`,
        whep: true,
    },
};
const players = long ? { ...common, ...others } : common;

const folderOf = (player: Player) => join(root, player.from ?? 'tests/players');
function versionOf(player: Player): string {
    return player.package
        ? createRequire(join(folderOf(player), 'package.json'))(
              join(folderOf(player), 'node_modules', player.package, 'package.json'),
          ).version
        : '';
}

/** The page's module, with the player in it. */
async function bundle(player: Player): Promise<string> {
    const { rolldown } = await import(
        createRequire(join(root, 'web/package.json')).resolve('rolldown')
    );
    const entry = join(folderOf(player), 'page.entry.js');
    const imports = player.code.match(/import [^;]*;/g) ?? [];
    const text = `${imports.join('\n')}
    const video = document.querySelector('video'), box = document.querySelector('#box');
    const { url, token } = Object.fromEntries(new URLSearchParams(location.search));
    ${player.code.replace(/import [^;]*;/g, '')}`;
    const made = await rolldown({
        input: entry,
        cwd: dirname(entry),
        logLevel: 'silent',
        transform: { define: { 'process.env.NODE_ENV': '"production"' } },
        plugins: [
            {
                name: 'entry',
                resolveId: (id: string) => (id === entry ? id : null),
                load: (id: string) => (id === entry ? text : null),
            },
        ],
    });
    const { output } = await made.generate({ format: 'es', codeSplitting: false });
    return output[0].code;
}

let site: Site;
let server: Server;
let staff: Api;
let attendee: Api;
let live: { path: string; whep: string };
const modules = new Map<string, string>();
const table: Record<string, { version: string; live: string; recorded: string }> = {};

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
    test.setTimeout(patience(60_000));
    for (const [name, player] of Object.entries(players)) {
        modules.set(name, await bundle(player));
        table[name] = {
            version: versionOf(player),
            live: 'failed',
            recorded: player.whep ? '-' : 'failed',
        };
    }
    site = createServer((asked, answer) => {
        const at = new URL(asked.url ?? '/', 'http://localhost');
        const [, kind, name] = at.pathname.split('/');
        const code = modules.get(decodeURIComponent(name ?? ''));
        const isModule = kind === 'module';
        answer.writeHead(code ? 200 : 404, {
            'Content-Type': isModule ? 'text/javascript' : 'text/html',
        });
        answer.end(
            isModule
                ? code
                : `<!doctype html><div id="box"><video crossorigin="anonymous" muted autoplay playsinline width="640" height="360"></video></div><script type="module" src="/module/${name}"></script>`,
        );
    });
    await new Promise<void>((done) => site.listen(0, 'localhost', done));
    server = await Server.start({
        conf: { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: 'small' } },
    });
    [staff, attendee] = [await Api.signIn(server.staff), await Api.signIn(server.attend)];
    live = await attendee.json('GET', `/api/v1/sessions/${server.session}/media-path?minutes=60`);
    await until('some seconds are there', 30_000 * slow, async () => {
        const list = await (await fetch(`${server.url}${live.path}v360p.m3u8`)).text();
        return (list.match(/#EXTINF/g)?.length ?? 0) >= (long ? 4 : 2);
    });
});
test.afterAll(async () => {
    site?.close();
    expect(await server?.stop()).toBe(0);
    console.log('printed: | Player | Version | Live | Recording |');
    for (const [name, row] of Object.entries(table)) {
        console.log(`printed: | ${name} | ${row.version} | ${row.live} | ${row.recorded} |`);
    }
});

interface State {
    frames: number;
    sounds: number; // bytes decoded, or packets over WebRTC
    clock: number;
}

async function open(browser: Browser, name: string, url: string): Promise<Page> {
    const page = await browser.newPage();
    await page.addInitScript(() => {
        const all: RTCPeerConnection[] = [];
        (window as unknown as { peers: RTCPeerConnection[] }).peers = all;
        window.RTCPeerConnection = class extends RTCPeerConnection {
            constructor(configuration?: RTCConfiguration) {
                super(configuration);
                all.push(this);
            }
        };
    });
    const { port } = site.address() as AddressInfo;
    await page.goto(
        `http://localhost:${port}/page/${encodeURIComponent(name)}?${new URLSearchParams({ url: server.url + url, token: attendee.token })}`,
    );
    return page;
}

async function state(page: Page): Promise<State> {
    return page.evaluate(async () => {
        const video = document.querySelector('video') as
            | (HTMLVideoElement & { webkitAudioDecodedByteCount: number })
            | null;
        let packets = 0;
        for (const peer of (window as unknown as { peers: RTCPeerConnection[] }).peers) {
            for (const report of [...(await peer.getStats()).values()]) {
                packets +=
                    report.type === 'inbound-rtp' && report.kind === 'audio'
                        ? report.packetsReceived
                        : 0;
            }
        }
        return {
            frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
            sounds: packets || (video?.webkitAudioDecodedByteCount ?? 0),
            clock: video?.currentTime ?? 0,
        };
    });
}

/** Plays for three seconds of media; what was seen. */
async function expectPlays(page: Page): Promise<string> {
    await expect
        .poll(async () => (await state(page)).frames, { timeout: patience(10_000) })
        .toBeGreaterThan(5);
    const begun = await state(page);
    await expect
        .poll(async () => (await state(page)).clock - begun.clock, { timeout: patience(10_000) })
        .toBeGreaterThan(3);
    const end = await state(page);
    expect(end.frames - begun.frames).toBeGreaterThan(15); // a busy machine encodes one frame in five
    expect(end.sounds).toBeGreaterThan(begun.sounds);
    return `plays, ${end.frames - begun.frames} pictures in ${(end.clock - begun.clock).toFixed(1)} s`;
}

/** How far the time in the picture is from the player's clock, ms: the same everywhere in a recording. */
async function offset(page: Page): Promise<number> {
    const read = () =>
        page.evaluate(
            (count) =>
                new Promise<{ cells: number[]; at: number }>((done) => {
                    const video = document.querySelector('video') as HTMLVideoElement;
                    video.requestVideoFrameCallback((_, { mediaTime }) => {
                        const canvas = document.createElement('canvas');
                        [canvas.width, canvas.height] = [count * 10, 20];
                        const context = canvas.getContext('2d') as CanvasRenderingContext2D;
                        const height = video.videoHeight / 12;
                        context.drawImage(
                            video,
                            0,
                            video.videoHeight - height,
                            video.videoWidth,
                            height,
                            0,
                            0,
                            canvas.width,
                            canvas.height,
                        );
                        const cells = Array.from(
                            { length: count },
                            (_, i) => context.getImageData(i * 10 + 5, 10, 1, 1).data[1],
                        );
                        done({ cells, at: mediaTime });
                    });
                }),
            MARK_CELLS,
        );
    return until('a mark in the picture', 10_000 * slow, async () => {
        const { cells, at } = await read();
        const mark = markOf(cells);
        return mark === null ? undefined : mark - at * 1000;
    });
}

/** Seeks to `share` of the recording; what came of it. */
async function expectSeeks(page: Page, share: number): Promise<string> {
    const before = await offset(page);
    const to = await page.evaluate((where) => {
        const video = document.querySelector('video') as HTMLVideoElement;
        video.currentTime = video.duration * where;
        return video.currentTime;
    }, share);
    await expect
        .poll(async () => (await state(page)).clock, { timeout: patience(10_000) })
        .toBeGreaterThan(to + 0.5);
    const off = Math.round((await offset(page)) - before);
    expect(Math.abs(off), 'ms between picture and clock after the seek').toBeLessThan(150);
    return `after a seek the picture is ${off} ms off`;
}

/** Every player in turn, each on a page of its own; those that fail are named together. */
async function each(
    browser: Browser,
    column: 'live' | 'recorded',
    url: (player: Player) => string,
    play: (page: Page) => Promise<string>,
): Promise<void> {
    const failed: string[] = [];
    for (const [name, player] of Object.entries(players)) {
        if (column === 'recorded' && player.whep) {
            continue;
        }
        const page = await open(browser, name, url(player));
        try {
            table[name][column] = await play(page);
        } catch (error) {
            failed.push(`${name}: ${(error as Error).message}`);
        }
        await page.context().close();
    }
    expect(failed).toEqual([]);
}

test('live, on a page of another site', async ({ browser }) => {
    test.setTimeout(patience(40_000) * Object.keys(players).length);
    await each(
        browser,
        'live',
        (player) =>
            player.whep
                ? player.code.includes('token')
                    ? `/sessions/${server.session}/whep`
                    : live.whep
                : `${live.path}main.m3u8`,
        expectPlays,
    );
});

test('the recording with holes, on a page of another site, with seeks', async ({ browser }) => {
    test.setTimeout(patience(40_000) * Object.keys(players).length);
    for (const ms of [1200, 700]) {
        // more than two parts without a picture of their own time
        await standStill(server, ms);
        await wait(2500);
    }
    await staff.state(server.session, 'ended');
    const path = await until('the recording', 20_000 * slow, async () => {
        const answer = await attendee.ask(
            'GET',
            `/api/v1/recordings/${server.session}/media-path?minutes=60`,
        );
        return answer.ok ? ((await answer.json()) as { path: string }).path : undefined;
    });
    await each(
        browser,
        'recorded',
        () => `${path}main.m3u8`,
        async (page) => {
            const asked: string[] = [];
            page.on('request', (request) => {
                if (request.url().includes('/recordings/')) {
                    asked.push(request.url());
                }
            });
            const seen = `${await expectPlays(page)}; ${await expectSeeks(page, 0.9)}; ${await expectSeeks(page, 0.4)}`;
            const again = asked.length - new Set(asked).size; // a player that is lost asks for the same without end
            expect(again, 'requests for what was asked for before').toBeLessThan(75);
            return `${seen}; ${asked.length} requests more, ${again} of them again`;
        },
    );
});
