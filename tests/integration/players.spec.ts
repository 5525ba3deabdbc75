// SPDX-License-Identifier: GPL-3.0-or-later
// Players that people have, on the same demo live and as a recording, by signed paths: FFmpeg, GStreamer, VLC; with --long
// mpv and aiortc. "Plays" means pictures decoded, and the player's own clock on its way.

import { execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import * as media from '../lib/media';
import { long, root, Server, temporaryFolder } from '../lib/server';
import { patience, slow, until, wait } from '../lib/time';

const seconds = 6; // to be played of each

interface Played {
    frames: number;
    sounds: number;
    clock: number; // seconds that the player's clock advanced
}

/** FFmpeg at the pace of the media: frames and time that came out of the decoders. */
async function ffmpeg(url: string, token = ''): Promise<Played> {
    const headers = token ? ['-headers', `Authorization: Bearer ${token}\r\n`] : [];
    const words = [
        '-hide_banner',
        '-nostdin',
        '-loglevel',
        'error',
        '-progress',
        '-',
        ...headers,
        '-i',
        url,
    ];
    const out = ['-map', '0:v:0', '-map', '0:a:0', '-t', String(seconds), '-f', 'null', '-'];
    const { stdout } = await promisify(execFile)('ffmpeg', [...words, ...out], {
        timeout: patience(60_000),
    });
    const last = (name: string) =>
        Number([...stdout.matchAll(new RegExp(`^${name}=(\\d+)$`, 'gm'))].pop()?.[1] ?? 0);
    return { frames: last('frame'), sounds: 1, clock: last('out_time_us') / 1e6 };
}

/** playbin (playbin3 for hlsdemux2) by the demuxer named: buffers that reached sinks which keep time. */
async function gstreamer(
    url: string,
    demuxer: 'hlsdemux' | 'hlsdemux2',
    length: number,
): Promise<Played> {
    const sink = (name: string) => `fakesink name=${name} sync=true silent=false`;
    const words = [
        '-v',
        demuxer === 'hlsdemux' ? 'playbin' : 'playbin3',
        `uri=${url}`,
        `video-sink=${sink('pictures')}`,
        `audio-sink=${sink('sounds')}`,
    ];
    const other = demuxer === 'hlsdemux' ? 'hlsdemux2' : 'hlsdemux';
    const child = spawn('gst-launch-1.0', words, {
        env: { ...process.env, GST_PLUGIN_FEATURE_RANK: `${other}:NONE` },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (more) => {
        text += more;
    });
    child.stderr.on('data', (more) => {
        text += more;
    });
    const gone = new Promise<boolean>((done) => child.once('exit', () => done(true)));
    const stamps = (name: string) =>
        [
            ...text.matchAll(
                new RegExp(
                    `${name}: last-message = chain[^\\n]* pts: (\\d+):(\\d+):([\\d.]+),`,
                    'g',
                ),
            ),
        ].map(([, h, m, s]) => 3600 * Number(h) + 60 * Number(m) + Number(s));
    const span = (all: number[]) => (all.length > 0 ? Math.max(...all) - Math.min(...all) : 0);
    await Promise.race([
        gone,
        until('it plays', length * 1000 * slow, async () => span(stamps('pictures')) >= seconds),
    ]).catch(() => undefined); // judged below
    child.kill('SIGINT');
    // 1.22 sometimes hangs while it takes its pipeline down
    const hung = setTimeout(() => child.kill('SIGKILL'), 10_000 * slow);
    await gone;
    clearTimeout(hung);
    expect(text).toMatch(new RegExp(`Gst(HLSDemux|HLSDemux2):${demuxer}`, 'i')); // the one that was meant
    const [pictures, sounds] = [stamps('pictures'), stamps('sounds')];
    const clock = span(pictures);
    return { frames: pictures.length, sounds: sounds.length, clock };
}

/** VLC, which refuses to run as root, as nobody; asked by its command line for its statistics. */
async function vlc(url: string): Promise<Played> {
    const home = temporaryFolder();
    const root = process.getuid?.() === 0;
    chmodSync(home, 0o755);
    if (root) {
        chownSync(home, 65534, 65534);
    }
    const drop = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];
    const player = [
        'cvlc',
        '-I',
        'oldrc',
        '--rc-fake-tty',
        '--no-dbus',
        '--vout',
        'dummy',
        '--aout',
        'dummy',
        '--no-video-title-show',
        url,
    ];
    const words = [...(root ? drop : []), ...player];
    const child = spawn(words[0], words.slice(1), {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { ...process.env, HOME: home },
    });
    let text = '';
    child.stdout.on('data', (more) => {
        text += more;
    });
    const gone = new Promise((done) => child.once('exit', done));
    const timer = setTimeout(() => child.kill('SIGKILL'), patience(60_000));
    const figure = async (command: string, form: RegExp) => {
        text = '';
        const ask = setInterval(() => child.stdin.write(`${command}\n`), 500); // it hears nothing before it is ready
        return until(
            `VLC answers ${command}`,
            20_000 * slow,
            async () => form.exec(text)?.[1],
        ).finally(() => clearInterval(ask));
    };
    const time = async () => Number(await figure('get_time', /^(?:> )*(\d+)\s*$/m));
    try {
        await until(
            'VLC decodes',
            20_000 * slow,
            async () => Number(await figure('stats', /video decoded\s*:\s*(\d+)/)) > 0,
        );
        const begun = await time();
        await wait(seconds * 1000);
        const clock = (await time()) - begun;
        const frames = Number(await figure('stats', /frames displayed\s*:\s*(\d+)/));
        const sounds = Number(await figure('stats', /buffers played\s*:\s*(\d+)/));
        child.stdin.write('quit\n');
        await gone;
        return { frames, sounds, clock };
    } finally {
        clearTimeout(timer);
        child.kill('SIGKILL');
        rmSync(home, { recursive: true, force: true });
    }
}

/** mpv without a window: its last word of where it is. */
async function mpv(url: string): Promise<Played> {
    const words = [
        '--no-config',
        '--vo=null',
        '--ao=null',
        `--length=${seconds}`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: mpv fills in the properties
        '--term-status-msg=AT ${=time-pos} ${=estimated-frame-number}',
        url,
    ];
    const { stdout, stderr } = await promisify(execFile)('mpv', words, {
        timeout: patience(60_000),
    });
    const at = [...(stdout + stderr).matchAll(/AT ([\d.]+) (\d+)/g)].map(([, clock, frame]) => [
        Number(clock),
        Number(frame),
    ]);
    const [first, last] = [at[0] ?? [0, 0], at[at.length - 1] ?? [0, 0]];
    return {
        frames: last[1],
        sounds: /AO: \[null\]/.test(stdout + stderr) ? 1 : 0,
        clock: last[0] - first[0],
    };
}

/** aiortc over WebRTC, by a path that carries its own right. */
async function aiortc(url: string): Promise<Played> {
    const { stdout } = await promisify(execFile)(
        join(root, 'tests/peers/aiortc-viewer.py'),
        [url, String(seconds + 2)],
        { timeout: patience(60_000) },
    );
    return JSON.parse(stdout) as Played;
}

function expectPlayed(who: string, seen: Played, least = 5): void {
    console.log(
        `printed: ${who}: ${seen.frames} pictures, ${seen.sounds} sounds, its clock ${seen.clock.toFixed(1)} s on`,
    );
    expect(seen.clock, `${who}: clock`).toBeGreaterThanOrEqual(least);
    expect(seen.frames, `${who}: pictures`).toBeGreaterThanOrEqual(least * 25);
    expect(seen.sounds, `${who}: sounds`).toBeGreaterThan(0);
}

test.describe.configure({ mode: 'serial' });

let server: Server;
let staff: Api;
let attendee: Api;
let live: string;
let path: string;

test.beforeAll(async () => {
    server = await Server.start({
        conf: { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: 'small' } },
    });
    staff = await Api.signIn(server.staff);
    attendee = await Api.signIn(server.attend);
    live = `${server.url}/sessions/${server.session}/hls/main.m3u8`;
    path = (
        await attendee.json<{ path: string }>(
            'GET',
            `/api/v1/sessions/${server.session}/media-path?minutes=60`,
        )
    ).path;
    await wait(7000); // live players begin three segments behind
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

test('live: ffprobe and FFmpeg, by header and by signed path', async () => {
    for (const [url, token] of [
        [live, attendee.token],
        [`${server.url}${path}main.m3u8`, ''],
    ]) {
        const names = media.probe(url, token).streams.map((stream) => stream.codec_name);
        expect(names).toContain('h264');
        expect(names).toContain('aac');
        expectPlayed('FFmpeg live', await ffmpeg(url, token));
    }
});

for (const demuxer of ['hlsdemux', 'hlsdemux2'] as const) {
    test(`live: GStreamer's ${demuxer}`, async () => {
        expectPlayed(
            `${demuxer} live`,
            await gstreamer(`${server.url}${path}main.m3u8`, demuxer, 9),
        );
    });
}

test('live: VLC', async () => {
    expectPlayed('VLC live', await vlc(`${server.url}${path}main.m3u8`));
});

if (long) {
    test('live: mpv, and aiortc over WebRTC', async () => {
        expectPlayed('mpv live', await mpv(`${server.url}${path}main.m3u8`));
        expectPlayed('aiortc live', await aiortc(`${server.url}${path}whep`));
    });
}

test('recording: all of them, and the MP4', async () => {
    test.setTimeout(patience(180_000));
    await staff.state(server.session, 'ended');
    const made = await until('the recording', 20_000 * slow, async () => {
        const answer = await attendee.ask('GET', `/api/v1/recordings/${server.session}/media-path`);
        return answer.ok ? ((await answer.json()) as { path: string }).path : undefined;
    });
    const main = `${server.url}${made}main.m3u8`;
    const mp4 = `${server.url}${made}recording.mp4`;
    expectPlayed(
        'FFmpeg recording, by header',
        await ffmpeg(`${server.url}/recordings/${server.session}/main.m3u8`, staff.token),
    );
    expectPlayed('FFmpeg recording', await ffmpeg(main));
    expectPlayed('hlsdemux recording', await gstreamer(main, 'hlsdemux', 8));
    expectPlayed('hlsdemux2 recording', await gstreamer(main, 'hlsdemux2', 8));
    expectPlayed('VLC recording', await vlc(main));
    await until('the MP4', 30_000 * slow, async () => (await fetch(mp4, { method: 'HEAD' })).ok);
    expectPlayed('VLC MP4', await vlc(mp4));
    if (long) {
        expectPlayed('mpv recording', await mpv(main));
        expectPlayed('mpv MP4', await mpv(mp4));
    }
});
