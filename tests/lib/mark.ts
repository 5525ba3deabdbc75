// SPDX-License-Identifier: GPL-3.0-or-later
// Time marks of recorded pictures: which moment of the timeline a frame of a file, a playlist or a
// JPEG shows. ffmpeg crops the strip, browser/mark.ts reads it.
import { execFileSync } from 'node:child_process';
import { decode, type Luma } from '../browser/mark';

const width = 640;
const strip = 24; // rows of the strip; the picture would be 12 times as high

/** The strip of one frame as the bottom of a picture of which nothing else is there. */
function picture(rows: Buffer): Luma {
    const height = strip * 12;
    const data = new Uint8Array(width * height);
    data.set(rows, width * (height - strip));
    return { width, height, data };
}

/**
 * Milliseconds of the timeline of each frame, null where there is no mark. `from` is a file or a URL,
 * `token` goes into an Authorization header, `before` are options of the input (a seek), `after` of
 * the output (how many frames).
 */
export function marks(
    from: string,
    { token = '', before = [] as string[], after = [] as string[] } = {},
): (number | null)[] {
    const headers =
        token && from.startsWith('http') ? ['-headers', `Authorization: Bearer ${token}\r\n`] : [];
    const filter = `crop=iw:ih/12:0:ih*11/12,scale=${width}:${strip}:flags=area,format=gray`;
    const words = [
        '-hide_banner',
        '-loglevel',
        'error',
        ...headers,
        ...before,
        '-i',
        from,
        '-map',
        '0:v:0',
        '-vsync',
        'passthrough',
    ];
    const raw = execFileSync('ffmpeg', [...words, '-vf', filter, ...after, '-f', 'rawvideo', '-'], {
        maxBuffer: 1024 * 1024 * 1024,
        timeout: 120_000,
    });
    const size = width * strip;
    const found: (number | null)[] = [];
    for (let at = 0; at + size <= raw.length; at += size) {
        found.push(decode(picture(raw.subarray(at, at + size))));
    }
    return found;
}

/** The mark that a player shows when it seeks there in a file. */
export function markAt(file: string, seconds: number): number | null {
    return marks(file, { before: ['-ss', String(seconds)], after: ['-frames:v', '1'] })[0] ?? null;
}

/** The mark that a playlist shows at that time. Read from its beginning: ffmpeg 5.1 finds no frame after a seek in fragmented MP4 over HLS. */
export function markOfPlaylist(url: string, seconds: number, token = ''): number | null {
    return marks(url, { token, after: ['-ss', String(seconds), '-frames:v', '1'] })[0] ?? null;
}
