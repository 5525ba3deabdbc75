// SPDX-License-Identifier: GPL-3.0-or-later
// A file as source: what goes in comes out, as long and as much in step.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type Session } from '../lib/api';
import * as media from '../lib/media';
import { long, Server, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until } from '../lib/time';

/** Plays the clip once through a demo and downloads the recording. */
async function record(clip: string, to: string): Promise<void> {
    const server = await Server.start({ source: `${clip}?loop=0` });
    try {
        const staff = await Api.signIn(server.staff);
        await until('the recording is published with its MP4', 60_000 * slow, async () => {
            const session = await staff.json<Session>('GET', `/api/v1/sessions/${server.session}`);
            expect(session.recording.mp4, session.recording.text ?? '').not.toBe('failed');
            return session.state === 'published' && session.recording.mp4 === 'ready';
        });
        const attendee = await Api.signIn(server.attend);
        const answer = await attendee.ask('GET', `/recordings/${server.session}/recording.mp4`);
        expect(answer.status).toBe(200);
        writeFileSync(to, Buffer.from(await answer.arrayBuffer()));
    } finally {
        await server.stop();
    }
}

const starts = long ? 10 : 3;

test(`flash and beep stay within 40 ms of the source's offset over ${starts} starts @plain`, async () => {
    test.setTimeout(patience(starts * 60_000));
    const begun = Date.now();
    const folder = temporaryFolder();
    const clip = join(folder, 'flash.mp4');
    media.makeFlashClip(clip, 4);
    const source = media.offsets(clip);
    const middle = source.reduce((sum, value) => sum + value, 0) / source.length;
    const worst: number[] = [];
    for (let start = 0; start < starts; start++) {
        const out = join(folder, `out-${start}.mp4`);
        await record(clip, out);
        const found = media.offsets(out);
        // A starved encoder leaves pictures out: a flash of 0.12 s may be among them.
        const fewest = allow(1, begun) > 2 ? source.length - 1 : source.length;
        expect(found.length).toBeGreaterThanOrEqual(fewest);
        expect(found.length).toBeLessThanOrEqual(source.length);
        worst.push(Math.max(...found.map((value) => Math.abs(value - middle))));
        expect(Math.abs(media.duration(out) - media.duration(clip))).toBeLessThan(0.1);
    }
    console.log(
        `flash against beep, worst of each start, ms: ${worst.map((value) => (value * 1000).toFixed(1)).join(' ')}`,
    );
    expect(Math.max(...worst)).toBeLessThan(allow(0.04, begun));
});

test('Arabic speech over a moving picture keeps its length and its place @plain', async () => {
    test.setTimeout(patience(120_000));
    const begun = Date.now();
    const folder = temporaryFolder();
    const clip = join(folder, 'speech.mp4');
    media.makeSpeechClip(clip, join(folder, 'speech.wav'));
    const out = join(folder, 'out.mp4');
    await record(clip, out);
    const lost = media.duration(out) - media.duration(clip);
    const lag = media.lag(media.loudness(clip), media.loudness(out));
    console.log(
        `speech clip ${media.duration(clip).toFixed(3)} s, recording off by ${(lost * 1000).toFixed(0)} ms, speech by ${lag} ms`,
    );
    expect(Math.abs(lost)).toBeLessThan(allow(0.1, begun));
    expect(Math.abs(lag)).toBeLessThanOrEqual(40);
    const found = media.probe(out);
    expect(found.streams.map((stream) => stream.codec_name).sort()).toEqual(['aac', 'h264']);
    expect(found.format.tags?.title).toContain('الاتصال الحكومي');
});

test('staff who pause and resume while the file ends keep nobody from its end', async () => {
    test.setTimeout(patience(120_000));
    const folder = temporaryFolder();
    const clip = join(folder, 'short.mp4');
    media.makeFlashClip(clip, 3);
    const server = await Server.start({ source: `${clip}?loop=0` });
    try {
        const staff = await Api.signIn(server.staff);
        const at = `/api/v1/sessions/${server.session}`;
        const state = async () => (await staff.json<Session>('GET', at)).state;
        await until('it is live', 15_000 * slow, async () => (await state()) !== 'lobby');
        const end = Date.now() + 15_000 * slow;
        let now = await state();
        for (
            let to = 'paused';
            now !== 'published' && Date.now() < end;
            to = to === 'paused' ? 'live' : 'paused'
        ) {
            const answer = await staff.ask('POST', `${at}/state`, { to });
            expect([200, 409]).toContain(answer.status);
            now = await state();
        }
        expect(now).toBe('published');
    } finally {
        await server.stop();
    }
});
