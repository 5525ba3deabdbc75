// SPDX-License-Identifier: GPL-3.0-or-later
// A session as programs see it: media by foreign readers, states and gates, kill and restart.

import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { Api, type Health, type Question, type Session } from '../lib/api';
import * as media from '../lib/media';
import { finished } from '../lib/recording';
import { dial, root, Server, staffLink, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

const whepPeer = join(root, 'build/tests/peers/whep-peer');

test.describe('one demo, watched by programs that we did not write', () => {
    test.describe.configure({ mode: 'default' }); // one server, in this order
    let server: Server;
    let staff: Api;
    let attendee: Api;
    const [encoder, width] = slow > 1 ? ['small', 640] : ['software-fast', 1280];

    test.beforeAll(async () => {
        server = await Server.start({ conf: { programme: { encoder } } });
        staff = await Api.signIn(server.staff);
        attendee = await Api.signIn(server.attend);
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
    });

    test('webrtcbin decodes audio and video from WHEP', async () => {
        const begun = Date.now();
        const { stdout } = await promisify(execFile)(
            whepPeer,
            [
                `${server.url}/sessions/${server.session}/whep`,
                '--token',
                attendee.token,
                '--seconds',
                '6',
            ],
            { timeout: 60_000 },
        );
        console.log(`webrtcbin: ${stdout.trim()}`);
        const seen = JSON.parse(stdout.trim().split('\n').pop() ?? '{}');
        const stretch = allow(1, begun);
        expect(seen.video_frames).toBeGreaterThan(60 / stretch);
        expect(seen.audio_buffers).toBeGreaterThan(100 / stretch);
        expect(seen.audio_peak_db).toBeGreaterThan(-60);
        expect(seen.width).toBe(width);
    });

    test('ffprobe reads the live playlist', async () => {
        await wait(4000);
        const found = media.probe(
            `${server.url}/sessions/${server.session}/hls/main.m3u8`,
            attendee.token,
        );
        const names = found.streams.map((stream) => stream.codec_name);
        expect(names).toContain('h264');
        expect(names).toContain('aac');
        expect(found.streams.some((stream) => stream.width === 640)).toBe(true);
    });

    test('the recording is on disk within moments', async () => {
        const asked = Date.now();
        const health = await staff.json<Health>('GET', '/api/v1/health');
        expect(health.recording.state).toBe('recording');
        expect(health.recording.stored_ms_ago).toBeLessThan(allow(3000, asked - 3000));
    });

    test('a killed capture child comes back by itself, and viewers keep their session', async () => {
        const before = await staff.json<Health>('GET', '/api/v1/health');
        const pid = before.programme.pid ?? 0;
        expect(pid).toBeGreaterThan(0);
        process.kill(pid, 'SIGKILL');
        await until('another child plays', 20_000 * slow, async () => {
            const now = await staff.json<Health>('GET', '/api/v1/health');
            return now.programme.state === 'playing' && ![0, pid].includes(now.programme.pid ?? 0);
        });
        expect((await staff.read(server.session)).state).toBe('live');
        await wait(5000);
        const found = media.probe(
            `${server.url}/sessions/${server.session}/hls/main.m3u8`,
            attendee.token,
        );
        expect(found.streams.length).toBeGreaterThanOrEqual(2);
    });

    test('after the end the VOD playlist and the MP4 are there, one discontinuity for the killed child', async () => {
        await staff.state(server.session, 'ended');
        await until(
            'the playlist',
            5000 * slow,
            async () => (await staff.read(server.session)).recording.playlist,
        );
        const main = `${server.url}/recordings/${server.session}/main.m3u8`;
        const vod = media.probe(main, staff.token);
        expect(vod.streams.map((stream) => stream.codec_name)).toContain('aac');
        await finished(staff, server.session);
        const ended = await staff.read(server.session);
        const text = await (
            await staff.ask('GET', `/recordings/${server.session}/v360p.m3u8`)
        ).text();
        expect(text).toContain('#EXT-X-ENDLIST');
        expect(text.match(/#EXT-X-DISCONTINUITY\n/g)?.length).toBe(1);
        const file = join(server.data, 'recordings', server.session, 'recording.mp4');
        const mp4 = media.probe(file);
        expect(
            Math.abs(Number(mp4.format.duration) - ended.recording.duration_ms / 1000),
        ).toBeLessThan(0.1);
        const boxes = execFileSync('head', ['-c', '4096', file]).toString('latin1');
        expect(boxes.indexOf('moov')).toBeGreaterThan(0); // progressive: before the media
    });

    test('ranges of the MP4 are served, and a part beyond its end is refused', async () => {
        const at = `/recordings/${server.session}/recording.mp4`;
        const part = await staff.ask('GET', at, undefined, { Range: 'bytes=4-7' });
        expect(part.status).toBe(206);
        expect(await part.text()).toBe('ftyp');
        const beyond = await staff.ask('GET', at, undefined, { Range: 'bytes=999999999999-' });
        expect(beyond.status).toBe(416);
        expect(beyond.headers.get('cache-control')).toBe('no-store');
        // numbers past 2^63, which libsoup reads as negative
        for (const range of [
            '9223372036854775808-9223372036854775809',
            '9223372036854775810-',
            '18446744073709551617-18446744073709551618',
        ]) {
            expect(
                (await staff.ask('GET', at, undefined, { Range: `bytes=${range}` })).status,
                range,
            ).toBe(416);
        }
        const clamped = await staff.ask('GET', at, undefined, {
            Range: 'bytes=4-9223372036854775809',
        });
        expect(clamped.status).toBe(206);
        const size = Number(clamped.headers.get('content-range')?.split('/')[1]);
        expect((await clamped.arrayBuffer()).byteLength).toBe(size - 4);
        const several = await staff.ask('GET', at, undefined, { Range: 'bytes=0-3,8-11' });
        expect(several.status).toBe(200);
        expect((await several.arrayBuffer()).byteLength).toBe(size);
        // no cache shows a recording whose ends were moved since; what did not change is not sent again
        const etag = part.headers.get('etag') ?? '';
        expect(part.headers.get('cache-control')).toBe('private, no-cache');
        expect((await staff.ask('GET', at, undefined, { 'If-None-Match': etag })).status).toBe(304);
        expect(
            (await staff.ask('GET', at, undefined, { Range: 'bytes=4-7', 'If-Range': etag }))
                .status,
        ).toBe(206);
        expect(
            (
                await staff.ask('HEAD', at, undefined, {
                    Range: 'bytes=4-7',
                    'If-Range': '"another"',
                })
            ).status,
        ).toBe(200);
    });

    test('600 slow readers of the MP4 hold little memory, and another gets it as before @plain', async () => {
        const resident = () =>
            Number(
                /VmRSS:\s+(\d+)/.exec(
                    readFileSync(`/proc/${server.process.pid}/status`, 'utf8'),
                )?.[1],
            ) / 1024;
        const at = `/recordings/${server.session}/recording.mp4`;
        const size = Number((await staff.ask('HEAD', at)).headers.get('content-length'));
        const before = resident();
        const heads: Promise<unknown>[] = [];
        const crowd = Array.from({ length: 600 }, () => {
            const socket = dial(server.url, () =>
                socket.write(
                    `GET ${at} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nAuthorization: Bearer ${staff.token}\r\n\r\n`,
                ),
            );
            socket.on('error', () => {});
            heads.push(new Promise((done) => socket.once('readable', done))); // and nothing is read
            return socket;
        });
        await Promise.all(heads);
        await wait(500);
        const held = resident() - before;
        console.log(`printed: 600 slow readers of ${size} bytes hold ${held.toFixed(0)} MB`);
        expect(held).toBeLessThan(90);
        expect((await (await staff.ask('GET', at)).arrayBuffer()).byteLength).toBe(size);
        for (const socket of crowd) {
            socket.destroy();
        }
    });
});

test('lobby and pause: attendees get nothing, staff all, and the recording only what lies inside @media', async () => {
    test.setTimeout(patience(120_000));
    const begun = Date.now();
    const server = await Server.start({ command: 'serve' }).then(async (one) => one);
    try {
        const staff = await Api.signIn(staffLink(server));
        const id = await staff.create();
        const attendee = await Api.signIn(await staff.invite(id, 'attendee', 'حاضر'));
        const hls = `/sessions/${id}/hls/v360p.m3u8`;
        await staff.state(id, 'lobby');
        await until(
            'staff see the lobby',
            15_000 * slow,
            async () => (await staff.ask('GET', hls)).status === 200,
        );
        await wait(2500);
        expect((await attendee.ask('GET', hls)).status).toBe(503);
        const liveAt = Date.now();
        await staff.state(id, 'live');
        await wait(4000);
        const first = await until(
            'attendees see media',
            15_000 * slow,
            async () =>
                /^(\d+\/v360p\/\d+)(\.\d+)?\.m4s$/m.exec(
                    await (await attendee.ask('GET', hls)).text(),
                )?.[1],
        );
        const all = await (await staff.ask('GET', hls)).text();
        const hidden = /^(\d+\/v360p\/\d+)\.m4s$/m.exec(all)?.[1];
        expect(hidden).not.toBe(first);
        expect((await attendee.ask('GET', `/sessions/${id}/hls/${hidden}.m4s`)).status).toBe(404);
        expect((await staff.ask('GET', `/sessions/${id}/hls/${hidden}.m4s`)).status).toBe(200);
        const pausedAt = Date.now();
        await staff.state(id, 'paused');
        await wait(3000);
        const againAt = Date.now();
        await staff.state(id, 'live');
        await wait(3000);
        const endAt = Date.now();
        await staff.state(id, 'ended');
        const openS = (pausedAt - liveAt + endAt - againAt) / 1000;
        expect((await attendee.ask('GET', `/recordings/${id}/main.m3u8`)).status).toBe(403);
        await finished(staff, id);
        const length = (await staff.read(id)).recording.duration_ms / 1000;
        expect(length).toBeGreaterThan(openS - allow(1500, begun) / 1000);
        expect(length).toBeLessThan(openS + allow(3000, begun) / 1000);
        const file = join(server.data, 'recordings', id, 'recording.mp4');
        const times = media.frameTimes(file);
        const step = times.slice(1).map((time, i) => time - times[i]);
        // the pause left no hole; a busy machine leaves pictures out, and those before them stand longer
        expect(Math.max(...step)).toBeLessThan(allow(0.05, begun));
        expect(Math.abs(times[times.length - 1] - times[0] + 1 / 30 - length)).toBeLessThan(
            allow(0.1, begun),
        );
        await staff.state(id, 'published');
        expect((await attendee.ask('GET', `/recordings/${id}/main.m3u8`)).status).toBe(200);
        expect((await attendee.ask('GET', `/recordings/${id}/${hidden}.m4s`)).status).toBe(404);
        expect(await server.stop()).toBe(0);
    } finally {
        await server.stop();
    }
});

test('kill -9 and start again: sign-in, questions, votes and the recording are still there @media', async () => {
    test.setTimeout(patience(120_000));
    const data = temporaryFolder();
    let server = await Server.start({ data });
    const staff = await Api.signIn(server.staff);
    const asker = await Api.signIn(server.attend);
    const id = server.session;
    const other = await Api.signIn(await staff.invite(id, 'attendee', 'Other'));
    const asked = await asker.json<Question>('POST', `/api/v1/sessions/${id}/questions`, {
        text: 'كيف نقيس الأثر؟',
        anonymous: false,
    });
    await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { state: 'approved' });
    await other.json('PUT', `/api/v1/questions/${asked.id}/vote`);
    await wait(5000);
    await server.kill();

    server = await Server.start({ data });
    try {
        expect(server.session).toBe(id); // the same session goes on
        for (const api of [staff, asker, other]) {
            Object.assign(api, { url: server.url });
        }
        // found by its id alone: the questions are not in memory yet
        await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { starred: true });
        const list = await other.json<{ items: Question[] }>(
            'GET',
            `/api/v1/sessions/${id}/questions`,
        );
        expect(list.items.map((item) => [item.text, item.state, item.votes, item.voted])).toEqual([
            ['كيف نقيس الأثر؟', 'approved', 1, true],
        ]);
        await wait(5000);
        await staff.state(id, 'ended');
        await finished(staff, id);
        const recordings = await staff.json<{ items: Session[] }>('GET', '/api/v1/recordings');
        expect(recordings.items.map((item) => item.id)).toContain(id);
        const text = await (await staff.ask('GET', `/recordings/${id}/v360p.m3u8`)).text();
        expect(text.match(/#EXT-X-MAP/g)?.length).toBe(2); // both runs
        const file = join(data, 'recordings', id, 'recording.mp4');
        expect(media.duration(file)).toBeGreaterThan(7);
        media.ffmpeg('-i', file, '-f', 'null', '-'); // decodes without an error
    } finally {
        await server.stop();
    }
});

test('a source that fails gives slate and silence, and comes back by itself @media', async () => {
    test.setTimeout(patience(120_000));
    const folder = temporaryFolder();
    const clip = join(folder, 'clip.mp4');
    media.makeFlashClip(clip, 3);
    const server = await Server.start({ source: clip });
    try {
        const staff = await Api.signIn(server.staff);
        const state = async () =>
            (await staff.json<Health>('GET', '/api/v1/health')).programme.state;
        await until('the clip plays', 15_000 * slow, async () => (await state()) === 'playing');
        execFileSync('mv', [clip, `${clip}.away`]);
        await until('its loss is told', 20_000 * slow, async () => (await state()) !== 'playing');
        const hls = `${server.url}/sessions/${server.session}/hls/v360p.m3u8`;
        const edge = async () =>
            (await (await staff.ask('GET', new URL(hls).pathname)).text()).trim().split('\n').pop();
        const before = await edge();
        await wait(3000);
        expect(await edge()).not.toBe(before); // the programme goes on
        execFileSync('mv', [`${clip}.away`, clip]);
        await until('it is back', 15_000 * slow, async () => (await state()) === 'playing');
    } finally {
        await server.stop();
    }
});
