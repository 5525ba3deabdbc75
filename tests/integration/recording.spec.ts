// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a recording: its steps, its chapters, its ends, its keeping, and what a crash left.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type WebSocket from 'ws';
import { Api, type Chapter, type Question, type Recording, type Session } from '../lib/api';
import { markAt, markOfPlaylist, marks } from '../lib/mark';
import * as media from '../lib/media';
import { binary, dial, long, Server, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

const STEPS = ['playlists', 'chapters', 'pictures', 'mp4', 'audio', 'manifest'];

const recordingOf = async (api: Api, id: string) =>
    (await api.json<Session>('GET', `/api/v1/recordings/${id}`)).recording;
const states = (recording: Recording) =>
    Object.fromEntries(recording.steps.map((step) => [step.step, step.state]));
const chaptersOf = async (api: Api, id: string) =>
    (await api.json<{ items: Chapter[] }>('GET', `/api/v1/sessions/${id}/chapters`)).items;

/** Nothing is waiting or working any more. */
async function settled(api: Api, id: string): Promise<Recording> {
    return until('the steps are over', 60_000 * slow, async () => {
        const recording = await recordingOf(api, id);
        const busy = recording.steps.some(
            (step) =>
                step.state === 'working' || (step.state === 'waiting' && step.step !== 'manifest'),
        );
        const manifest = recording.steps.find((step) => step.step === 'manifest');
        const failed = recording.steps.some((step) => step.state === 'failed');
        return (
            recording.steps.length > 0 &&
            !busy &&
            (failed || manifest?.state === 'ready') &&
            recording
        );
    });
}

async function whole(api: Api, id: string): Promise<Recording> {
    const recording = await settled(api, id);
    expect(states(recording)).toEqual(Object.fromEntries(STEPS.map((step) => [step, 'ready'])));
    return recording;
}

/** Live from its start for a while, then ended. */
async function record(server: Server, staff: Api, ms: number): Promise<void> {
    await until(
        'media',
        15_000 * slow,
        async () =>
            (await staff.ask('GET', `/sessions/${server.session}/hls/v360p.m3u8`)).status === 200,
    );
    await wait(ms);
    await staff.state(server.session, 'ended');
}

async function problem(answer: Response): Promise<{ status: number; detail: string }> {
    return { status: answer.status, detail: ((await answer.json()) as { detail: string }).detail };
}

function majlis(...words: string[]) {
    const done = spawnSync(binary, words, { encoding: 'utf8', timeout: patience(60_000) });
    return {
        status: done.status,
        lines: done.stdout.trim().split('\n').filter(Boolean),
        said: done.stderr,
    };
}

function sql(data: string, text: string): void {
    execFileSync('sqlite3', [join(data, 'majlis.db'), text]);
}

/** Live states of the steps as a page hears them. */
function listen(api: Api, session: string, heard: Set<string>): WebSocket {
    const socket = api.socket();
    socket.on('open', () => socket.send(JSON.stringify({ op: 'join', session })));
    socket.on('message', (bytes) => {
        const message = JSON.parse(bytes.toString());
        if (message.type === 'session.state') {
            for (const step of (message.data as Session).recording.steps) {
                heard.add(`${step.step} ${step.state}`);
            }
        }
    });
    return socket;
}

test('steps: told as they go, one that fails stops only what needs it, and a retry mends it @media', async () => {
    test.setTimeout(patience(120_000));
    const server = await Server.start();
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const id = server.session;
        const heard = new Set<string>();
        const socket = listen(staff, id, heard);
        expect((await staff.ask('GET', `/api/v1/recordings/${id}`)).status).toBe(404); // not over yet
        await until(
            'media',
            15_000 * slow,
            async () => (await staff.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)).status === 200,
        );
        await wait(6000);
        // a rotten init segment: the picture cannot be decoded, so nothing is published
        const picture = join(server.data, 'recordings', id, '1/v360p/init.mp4');
        const goodPicture = readFileSync(picture);
        writeFileSync(picture, Buffer.alloc(goodPicture.length, 0x55));
        await staff.state(id, 'ended');
        const withheld = await until('the playlists fail', 30_000 * slow, async () => {
            const recording = await recordingOf(staff, id);
            return recording.steps[0]?.state === 'failed' && recording;
        });
        expect(withheld.text).toContain('v360p');
        expect(withheld.playlist).toBe(false);
        expect((await staff.ask('GET', `/recordings/${id}/main.m3u8`)).status).not.toBe(200);
        writeFileSync(picture, goodPicture);
        // then one of the sound: it and the MP4 cannot be made, the rest can
        const init = join(server.data, 'recordings', id, '1/aar/init.mp4');
        const good = readFileSync(init);
        writeFileSync(init, Buffer.alloc(good.length, 0x55));
        await staff.json<Session>('POST', `/api/v1/recordings/${id}/retry`, {});
        const broken = await settled(staff, id);
        expect(states(broken)).toEqual({
            playlists: 'ready',
            chapters: 'ready',
            pictures: 'ready',
            mp4: 'failed',
            audio: 'failed',
            manifest: 'waiting',
        });
        expect(broken.steps.find((step) => step.step === 'mp4')?.text).toContain('aar');
        const shown = await attendee.json<Session>('GET', `/api/v1/sessions/${id}`); // to whom the server's paths are no concern
        expect(states(shown.recording)).toEqual(states(broken));
        expect(shown.recording.steps.every((step) => step.text === null)).toBe(true);
        expect(broken.mp4).toBe('failed');
        expect((await staff.ask('GET', `/recordings/${id}/poster.jpg`)).status).toBe(200);

        expect((await attendee.ask('POST', `/api/v1/recordings/${id}/retry`, {})).status).toBe(403);
        writeFileSync(init, good);
        const tried = await staff.json<Session>('POST', `/api/v1/recordings/${id}/retry`, {});
        expect(Object.values(states(tried.recording))).not.toContain('failed');
        const mended = await whole(staff, id);
        expect(mended.mp4).toBe('ready');
        expect(mended.bytes).toBeGreaterThan(100_000);
        expect(mended.steps.every((step) => step.progress === 1)).toBe(true);
        expect(
            Math.abs(
                media.duration(join(server.data, 'recordings', id, 'recording.mp4')) -
                    mended.duration_ms / 1000,
            ),
        ).toBeLessThan(0.1);
        for (const seen of [
            'playlists ready',
            'mp4 working',
            'mp4 failed',
            'audio ready',
            'mp4 ready',
            'manifest ready',
        ]) {
            await until(`the page hears "${seen}"`, 5000 * slow, async () => heard.has(seen));
        }
        socket.close();
        expect(await server.stop()).toBe(0);
    } finally {
        await server.stop();
    }
});

