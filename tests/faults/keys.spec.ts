// SPDX-License-Identifier: GPL-3.0-or-later
// The capture child and its encoders in trouble (encoder.c, by LD_PRELOAD): opened slowly, killed
// again and again, without key frames. Every picture that is published can be decoded.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { type Part, readJournal } from '../lib/journal';
import { decodeAll, end } from '../lib/recording';
import { long, root, Server } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

const encoder = join(root, 'build/tests/faults/bad-encoder.so');
const whepPeer = join(root, 'build/tests/peers/whep-peer');
const keyframeMs = 500;
const conf = { programme: { encoder: 'software-fast', keyframe_ms: String(keyframeMs) } };

interface Programme {
    state: string;
    text: string | null;
    pid: number;
    restarts: number;
}

async function programme(staff: Api): Promise<Programme> {
    return (await staff.json<{ programme: Programme }>('GET', '/api/v1/health')).programme;
}

function played(staff: Api, not = 0): Promise<Programme> {
    return until('the programme plays', 60_000 * slow, async () => {
        const now = await programme(staff);
        return now.state === 'playing' && now.pid > 0 && now.pid !== not ? now : undefined;
    });
}

/** Renditions of runs whose part at a grid time does not begin with a key frame. */
function withoutKeys(parts: Part[]): string[] {
    const due = new Map<string, number>();
    const bad = new Set<string>();
    for (const part of [...parts].sort((a, b) => a.startUs - b.startUs)) {
        const name = `${part.run}/${part.track}`;
        if (part.track.startsWith('v') && part.startUs >= (due.get(name) ?? 0)) {
            if (!part.key) {
                bad.add(name);
            }
            due.set(name, (Math.floor(part.startUs / 1000 / keyframeMs) + 1) * keyframeMs * 1000);
        }
    }
    return [...bad];
}

/** What a viewer over WebRTC decodes. */
async function watch(
    server: Server,
    attendee: Api,
    seconds: number,
): Promise<{ first_video_ms: number; video_frames: number }> {
    const words = [
        `${server.url}/sessions/${server.session}/whep`,
        '--token',
        attendee.token,
        '--seconds',
        String(seconds),
    ];
    const { stdout } = await promisify(execFile)(whepPeer, words, {
        timeout: patience(60_000 + 1000 * seconds),
    });
    return JSON.parse(stdout);
}

