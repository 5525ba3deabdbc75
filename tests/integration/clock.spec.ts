// SPDX-License-Identifier: GPL-3.0-or-later
// The wall clock leaps under a running server, by libfaketime; the monotonic clock does not. GStreamer's encoders in
// the child do not bear libfaketime, so what the child does is not looked at here.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type MediaPath, until } from '../lib/api';
import { Server, slow, staffLink, temporaryFolder } from '../lib/server';
import { wait } from '../lib/time';

const faketime = () =>
    execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1'], {
        encoding: 'utf8',
    }).trim();

test('a day forward and an hour back: the demo stays live for its own time, who signed in stays so, and a signed path lasts @plain', async () => {
    test.setTimeout(90_000 * slow);
    const data = temporaryFolder();
    const clock = join(data, 'clock');
    writeFileSync(clock, '+0\n');
    const server = await Server.start({
        data,
        env: {
            LD_PRELOAD: faketime(),
            FAKETIME_TIMESTAMP_FILE: clock,
            FAKETIME_CACHE_DURATION: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
    });
    try {
        const attendee = await Api.signIn(server.attend);
        const media = () =>
            attendee.json<MediaPath>('GET', `/api/v1/sessions/${server.session}/media-path`);
        const plays = async ({ path }: MediaPath) =>
            (await fetch(`${server.url}${path}main.m3u8`)).status;
        const before = await media();
        await until('it plays', 20_000 * slow, async () => (await plays(before)) === 200);
        const aheadS = async () => {
            const answer = await fetch(`${server.url}/healthz`);
            return (Date.parse(answer.headers.get('date') ?? '') - Date.now()) / 1000;
        };
        for (const leap of [86400, -3600]) {
            writeFileSync(clock, `${leap < 0 ? '' : '+'}${leap}\n`);
            await until(
                `the leap of ${leap} s`,
                20_000 * slow,
                async () => Math.abs((await aheadS()) - leap) < 60,
            );
            await wait(2000); // the server looks twice a second
            const shown = await attendee.json<{ state: string }>(
                'GET',
                `/api/v1/sessions/${server.session}`,
            );
            expect(shown.state).toBe('live');
            expect(await plays(before)).toBe(200);
            const after = await media();
            expect(await plays(after)).toBe(200);
            const left = (Date.parse(after.expires_at) - Date.now()) / 1000 - leap;
            expect(Math.abs(left - 300)).toBeLessThan(60);
        }
        expect((await fetch(`${server.url}/api/v1/me`, { headers: attendee.headers })).status).toBe(
            200,
        );
        // live before the leaps, ended after them: on the timeline no hour is missing in between
        const staff = await Api.signIn(server.staff);
        await staff.state(server.session, 'ended');
        const over = await staff.read(server.session);
        expect(Date.parse(over.ended_at ?? '')).toBeLessThan(Date.parse(over.live_at ?? ''));
        const ran = (over.ended_ms ?? Number.NaN) - (over.live_ms ?? Number.NaN);
        expect(ran).toBeGreaterThan(4000);
        expect(ran).toBeLessThan(90_000 * slow);
    } finally {
        await server.stop();
        rmSync(data, { recursive: true, force: true });
    }
});

test('a server that starts again after the wall clock leapt: the session is still on, at its own time @plain', async () => {
    test.setTimeout(90_000 * slow);
    const data = temporaryFolder();
    let server: Server | undefined;
    try {
        let [link, id] = ['', ''];
        for (const leap of [0, 86400, -3600]) {
            const env: Record<string, string> =
                leap === 0
                    ? {}
                    : {
                          LD_PRELOAD: faketime(),
                          FAKETIME: `${leap < 0 ? '' : '+'}${leap}`,
                          FAKETIME_DONT_FAKE_MONOTONIC: '1',
                      };
            server = await Server.start({ data, command: 'serve', env });
            link ||= new URL(staffLink(server)).pathname;
            const staff = await Api.signIn(server.url + link);
            if (id === '') {
                id = await staff.create();
                await staff.state(id, 'lobby');
                await staff.state(id, 'live');
            }
            expect((await staff.read(id)).state).toBe('live');
            const asked = await until('there is media', 20_000 * slow, async () => {
                const answer = await staff.ask('POST', `/api/v1/sessions/${id}/questions`, {
                    text: 'When?',
                });
                const question = answer.ok
                    ? ((await answer.json()) as { media_ms: number })
                    : undefined;
                return question && question.media_ms >= 0 ? question : undefined;
            });
            expect(asked.media_ms).toBeLessThan(80_000 * slow);
            await server.kill();
        }
        // as after a start of the machine: the wall clock is believed, and the boot is noted anew
        const sql = (text: string) =>
            execFileSync('sqlite3', ['-cmd', '.timeout 2000', join(data, 'majlis.db'), text], {
                encoding: 'utf8',
            }).trim();
        const boot = sql('SELECT boot FROM sessions');
        expect(boot).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
        sql("UPDATE sessions SET boot = 'another', boot_us = 0");
        server = await Server.start({ data, command: 'serve' });
        await until(
            'the boot is noted',
            10_000 * slow,
            async () => sql('SELECT boot FROM sessions WHERE boot_us != 0') === boot,
        );
    } finally {
        await server?.kill();
        rmSync(data, { recursive: true, force: true });
    }
});
