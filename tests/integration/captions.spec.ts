// SPDX-License-Identifier: GPL-3.0-or-later
// Captions over the picture: read by OCR from the live picture, timed by the mark in the recording, over a kill of the child
// and a restart of the server. MAJLIS_SHOTS=FOLDER keeps the pictures.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { decode, type Luma } from '../browser/mark';
import {
    Api,
    type Caption,
    type Health,
    type Question,
    type Series,
    type Session,
    type Speaker,
} from '../lib/api';
import { ffmpeg } from '../lib/media';
import { finished } from '../lib/recording';
import { Server, staffLink, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

test.describe.configure({ mode: 'serial' });

const conf = {
    rtc: { listen: '127.0.0.1:0' },
    programme: { encoder: 'software-fast', source: 'test' },
};
const folder = temporaryFolder();
const SPEAKERS = [
    {
        name: { ar: 'د. مريم الكتبي', en: 'Dr Mariam Al Ketbi' },
        role: { ar: 'خبيرة الاتصال الحكومي', en: 'Government communication expert' },
    },
];
const COLOUR = '#7a1f3d';
const ASKED = 'When will the new licence be issued';
const ASKER = 'Noura Shamsi';

let server: Server;
let staff: Api;
let officer: Api;
let id: string;
/** Milliseconds of the timeline at which each caption was asked for. */
const asked: { show: string; at: number }[] = [];

const programme = async () =>
    (await staff.json<Health>('GET', '/api/v1/health')).sessions[0]?.programme;
const caption = async () => (await staff.read(id)).caption;

async function put(change: object): Promise<Caption> {
    const { epoch } = await staff.read(id);
    asked.push({ show: JSON.stringify(change), at: Date.now() - Date.parse(epoch ?? '') });
    return staff.json<Caption>('PUT', `/api/v1/sessions/${id}/caption`, change);
}

/** The newest live picture, its lower third alone and twice as large. */
function shot(name: string): string {
    const file = join(folder, `${name}.png`);
    const words = [
        ...['-headers', `Authorization: Bearer ${staff.token}\r\n`, '-live_start_index', '-1'],
        ...['-i', `${server.url}/sessions/${id}/hls/v720p.m3u8`, '-frames:v', '1'],
    ];
    if (process.env.MAJLIS_SHOTS) {
        mkdirSync(process.env.MAJLIS_SHOTS, { recursive: true });
        ffmpeg(...words, file);
        copyFileSync(file, join(process.env.MAJLIS_SHOTS, `caption-${name}.png`));
    }
    ffmpeg(...words, '-vf', 'crop=iw:260:0:375,scale=iw*2:-1', file);
    return file;
}

function read(file: string, language: 'eng' | 'ara'): string {
    const words = [file, 'stdout', '-l', language, '--psm', '11'];
    return execFileSync('tesseract', words, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
    });
}

async function reads(name: string, language: 'eng' | 'ara', words: string[]): Promise<string> {
    let text = '';
    await until(`${words} can be read`, patience(10_000), async () => {
        await wait(500);
        text = read(shot(name), language);
        return words.every((word) => text.includes(word));
    }).catch((error) => {
        throw new Error(`${error}: ${text}`);
    });
    return text;
}

async function start(data: string): Promise<void> {
    server = await Server.start({ command: 'serve', data, conf });
    staff = await Api.signIn(staffLink(server));
}

async function ask(text: string): Promise<Question> {
    const made = await officer.json<Question>('POST', `/api/v1/sessions/${id}/questions`, { text });
    return made;
}
const moderate = (question: string, state: string) =>
    staff.json('PATCH', `/api/v1/questions/${question}`, { state });

