// SPDX-License-Identifier: GPL-3.0-or-later
// A machine with too much to do: what playlists tell is what the media holds, and picture and sound begin and end together.
// Long form: five minutes beside two busy loops.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import {
    busyLoops,
    captureOf,
    playlistsOf,
    readPlaylist,
    type Segment,
    standStill,
} from '../lib/holes';
import * as media from '../lib/media';
import { finished } from '../lib/recording';
import { long, Server } from '../lib/server';
import { patience, until, wait } from '../lib/time';

const FRAME = 1 / 30 + 0.0005;
const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);

/** EXTINF against the media; no hole but at a break. */
function checkTrack(name: string, segments: Segment[]): void {
    let end = Number.NaN;
    for (const segment of segments) {
        const held = sum(segment.media.map((fragment) => fragment.end - fragment.start));
        expect
            .soft(
                Math.abs(segment.told - held),
                `${name} ${segment.uri}: EXTINF ${segment.told}, media ${held}`,
            )
            .toBeLessThan(0.001);
        for (const [i, fragment] of segment.media.entries()) {
            const joins = Math.abs(fragment.start - end) < 0.0005;
            expect
                .soft(
                    joins || Number.isNaN(end) || (i === 0 && segment.discontinuity),
                    `${name} ${segment.uri} begins at ${fragment.start}, the one before ends at ${end}`,
                )
                .toBe(true);
            end = fragment.end;
        }
    }
}

/** Where stretches begin and end, seconds. */
function stretches(segments: Segment[]): { start: number; end: number }[] {
    const found: { start: number; end: number }[] = [];
    for (const segment of segments.filter((one) => one.media.length > 0)) {
        if (found.length === 0 || segment.discontinuity) {
            found.push({ start: segment.media[0].start, end: 0 });
        }
        found[found.length - 1].end = segment.media[segment.media.length - 1].end;
    }
    return found;
}

function leftOut(segments: Segment[]): { pictures: number; longest: number } {
    const lengths = segments.flatMap((segment) =>
        segment.media.flatMap((fragment) => fragment.samples),
    );
    return {
        pictures: Math.round(sum(lengths) * 30) - lengths.length,
        longest: Math.max(...lengths),
    };
}

function checkRecording(folder: string): void {
    const whole = Number(media.probe(join(folder, 'recording.mp4')).format.duration);
    const tracks = Object.fromEntries(
        playlistsOf(folder).map((name) => [name, readPlaylist(folder, name)]),
    );
    const sound = stretches(tracks['aar.m3u8']);
    for (const [name, segments] of Object.entries(tracks)) {
        checkTrack(name, segments);
        const told = sum(segments.map((segment) => segment.told));
        const own = stretches(segments);
        const apart = own.map(({ start, end }, i) => [start - sound[i].start, end - sound[i].end]);
        console.log(
            `${name}: EXTINF ${told.toFixed(3)} s, MP4 ${whole.toFixed(3)} s, ${own.length} stretches`,
            name[0] === 'v'
                ? `, ms of picture after sound at their ends: ${apart
                      .flat()
                      .map((s) => Math.round(s * 1000))
                      .join(' ')}`
                : '',
            name[0] === 'v'
                ? `, left out ${leftOut(segments).pictures}, longest picture ${leftOut(segments).longest.toFixed(3)} s`
                : '',
        );
        expect.soft(own.length, `${name}: stretches`).toBe(sound.length);
        for (const offset of apart.flat()) {
            expect.soft(Math.abs(offset), `${name}: picture after sound`).toBeLessThan(FRAME);
        }
        expect
            .soft(Math.abs(told - whole), `${name}: sum of EXTINF ${told}, MP4 ${whole}`)
            .toBeLessThan(FRAME * own.length);
    }
    const thumbs = readdirSync(join(folder, 'thumbs')).length; // one each 5 s, also where the very frame was left out
    expect.soft(thumbs, 'thumbnails').toBeGreaterThanOrEqual(Math.floor(whole / 5) - 1);
    const published = Number(
        media.probe(join(folder, 'main.m3u8'), '', ['-allowed_extensions', 'ALL']).format.duration,
    );
    expect
        .soft(Math.abs(published - whole), 'main.m3u8 by ffprobe')
        .toBeLessThan(FRAME * sound.length);
}

test('standstills, a killed child and busy loops: durations add up in every track @plain', async () => {
    test.setTimeout((long ? 300_000 : 0) + patience(90_000));
    const loops = busyLoops(long ? 2 : 0);
    const server = await Server.start({
        conf: { programme: { encoder: long ? 'software' : 'software-fast' } },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const ready = () =>
            until(
                'media',
                20_000,
                async () =>
                    (await staff.ask('GET', `/sessions/${server.session}/hls/v720p.m3u8`))
                        .status === 200,
            );
        await ready();
        const child = captureOf(server);
        await standStill(server, 1200); // more than two parts
        await wait(1500);
        await standStill(server, 700);
        await wait(long ? 150_000 : 1200);
        process.kill(child, 'SIGKILL');
        await until('another child', 20_000, async () => {
            try {
                return captureOf(server) !== child;
            } catch {
                return false; // none yet
            }
        });
        await wait(long ? 150_000 : 4500);
        await staff.state(server.session, 'ended');
        await finished(staff, server.session);
        checkRecording(join(server.data, 'recordings', server.session));
    } finally {
        for (const loop of loops) {
            loop.kill('SIGKILL');
        }
        expect(await server.stop()).toBe(0);
    }
});
