// SPDX-License-Identifier: GPL-3.0-or-later
// The programme's sound: quiet and loud speech at one loudness, by ffmpeg's ebur128; alarms come and go.

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type Health, type Session, type SoundHealth } from '../lib/api';
import * as media from '../lib/media';
import { Server, temporaryFolder } from '../lib/server';
import { patience, slow, until, wait } from '../lib/time';

const TARGET = -23;
const SECONDS = 45;
const SETTLED = 30;
const encoder = 'small';

/** Integrated loudness from a second on, LUFS. */
function loudnessOf(file: string, from: number): number {
    const words = `-hide_banner -nostats -ss ${from} -i ${file} -vn -af ebur128 -f null -`;
    const { stderr } = spawnSync('ffmpeg', words.split(' '), { encoding: 'utf8' });
    const found = stderr.slice(stderr.lastIndexOf('Summary:')).match(/I:\s+(-?[\d.]+) LUFS/);
    return Number(found?.[1] ?? Number.NaN);
}

const picture = (seconds: number) =>
    `-f lavfi -i testsrc2=s=640x360:r=30:d=${seconds} -c:v libx264 -preset ultrafast -pix_fmt yuv420p`;

/** Arabic speech, over and over, at this loudness. */
function makeSpeech(folder: string, lufs: number): string {
    const wav = join(folder, 'speech.wav');
    const long = join(folder, 'long.wav');
    const clip = join(folder, 'clip.mov');
    media.makeSpeechClip(join(folder, 'speech.mp4'), wav);
    const repeat = `-stream_loop -1 -i ${wav} -t ${SECONDS} -ac 2 -ar 48000`;
    media.ffmpeg(...repeat.split(' '), long);
    const change = `volume=${lufs - loudnessOf(long, 0)}dB`;
    const [input, output] = picture(SECONDS).split(' -c:v');
    const words = `${input} -i ${long} -af ${change} -c:a pcm_s16le -c:v${output}`;
    media.ffmpeg(...words.split(' '), clip);
    return clip;
}

/** Good sound, then each fault and good sound again, from these seconds on. */
const BEGIN = { silent: 4, clipping: 22, left_only: 32, good: [0, 17, 26, 45] };
const END = 52;

function makeFaults(folder: string): string {
    const clip = join(folder, 'faults.mov');
    const good = '0.1*sin(2*PI*440*t)*(0.6+0.4*sin(6*PI*t))';
    const clipped = '3*sin(2*PI*440*t)';
    const either = `if(between(t,${BEGIN.silent},${BEGIN.good[1]}),0,if(between(t,${BEGIN.clipping},${BEGIN.good[2]}),${clipped},${good}))`;
    const right = `if(between(t,${BEGIN.left_only},${BEGIN.good[3]}),0,${either})`;
    const [input, output] = picture(END).split(' -c:v');
    media.ffmpeg(
        ...input.split(' '),
        ...['-f', 'lavfi', '-i', `aevalsrc='${either}|${right}':s=48000:d=${END}`],
        ...`-c:a pcm_s16le -c:v${output}`.split(' '),
        clip,
    );
    return clip;
}

async function programme(staff: Api) {
    return (await staff.json<Health>('GET', '/api/v1/health')).programme;
}

async function record(staff: Api, id: string, to: string): Promise<void> {
    await until('the recording is published', 90_000 * slow, async () => {
        const session = await staff.json<Session>('GET', `/api/v1/sessions/${id}`);
        return session.state === 'published' && session.recording.mp4 === 'ready';
    });
    const answer = await staff.ask('GET', `/recordings/${id}/recording.mp4`);
    expect(answer.status).toBe(200);
    writeFileSync(to, Buffer.from(await answer.arrayBuffer()));
}

for (const [name, lufs] of [
    ['quiet', -40],
    ['loud', -10],
] as const) {
    test(`${name} speech is recorded within 1 LU of the target after 30 s @plain`, async () => {
        test.setTimeout(patience(150_000));
        const folder = temporaryFolder();
        const clip = makeSpeech(folder, lufs);
        const server = await Server.start({
            source: `${clip}?loop=0`,
            conf: { programme: { encoder } },
        });
        try {
            const staff = await Api.signIn(server.staff);
            const told: SoundHealth[] = []; // while something is heard: a busy machine sees the end late
            await until('the source is at its end', patience(SECONDS * 1000), async () => {
                const now = await programme(staff);
                if (now.sound && now.sound.short_term !== null) {
                    told.push(now.sound);
                }
                await wait(400);
                return now.state === 'ended' || now.state === 'off';
            });
            const out = join(folder, 'out.mp4');
            await record(staff, server.session, out);
            const found = loudnessOf(out, SETTLED);
            console.log(
                `${name}: source ${loudnessOf(clip, 0)} LUFS, recording after ${SETTLED} s ${found} LUFS,`,
                `with its first 30 s ${loudnessOf(out, 0)}; told ${JSON.stringify(told.at(-1))}`,
            );
            expect(Math.abs(found - TARGET)).toBeLessThanOrEqual(1);
            const late = told.slice(told.length / 2).map((one) => one.short_term ?? 0);
            const median = late.sort((a, b) => a - b)[Math.floor(late.length / 2)];
            expect(Math.abs(median - TARGET)).toBeLessThan(2);
            expect(Math.sign(told.at(-1)?.gain_db ?? 0)).toBe(lufs < TARGET ? 1 : -1);
            expect(Math.abs((told.at(-1)?.loudness ?? 0) - loudnessOf(out, 0))).toBeLessThan(1);
        } finally {
            await server.stop();
            rmSync(folder, { recursive: true });
        }
    });
}

/** Each other word that is heard, in order. */
class Told {
    readonly words: (string | null)[] = [];

    hear(word: string | null): void {
        if (this.words.length === 0 || this.words.at(-1) !== word) {
            this.words.push(word);
        }
    }
}

/** What the speaker's page hears of the sound. */
async function listen(api: Api, session: string): Promise<Told> {
    const told = new Told();
    const socket = api.socket();
    await new Promise((done) => socket.once('open', done));
    socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'clock') {
            told.hear(message.data.sound);
        }
    });
    socket.send(JSON.stringify({ op: 'join', session }));
    return told;
}

test('silence, clipping and a silent side are told to staff and speaker, and end @plain', async () => {
    test.setTimeout(patience(150_000));
    const folder = temporaryFolder();
    const server = await Server.start({
        source: `${makeFaults(folder)}?loop=0`,
        conf: { programme: { encoder } },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const speaker = await Api.signIn(
            await staff.invite(server.session, 'speaker', 'A speaker'),
        );
        const attendee = await Api.signIn(server.attend);
        const heard = await listen(speaker, server.session);
        const others = await listen(attendee, server.session);
        const told = new Told();
        const begun = Date.now();
        await until('the source is at its end', patience(END * 1000), async () => {
            const now = await programme(staff);
            if (now.state === 'playing') {
                if (told.words.at(-1) !== now.sound?.alarm) {
                    console.log(`${(Date.now() - begun) / 1000} s: ${now.sound?.alarm}`);
                }
                told.hear(now.sound?.alarm ?? null);
            }
            return now.state === 'ended' || now.state === 'off';
        });
        const all = [null, 'silent', null, 'clipping', null, 'left_only', null];
        expect(told.words).toEqual(all);
        expect(heard.words).toEqual(all);
        expect(others.words).toEqual([undefined]);
    } finally {
        await server.stop();
        rmSync(folder, { recursive: true });
    }
});
