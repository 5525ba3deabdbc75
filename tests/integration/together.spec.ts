// SPDX-License-Identifier: GPL-3.0-or-later
// All kinds of viewers at once, while strangers do what they can: a tenth of what tests/bench/together prints.

import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { binary, root, temporaryFolder } from '../lib/server';
import { allow, patience } from '../lib/time';

interface Figure {
    n: number;
    max: number;
}

interface Figures {
    whep: {
        joined: number;
        playing: number;
        gap_video_ms: Figure;
        gap_audio_ms: Figure;
        errors: object;
    };
    hls: { failed: number; gap_ms: Figure; errors: object };
    ws: { joined: number; gap_ms: Figure; broadcast_ms: Figure; errors: object };
    strangers: { junk: number; replies: number; most_held: number };
    recording: {
        wall_s: number;
        tracks: Record<string, { seconds: number; gaps: number; breaks: number }>;
        gaps: object[];
        lost_parts: number;
        lost_units: number;
        verified: boolean;
    };
}

test('viewers of all kinds, junk and slow connections together: the recording loses nothing, viewers watch on @plain', async () => {
    test.setTimeout(patience(90_000));
    const folder = temporaryFolder();
    const file = join(folder, 'figures');
    const load = '--whep 30 --hls 100 --ws 100 --junk 5000 --slow 100 --seconds 8'.split(' ');
    const words = [join(root, 'build'), '--server', binary, ...load, '--json', file];
    const begun = Date.now();
    const bench = spawn(join(root, 'tests/bench/together'), words);
    let said = '';
    for (const stream of [bench.stdout, bench.stderr]) {
        stream.on('data', (text) => {
            said += text;
        });
    }
    const status = await new Promise((done) => bench.once('exit', done));
    console.log(said);
    expect(status, said).toBe(0);
    const { whep, hls, ws, strangers, recording } = JSON.parse(
        readFileSync(file, 'utf8'),
    ) as Figures;
    rmSync(folder, { recursive: true });

    expect([recording.lost_parts, recording.lost_units]).toEqual([0, 0]);
    expect(recording.gaps).toEqual([]);
    expect(Object.keys(recording.tracks)).toEqual(['aar', 'v360p']);
    for (const track of Object.values(recording.tracks)) {
        expect([track.gaps, track.breaks]).toEqual([0, 0]);
        expect(Math.abs(track.seconds - recording.wall_s)).toBeLessThan(allow(500, begun) / 1000);
    }
    expect(recording.verified).toBe(true);

    expect([whep.joined, whep.playing, whep.errors]).toEqual([30, 30, {}]);
    expect([hls.failed, hls.gap_ms.n, hls.errors]).toEqual([0, 200, {}]); // picture and sound of each
    expect([ws.joined, ws.errors]).toEqual([100, {}]);
    expect(ws.broadcast_ms.n).toBeGreaterThan(100);
    for (const gap of [whep.gap_video_ms, whep.gap_audio_ms, hls.gap_ms, ws.gap_ms]) {
        expect(gap.max).toBeLessThan(allow(500, begun));
    }
    expect([strangers.replies, strangers.most_held]).toEqual([0, 100]);
    expect(strangers.junk).toBeGreaterThan(10_000);
});
