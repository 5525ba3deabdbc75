// SPDX-License-Identifier: GPL-3.0-or-later
// The archive's disk is full, fails or stalls: live goes on, the alarm is told, and the recording
// works again by itself.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { readJournal, storedUntil } from '../lib/journal';
import { decodeAll, end, fill, health } from '../lib/recording';
import { root, Server, staffLink, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';
import { Watch } from '../lib/watch';

const shim = join(root, 'build/tests/faults/failing-disk.so');
const whepPeer = join(root, 'build/tests/peers/whep-peer');

function conf(archive: Record<string, string>) {
    return { programme: { encoder: 'software-fast' }, rtc: { listen: '127.0.0.1:0' }, archive };
}

/** Milliseconds until health says so. */
async function told(staff: Api, state: string, ms: number): Promise<number> {
    const begun = Date.now();
    await until(
        `health says ${state}`,
        ms,
        async () => (await health(staff)).recording.state === state,
    );
    return Date.now() - begun;
}

for (const [name, minimum, leave] of [
    ['to its last block', '0', 0],
    ['to the reserve', '20M', 1024 * 1024],
] as const) {
    test(`the disk fills ${name}: live goes on, an alarm within 2 s, recording again within 5 s of space`, async () => {
        test.setTimeout(patience(120_000));
        const testBegun = Date.now();
        const data = temporaryFolder();
        const archive = join(data, 'archive');
        mkdirSync(archive);
        const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', archive], {
            encoding: 'utf8',
        });
        let server: Server | undefined;
        try {
            if (mounted.status !== 0) {
                console.log(
                    `disk full: not tried, as this machine mounts no tmpfs: ${mounted.stderr}`,
                );
            }
            test.skip(mounted.status !== 0, 'a file system of its own needs root');
            server = await Server.start({
                data,
                conf: conf({ directory: archive, minimum_free: minimum }),
            });
            const staff = await Api.signIn(server.staff);
            const attendee = await Api.signIn(server.attend);
            const folder = join(archive, server.session);
            const watch = new Watch(attendee, `/sessions/${server.session}/hls/v360p.m3u8`);
            await until(
                'something is stored',
                15_000 * slow,
                async () => storedUntil(readJournal(folder)) > 0,
            );
            await wait(4000);
            const usualAge = watch.resetAge();
            const before = watch.end;
            const filler = fill(archive, leave);
            const alarmMs = await told(staff, 'failing', 10_000 * slow);
            const said = (await health(staff)).recording.text ?? '';
            const stopped = storedUntil(readJournal(folder));
            await wait(3000);
            expect(watch.end - before).toBeGreaterThan(2500); // the playlist goes on
            const age = watch.resetAge();
            rmSync(filler);
            const freed = Date.now();
            await told(staff, 'recording', 20_000 * slow);
            await until(
                'it is stored again',
                20_000 * slow,
                async () => storedUntil(readJournal(folder)) > Math.max(stopped, freed),
            );
            const againMs = Date.now() - freed;
            await wait(2500);
            await watch.stop();
            await end(staff, server.session);
            const seconds = decodeAll(folder);
            console.log(
                `disk full ${name}: alarm ${(alarmMs / 1000).toFixed(2)} s after, recording again ${(againMs / 1000).toFixed(2)} s after space came back; newest part at most ${(age / 1000).toFixed(2)} s old meanwhile (usually ${(usualAge / 1000).toFixed(2)}); ${seconds.toFixed(1)} s decode clean`,
            );
            expect(said).toContain('Free some space');
            expect(alarmMs).toBeLessThan(allow(2500, testBegun)); // a part is written each half second
            expect(againMs).toBeLessThan(allow(5000, testBegun));
            expect(age).toBeLessThan(allow(Math.max(2000, usualAge * 2), testBegun));
        } finally {
            await server?.kill();
            spawnSync('umount', ['-l', archive]);
            rmSync(data, { recursive: true, force: true });
        }
    });
}

test('little room: a session does not open, and says what to do', async () => {
    test.setTimeout(patience(60_000));
    const data = temporaryFolder();
    const server = await Server.start({
        data,
        command: 'serve',
        conf: conf({ minimum_free: '1048576G' }),
    });
    try {
        const staff = await Api.signIn(staffLink(server));
        const id = await staff.create();
        const answer = await staff.ask('POST', `/api/v1/sessions/${id}/state`, {
            to: 'lobby',
        });
        expect(answer.status).toBe(507);
        expect(((await answer.json()) as { detail: string }).detail).toContain('free some space');
        expect((await staff.read(id)).state).toBe('scheduled');
        expect(await server.stop()).toBe(0);
    } finally {
        await server.kill();
        rmSync(data, { recursive: true, force: true });
    }
});

