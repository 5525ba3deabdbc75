// SPDX-License-Identifier: GPL-3.0-or-later
// The database is locked, full, or damaged under a live session: a write is refused with 503 or 507 and was not made,
// the programme and its recording go on, and what can be mended works again without a restart.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { readJournal, storedUntil } from '../lib/journal';
import { fill } from '../lib/recording';
import { Server, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until } from '../lib/time';
import { Watch } from '../lib/watch';

const sql = (file: string, words: string) =>
    execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, words], { encoding: 'utf8' }).trim();

/** Another program holds the write lock until the answer is called. */
async function lock(file: string): Promise<() => Promise<void>> {
    const holder = spawn('sqlite3', [file], { stdio: ['pipe', 'pipe', 'inherit'] });
    const gone = new Promise<void>((done) => holder.once('exit', () => done()));
    const locked = new Promise((done) => holder.stdout.once('data', done));
    holder.stdin.write('.timeout 5000\nBEGIN EXCLUSIVE;\nSELECT 1;\n');
    await locked;
    return () => {
        holder.stdin.end('ROLLBACK;\n');
        return gone;
    };
}

/** Other bytes in place of the tables' and indexes' first pages. The server has them in memory until another program
 * commits something. */
function damage(file: string): void {
    sql(file, 'PRAGMA wal_checkpoint(FULL)');
    const page = Number(sql(file, 'PRAGMA page_size'));
    const fd = openSync(file, 'r+');
    for (const root of sql(file, 'SELECT rootpage FROM sqlite_schema WHERE rootpage > 1')
        .split('\n')
        .map(Number)) {
        writeSync(fd, Buffer.alloc(page, 0xa5), 0, page, (root - 1) * page);
    }
    closeSync(fd);
    sql(file, `PRAGMA user_version = ${sql(file, 'PRAGMA user_version')}`);
}

test('locked, full, damaged: writes are refused and not made, live and its recording go on', async () => {
    test.setTimeout(patience(60_000));
    const testBegun = Date.now();
    const data = temporaryFolder();
    const folder = join(data, 'database');
    const file = join(folder, 'majlis.db');
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], {
        encoding: 'utf8',
    });
    let server: Server | undefined;
    try {
        test.skip(mounted.status !== 0, 'a file system of its own needs root');
        server = await Server.start({ data, conf: { store: { url: `sqlite:${file}` } } });
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const code = server.attend.split('/').pop();
        const at = `/api/v1/sessions/${server.session}`;
        const recording = join(data, 'recordings', server.session);
        const stored = () => storedUntil(readJournal(recording));
        const watch = new Watch(attendee, `/sessions/${server.session}/hls/v360p.m3u8`);
        await until(
            'it plays and is recorded',
            20_000 * slow,
            async () => stored() > 0 && watch.end > 0,
        );

        let asked = 0;
        const ask = () => attendee.ask('POST', `${at}/questions`, { text: `question ${++asked}` });
        const writes: [string, () => Promise<Response>][] = [
            ['question', ask],
            [
                'title',
                () => staff.ask('PATCH', at, { title: { ar: 'عنوان', en: `Title ${++asked}` } }),
            ],
            [
                'invitation',
                () => staff.ask('POST', `${at}/invitations`, { name: 'Guest', role: 'attendee' }),
            ],
            [
                'sign-in',
                () => new Api(attendee.url).ask('POST', '/api/v1/sign-in', { invitation: code }),
            ],
        ];
        /** What the server shows of the writes; what is refused leaves it as it is. */
        const shown = async () => {
            const { title } = await attendee.json<{ title: unknown }>('GET', at);
            const questions = await staff.json<{ items: unknown[] }>('GET', `${at}/questions`);
            return [title, questions.items.length];
        };
        const rows = () =>
            sql(
                file,
                'SELECT (SELECT count(*) FROM questions), (SELECT count(*) FROM invitations), (SELECT count(*) FROM tokens), title_en FROM sessions',
            );
        const refused = async (trouble: string, status: number, text: RegExp) => {
            const before = await shown();
            const begun = Date.now();
            for (const [name, answer] of await Promise.all(
                writes.map(async ([name, write]) => [name, await write()] as const),
            )) {
                const problem = await answer.text();
                expect(answer.status, `${trouble}: ${name}: ${problem}`).toBe(status);
                expect(problem, `${trouble}: ${name}`).toMatch(text);
            }
            const ms = Date.now() - begun;
            expect(await shown()).toEqual(before);
            return ms;
        };
        /** What was made from now on is told to viewers and recorded. */
        const goesOn = async (trouble: string) => {
            const now = Date.now();
            await until(
                `${trouble}: the playlist goes on`,
                5000 * slow,
                async () => watch.end > now,
            );
            await until(
                `${trouble}: the recording goes on`,
                5000 * slow,
                async () => stored() > now,
            );
        };

        expect((await ask()).status).toBe(201);
        const before = rows();
        watch.resetAge();
        const lockedAt = Date.now();
        const unlock = await lock(file);
        const lockedMs = await refused('locked', 503, /locked by another program/);
        await until('10 s', 12_000, async () => Date.now() - lockedAt > 10_000);
        await refused('still locked', 503, /locked by another program/);
        await goesOn('locked');
        const lockedAge = watch.resetAge();
        expect(rows()).toBe(before);
        await unlock();
        expect((await ask()).status).toBe(201);

        sql(file, 'PRAGMA wal_checkpoint(TRUNCATE)');
        const after = rows();
        const filler = fill(folder, 0);
        await refused('full', 507, /free some space/);
        await goesOn('full');
        expect(rows()).toBe(after);
        rmSync(filler);
        expect((await ask()).status).toBe(201);

        damage(file);
        await refused('damaged', 503, /damaged/);
        expect(server.log.match(/warning changes are refused/g)).toHaveLength(3); // once of each
        await goesOn('damaged');
        await watch.stop();
        console.log(
            `database locked: refused after ${lockedMs} ms, newest part at most ${(lockedAge / 1000).toFixed(2)} s old meanwhile`,
        );
        expect(lockedMs).toBeLessThan(allow(3500, testBegun));
        expect(lockedAge).toBeLessThan(allow(3000, testBegun));
    } finally {
        await server?.kill();
        spawnSync('umount', ['-l', folder]);
        rmSync(data, { recursive: true, force: true });
    }
});
