// SPDX-License-Identifier: GPL-3.0-or-later
// What a recording really holds, by ffprobe and ffmpeg.
import { execFileSync } from 'node:child_process';

const quiet = ['-hide_banner', '-loglevel', 'error'];

function run(command: string, words: string[]): Buffer {
    return execFileSync(command, words, { maxBuffer: 512 * 1024 * 1024, timeout: 120_000 });
}

export function ffmpeg(...words: string[]): Buffer {
    return run('ffmpeg', [...quiet, '-y', ...words]);
}

export interface Probe {
    format: { duration?: string; tags?: Record<string, string> };
    streams: {
        codec_type: string;
        codec_name: string;
        width?: number;
        height?: number;
        duration?: string;
        start_time?: string;
    }[];
}

/** `from` is a file or URL; `token` goes into an Authorization header. */
export function probe(from: string, token = '', more: string[] = []): Probe {
    const headers = token ? ['-headers', `Authorization: Bearer ${token}\r\n`] : [];
    const text = run('ffprobe', [
        ...quiet.slice(1),
        '-of',
        'json',
        '-show_format',
        '-show_streams',
        ...headers,
        ...more,
        from,
    ]);
    return JSON.parse(text.toString());
}

/** Presentation times of the packets of a stream, seconds, in the order of the file. */
function packetTimes(file: string, stream: string): number[] {
    const select = ['-select_streams', stream, '-show_entries', 'packet=pts_time'];
    const text = run('ffprobe', [...quiet.slice(1), ...select, '-of', 'csv=p=0', file]);
    return text.toString().trim().split('\n').map(Number.parseFloat);
}

/** Presentation times of all video frames, seconds, sorted. */
export function frameTimes(file: string): number[] {
    return packetTimes(file, 'v:0').sort((a, b) => a - b);
}

/** Presentation times of all packets of sound, seconds. */
export function soundTimes(file: string): number[] {
    return packetTimes(file, 'a:0');
}

/** Mean brightness of each picture, 0 to 255. */
export function brightness(file: string): number[] {
    return [
        ...ffmpeg(
            '-i',
            file,
            '-map',
            '0:v:0',
            '-vsync',
            'passthrough',
            '-vf',
            'scale=1:1:flags=area,format=gray',
            '-f',
            'rawvideo',
            '-',
        ),
    ];
}

/** Times at which the picture turns from dark to bright, seconds. */
export function flashes(file: string): number[] {
    const times = frameTimes(file);
    const luma = brightness(file);
    if (luma.length !== times.length) {
        throw new Error(`${luma.length} pictures for ${times.length} packets`);
    }
    return times.filter((_, i) => i > 0 && luma[i] > 140 && luma[i - 1] <= 140);
}

const rate = 48000;

/** Times at which a tone sets in after silence, seconds. */
export function beeps(file: string): number[] {
    const raw = ffmpeg(
        '-i',
        file,
        '-map',
        '0:a:0',
        '-af',
        'aresample=async=1:first_pts=0',
        '-ac',
        '1',
        '-ar',
        String(rate),
        '-f',
        's16le',
        '-',
    );
    const found: number[] = [];
    let quietFor = rate;
    for (let i = 0; i < raw.length / 2; i++) {
        if (Math.abs(raw.readInt16LE(2 * i)) > 3000) {
            if (quietFor > rate / 4) {
                found.push(i / rate);
            }
            quietFor = 0;
        } else {
            quietFor++;
        }
    }
    return found;
}

/** How far each flash is behind its beep, seconds. */
export function offsets(file: string): number[] {
    const sounds = beeps(file);
    return flashes(file).map((flash) => {
        const nearest = sounds.reduce(
            (best, at) => (Math.abs(at - flash) < Math.abs(best - flash) ? at : best),
            Number.POSITIVE_INFINITY,
        );
        return flash - nearest;
    });
}

