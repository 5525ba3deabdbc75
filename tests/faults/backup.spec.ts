// SPDX-License-Identifier: GPL-3.0-or-later
// Backups that are interrupted: killed at random instants, and a disk that fills. What is there afterwards is whole, and
// the next run cleans up.

import { spawn, spawnSync } from 'node:child_process';
import {
    appendFileSync,
    chownSync,
    cpSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    rmSync,
    statSync,
    truncateSync,
    writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { journalLine } from '../lib/journal';
import { binary, long, majlis, root, temporaryFolder } from '../lib/server';
import { patience, wait } from '../lib/time';

/** A data folder with a database, and a recording of `megabytes` that is not finished: all of it is copied. */
function makeData(megabytes: number): string {
    const data = temporaryFolder();
    expect(majlis('user', 'add', '--name', 'Staff', '--data', data).status).toBe(0);
    expect(majlis('recover', '--data', data).status).toBe(0); // makes the keys
    addRecording(data, megabytes);
    return data;
}

function addRecording(data: string, megabytes: number): void {
    const track = join(data, 'recordings', `r${megabytes}`, '1', 'v360p');
    mkdirSync(track, { recursive: true });
    const head = `majlis-recording format=1 id=r${megabytes} epoch_us=1795422691000000`;
    writeFileSync(join(track, '../../journal'), journalLine(head));
    const bytes = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < megabytes; i++) {
        bytes.writeUInt32LE(i);
        writeFileSync(join(track, `${i}.m4s`), bytes);
    }
}

const folders = (to: string) => readdirSync(to).filter((name) => name.startsWith('majlis-'));

/** Looks without a pause: what is waited for lasts milliseconds. */
async function atOnce(condition: () => boolean): Promise<void> {
    for (const end = Date.now() + 60_000; !condition() && Date.now() < end; ) {
        await new Promise(setImmediate);
    }
}

test('kill -9 in mid-backup: it is no backup, and the next one is; in mid-restore', async () => {
    test.setTimeout(patience(120_000));
    const data = makeData(24);
    const to = join(data, 'backups');
    const words = ['backup', '--data', data, '--to', to];
    try {
        const begun = Date.now();
        expect(majlis(...words).status).toBe(0);
        const tookMs = Date.now() - begun;
        for (const name of folders(to)) {
            rmSync(join(to, name), { recursive: true }); // or links would make the others short
        }
        let interrupted = 0;
        const kills = long ? 100 : 6;
        for (let i = 0; i < kills; i++) {
            const child = spawn(binary, words, { stdio: 'ignore' });
            const gone = new Promise((done) => child.once('exit', done));
            await atOnce(
                () =>
                    folders(to).some((name) => name.endsWith('.partial')) ||
                    child.exitCode !== null,
            );
            await wait((tookMs * i) / kills);
            child.kill('SIGKILL');
            await gone;
            const left = folders(to);
            interrupted += left.some((name) => name.endsWith('.partial')) ? 1 : 0;
            for (const name of left.filter((one) => !one.endsWith('.partial'))) {
                expect(majlis('verify', join(to, name)).text, name).toContain('verified');
                rmSync(join(to, name), { recursive: true });
            }
            expect(left.length).toBeLessThan(3);
        }
        const restored = majlis('restore', '--from', to, '--data', join(data, 'none'));
        expect(restored.status).toBe(1);
        expect(restored.text).toContain('holds no complete backup');
        expect(majlis(...words).status).toBe(0);
        const names = folders(to);
        console.log(
            `${interrupted} of ${kills} backups were interrupted (one takes ${tookMs} ms); the next left ${names.join(', ')}`,
        );
        expect(interrupted).toBeGreaterThan(0);
        expect(names).toHaveLength(1);
        expect(names[0]).toMatch(/^majlis-\d{8}T\d{6}Z$/);
        expect(majlis('verify', join(to, names[0])).status).toBe(0);

        // half a restore is no data folder
        const half = join(data, 'half');
        const put = ['restore', '--from', to, '--data', half];
        const child = spawn(binary, put, { stdio: 'ignore' });
        const gone = new Promise((done) => child.once('exit', done));
        await atOnce(() => existsSync(join(half, 'majlis.db.restoring')));
        child.kill('SIGKILL');
        await gone;
        expect(existsSync(join(half, '.restoring'))).toBe(true);
        expect(majlis('recover', '--data', half).text).toContain('not restored completely');
        expect(majlis(...put).text).toContain('interrupted restore: remove the folder');
        rmSync(half, { recursive: true });
        mkdirSync(half);
        chownSync(half, 65534, 65534); // as the server's user has it, and root restores
        expect(majlis(...put).status).toBe(0);
        for (const file of ['majlis.db', 'keys/signing.key', 'recordings/r24/1/v360p/0.m4s']) {
            expect(statSync(join(half, file)).uid, file).toBe(65534);
        }
        expect(statSync(join(half, 'keys/signing.key')).mode & 0o777).toBe(0o600);
    } finally {
        rmSync(data, { recursive: true, force: true });
    }
});