test.beforeAll(async () => {
    await start(temporaryFolder());
    id = await staff.create();
    const series = await staff.json<Series>('POST', '/api/v1/series', {
        name: { en: 'Talks' },
        colour: COLOUR,
    });
    const known = await staff.json<Speaker>('POST', '/api/v1/speakers', {
        name: SPEAKERS[0].name,
        organisation: { ar: 'وزارة الاقتصاد', en: 'Ministry of Economy' },
    });
    await staff.json('PATCH', `/api/v1/sessions/${id}`, {
        series: series.id,
        speakers: [{ ...SPEAKERS[0], id: known.id }],
        show_names: true,
    });
    officer = await Api.signIn(await staff.invite(id, 'attendee', ASKER));
    await staff.state(id, 'lobby');
    await staff.state(id, 'live');
    await until('it plays', patience(20_000), async () => (await programme())?.state === 'playing');
});
test.afterAll(async () => {
    expect(await server?.stop()).toBe(0);
});

test('the question on air is shown with its asker, without where names are hidden, and goes with it @plain', async () => {
    test.setTimeout(patience(120_000));
    const question = await ask(`${ASKED}?`);
    await moderate(question.id, 'approved');
    const early = await staff.ask('PUT', `/api/v1/sessions/${id}/caption`, {
        show: 'question',
        question: question.id,
    });
    expect([early.status, (await early.json()).code]).toEqual([409, 'question-not-on-air']);
    await moderate(question.id, 'on_air');
    expect(await put({ show: 'question', question: question.id })).toEqual({
        show: 'question',
        speaker: null,
        question: question.id,
    });
    await reads('question', 'eng', ['licence', 'Noura']);
    expect((await officer.read(id)).caption).toBeUndefined(); // attendees see it in the picture alone
    await staff.json('PATCH', `/api/v1/sessions/${id}`, { show_names: false });
    await until('the name is gone', patience(10_000), async () => {
        await wait(500);
        const text = read(shot('question-nameless'), 'eng');
        return text.includes('licence') && !text.includes('Noura');
    });
    await moderate(question.id, 'answered');
    await until('it is gone', patience(10_000), async () => (await caption())?.show === 'none');
    await until('also from the picture', patience(10_000), async () => {
        await wait(500);
        return !read(shot('none'), 'eng').includes('licence');
    });
});

test('bad captions are refused, and change nothing @plain', async () => {
    for (const [body, status, code] of [
        [{}, 400, 'bad-value'],
        [{ show: 'all' }, 400, 'bad-value'],
        [{ show: 'speaker' }, 400, 'bad-value'],
        [{ show: 'speaker', speaker: -1 }, 400, 'bad-value'],
        [{ show: 'speaker', speaker: 3 }, 404, 'no-speaker'],
        [{ show: 'question' }, 400, 'bad-value'],
        [{ show: 'question', question: 'x'.repeat(64) }, 409, 'question-not-on-air'],
        [{ show: 'none', colour: 'red' }, 400, 'unknown-field'],
    ] as const) {
        const answer = await staff.ask('PUT', `/api/v1/sessions/${id}/caption`, body);
        expect([answer.status, (await answer.json()).code], JSON.stringify(body)).toEqual([
            status,
            code,
        ]);
    }
    expect((await caption())?.show).toBe('none');
});

test('two desks agree: a caption is told over the websocket @plain', async () => {
    const socket = staff.socket();
    const told: Session[] = [];
    socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.type === 'session.state') {
            told.push(message.data);
        }
    });
    await new Promise((done) => socket.once('open', done));
    socket.send(JSON.stringify({ op: 'join', session: id }));
    await wait(500);
    await put({ show: 'speaker', speaker: 0 });
    await until('it is told', patience(5000), async () =>
        told.some((one) => one.caption?.show === 'speaker' && one.caption.speaker === 0),
    );
    socket.close();
});