function busyLoops(): ChildProcess[] {
    return [0, 1].map(() => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
}

test('the child is killed again and again: a pause that grows, staff are told, viewers stay, one recording, key frames in every run', async () => {
    const seconds = long ? 120 : 6; // then with a viewer who joins each run
    test.setTimeout(patience(120_000 + 4000 * seconds));
    const loops = long ? busyLoops() : [];
    const server = await Server.start({
        conf,
        env: { LD_PRELOAD: encoder, MAJLIS_OPEN_MS: '150' },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        await played(staff);
        const pauses: number[] = [];
        const joined: number[] = [];
        const begun = Date.now();
        const told = new Set<string>();
        const watching = watch(server, attendee, seconds + 2);
        for (const stop = Date.now() + seconds * 1000; Date.now() < stop; ) {
            await wait(2000);
            const { pid } = await programme(staff);
            if (pid === 0) {
                continue;
            }
            process.kill(pid, 'SIGKILL');
            const killed = Date.now();
            await until('it is told', 5000 * slow, async () => {
                const now = await programme(staff);
                return now.pid !== pid && told.add(now.text ?? '');
            });
            await until(
                'another child',
                30_000 * slow,
                async () => (await programme(staff)).pid > 0,
            );
            pauses.push(Date.now() - killed);
            if (long) {
                await played(staff, pid);
                joined.push((await watch(server, attendee, 1)).first_video_ms);
            }
        }
        const now = await played(staff);
        expect(now.restarts).toBe(pauses.length);
        expect(now.text).toContain('ended unexpectedly'); // told for a while, also while it plays
        expect([...told].join()).toMatch(/^The capture process ended unexpectedly \(signal 9\)/);
        joined.push((await watch(server, attendee, 1)).first_video_ms);
        const { video_frames } = await watching;
        const folder = join(server.data, 'recordings', server.session);
        await end(staff, server.session);
        const whole = decodeAll(folder);
        const journal = readJournal(folder);
        console.log(
            `child killed ${pauses.length} times: pauses ${pauses.join(', ')} ms; joiners decode after ${joined.join(', ')} ms; ${video_frames} pictures at a viewer who stayed; ${new Set(journal.inits.map((init) => init.run)).size} runs, ${whole.toFixed(1)} s decode clean`,
        );
        expect(pauses.length).toBeGreaterThan(1);
        for (const [i, pause] of pauses.entries()) {
            expect(pause).toBeGreaterThan(Math.min(5000, 100 * 2 ** i) - 10);
        }
        expect(withoutKeys(journal.parts)).toEqual([]);
        expect(video_frames).toBeGreaterThan(75); // a connection that ends with the first child has 60
        expect(Math.max(...joined)).toBeLessThan(allow(2500, begun));
        expect(server.log.match(/WARNING.*capture process/g)?.length ?? 0).toBeLessThanOrEqual(1);
    } finally {
        loops.map((loop) => loop.kill('SIGKILL'));
        await server.stop();
    }
});

test('an encoder stops making key frames: staff are told why, once, and it starts anew with a pause', async () => {
    test.setTimeout(patience(120_000));
    const flag = join(root, `tests/results/no-keys-${process.pid}`);
    const server = await Server.start({ conf, env: { LD_PRELOAD: encoder, MAJLIS_NO_KEYS: flag } });
    try {
        const staff = await Api.signIn(server.staff);
        await played(staff);
        writeFileSync(flag, '');
        const text = await until(
            'staff are told',
            20_000 * slow,
            async () => (await programme(staff)).text,
        );
        expect(text).toMatch(
            /^The encoder made no key frame for (360p|720p) in time: .*\[programme\] encoder/,
        );
        const first = (await programme(staff)).restarts;
        await wait((long ? 40_000 : 5000) * slow);
        const restarts = (await programme(staff)).restarts - first;
        expect(restarts).toBeLessThanOrEqual(long ? 12 : 5);
        rmSync(flag);
        await until('it makes them again', 30_000 * slow, async () => {
            const run = Math.max(
                ...readJournal(join(server.data, 'recordings', server.session)).inits.map(
                    (init) => init.run,
                ),
            );
            const parts = readJournal(join(server.data, 'recordings', server.session)).parts.filter(
                (part) => part.run === run,
            );
            return parts.filter((part) => part.track === 'v360p' && part.key).length > 4;
        });
        await end(staff, server.session);
        const whole = decodeAll(join(server.data, 'recordings', server.session));
        console.log(
            `no key frames: started anew ${first + restarts} times; ${whole.toFixed(1)} s decode clean`,
        );
        expect(server.log.match(/made no key frame/g)?.length).toBe(1);
    } finally {
        rmSync(flag, { force: true });
        await server.stop();
    }
});

test('encoders that take 6 s to open are waited for', async () => {
    test.setTimeout(patience(120_000));
    const server = await Server.start({
        conf,
        env: { LD_PRELOAD: encoder, MAJLIS_OPEN_MS: '6000' },
    });
    try {
        const staff = await Api.signIn(server.staff);
        expect((await played(staff)).restarts).toBe(0);
        await until('every rendition is recorded', 20_000 * slow, async () => {
            const { parts } = readJournal(join(server.data, 'recordings', server.session));
            return ['v360p', 'v720p'].every((track) =>
                parts.some((part) => part.track === track && part.key),
            );
        });
    } finally {
        await server.stop();
    }
});