test('chapters: marked ones and answered questions, and where a seek to them lands @plain', async () => {
    test.setTimeout(patience(180_000));
    const server = await Server.start();
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const id = server.session;
        const at = `/api/v1/sessions/${id}/chapters`;
        expect((await attendee.ask('POST', at, { title: { en: 'x' } })).status).toBe(403);
        await until(
            'media',
            15_000 * slow,
            async () => (await staff.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)).status === 200,
        );
        await wait(6000);
        const asking: string[] = [];
        for (const text of ['ما الهدف؟', 'كيف نقيس الأثر؟', 'متى النتائج؟']) {
            const asked = await attendee.json<Question>(
                'POST',
                `/api/v1/sessions/${id}/questions`,
                { text, anonymous: false },
            );
            await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { state: 'approved' });
            await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { state: 'on_air' });
            await wait(2700);
            await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { state: 'answered' });
            await wait(2600);
            asking.push(asked.id);
        }
        const made = await staff.json<Chapter>('POST', at, { title: { ar: 'ختام' } });
        expect(made).toMatchObject({ kind: 'agenda', title: { ar: 'ختام', en: '' }, at_ms: null });
        const live = await until('the questions are chapters', 5000 * slow, async () => {
            const list = await chaptersOf(attendee, id);
            return list.length === 4 && list;
        });
        expect(live.map((chapter) => chapter.kind)).toEqual([
            'question',
            'question',
            'question',
            'agenda',
        ]);
        expect(live[1].title).toEqual({ ar: 'كيف نقيس الأثر؟', en: 'كيف نقيس الأثر؟' });
        const [question] = asking;
        expect(live.slice(0, 3).map((chapter) => chapter.id)).toEqual(asking);
        const playlist = await until(
            'players of the live programme have them too',
            10_000 * slow,
            async () => {
                const text = await (
                    await attendee.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)
                ).text();
                return text.match(/#EXT-X-DATERANGE:/g)?.length === 4 && text;
            },
        );
        expect(playlist).toContain('كيف نقيس الأثر؟');
        expect((await staff.ask('PATCH', `${at}/${question}`, { media_ms: 1 })).status).toBe(409);
        expect((await staff.ask('PATCH', `${at}/nothing`, { media_ms: 1 })).status).toBe(404);
        await wait(3000);
        await staff.state(id, 'ended');
        const recording = await whole(staff, id);

        const file = join(server.data, 'recordings', id, 'recording.mp4');
        const list = await chaptersOf(attendee, id);
        const errors: number[] = [];
        for (const chapter of list) {
            expect(chapter.at_ms).not.toBeNull();
            const seconds = (chapter.at_ms ?? 0) / 1000;
            for (const seen of [
                markAt(file, seconds),
                markOfPlaylist(`${server.url}/recordings/${id}/v360p.m3u8`, seconds, staff.token),
            ]) {
                expect(seen).not.toBeNull();
                errors.push(Math.abs((seen ?? 0) - (chapter.media_ms - 3000)) / 1000);
            }
        }
        console.log(
            `chapter seek error: at most ${Math.max(...errors).toFixed(3)} s of ${errors.map((error) => error.toFixed(3)).join(', ')}`,
        );
        expect(Math.max(...errors)).toBeLessThanOrEqual(1.05); // half a segment, and a frame
        const inFile = media.chapters(file);
        expect(inFile.map((chapter) => chapter.title)).toEqual(
            expect.arrayContaining(list.map((chapter) => chapter.title.ar || chapter.title.en)),
        );
        for (const chapter of list) {
            expect(
                inFile.some((one) => Math.abs(one.start - (chapter.at_ms ?? 0) / 1000) < 0.01),
            ).toBe(true);
        }
        const vtt = await (await attendee.ask('GET', `/recordings/${id}/chapters/ar.vtt`)).text();
        expect(vtt).toContain('كيف نقيس الأثر؟');

        // afterwards: the files follow a change
        const before = recording.duration_ms;
        const titles = () => {
            try {
                return media.chapters(file).map((chapter) => chapter.title);
            } catch {
                return []; // just being made
            }
        };
        await staff.json('PATCH', `${at}/${made.id}`, { title: { ar: 'خاتمة', en: 'Closing' } });
        expect((await staff.ask('DELETE', `${at}/${question}`)).status).toBe(409);
        await until('the file is made again', 30_000 * slow, async () =>
            titles().includes('خاتمة'),
        );
        expect((await whole(staff, id)).duration_ms).toBe(before);
        expect(
            await (await attendee.ask('GET', `/recordings/${id}/chapters/en.vtt`)).text(),
        ).toContain('Closing');
        expect((await staff.ask('DELETE', `${at}/${made.id}`)).status).toBe(204);
        await until(
            'and again',
            30_000 * slow,
            async () => titles().length > 0 && !titles().includes('خاتمة'),
        );
        await whole(staff, id);
        expect(await server.stop()).toBe(0);
    } finally {
        await server.stop();
    }
});