/** A clip that flashes and beeps each second; 25 frames a second, to be unlike the programme's 30. */
export function makeFlashClip(file: string, seconds: number): void {
    ffmpeg(
        '-f',
        'lavfi',
        '-i',
        `color=black:s=640x360:r=25:d=${seconds},drawbox=color=white:t=fill:enable='lt(mod(t+0.5,1),0.12)'`,
        '-f',
        'lavfi',
        '-i',
        `aevalsrc='if(lt(mod(t+0.5,1),0.12),0.7*sin(2*PI*1000*t),0)':s=48000:d=${seconds}`,
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '25',
        '-pix_fmt',
        'yuv420p',
        '-c:a',
        'aac',
        '-shortest',
        file,
    );
}

export interface Stream {
    size: string;
    fps: number;
    rate: number;
    channels: number;
    offset: number; // of its timestamps, seconds
    seconds: number;
}

/** As makeFlashClip(), but a transport stream of constant rate whose time begins anywhere. */
export function makeFlashStream(file: string, kind: Stream): string {
    ffmpeg(
        '-f',
        'lavfi',
        '-i',
        `color=black:s=${kind.size}:r=${kind.fps}:d=${kind.seconds},drawbox=color=white:t=fill:enable='lt(mod(t+0.5,1),0.12)'`,
        '-f',
        'lavfi',
        '-i',
        `aevalsrc='if(lt(mod(t+0.5,1),0.12),0.7*sin(2*PI*1000*t),0)':s=${kind.rate}:d=${kind.seconds}`,
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
        '-g',
        '12',
        '-pix_fmt',
        'yuv420p',
        '-c:a',
        'aac',
        '-ac',
        String(kind.channels),
        '-muxrate',
        '2000k',
        '-output_ts_offset',
        String(kind.offset),
        '-f',
        'mpegts',
        file,
    );
    return file;
}

/** Arabic speech over a moving picture. */
export function makeSpeechClip(file: string, wav: string): void {
    run('espeak-ng', [
        '-v',
        'ar',
        '-s',
        '150',
        '-w',
        wav,
        'أهلا بكم في ستين دقيقة اتصال. موضوعنا اليوم الاتصال الحكومي في عصر الاقتصاد الرقمي.',
    ]);
    ffmpeg(
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=854x480:r=30',
        '-i',
        wav,
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-bf',
        '2',
        '-pix_fmt',
        'yuv420p',
        '-c:a',
        'aac',
        '-ar',
        '44100',
        '-shortest',
        file,
    );
}

export function duration(file: string): number {
    return Number(probe(file).format.duration);
}

/** Chapters of a file, seconds. */
export function chapters(file: string): { start: number; title: string }[] {
    const text = run('ffprobe', [
        ...quiet.slice(1),
        '-of',
        'json',
        '-show_chapters',
        file,
    ]).toString();
    const found = JSON.parse(text) as {
        chapters: { start_time: string; tags?: { title?: string } }[];
    };
    return found.chapters.map((chapter) => ({
        start: Number(chapter.start_time),
        title: chapter.tags?.title ?? '',
    }));
}

/** Loudness as RMS over 20 ms windows, 0 to 1. */
export function loudness(file: string): number[] {
    const raw = ffmpeg(
        '-i',
        file,
        '-map',
        '0:a:0',
        '-af',
        'aresample=async=1:first_pts=0',
        '-ac',
        '1',
        '-ar',
        '16000',
        '-f',
        's16le',
        '-',
    );
    const window = 320;
    const values: number[] = [];
    for (let start = 0; start + window <= raw.length / 2; start += window) {
        let sum = 0;
        for (let i = start; i < start + window; i++) {
            sum += (raw.readInt16LE(2 * i) / 32768) ** 2;
        }
        values.push(Math.sqrt(sum / window));
    }
    return values;
}

/** By how many milliseconds `later` lags behind `earlier`, from the shapes of their loudness. */
export function lag(earlier: number[], later: number[]): number {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let shift = -25; shift <= 25; shift++) {
        let sum = 0;
        for (let i = Math.max(0, -shift); i < Math.min(earlier.length, later.length - shift); i++) {
            sum += earlier[i] * later[i + shift];
        }
        if (sum > most) {
            most = sum;
            best = shift;
        }
    }
    return best * 20;
}
