// SPDX-License-Identifier: GPL-3.0-or-later
// A network camera (RTSP, with a password, by a foreign server): on, lost, back by itself; its password nowhere.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type Health, type ProgrammeHealth } from '../lib/api';
import { ffmpeg } from '../lib/media';
import { root, Server, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

const loudness = (health: ProgrammeHealth) => health.levels?.[0] ?? Number.NaN;

function camera(port: number, ...form: number[]): Promise<ChildProcess> {
    return new Promise((done, fail) => {
        const child = spawn(join(root, 'tests/peers/rtsp-camera'), [port, ...form].map(String), {
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        child.stdout.once('data', () => done(child));
        child.once('exit', (code) => fail(new Error(`the camera ended with ${code}`)));
    });
}

async function end(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    await once(child, 'exit');
}

function freePort(): Promise<number> {
    return new Promise((done) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address() as { port: number };
            server.close(() => done(port));
        });
    });
}

/** Mean brightness of the newest picture over HLS, 0 to 255; NaN while there is none. */
async function brightness(server: Server, token: string): Promise<number> {
    await wait(500); // a decoder at a time is enough
    try {
        return ffmpeg(
            '-headers',
            `Authorization: Bearer ${token}\r\n`,
            '-live_start_index',
            '-1',
            '-i',
            `${server.url}/sessions/${server.session}/hls/v360p.m3u8`,
            '-frames:v',
            '1',
            '-vf',
            'scale=1:1:flags=area,format=gray',
            '-f',
            'rawvideo',
            '-',
        )[0];
    } catch {
        return Number.NaN;
    }
}

const LOOKING = 500; // ms: how often it is looked, and what the answer takes

/** Seconds until it holds, which may take what is promised. */
async function promised(what: string, ms: number, holds: () => Promise<boolean>): Promise<string> {
    const begun = Date.now();
    await until(what, patience(20_000), holds);
    const took = Date.now() - begun;
    expect(took, what).toBeLessThan(allow(ms, begun) + LOOKING);
    return (took / 1000).toFixed(1);
}

test('rtsp: the camera is on, is lost, freezes, comes back by itself at another size, and its password is told to nobody @plain', async () => {
    test.setTimeout(patience(120_000));
    const port = await freePort();
    let device = await camera(port);
    const server = await Server.start({
        conf: {
            rtc: { listen: '127.0.0.1:0' },
            programme: { encoder: slow > 1 ? 'small' : 'software-fast' },
        },
        source: `rtsp://officer:secret%2Dword@127.0.0.1:${port}/main`,
    });
    try {
        const staff = await Api.signIn(server.staff);
        const health = async () => (await staff.json<Health>('GET', '/api/v1/health')).programme;
        await until(
            'the camera is on',
            20_000 * slow,
            async () => (await health()).state === 'playing',
        );
        await until(
            'its picture and sound are on the programme',
            20_000 * slow,
            async () =>
                loudness(await health()) > -40 && (await brightness(server, staff.token)) > 150,
        );

        const plays = async () => (await health()).state === 'playing';
        const fails = async () => (await health()).state === 'failed';
        await end(device);
        const lost = await promised('its loss is told', 1000, fails);
        await until(
            'slate and silence are on',
            10_000 * slow,
            async () =>
                loudness(await health()) < -60 && (await brightness(server, staff.token)) < 90,
        );
        const said = JSON.stringify(await health());

        device = await camera(port, 960, 544, 30, 48000, 2);
        const returned = await promised('it is back', 3000, plays);
        await until(
            'its picture is on',
            15_000 * slow,
            async () => (await brightness(server, staff.token)) > 150,
        );

        device.kill('SIGSTOP');
        const frozen = await promised('that it froze is told', 3000, fails);
        await end(device); // its port is free then
        device = await camera(port, 320, 240, 15, 8000, 1);
        const again = await promised('it is back from there', 3000, plays);
        console.log(
            `slate after ${lost} s (lost) and ${frozen} s (frozen), back within ${returned} and ${again} s`,
        );
        expect((await health()).restarts).toBe(0); // of the child: it is one run

        expect(said + server.log).not.toMatch(/secret(-|%2D)word/);
        for (const pid of [server.process.pid, (await health()).pid]) {
            expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toMatch(/secret(-|%2D)word/);
        }
        const shown = await staff.ask('GET', `/api/v1/sessions/${server.session}`);
        expect(await shown.text()).not.toMatch(/secret(-|%2D)word/);
    } finally {
        device.kill('SIGKILL');
        await server.stop();
    }
});

test('a source that fails again and again says so in the log a few times, and then sums @plain', async () => {
    test.setTimeout(patience(90_000));
    const share = temporaryFolder();
    cpSync(join(root, 'pipelines'), join(share, 'pipelines'), { recursive: true });
    mkdirSync(join(share, 'web'));
    symlinkSync(join(root, 'web/dist'), join(share, 'web/dist'));
    writeFileSync(
        join(share, 'pipelines/sources/flaps.launch'),
        'videotestsrc is-live=true num-buffers=45 ! videoconvertscale ! appsink name=video\n',
    );
    const server = await Server.start({
        conf: { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: 'small', source: 'flaps' } },
        env: { MAJLIS_SHARE: share },
    });
    try {
        const staff = await Api.signIn(server.staff);
        const state = async () =>
            (await staff.json<Health>('GET', '/api/v1/health')).programme.state;
        for (let i = 0; i < 5; i++) {
            await until('it plays', patience(15_000), async () => (await state()) === 'playing');
            await until('it fails', patience(15_000), async () => (await state()) === 'failed');
        }
        const lines = server.log
            .split('\n')
            .filter((line) => /source (state|failed|is)/.test(line)).length;
        expect(lines).toBeGreaterThan(3);
        expect(lines).toBeLessThan(8);
    } finally {
        await server.stop();
    }
});