test('a moved in-mark: not one frame from before it in any published file @plain', async () => {
    test.setTimeout(patience(180_000));
    const server = await Server.start({
        conf: { programme: { encoder: long ? 'software-fast' : 'small' } },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const id = server.session;
        const at = `/api/v1/recordings/${id}`;
        const files = `/recordings/${id}`;
        const folder = join(server.data, 'recordings', id);
        expect((await staff.ask('PATCH', at, { in_ms: 1000 })).status).toBe(409); // it is on
        await record(server, staff, 15_000);
        const first = await whole(staff, id);
        const all = marks(join(folder, 'recording.mp4'));
        const shown = all.filter((mark): mark is number => mark !== null); // not the slate before the source
        const begin = Math.min(...shown);
        const end = Math.max(...shown);
        expect(end - begin).toBeGreaterThan(10_000);

        for (const [body, why] of [
            [{ in_ms: end + 60_000 }, 'outside'],
            [{ out_ms: 0, in_ms: null }, 'outside'],
            [{ in_ms: begin + 5000, out_ms: begin + 4000 }, 'before'],
            [{ in_ms: begin + 4100, out_ms: begin + 4200 }, 'left'],
        ] as const) {
            const refused = await problem(await staff.ask('PATCH', at, body));
            expect(refused).toEqual({ status: 400, detail: expect.stringContaining(why) });
        }
        expect((await attendee.ask('PATCH', at, { in_ms: begin + 5000 })).status).toBe(403);
        expect((await recordingOf(staff, id)).in_ms).toBeNull();
        expect(marks(join(folder, 'recording.mp4'))).toEqual(all); // nothing was touched

        const oldMain = await (await attendee.ask('GET', `${files}/v360p.m3u8`)).text();
        const oldSegments = oldMain.match(/^\d+\/v360p\/\d+\.m4s$/gm) ?? [];
        const inMs = begin + 5000;
        const outMs = end - 1500;
        const changed = (await staff.json<Session>('PATCH', at, { in_ms: inMs, out_ms: outMs }))
            .recording;
        expect(changed).toMatchObject({ in_ms: inMs, out_ms: outMs });
        // from the answer on the old files are not served: later, or the new ones
        const again = await attendee.ask('GET', `${files}/recording.mp4`, undefined, {
            Range: 'bytes=0-0',
        });
        expect([503, 206]).toContain(again.status);
        if (again.status === 503) {
            expect(again.headers.get('retry-after')).toBeTruthy();
        }
        expect((await staff.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)).ok).toBe(false); // nor by the live window
        const busy = await staff.ask('PATCH', at, { in_ms: inMs + 1 });
        console.log(
            `at once after a change of ends: recording.mp4 ${again.status}, another change ${busy.status}`,
        );
        if (busy.status === 409) {
            expect((await problem(busy)).detail).toContain('being made');
        }
        const now = await whole(staff, id);
        expect(now.duration_ms).toBeLessThan(first.duration_ms - 5000);
        const { public: stretches } = await staff.json<{
            public: { start_ms: number; end_ms: number }[];
        }>('GET', at);
        expect(stretches[0].start_ms).toBeGreaterThanOrEqual(inMs);
        expect(stretches[stretches.length - 1].end_ms).toBeLessThanOrEqual(outMs);
        expect(
            Math.abs(
                stretches.reduce((sum, one) => sum + one.end_ms - one.start_ms, 0) -
                    now.duration_ms,
            ),
        ).toBeLessThan(5);

        const check = (what: string, found: (number | null)[]) => {
            const read = found.filter((mark): mark is number => mark !== null);
            expect(read.length, what).toBeGreaterThan(0.95 * found.length); // all, but where the machine was too busy for the source
            expect(Math.min(...read), what).toBeGreaterThanOrEqual(inMs);
            expect(Math.max(...read), what).toBeLessThanOrEqual(outMs);
            return read.length;
        };
        const counts: Record<string, number> = {};
        counts.mp4 = check('recording.mp4', marks(join(folder, 'recording.mp4')));
        for (const key of long ? ['v720p', 'v360p'] : ['v360p']) {
            counts[key] = check(
                key,
                marks(`${server.url}${files}/${key}.m3u8`, { token: attendee.token }),
            );
            const text = await (await attendee.ask('GET', `${files}/${key}.m3u8`)).text();
            for (const name of text.match(/^\d+\/\w+\/\d+\.m4s$/gm) ?? []) {
                expect((await attendee.ask('GET', `${files}/${name}`)).status).toBe(200);
            }
        }
        const newText = await (await attendee.ask('GET', `${files}/v360p.m3u8`)).text();
        const cut = oldSegments.filter((name) => !newText.includes(`\n${name}\n`));
        expect(cut.length).toBeGreaterThan(2);
        for (const name of cut) {
            expect((await attendee.ask('GET', `${files}/${name}`)).status).toBe(404);
        }
        expect(
            Math.abs(media.duration(join(folder, 'audio.m4a')) * 1000 - now.duration_ms),
        ).toBeLessThan(100);
        counts.poster = check('poster.jpg', marks(join(folder, 'poster.jpg')));
        const thumbs: string[] =
            (await (await attendee.ask('GET', `${files}/thumbnails.vtt`)).text()).match(
                /thumbs\/\d+\.jpg/g,
            ) ?? [];
        expect(thumbs.length).toBeGreaterThan(0);
        counts.thumbs = 0;
        for (const name of thumbs) {
            expect((await attendee.ask('GET', `${files}/${name}`)).status).toBe(200);
            counts.thumbs += check(name, marks(join(folder, name)));
        }
        for (const name of readdirSync(join(folder, 'thumbs'))) {
            const inside = Number.parseInt(name, 10) >= inMs;
            expect((await attendee.ask('GET', `${files}/thumbs/${name}`)).ok, name).toBe(
                thumbs.includes(`thumbs/${name}`),
            );
            expect(inside || !thumbs.includes(`thumbs/${name}`), name).toBe(true);
        }
        console.log(
            `frames looked at after the move: ${JSON.stringify(counts)}; segments not served any more: ${cut.length}`,
        );

        // and as long again
        await until(
            'the ends go back',
            10_000 * slow,
            async () => (await staff.ask('PATCH', at, { in_ms: null, out_ms: null })).ok,
        );
        const back = await whole(staff, id);
        expect(back).toMatchObject({ in_ms: null, out_ms: null, duration_ms: first.duration_ms });
        expect(await server.stop()).toBe(0);
    } finally {
        await server.stop();
    }
});

