// SPDX-License-Identifier: GPL-3.0-or-later
// A machine without time for a session, and what its media then says of itself.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './server';
import { wait } from './time';

/** Programs that take all processor time they get. */
export function busyLoops(count: number): ChildProcess[] {
    return Array.from({ length: count }, () =>
        spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
    );
}

/** The process that captures and encodes. */
export function captureOf(server: Server): number {
    return Number(
        execFileSync('pgrep', ['-P', String(server.process.pid), '-f', ' capture '], {
            encoding: 'utf8',
        })
            .trim()
            .split('\n')[0],
    );
}

/** The session's child gets no processor time for so long, and makes up for it. */
export async function standStill(server: Server, ms: number): Promise<void> {
    const pid = captureOf(server);
    process.kill(pid, 'SIGSTOP');
    await wait(ms);
    process.kill(pid, 'SIGCONT');
}

export interface Fragment {
    start: number; // seconds of the timeline: tfdt
    end: number; // by the lengths of its samples, as a browser counts
    samples: number[]; // their lengths
}

function* boxes(
    data: Buffer,
    from: number,
    to: number,
): Generator<{ type: string; at: number; end: number }> {
    for (let at = from; at + 8 <= to; ) {
        const size = data.readUInt32BE(at);
        yield { type: data.toString('latin1', at + 4, at + 8), at: at + 8, end: at + size };
        at += size;
    }
}

function readTraf(data: Buffer, from: number, to: number, rate: number): Fragment {
    let usual = 0;
    let start = 0;
    const samples: number[] = [];
    for (const { type, at } of boxes(data, from, to)) {
        const flags = data.readUInt32BE(at) & 0xffffff;
        if (type === 'tfhd') {
            usual =
                flags & 8
                    ? data.readUInt32BE(at + 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0))
                    : 0;
        } else if (type === 'tfdt') {
            start = Number(data.readBigUInt64BE(at + 4));
        } else if (type === 'trun') {
            const first = at + 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
            const step = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => flags & bit).length;
            for (let i = 0; i < data.readUInt32BE(at + 4); i++) {
                samples.push((flags & 0x100 ? data.readUInt32BE(first + i * step) : usual) / rate);
            }
        }
    }
    start /= rate;
    return { start, end: start + samples.reduce((sum, one) => sum + one, 0), samples };
}

/** The fragments of a segment (ISO/IEC 14496-12): 90,000 ticks a second for pictures, 48,000 for sound. */
export function fragments(data: Buffer, rate: number): Fragment[] {
    const found: Fragment[] = [];
    for (const moof of boxes(data, 0, data.length)) {
        for (const traf of moof.type === 'moof' ? boxes(data, moof.at, moof.end) : []) {
            if (traf.type === 'traf') {
                found.push(readTraf(data, traf.at, traf.end, rate));
            }
        }
    }
    return found;
}

export interface Segment {
    uri: string;
    told: number; // EXTINF
    gap: boolean;
    discontinuity: boolean;
    media: Fragment[];
}

/** A recording's playlist beside the media that it names, in the folder `folder`. */
export function readPlaylist(folder: string, name: string): Segment[] {
    const segments: Segment[] = [];
    let next = { told: 0, gap: false, discontinuity: false, bytes: 0 };
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
        if (line.startsWith('#EXTINF:')) {
            next.told = Number.parseFloat(line.slice(8));
        } else if (line.startsWith('#EXT-X-BYTERANGE:')) {
            next.bytes = Number.parseInt(line.slice(17), 10);
        } else if (line === '#EXT-X-DISCONTINUITY') {
            next.discontinuity = true;
        } else if (line === '#EXT-X-GAP') {
            next.gap = true;
        } else if (line && !line.startsWith('#')) {
            const data = next.gap ? Buffer.alloc(0) : readFileSync(join(folder, line));
            const media = fragments(
                next.bytes ? data.subarray(0, next.bytes) : data,
                name[0] === 'v' ? 90_000 : 48_000,
            );
            segments.push({ uri: line, ...next, media });
            next = { told: 0, gap: false, discontinuity: false, bytes: 0 };
        }
    }
    return segments;
}

/** The names of a recording's media playlists. */
export function playlistsOf(folder: string): string[] {
    return readdirSync(folder)
        .filter((name) => /^[va].*\.m3u8$/.test(name))
        .sort();
}