/** The segments of a track that were begun and are short, and those that are missing altogether. */
function holes(folder: string, track: string): { missing: number; short: number } {
    const parts = readJournal(folder).parts.filter((part) => part.track === track);
    const counts = new Map<number, number>();
    for (const part of parts) {
        counts.set(part.segment, (counts.get(part.segment) ?? 0) + 1);
    }
    const names = [...counts.keys()].sort((a, b) => a - b);
    const missing = names.length > 0 ? names[names.length - 1] - names[0] + 1 - names.length : 0;
    const whole = Math.max(...counts.values());
    return {
        missing,
        short: names.slice(1, -1).filter((name) => counts.get(name) !== whole).length,
    };
}

test('a disk that fails and stalls: live untouched, the segment closed and a new one opened, stalls lose nothing', async () => {
    test.setTimeout(patience(180_000));
    const testBegun = Date.now();
    const data = temporaryFolder();
    const archive = join(data, 'recordings');
    const control = join(data, 'control');
    const fault = (word: string) => writeFileSync(control, word);
    fault('none');
    const server = await Server.start({
        data,
        env: { LD_PRELOAD: shim, MAJLIS_FAULT_DIR: archive, MAJLIS_FAULT_CONTROL: control },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const folder = join(archive, server.session);
        const watch = new Watch(attendee, `/sessions/${server.session}/hls/v360p.m3u8`);
        await until(
            'something is stored',
            15_000 * slow,
            async () => storedUntil(readJournal(folder)) > 0,
        );
        await wait(4000);
        const usualAge = watch.resetAge();
        const peer = spawn(
            whepPeer,
            [
                `${server.url}/sessions/${server.session}/whep`,
                '--token',
                attendee.token,
                '--seconds',
                '14',
            ],
            { stdio: ['ignore', 'pipe', 'ignore'] },
        );
        let seen = '';
        peer.stdout.on('data', (text) => {
            seen += text;
        });
        const peerDone = new Promise((done) => peer.once('exit', done));

        // Two stalls of 2 s: late, and not lost.
        await wait(1000);
        for (let i = 0; i < 2; i++) {
            fault('stall');
            await wait(2000);
            fault('none');
            await wait(1200);
        }
        const stalled = (await health(staff)).recording;
        const afterStalls = holes(folder, 'v360p');

        const alarms: string[] = [];
        const again: string[] = [];
        for (const word of ['write', 'sync', 'open']) {
            const begun = Date.now();
            fault(word);
            const alarmMs = await told(staff, 'failing', 15_000 * slow);
            await wait(Math.max(0, 2000 - (Date.now() - begun)));
            fault('none');
            const mended = Date.now();
            await told(staff, 'recording', 20_000 * slow);
            await until(
                'it is stored again',
                20_000 * slow,
                async () => storedUntil(readJournal(folder)) > mended,
            );
            alarms.push(`${word} ${(alarmMs / 1000).toFixed(2)}`);
            again.push(((Date.now() - mended) / 1000).toFixed(2));
            await wait(1000);
        }
        await peerDone;
        const age = watch.resetAge();
        await watch.stop();
        const failed = holes(folder, 'v360p');
        const lost = (await health(staff)).recording.lost_parts;
        await end(staff, server.session);
        const seconds = decodeAll(folder);
        const frames = JSON.parse(seen.trim().split('\n').pop() ?? '{}').video_frames as number;
        console.log(
            `failing disk: alarm after (s) ${alarms.join(', ')}; stored again after ${again.join(', ')}; two stalls of 2 s lost ${stalled.lost_parts} parts; ${failed.missing} segments missing and ${failed.short} short after three failures; newest part at most ${(age / 1000).toFixed(2)} s old (usually ${(usualAge / 1000).toFixed(2)}), ${frames} frames in 14 s over WebRTC; ${seconds.toFixed(1)} s decode clean`,
        );
        expect(stalled.lost_parts).toBe(0);
        expect(stalled.state).toBe('recording');
        expect(afterStalls).toEqual({ missing: 0, short: 0 });
        expect(lost).toBeGreaterThan(0);
        expect(failed.missing + failed.short).toBeGreaterThan(0);
        expect(failed.missing + failed.short).toBeLessThan(12); // and whole ones between and after
        expect(age).toBeLessThan(allow(Math.max(2000, usualAge * 2), testBegun));
        expect(frames).toBeGreaterThan((14 * 30) / 2 / slow);
    } finally {
        fault('none');
        await server.stop();
        rmSync(data, { recursive: true, force: true });
    }
});

test('the first folder fails for a while, the second does not: the finished recording is whole', async () => {
    test.setTimeout(patience(120_000));
    const data = temporaryFolder();
    const second = join(data, 'second');
    const control = join(data, 'control');
    const fault = (word: string) => writeFileSync(control, word);
    fault('none');
    const server = await Server.start({
        data,
        conf: conf({ second_directory: second }),
        env: {
            LD_PRELOAD: shim,
            MAJLIS_FAULT_DIR: join(data, 'recordings'),
            MAJLIS_FAULT_CONTROL: control,
        },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const folder = join(data, 'recordings', server.session);
        await until(
            'something is stored',
            15_000 * slow,
            async () => storedUntil(readJournal(folder)) > 0,
        );
        await wait(2000);
        fault('write');
        await told(staff, 'failing', 10_000 * slow);
        await wait(5000);
        fault('none');
        await told(staff, 'recording', 20_000 * slow);
        await wait(3000);
        const before = holes(folder, 'v360p');
        await end(staff, server.session);
        const after = holes(folder, 'v360p');
        const seconds = decodeAll(folder);
        const list = readFileSync(join(folder, 'v360p.m3u8'), 'utf8');
        console.log(
            `first folder failing for 5 s, mirrored: ${before.missing} segments missing and ${before.short} short before the end, ${after.missing} and ${after.short} after; ${seconds.toFixed(1)} s decode clean`,
        );
        expect(before.missing).toBeGreaterThan(0);
        expect(after).toEqual({ missing: 0, short: 0 });
        expect(list).not.toContain('#EXT-X-DISCONTINUITY\n');
        expect(list).not.toContain('#EXT-X-GAP');
    } finally {
        fault('none');
        await server.stop();
        rmSync(data, { recursive: true, force: true });
    }
});

test('a second folder that fails: told as such, and the recording is whole', async () => {
    test.setTimeout(patience(120_000));
    const data = temporaryFolder();
    const second = join(data, 'second');
    const control = join(data, 'control');
    const fault = (word: string) => writeFileSync(control, word);
    fault('none');
    const server = await Server.start({
        data,
        conf: conf({ second_directory: second }),
        env: { LD_PRELOAD: shim, MAJLIS_FAULT_DIR: second, MAJLIS_FAULT_CONTROL: control },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const folder = join(data, 'recordings', server.session);
        const mirror = join(second, server.session);
        await until(
            'both are stored',
            15_000 * slow,
            async () =>
                storedUntil(readJournal(folder)) > 0 && storedUntil(readJournal(mirror)) > 0,
        );
        fault('write');
        await until(
            'its failure is told',
            10_000 * slow,
            async () => (await health(staff)).recording.second_failing,
        );
        const sick = (await health(staff)).recording;
        await wait(3000);
        fault('none');
        await until(
            'it is well',
            15_000 * slow,
            async () => !(await health(staff)).recording.second_failing,
        );
        fault('stall'); // and then it hangs for good: the end does not wait for it
        await wait(1500);
        const begun = Date.now();
        await end(staff, server.session);
        const endMs = Date.now() - begun;
        const seconds = decodeAll(folder);
        const gaps = holes(folder, 'v360p');
        console.log(
            `second folder failing: the recording lost ${sick.lost_parts} parts, ${seconds.toFixed(1)} s decode clean; with the second folder hung its end took ${(endMs / 1000).toFixed(1)} s`,
        );
        expect(sick.state).toBe('recording');
        expect(sick.text).toContain('the recording itself goes on');
        expect(gaps).toEqual({ missing: 0, short: 0 });
        expect(endMs).toBeLessThan(allow(10_000, begun));
    } finally {
        fault('none');
        await server.stop();
        rmSync(data, { recursive: true, force: true });
    }
});
