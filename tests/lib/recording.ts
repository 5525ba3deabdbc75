// SPDX-License-Identifier: GPL-3.0-or-later
// What the fault tests ask of a recording once it is finished; a disk filled up.

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Api, Health } from './api';
import { slow, until } from './time';

export function health(api: Api): Promise<Health> {
    return api.json<Health>('GET', '/api/v1/health');
}

export async function end(staff: Api, id: string): Promise<void> {
    await staff.state(id, 'ended');
    await finished(staff, id);
}

export async function finished(staff: Api, id: string): Promise<void> {
    await until(
        'the MP4 is ready',
        60_000 * slow,
        async () => (await staff.read(id)).recording.mp4 === 'ready',
    );
}

/** Decodes all of it; a word of complaint is a failure. Answers with the seconds. */
export function decode(file: string): number {
    const input = file.endsWith('.m3u8')
        ? ['-allowed_extensions', 'ALL', '-i', file]
        : ['-i', file];
    // times as they stand in the file: rounded to frames, two of them may fall together where a run begins
    const words = [
        '-hide_banner',
        '-nostdin',
        '-v',
        'error',
        '-xerror',
        ...input,
        '-map',
        '0:v:0',
        '-map',
        '0:a:0',
        '-enc_time_base',
        '-1',
        '-f',
        'null',
        '-',
    ];
    const done = spawnSync('ffmpeg', words, { timeout: 300_000, encoding: 'utf8' });
    expect(done.stderr, file).toBe('');
    expect(done.status, file).toBe(0);
    const probe = spawnSync(
        'ffprobe',
        ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file],
        { encoding: 'utf8' },
    );
    return Number(probe.stdout);
}

/** Every published file opens unrepaired, and they agree. */
export function decodeAll(folder: string): number {
    const file = decode(join(folder, 'recording.mp4'));
    const list = decode(join(folder, 'main.m3u8'));
    expect(Math.abs(file - list)).toBeLessThan(0.2);
    return file;
}

/** Fills the file system but for `leave` bytes. */
export function fill(folder: string, leave: number): string {
    const filler = join(folder, 'filler');
    const free = Number(
        execFileSync('df', ['--output=avail', '-B1', folder]).toString().trim().split('\n').pop(),
    );
    spawnSync('dd', [
        'if=/dev/zero',
        `of=${filler}`,
        'bs=64k',
        `count=${Math.max(0, free - leave)}`,
        'iflag=count_bytes',
        'status=none',
    ]);
    return filler;
}