test('kill -9 right after a change of ends, a chapter, a deletion: the next start carries it out @media', async () => {
    test.setTimeout(patience(180_000));
    const data = temporaryFolder();
    let server = await Server.start({ data });
    try {
        const staff = await Api.signIn(server.staff);
        const id = server.session;
        const file = join(data, 'recordings', id, 'recording.mp4');
        const again = async () => {
            await server.kill();
            server = await Server.start({ data, command: 'serve' });
            Object.assign(staff, { url: server.url });
        };
        await record(server, staff, 9000);
        await whole(staff, id);
        const inMs =
            Math.min(...marks(file).filter((mark): mark is number => mark !== null)) + 3000;

        await staff.json('PATCH', `/api/v1/recordings/${id}`, { in_ms: inMs });
        await again();
        expect((await whole(staff, id)).in_ms).toBe(inMs);
        expect(
            Math.min(...marks(file).filter((mark): mark is number => mark !== null)),
        ).toBeGreaterThanOrEqual(inMs);

        await staff.json('POST', `/api/v1/sessions/${id}/chapters`, {
            title: { en: 'Summary' },
            media_ms: inMs + 4000,
        });
        expect(media.chapters(file).some((chapter) => chapter.title === 'Summary')).toBe(false);
        await again(); // sooner than a server would have made the file again
        await whole(staff, id);
        expect(media.chapters(file).some((chapter) => chapter.title === 'Summary')).toBe(true);

        // a deletion is committed before the first file goes: as a kill between the two leaves it
        await server.kill();
        sql(
            data,
            `UPDATE sessions SET deleted_us = 1795422691000000, deleted_why = 'x' WHERE id = '${id}'`,
        );
        await again();
        expect((await staff.ask('GET', `/recordings/${id}/recording.mp4`)).status).toBe(410); // at once
        await until(
            'its files go',
            15_000 * slow,
            async () => readdirSync(join(data, 'recordings', id)).join() === 'deleted.json',
        );
    } finally {
        await server.stop();
    }
});