/** The process has a file below `folder` open. */
function opened(pid: number | undefined, folder: string): boolean {
    const fds = `/proc/${pid}/fd`;
    return readdirSync(fds).some((fd) => {
        try {
            return readlinkSync(join(fds, fd)).startsWith(folder);
        } catch {
            return false; // closed meanwhile
        }
    });
}

test('nobody else begins in the place of a restore, which overwrites and removes nothing of others', async () => {
    const data = makeData(96);
    const to = join(data, 'backups');
    const half = join(data, 'half');
    const words = ['restore', '--from', to, '--data', half];
    expect(majlis('backup', '--data', data, '--to', to).status).toBe(0);
    /** Stands still while it reads the backup, before it puts the first file. */
    const reading = async () => {
        for (;;) {
            const child = spawn(binary, words, { stdio: ['ignore', 'ignore', 'pipe'] });
            const said = { text: '' };
            child.stderr?.on('data', (text) => {
                said.text += text;
            });
            const status = new Promise<number | null>((done) => child.once('exit', done));
            await atOnce(() => existsSync(join(half, '.restoring')) || child.exitCode !== null);
            child.kill('SIGSTOP');
            await wait(20);
            // before it reads the backup it may not have looked at the folders yet
            if (readdirSync(half).length === 1 && opened(child.pid, to)) {
                return { child, said, status };
            }
            child.kill('SIGKILL');
            await status;
            rmSync(half, { recursive: true, force: true });
        }
    };
    try {
        const first = await reading();
        for (const [command, ...more] of [
            ['recover'],
            ['serve', '--listen', '127.0.0.1:0'],
            ['user', 'add', '--name', 'Staff'],
            ['export', 'r96', '--to', join(data, 'talk')],
        ]) {
            const refused = majlis(command, ...more, '--data', half);
            expect(refused.text, command).toContain('not restored completely');
            expect(refused.status, command).toBe(1);
        }
        expect(majlis(...words).text).toContain('another restore');
        // made by hand: neither overwritten nor taken along
        const own = ['keys/signing.key', 'recordings/other/journal'].map((one) => join(half, one));
        for (const file of own) {
            mkdirSync(join(file, '..'), { recursive: true });
            writeFileSync(file, 'mine');
        }
        first.child.kill('SIGCONT');
        expect(await first.status).toBe(1);
        expect(first.said.text).toMatch(/half\/keys: File exists/);
        expect(readdirSync(half).sort()).toEqual(['keys', 'recordings']);
        for (const file of own) {
            expect(readFileSync(file, 'utf8')).toBe('mine');
        }
        rmSync(half, { recursive: true });

        const second = await reading();
        writeFileSync(join(half, 'majlis.db'), 'mine');
        second.child.kill('SIGCONT');
        expect(await second.status).toBe(1);
        expect(readdirSync(half)).toEqual(['majlis.db']);
        expect(readFileSync(join(half, 'majlis.db'), 'utf8')).toBe('mine');
        rmSync(half, { recursive: true });

        // interrupted before the first file, there is nothing to remove
        const third = await reading();
        third.child.kill('SIGKILL');
        await third.status;
        const done = majlis(...words);
        expect(done.status, done.text).toBe(0);
        expect(majlis('user', 'list', '--data', half).status).toBe(0);
        expect(majlis('restore', '--from', to, '--data', join(half, 'majlis.db')).text).toMatch(
            /cannot restore: .*Not a directory/,
        );
    } finally {
        rmSync(data, { recursive: true, force: true });
    }
});

test('the disk fills in mid-backup: no backup, the earlier one and its time stay', async () => {
    test.setTimeout(patience(60_000));
    const data = makeData(2);
    const to = join(data, 'to');
    mkdirSync(to);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', to], {
        encoding: 'utf8',
    });
    try {
        test.skip(mounted.status !== 0, 'a file system of its own needs root');
        expect(majlis('backup', '--data', data, '--to', to).status).toBe(0);
        const before = folders(to);
        const last = readFileSync(join(data, 'last-backup.json'), 'utf8');
        addRecording(data, 30);
        const full = majlis('backup', '--data', data, '--to', to);
        expect(full.status).toBe(1);
        expect(full.text).toMatch(/No space left on device; free some space/);
        expect(full.text).toContain('no backup was made; earlier ones are as they were');
        expect(folders(to)).toEqual(before); // what was copied is removed at once
        expect(majlis('verify', join(to, before[0])).status).toBe(0);
        expect(readFileSync(join(data, 'last-backup.json'), 'utf8')).toBe(last);

        const restored = majlis('restore', '--from', to, '--data', join(to, 'data'));
        expect(restored.status, restored.text).toBe(0); // the small one
        rmSync(join(data, 'recordings', 'r30'), { recursive: true });
        addRecording(data, 15);
        const own = majlis('backup', '--data', data, '--to', join(data, 'more'));
        expect(own.status, own.text).toBe(0);
        rmSync(join(to, 'data'), { recursive: true });
        const small = majlis('restore', '--from', join(data, 'more'), '--data', join(to, 'data'));
        expect(small.status, small.text).toBe(1); // 17 MB beside 2
        expect(small.text).toContain('free some space');
        expect(existsSync(join(to, 'data'))).toBe(false);
    } finally {
        spawnSync('umount', ['-l', to]);
        rmSync(data, { recursive: true, force: true });
    }
});