test('a speaker is named in both languages; a killed child and a restarted server show it again @plain', async () => {
    test.setTimeout(patience(180_000));
    await reads('speaker', 'eng', ['Mariam', 'expert', 'Economy']);
    const bar = ffmpeg(
        ...['-i', join(folder, 'speaker.png'), '-vf', 'crop=8:80:2418:300,scale=1:1:flags=area'],
        ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
    );
    const wanted = [0x7a, 0x1f, 0x3d];
    const apart = Math.max(...wanted.map((one, i) => Math.abs(one - (bar[i] ?? 0))));
    expect(apart, `${[...bar]}: the series' colour is the bar's`).toBeLessThan(16);
    await reads('speaker', 'ara', ['مريم', 'الحكومي']);
    const { pid, restarts = 0 } = (await programme()) ?? {};
    process.kill(pid ?? 0, 'SIGKILL');
    await until('there is another child', patience(20_000), async () => {
        const now = await programme();
        return (now?.restarts ?? 0) > restarts && now?.state === 'playing';
    });
    await wait(3000);
    await reads('speaker-after-kill', 'eng', ['Mariam']);
    const { data } = server;
    server.process.kill('SIGKILL');
    await server.exit;
    await start(data);
    expect(await caption()).toEqual({ show: 'speaker', speaker: 0, question: null });
    await until('it plays', patience(20_000), async () => (await programme())?.state === 'playing');
    await wait(3000);
    await reads('speaker-after-restart', 'eng', ['Mariam']);
});

interface Seen {
    at: number | null; // of the timeline, ms
    luma: number;
}

/** Of each picture of the recording: its mark, and how bright it is where the plate's lower edge would be. */
function seen(file: string): Seen[] {
    const strip = 5; // rows of the mark at 640 x 60
    const graph =
        '[0:v]split[a][b];[a]crop=iw:60:0:660,scale=640:5:flags=area[m];' +
        '[b]crop=14:8:1190:612,scale=640:1:flags=area[p];[m][p]vstack,format=gray';
    const raw = ffmpeg(
        '-i',
        file,
        '-vsync',
        'passthrough',
        '-filter_complex',
        graph,
        '-f',
        'rawvideo',
        '-',
    );
    const size = 640 * (strip + 1);
    const all: Seen[] = [];
    for (let from = 0; from + size <= raw.length; from += size) {
        const height = strip * 12;
        const picture: Luma = { width: 640, height, data: new Uint8Array(640 * height) };
        (picture.data as Uint8Array).set(raw.subarray(from, from + 640 * strip), 640 * 55);
        all.push({ at: decode(picture), luma: raw[from + 640 * strip + 320] ?? 0 });
    }
    return all;
}

test('it is on the picture within a second, and gone within a second; the mark is never covered @plain', async () => {
    test.setTimeout(patience(180_000));
    await put({ show: 'none' });
    await wait(3000 * slow);
    const begun = Date.now();
    await put({ show: 'speaker', speaker: 0 });
    await wait(3000 * slow);
    await put({ show: 'none' });
    await wait(2500 * slow);
    const second = allow(1000, begun);
    await staff.state(id, 'ended');
    expect((await caption())?.show).toBe('none');
    const late = await staff.ask('PUT', `/api/v1/sessions/${id}/caption`, {
        show: 'speaker',
        speaker: 0,
    });
    expect([late.status, (await late.json()).code]).toEqual([409, 'captions-over']);
    await finished(staff, id);
    const all = seen(join(server.data, 'recordings', id, 'recording.mp4'));
    const [, on, off] = asked.slice(-3);
    const within = (from: number, to: number) =>
        all.filter(({ at }) => at !== null && at >= from && at < to);
    const bare = within(on.at - 1000, on.at)[0]?.luma ?? Number.NaN;
    const after = (from: number, holds: (luma: number) => boolean) =>
        (within(from, from + 2500).find(({ luma }) => holds(luma))?.at ?? Number.NaN) - from;
    const shown = after(on.at, (luma) => luma > 215);
    const gone = after(off.at, (luma) => Math.abs(luma - bare) < 6);
    console.log(
        `printed: a strap is on the picture ${Math.round(shown)} ms after it was asked for, and gone after ${Math.round(gone)} ms; both with a fade of 300 ms`,
    );
    expect(bare).toBeLessThan(100);
    expect(shown).toBeLessThan(second);
    expect(gone).toBeLessThan(second);
    const between = within(on.at + shown, off.at);
    expect(between.every(({ luma }) => luma > 215)).toBe(true);
    const covered = all.slice(all.indexOf(between[0]), all.indexOf(between.at(-1) as Seen));
    expect(covered.every(({ at }) => at !== null)).toBe(true);
    expect(between.length).toBeGreaterThan(30);
});