test('a hold keeps a recording from being deleted; deletion leaves its trace', async () => {
    test.setTimeout(patience(120_000));
    const data = temporaryFolder();
    let server = await Server.start({ data });
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const id = server.session;
        const at = `/api/v1/recordings/${id}`;
        const asked = await attendee.json<Question>('POST', `/api/v1/sessions/${id}/questions`, {
            text: 'لماذا؟',
            anonymous: false,
        });
        expect((await staff.ask('DELETE', at, { reason: 'x' })).status).toBe(409); // it is on
        await record(server, staff, 5000);
        await whole(staff, id);
        expect((await recordingOf(staff, id)).keep_until).toBeNull();

        expect((await staff.json<Session>('PATCH', at, { hold: true })).recording.hold).toBe(true);
        expect(await problem(await staff.ask('DELETE', at, { reason: 'x' }))).toEqual({
            status: 409,
            detail: expect.stringContaining('held'),
        });
        const lifted = await staff.json<Session>('PATCH', at, {
            hold: false,
            reason: 'انتهت القضية',
        });
        expect(lifted.recording).toMatchObject({
            hold: false,
            hold_why: 'انتهت القضية',
            hold_by: expect.any(String),
        });
        expect(
            (await attendee.json<Session>('GET', `/api/v1/sessions/${id}`)).recording,
        ).not.toHaveProperty('hold_why');
        // the contract asks for no reason, so that none was given is what stands there
        await staff.json<Session>('PATCH', at, { hold: true, reason: 'قضية أخرى' });
        const without = await staff.json<Session>('PATCH', at, { hold: false });
        expect(without.recording).toMatchObject({
            hold: false,
            hold_changed_at: expect.any(String),
            hold_by: expect.any(String),
            hold_why: expect.stringMatching(/لم يُذكر سبب.*no reason was given/),
        });
        expect((await staff.ask('DELETE', at)).status).toBe(400); // without a reason
        expect((await attendee.ask('DELETE', at, { reason: 'x' })).status).toBe(403);
        expect((await attendee.ask('GET', `/recordings/${id}/recording.mp4`)).status).toBe(200);
        expect((await staff.ask('DELETE', at, { reason: 'طلب المتحدث' })).status).toBe(204);

        const traces = async (api: Api, other: Api) => {
            for (const name of ['main.m3u8', 'recording.mp4', 'poster.jpg', '1/v360p/init.mp4']) {
                const gone = await problem(await other.ask('GET', `/recordings/${id}/${name}`));
                expect(gone).toEqual({
                    status: 410,
                    detail: expect.stringMatching(/deleted at 20.*طلب المتحدث/),
                });
            }
            const left = await recordingOf(api, id);
            expect(left).toMatchObject({
                playlist: false,
                mp4: 'none',
                steps: [],
                deleted_why: 'طلب المتحدث',
            });
            expect(Date.parse(left.deleted_at ?? '')).toBeGreaterThan(Date.now() - 60_000 * slow);
            expect(left.deleted_by).toBeTruthy();
            expect(
                (await other.json<Session>('GET', `/api/v1/sessions/${id}`)).recording.deleted_by,
            ).toBeUndefined();
            const listed = async (one: Api) =>
                (await one.json<{ items: Session[] }>('GET', '/api/v1/recordings')).items.map(
                    (item) => item.id,
                );
            expect(await listed(api)).toContain(id);
            expect(await listed(other)).not.toContain(id);
            const questions = await other.json<{ items: Question[] }>(
                'GET',
                `/api/v1/sessions/${id}/questions`,
            );
            expect(questions.items.map((item) => item.id)).toEqual([asked.id]);
        };
        await traces(staff, attendee);
        expect(readdirSync(join(data, 'recordings', id))).toEqual(['deleted.json']);
        expect(
            JSON.parse(readFileSync(join(data, 'recordings', id, 'deleted.json'), 'utf8')),
        ).toMatchObject({ id, why: 'طلب المتحدث' });
        expect((await staff.ask('DELETE', at, { reason: 'again' })).status).toBe(409);
        expect((await staff.ask('POST', `${at}/retry`, {})).status).toBe(409);
        expect((await staff.ask('PATCH', at, { hold: true })).status).toBe(409);

        expect(await server.stop()).toBe(0);
        server = await Server.start({ data, command: 'serve' }); // nor does a start bring it back
        for (const api of [staff, attendee]) {
            Object.assign(api, { url: server.url });
        }
        await wait(1500);
        await traces(staff, attendee);
    } finally {
        await server.stop();
    }
});