test('the disk that is written to fails: it is named, and no recording is called damaged', () => {
    const data = makeData(2);
    const to = join(data, 'to');
    const control = join(data, 'control');
    const words = ['backup', '--data', data, '--to', to];
    const env = {
        ...process.env,
        LD_PRELOAD: join(root, 'build/tests/faults/failing-disk.so'),
        MAJLIS_FAULT_DIR: join(to, '*/recordings/r2'),
        MAJLIS_FAULT_CONTROL: control,
    };
    for (const word of ['write', 'open']) {
        writeFileSync(control, word);
        const said = spawnSync(binary, words, { encoding: 'utf8', env });
        expect(said.stderr).toMatch(/cannot write \S+to\/majlis-\S+\/r2\/\S+: Input\/output error/);
        expect(said.stderr).not.toContain('damaged');
        expect(said.status, said.stderr).toBe(1);
        expect(folders(to)).toEqual([]);
    }
    rmSync(data, { recursive: true, force: true });
});

test('on the disk that is recorded to, a backup leaves minimum_free', () => {
    const data = makeData(1);
    const conf = join(data, 'majlis.conf');
    writeFileSync(conf, '[archive]\nminimum_free = 1048576G\n');
    const said = majlis('backup', '--config', conf, '--data', data, '--to', join(data, 'to'));
    rmSync(data, { recursive: true, force: true });
    expect(said.status).toBe(1);
    expect(said.text).toContain('would leave it less than [archive] minimum_free');
});

test('a file that is larger than the room beside minimum_free is not begun', () => {
    const data = temporaryFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', data]);
    try {
        test.skip(mounted.status !== 0, 'a file system of its own needs root');
        expect(majlis('user', 'add', '--name', 'Staff', '--data', data).status).toBe(0);
        expect(majlis('recover', '--data', data).status).toBe(0); // makes the keys
        addRecording(data, 1);
        truncateSync(join(data, 'recordings/r1/1/v360p/0.m4s'), 40 << 20); // has no blocks, the copy has
        const conf = join(data, 'majlis.conf');
        writeFileSync(conf, '[archive]\nminimum_free = 32M\n');
        const said = majlis('backup', '--config', conf, '--data', data, '--to', join(data, 'to'));
        expect(said.text).toContain('would leave it less than [archive] minimum_free');
        expect(said.status).toBe(1);
    } finally {
        spawnSync('umount', ['-l', data]);
        rmSync(data, { recursive: true, force: true });
    }
});

test('a recording is not completed from its second copy into minimum_free', () => {
    const data = temporaryFolder();
    const second = temporaryFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', data]);
    try {
        test.skip(mounted.status !== 0, 'a file system of its own needs root');
        expect(majlis('user', 'add', '--name', 'Staff', '--data', data).status).toBe(0);
        expect(majlis('recover', '--data', data).status).toBe(0); // makes the keys
        addRecording(data, 1);
        cpSync(join(data, 'recordings/r1'), join(second, 'r1'), { recursive: true });
        const track = join(second, 'r1/1/aar');
        mkdirSync(track);
        writeFileSync(join(track, 'init.mp4'), 'init');
        writeFileSync(join(track, '0.m4s'), '');
        truncateSync(join(track, '0.m4s'), 40 << 20);
        const lines = [
            'init run=1 track=aar bytes=4 kind=audio codecs=mp4a.40.2 bitrate=96000 rate=48000 channels=2 language=ar',
            `part run=1 track=aar segment=0 part=0 at=0 bytes=${40 << 20} pts_us=0 duration_us=500000 flags=iol`,
        ];
        appendFileSync(join(second, 'r1/journal'), lines.map(journalLine).join(''));
        const conf = join(data, 'majlis.conf');
        const backup = (to: string, least: string) => {
            writeFileSync(
                conf,
                `[archive]\nsecond_directory = ${second}\nminimum_free = ${least}\n`,
            );
            return majlis('backup', '--config', conf, '--data', data, '--to', join(to, 'to'));
        };
        // nor on the second's own disk
        for (const said of [backup(data, '32M'), backup(second, '1048576G')]) {
            expect(said.text).toContain('would leave it less than [archive] minimum_free');
            expect(said.status).toBe(1);
        }
        expect(folders(join(data, 'to'))).toEqual([]);
        const done = backup(data, '1M');
        expect(done.status, done.text).toBe(0);
    } finally {
        spawnSync('umount', ['-l', data]);
        rmSync(data, { recursive: true, force: true });
        rmSync(second, { recursive: true, force: true });
    }
});
