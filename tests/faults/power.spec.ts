// SPDX-License-Identifier: GPL-3.0-or-later
// Loss of power: the data folder is on an ext4 file system of its own, which is shut down in
// mid-recording, and mounted again with what its disk really got.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type Question } from '../lib/api';
import { readJournal, storedUntil } from '../lib/journal';
import { decodeAll, end } from '../lib/recording';
import { long, root, Server, temporaryFolder } from '../lib/server';
import { allow, patience, wait } from '../lib/time';
import { Watch } from '../lib/watch';

const times = long ? 20 : 2;
const losePower = join(root, 'build/tests/peers/lose-power');

/** An ext4 file system in a file. */
class Disk {
    readonly image: string;
    readonly folder: string;

    constructor(private readonly at: string) {
        this.image = join(at, 'disk.img');
        this.folder = join(at, 'disk');
        mkdirSync(this.folder);
        execFileSync('truncate', ['-s', '400M', this.image]);
        execFileSync('mkfs.ext4', ['-q', this.image]);
    }

    /** Why it cannot be, or nothing. */
    mount(): string {
        const done = spawnSync('mount', ['-o', 'loop', this.image, this.folder], {
            encoding: 'utf8',
        });
        return done.status === 0 ? '' : done.stderr.trim() || `mount ended with ${done.status}`;
    }

    losePower(): void {
        execFileSync(losePower, [this.folder]);
    }

    unmount(): void {
        execFileSync('umount', [this.folder]); // its loop device goes with it
    }

    remove(): void {
        spawnSync('umount', ['-l', this.folder]);
        rmSync(this.at, { recursive: true, force: true });
    }
}

test(`${times} losses of power: at most 1 s of media lost, nothing acknowledged`, async () => {
    test.setTimeout(patience(60_000 + times * 30_000));
    const testBegun = Date.now();
    const disk = new Disk(temporaryFolder());
    let server: Server | undefined;
    try {
        const refused = disk.mount();
        if (refused !== '') {
            console.log(
                `loss of power: not tried, as this machine mounts no loop device: ${refused}`,
            );
        }
        test.skip(refused !== '', refused);
        const data = join(disk.folder, 'data');
        mkdirSync(data);
        const conf = {
            programme: { encoder: 'software-fast' },
            rtc: { listen: '127.0.0.1:0' },
            archive: { minimum_free: '16M' },
        };
        server = await Server.start({ data, conf });
        const id = server.session;
        const folder = join(data, 'recordings', id);
        const staff = await Api.signIn(server.staff);
        const texts: string[] = [];
        let worstLost = 0;
        let worstTold = 0;
        for (let round = 0; round < times; round++) {
            const person = await Api.signIn(
                server.url + new URL(await staff.invite(id, 'attendee', `Asker ${round}`)).pathname,
            );
            const watch = new Watch(person, `/sessions/${id}/hls/v360p.m3u8`);
            const until = Date.now() + 3000 + Math.random() * 1500;
            for (let i = 0; Date.now() < until; i++) {
                const text = `Question ${i} before loss ${round}?`;
                if (
                    i < 18 &&
                    (
                        await person.ask('POST', `/api/v1/sessions/${id}/questions`, {
                            text,
                            anonymous: false,
                        })
                    ).ok
                ) {
                    texts.push(text);
                }
                await wait(i < 18 ? 100 : 20);
            }
            const told = watch.end;
            const lostAt = Date.now();
            disk.losePower();
            await server.kill();
            await watch.stop();
            disk.unmount();
            expect(disk.mount()).toBe('');
            const stored = storedUntil(readJournal(folder));
            worstLost = Math.max(worstLost, lostAt - stored);
            worstTold = Math.max(worstTold, told - stored);
            server = await Server.start({ data, conf });
            expect(server.session, 'the same session goes on').toBe(id);
            staff.url = server.url;
            expect((await staff.read(id)).state).toBe('live');
        }
        await wait(3000);
        await end(staff, id);
        const list = await staff.json<{ items: Question[] }>(
            'GET',
            `/api/v1/sessions/${id}/questions`,
        );
        const kept = new Set(list.items.map((item) => item.text));
        const missing = texts.filter((text) => !kept.has(text));
        const seconds = decodeAll(folder);
        console.log(
            `loss of power, ${times} times: at most ${(worstLost / 1000).toFixed(2)} s lost before it, ${(worstTold / 1000).toFixed(2)} s of what players had been told; ${missing.length} of ${texts.length} questions lost; ${seconds.toFixed(1)} s decode clean`,
        );
        expect(texts.length).toBeGreaterThan(10 * times);
        expect(missing).toEqual([]);
        expect(worstLost).toBeLessThan(allow(1000, testBegun));
    } finally {
        await server?.kill();
        disk.remove();
    }
});