test('a file that comes to an end under its download: the connection breaks, and nothing of it stays open', async () => {
    const data = temporaryFolder();
    const server = await Server.start({ data });
    try {
        const staff = await Api.signIn(server.staff);
        await record(server, staff, 1000);
        await whole(staff, server.session);
        const at = new URL(server.url);
        const path = `/recordings/${server.session}/recording.mp4`;
        const file = join(data, path);
        const open = () => readdirSync(`/proc/${server.process.pid}/fd`).length;
        expect((await staff.ask('GET', path)).status).toBe(200);
        const before = open();
        const size = 40 << 20; // more than fits between the two ends
        for (let i = 0; i < 5; i++) {
            writeFileSync(file, Buffer.alloc(size));
            const got = await new Promise<number>((done) => {
                const socket = dial(server.url);
                let bytes = 0;
                socket.once('data', () => {
                    socket.pause();
                    setTimeout(() => {
                        truncateSync(file, 1 << 20);
                        socket.resume();
                    }, 500);
                });
                socket.on('data', (chunk) => {
                    bytes += chunk.length;
                });
                socket.on('error', () => {});
                socket.on('close', () => done(bytes));
                socket.write(
                    `GET ${path} HTTP/1.1\r\nHost: ${at.host}\r\nAuthorization: Bearer ${staff.token}\r\n\r\n`,
                );
            });
            expect(got).toBeGreaterThan(100_000);
            expect(got).toBeLessThan(size);
        }
        await expect.poll(() => open() - before, { timeout: patience(5000) }).toBeLessThan(4); // a socket and a file each
        expect(await server.stop()).toBe(0);
        expect(server.log).not.toMatch(/critical/i);
    } finally {
        await server.stop();
    }
});

test('retention: what was kept long enough goes at the start, what is held stays', async () => {
    test.setTimeout(patience(180_000));
    const data = temporaryFolder();
    const ids: string[] = [];
    let staff: Api | undefined;
    for (let i = 0; i < 2; i++) {
        const server = await Server.start({ data });
        staff = await Api.signIn(server.staff);
        await record(server, staff, 3000);
        await whole(staff, server.session);
        ids.push(server.session);
        expect(await server.stop()).toBe(0);
        sql(
            data,
            `UPDATE sessions SET demo = 0, created_us = created_us - 40 * 86400000000, starts_us = starts_us - 31 * 86400000000, ended_us = ended_us - 31 * 86400000000 WHERE id = '${server.session}'`,
        );
    }
    expect(new Set(ids).size).toBe(2);
    sql(data, `UPDATE sessions SET hold = 1 WHERE id = '${ids[1]}'`);
    const server = await Server.start({
        data,
        command: 'serve',
        conf: { archive: { keep_days: '30' } },
    });
    try {
        const api = Object.assign(staff as Api, { url: server.url });
        const gone = await until('the old one is deleted', 15_000 * slow, async () => {
            const recording = await recordingOf(api, ids[0]);
            return (
                recording.deleted_at !== null &&
                readdirSync(join(data, 'recordings', ids[0])).join() === 'deleted.json' &&
                recording
            );
        });
        expect(gone.deleted_why).toContain('30 days');
        expect(gone.deleted_by).toBeNull();
        expect((await api.ask('GET', `/recordings/${ids[0]}/main.m3u8`)).status).toBe(410);
        expect(await recordingOf(api, ids[1])).toMatchObject({
            deleted_at: null,
            hold: true,
            keep_until: null,
        });
        expect((await api.ask('GET', `/recordings/${ids[1]}/main.m3u8`)).status).toBe(200);
        await api.json('PATCH', `/api/v1/recordings/${ids[1]}`, { hold: false });
        expect((await recordingOf(api, ids[1])).keep_until).toBeTruthy(); // the past: it goes at the next look
        await until('said in the log', 5000 * slow, async () =>
            server.log.includes(`recording ${ids[0]} was deleted`),
        );
    } finally {
        await server.stop();
    }
});

test('what a kill -9 took is told: where, and how much @plain', async () => {
    test.setTimeout(patience(120_000));
    const begun = Date.now();
    const data = temporaryFolder();
    let server = await Server.start({ data });
    try {
        const staff = await Api.signIn(server.staff);
        const id = server.session;
        const media720 = `/sessions/${id}/hls/v360p.m3u8`;
        await until(
            'media',
            15_000 * slow,
            async () => (await staff.ask('GET', media720)).status === 200,
        );
        await wait(5000);
        await server.kill();
        await wait(2000);
        server = await Server.start({ data });
        Object.assign(staff, { url: server.url });
        await until(
            'media again',
            20_000 * slow,
            async () => (await staff.ask('GET', media720)).status === 200,
        );
        await wait(4000);
        await staff.state(id, 'ended');
        const recording = await whole(staff, id);
        console.log(
            `gaps after a kill: ${JSON.stringify(recording.gaps)} in ${recording.duration_ms} ms`,
        );
        expect(recording.gaps.length).toBe(1);
        const [gap] = recording.gaps;
        expect(gap.why).toBe('restart');
        expect(gap.at_ms).toBeGreaterThan(2000);
        expect(gap.at_ms).toBeLessThan(recording.duration_ms - 1000);
        // as the picture's clock says: how far it is ahead of the file's, before the gap and after it
        const ahead = marks(join(data, 'recordings', id, 'recording.mp4')).map((mark, i) =>
            mark === null ? null : mark - (i * 1000) / 30,
        );
        const middle = (values: (number | null)[]) => {
            const read = values
                .filter((value): value is number => value !== null)
                .sort((a, b) => a - b);
            return read[Math.floor(read.length / 2)];
        };
        const joint = Math.round((gap.at_ms * 30) / 1000);
        // a source that comes up on a busy machine is shown later than its own clock says, up to half a second
        const off =
            middle(ahead.slice(joint + 1)) - middle(ahead.slice(0, joint - 1)) - gap.lost_ms;
        console.log(`the gap as told and as seen in the picture: ${Math.round(off)} ms apart`);
        expect(Math.abs(off)).toBeLessThan(allow(1000, begun));
    } finally {
        await server.stop();
    }
});

test('majlis recover after kill -9: ends what is over, finishes every recording, and twice is once', async () => {
    test.setTimeout(patience(120_000));
    const data = temporaryFolder();
    const server = await Server.start({ data });
    const conf = join(data, 'test.conf');
    const recover = () => majlis('recover', '--config', conf, '--data', data);
    const staff = await Api.signIn(server.staff);
    const id = server.session;
    await until(
        'media',
        15_000 * slow,
        async () => (await staff.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)).status === 200,
    );
    await wait(6000);
    const held = recover();
    expect(held.status).toBe(1);
    expect(held.said).toContain('in use by another majlis');
    expect(held.said).toContain('by itself');
    await server.kill();

    const early = recover();
    expect(early).toMatchObject({
        status: 0,
        lines: [`${id}: its time is not over: it goes on when \`majlis serve\` starts`],
    });
    cpSync(join(data, 'recordings', id), join(data, 'recordings', 'unknown1'), { recursive: true });
    sql(
        data,
        `UPDATE sessions SET live_us = 1, live_media_us = live_media_us - 36000000000 WHERE id = '${id}'`,
    );
    const first = recover();
    console.log(first.lines.join('\n'));
    expect(first.status).toBe(0);
    expect(first.lines).toContain(`${id}: was interrupted and is ended now`);
    expect(first.lines).toContain(
        `${id}: playlists, chapters, pictures, mp4, audio, manifest made`,
    );
    expect(first.lines).toContain('unknown1: playlists, mp4 made; the database does not know it');
    const file = join(data, 'recordings', id, 'recording.mp4');
    const lasts = media.duration(file);
    expect(lasts).toBeGreaterThan(4);
    media.ffmpeg('-i', file, '-f', 'null', '-'); // decodes without an error
    const times = readdirSync(join(data, 'recordings', id)).map((name) => name);
    const second = recover();
    expect(second).toMatchObject({ status: 0 });
    expect(second.lines.sort()).toEqual(
        [`${id}: is whole`, 'unknown1: is whole; the database does not know it'].sort(),
    );
    expect(readdirSync(join(data, 'recordings', id))).toEqual(times);
    expect(majlis('recover', 'now').status).toBe(2);

    const again = await Server.start({ data, command: 'serve', conf: {} });
    try {
        Object.assign(staff, { url: again.url });
        await whole(staff, id); // the server finds it so
        expect((await staff.ask('GET', `/recordings/${id}/recording.mp4`)).status).toBe(200);
    } finally {
        await again.stop();
    }
});
