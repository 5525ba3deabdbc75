// SPDX-License-Identifier: GPL-3.0-or-later
// A backup while a session is live, and its way back: the same answers, the same files; what is damaged is named.

import {
    chownSync,
    cpSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { readJournal, storedUntil } from '../lib/journal';
import { decodeAll, end } from '../lib/recording';
import { majlis, Server, temporaryFolder } from '../lib/server';
import { patience, slow, until } from '../lib/time';

interface Entry {
    name: string;
    bytes: number;
    sha256: string;
}
const entries = (file: string) =>
    (JSON.parse(readFileSync(file, 'utf8')) as { files: Entry[] }).files;
const backups = (to: string) => readdirSync(to).filter((name) => name.startsWith('majlis-'));
/** An answer without the time of the answer. */
const timeless = <T>(json: T): T =>
    JSON.parse(JSON.stringify(json, (key, value) => (key === 'server_time' ? undefined : value)));
type Backup = (...more: string[]) => ReturnType<typeof majlis>;
const inode = (...path: string[]) => statSync(join(...path)).ino;

/** Other bytes of the same number, in a file of its own: it may be a hard link. */
function damage(file: string): void {
    const bytes = readFileSync(file);
    bytes.writeUInt32BE(bytes.readUInt32BE(100) ^ 0xffff, 100);
    rmSync(file);
    writeFileSync(file, bytes);
}

/** Recordings that are away, whole or in part, fail or spoil a backup, and nothing older is removed. */
function missing(home: string, done: string, live: string, segment: string, backup: Backup): void {
    const [data, to, away] = ['data', 'backups', 'away'].map((name) => join(home, name));
    const recordings = join(data, 'recordings');
    const names = backups(to);
    const without = (paths: string[], status: number, words: string, meanwhile = () => {}) => {
        for (const [i, path] of paths.entries()) {
            renameSync(path, away + i);
        }
        meanwhile();
        const said = backup('--keep', '1');
        for (const [i, path] of paths.entries()) {
            rmSync(path, { recursive: true, force: true });
            renameSync(away + i, path);
        }
        expect(said.text).toContain(words);
        expect(said.status, said.text).toBe(status);
        expect(backups(to)).toEqual(expect.arrayContaining(names));
    };
    without([recordings], 1, 'holds none of the 2 recordings');
    without([recordings], 1, 'holds none of the 2 recordings', () => mkdirSync(recordings));
    without([recordings], 1, 'the recordings cannot be read', () => writeFileSync(recordings, ''));
    expect(backups(to)).toEqual(names);
    const last = () => JSON.parse(readFileSync(join(data, 'last-backup.json'), 'utf8'));
    const whole = last();
    without([join(recordings, done)], 3, `recording ${done}: its folder is not in`);
    expect(last()).toMatchObject({ damaged: 1, whole_at: whole.at });
    expect(last().at).not.toBe(whole.at);
    const [first, second] = [recordings, join(home, 'second')];
    const inside = (id: string) =>
        readdirSync(join(first, id)).map((name) => join(first, id, name));
    const noJournal = (id: string) => `recording ${id}: no copy of it has a journal`;
    for (const id of [done, live]) {
        without([...inside(id), join(second, id)], 3, noJournal(id)); // an empty folder is left
    }
    const journals = [join(first, live, 'journal'), join(second, live, 'journal')];
    without(journals, 3, noJournal(live), () => {
        for (const journal of journals) {
            writeFileSync(journal, 'not a line\n');
        }
    });
    const [head] = readFileSync(journals[0], 'utf8').split('\n');
    for (const _ of ['night', 'next night']) {
        without(journals, 3, `recording ${live}: `, () => {
            for (const journal of journals) {
                writeFileSync(journal, `${head}\n`);
            }
        });
    }
    const manifest = join(first, done, 'manifest.json');
    without([manifest], 3, `recording ${done}: 2 file(s) are damaged or missing`, () =>
        writeFileSync(manifest, '{'),
    );
    // it can be made again, but the damaged segment is not as it was signed
    without([manifest], 3, `recording ${done}: 1 file(s) are damaged or missing`);
    // in the first it is away since long
    without(
        [join(home, 'second', live, segment)],
        3,
        `recording ${live}: 1 file(s) are damaged or missing`,
    );
    expect(majlis('check', '--config', join(data, 'test.conf'), '--data', data).text).toMatch(
        new RegExp(`the last backup lacks 1 file.*the last whole one: ${whole.at}`),
    );
    without([join(data, 'keys')], 1, 'signing.key is missing'); // and none is made
    expect(backup('--keep', '20').status).toBe(0); // whole again
}

/** A backup with a damaged segment, a lost one and a lost list: all else can be restored; not without its keys. */
function damagedMedia(home: string, done: string, segment: string): void {
    const to = join(home, 'backups');
    const [copy, data] = [join(home, 'copy'), join(home, 'partly')];
    cpSync(join(to, backups(to).at(-1) as string), copy, { recursive: true });
    const restore = (...more: string[]) =>
        majlis('restore', '--from', copy, '--data', data, ...more);
    const of = (name: string) => join('recordings', done, name);
    damage(join(copy, of(segment)));
    rmSync(join(copy, of('audio.m4a')));
    const refused = restore();
    expect(refused.status).toBe(1);
    expect(refused.text).toContain('--damaged allow restores what is whole');
    expect(existsSync(data)).toBe(false);
    const said = restore('--damaged', 'allow');
    expect(said.text).toContain(`${of(segment)}: changed`);
    expect(said.text).toContain(`${of('audio.m4a')}: missing`);
    expect(said.text).toMatch(/: 2 recordings, [\s\S]*2 file\(s\), named above/);
    expect(said.status).toBe(1);
    for (const name of ['majlis.db', of('recording.mp4'), of(segment)]) {
        expect(readFileSync(join(data, name)).equals(readFileSync(join(copy, name)))).toBe(true);
    }
    const checked = majlis('verify', join(data, 'recordings', done));
    expect(checked.text).toContain(`${segment}: changed`);
    rmSync(data, { recursive: true });
    rmSync(join(copy, `recordings/${done}.json`));
    expect(restore('--damaged', 'allow').text).toContain(`${done}.json: missing`);
    expect(readdirSync(join(data, 'recordings'))).toHaveLength(1);
    rmSync(data, { recursive: true });
    damage(join(copy, 'majlis.db'));
    expect(restore('--damaged', 'allow').text).toContain('Nothing was restored');
    expect(existsSync(data)).toBe(false);
}

/** A file that backups share is not read again for the next backup; verify, and so restore, reads it. */
function spoiledLink(home: string, done: string, segment: string, backup: Backup): void {
    const to = join(home, 'backups');
    const newest = () => join(to, backups(to).at(-1) as string);
    const file = join(newest(), 'recordings', done, segment);
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.alloc(bytes.length)); // the same inode
    expect(backup().status).toBe(0);
    expect(inode(newest(), 'recordings', done, segment)).toBe(inode(file));
    const said = majlis('verify', newest());
    expect(said.text).toContain(`${segment}: changed`);
    expect(said.status).toBe(1);
    writeFileSync(file, bytes);
    expect(majlis('verify', newest()).status).toBe(0);
}

/** An export signs only what the recording's own manifest has, and removes no folder that it did not make. */
function damagedExport(home: string, done: string): void {
    const [copy, files] = [join(home, 'copy'), join(home, 'talk')];
    const run = (folder: string) => majlis('export', done, '--data', folder, '--to', files);
    rmSync(copy, { recursive: true });
    cpSync(join(home, 'data'), copy, { recursive: true });
    const own = `${files}.partial`;
    mkdirSync(own);
    writeFileSync(join(own, 'notes'), '');
    const beside = run(copy);
    expect(beside.text).toContain('talk.partial exists');
    expect(beside.status).toBe(1);
    expect(existsSync(join(own, 'notes'))).toBe(true);
    rmSync(own, { recursive: true });
    damage(join(copy, 'recordings', done, 'recording.mp4'));
    const damaged = run(copy);
    expect(damaged.text).toContain('recording.mp4 is not what was signed');
    expect(damaged.status).toBe(1);
    expect(existsSync(files)).toBe(false);
}

test('a backup while live, restored into a fresh folder: the same answers and digests @plain', async () => {
    test.setTimeout(patience(180_000));
    const home = temporaryFolder();
    const data = join(home, 'data');
    const to = join(home, 'backups');
    mkdirSync(data);
    const second = join(home, 'second');
    const conf = { archive: { second_directory: second, minimum_free: '1M' } };
    const server = await Server.start({ data, conf });
    const file = join(data, 'test.conf');
    const backup = (...more: string[]) =>
        majlis('backup', '--config', file, '--data', data, '--to', to, ...more);
    let restored: Server | undefined;
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const done = server.session;
        const stored = (id: string, from = 0, folder = join(data, 'recordings')) =>
            until(
                'it is recorded',
                20_000 * slow,
                async () => storedUntil(readJournal(join(folder, id))) > from,
            );
        await stored(done);
        const at = `/api/v1/sessions/${done}`;
        const question = await attendee.json<{ id: string }>('POST', `${at}/questions`, {
            text: 'هل تُحفظ الأسئلة؟',
        });
        await staff.json('PATCH', `/api/v1/questions/${question.id}`, { state: 'approved' });
        await attendee.ask('PUT', `/api/v1/questions/${question.id}/vote`);
        await staff.json('POST', `${at}/chapters`, { title: { ar: 'فصل', en: 'Chapter' } });
        await stored(done, Date.now() + 2500);
        await end(staff, done);
        await until(
            'it is signed',
            30_000 * slow,
            async () => (await staff.ask('GET', `/recordings/${done}/manifest.json`)).ok,
        );
        const live = await staff.create();
        await staff.state(live, 'lobby');
        await staff.state(live, 'live');
        await stored(live, Date.now() + 1000);
        await stored(live, 0, second);

        // the first copy of both is damaged; the second is not
        const segment = entries(join(data, 'recordings', done, 'manifest.json')).find((one) =>
            one.name.endsWith('0.m4s'),
        )?.name as string;
        damage(join(data, 'recordings', done, segment));
        const lost = readJournal(join(data, 'recordings', live)).parts.find(
            (part) => part.track === 'v360p',
        );
        const gone = `${lost?.run}/v360p/${lost?.segment}.m4s`;
        rmSync(join(data, 'recordings', live, gone));

        const begun = Date.now();
        const said = backup();
        expect(said.status, said.text).toBe(0);
        const tookMs = Date.now() - begun;
        const [first] = backups(to);
        const folder = join(to, first);
        expect(majlis('verify', folder, '--key', join(data, 'keys/signing.pub')).status).toBe(0);
        expect(majlis('verify', join(folder, 'recordings', done)).status).toBe(0); // from the second
        const own = entries(join(folder, 'recordings', `${live}.json`)).map((one) => one.name);
        expect(own).toContain(gone);
        const last = JSON.parse(readFileSync(join(data, 'last-backup.json'), 'utf8'));
        expect(last).toMatchObject({ folder, recordings: 2, damaged: 0 });
        expect(majlis('check', '--config', file, '--data', data).text).toContain(
            `the last whole backup was made at ${last.at}`,
        );
        // finished files are links, growing ones are not
        const mp4 = ['recordings', done, 'recording.mp4'] as const;
        expect(inode(folder, ...mp4)).toBe(inode(data, ...mp4));
        expect(inode(folder, 'recordings', done, 'journal')).not.toBe(
            inode(data, 'recordings', done, 'journal'),
        );
        expect(statSync(join(folder, 'recordings', live, gone)).nlink).toBe(1);

        // a backup serves as data folder of an export, and stays as it was signed
        const files = join(home, 'files');
        const exported = majlis('export', done, '--data', folder, '--to', files);
        expect(exported.status, exported.text).toBe(0);
        expect(majlis('verify', files).status).toBe(0);
        expect(majlis('verify', folder).status).toBe(0);

        const again = backup('--keep', '2');
        expect(again.status, again.text).toBe(0);
        const other = backups(to)[1];
        expect(inode(to, other, 'recordings', done, segment)).toBe(
            inode(folder, 'recordings', done, segment),
        );
        expect(backup('--keep', '2').status).toBe(0);
        expect(backups(to)).toHaveLength(2);
        expect(backups(to)[0]).toBe(other); // the first is gone
        expect(majlis('verify', join(to, other)).status).toBe(0); // and took nothing along

        const ask = async (api: Api) => ({
            session: await api.json<{ state: string }>('GET', at),
            questions: await api.json('GET', `${at}/questions`),
            chapters: await api.json('GET', `${at}/chapters`),
            recording: await api.json('GET', `/api/v1/recordings/${done}`),
            people: await api.json('GET', `/api/v1/sessions/${done}/invitations`),
            manifest: await (await api.ask('GET', `/recordings/${done}/manifest.json`)).text(),
            mp4: Buffer.from(
                await (await api.ask('GET', `/recordings/${done}/recording.mp4`)).arrayBuffer(),
            ).toString('base64'),
        });
        const before = await ask(staff);
        expect(JSON.stringify(before.questions)).toContain('هل تُحفظ الأسئلة؟');
        await server.kill(); // the old machine is gone
        missing(home, done, live, gone, backup);

        damagedMedia(home, done, segment);
        spoiledLink(home, done, segment, backup);
        damagedExport(home, done);
        const fresh = join(home, 'fresh');
        const put = majlis('restore', '--from', to, '--data', fresh);
        expect(put.status, put.text).toBe(0);
        expect(put.text).toContain(join(fresh, 'configuration/majlis.conf'));
        expect(readFileSync(join(fresh, 'configuration/majlis.conf'), 'utf8')).toBe(
            readFileSync(file, 'utf8'),
        );
        expect(majlis('verify', join(fresh, 'recordings', done)).status).toBe(0);
        expect(inode(fresh, ...mp4)).not.toBe(inode(folder.replace(first, other), ...mp4));
        expect(majlis('restore', '--from', to, '--data', fresh).text).toContain('is not empty');

        restored = await Server.start({ data: fresh, command: 'serve' });
        const back = new Api(restored.url);
        back.token = staff.token; // still signed in
        // a start first looks at what each recording was made of
        await until('it is found whole', 30_000 * slow, async () => {
            const { recording } = await back.read(done);
            return recording.mp4 === 'ready';
        });
        expect(timeless(await ask(back))).toEqual(timeless(before));
        // the growing one resumes, and all that was taken of it decodes
        const journal = join(fresh, 'recordings', live);
        await stored(live, storedUntil(readJournal(journal)), join(fresh, 'recordings'));
        await end(back, live);
        const seconds = decodeAll(journal);
        console.log(
            `backup of ${last.bytes} bytes while live: ${tookMs} ms; ${seconds.toFixed(1)} s of the live recording decode clean after its restore`,
        );
        expect(seconds).toBeGreaterThan(1);
        expect(await restored.stop()).toBe(0);
    } finally {
        await server.kill();
        await restored?.kill();
        rmSync(home, { recursive: true, force: true });
    }
});

test('configuration, certificate and keys may be links, as certbot makes them; what cannot be had is named', () => {
    const home = temporaryFolder();
    const [data, to, etc] = ['data', 'backups', 'etc'].map((name) => join(home, name));
    expect(majlis('user', 'add', '--name', 'Staff', '--data', data).status).toBe(0);
    expect(majlis('recover', '--data', data).status).toBe(0); // makes the keys
    const linked = (path: string, text?: string) => {
        const real = join(etc, `real-${basename(path)}`);
        if (text === undefined) {
            renameSync(path, real);
        } else {
            writeFileSync(real, text, { mode: 0o600 });
        }
        symlinkSync(real, path);
        return real;
    };
    mkdirSync(etc);
    const [certificate, key] = ['live.pem', 'live.key'].map((name) => join(etc, name));
    linked(certificate, 'certificate');
    linked(key, 'key');
    const conf = join(etc, 'majlis.conf');
    writeFileSync(join(data, 'metrics.token'), 'a token of the monitoring', { mode: 0o600 });
    const metrics = '[metrics]\ntoken_file = metrics.token\n'; // below the data folder
    linked(conf, `[server]\ntls_certificate = ${certificate}\ntls_key = ${key}\n${metrics}`);
    const words = ['backup', '--config', conf, '--data', data, '--to', to];
    expect(majlis('recover', ...words.slice(1, words.indexOf('--to'))).status).toBe(0); // makes the keys
    const signing = linked(join(data, 'keys/signing.key'));
    mkdirSync(join(data, 'keys/old'));
    const said = majlis(...words);
    expect(said.status, said.text).toBe(0);
    expect(said.text).toContain('keys/old is a folder');
    const made = join(to, backups(to).at(-1) as string);
    const file = (name: string) => readFileSync(join(made, name), 'utf8');
    expect(file('configuration/majlis.conf')).toBe(readFileSync(conf, 'utf8'));
    expect(file('configuration/tls_certificate')).toBe('certificate');
    expect(file('configuration/tls_key')).toBe('key');
    expect(file('configuration/metrics_token')).toBe('a token of the monitoring');
    expect(file('keys/signing.key')).toBe(readFileSync(signing, 'utf8'));
    expect(majlis('verify', made).status).toBe(0);
    // a data folder that is a link: the owner of its files is that folder's
    const [real, link] = [join(home, 'real'), join(home, 'link')];
    mkdirSync(real);
    if (process.getuid?.() === 0) {
        chownSync(real, 65534, 65534);
    }
    symlinkSync(real, link);
    const put = majlis('restore', '--from', to, '--data', link);
    expect(put.status, put.text).toBe(0);
    expect(statSync(join(real, 'keys/signing.key')).uid).toBe(statSync(real).uid);
    rmSync(certificate);
    expect(majlis(...words).text).toMatch(/left out: cannot read \S+live\.pem: No such file/);
    rmSync(home, { recursive: true });
});

test('a backup that was made while the clock was ahead is neither the newest nor removed', () => {
    const home = temporaryFolder();
    const [data, to] = ['data', 'backups'].map((name) => join(home, name));
    expect(majlis('user', 'add', '--name', 'Staff', '--data', data).status).toBe(0);
    expect(majlis('recover', '--data', data).status).toBe(0); // makes the keys
    const backup = (...more: string[]) => majlis('backup', '--data', data, '--to', to, ...more);
    expect(backup().status).toBe(0);
    const ahead = `majlis-${new Date().getFullYear() + 10}0101T000000Z`;
    const early = 'majlis-20250101T000000Z'; // by its name
    renameSync(join(to, backups(to)[0]), join(to, ahead));
    cpSync(join(to, ahead), join(to, early), { recursive: true });
    expect(majlis('user', 'add', '--name', 'Other', '--data', data).status).toBe(0);
    const said = backup('--keep', '1');
    expect(said.status, said.text).toBe(0);
    expect(said.text).toContain(`${ahead} is dated later than now`);
    const [own, ...others] = backups(to).sort();
    expect(others).toEqual([ahead]);
    expect(said.text).toContain(`${own}: 0 recordings`);
    const restore = (name: string) =>
        majlis('restore', '--from', to, '--data', join(home, name)).text;
    const newest = restore('newest');
    expect(newest).toContain(`${ahead} is dated later than now`);
    expect(newest).toMatch(new RegExp(`restored \\S+${own}`));
    rmSync(join(to, own), { recursive: true });
    expect(restore('only')).toMatch(new RegExp(`restored \\S+${ahead}`));
    rmSync(home, { recursive: true });
});

test('a damaged backup is refused, naming the file; wrong usage is', () => {
    const data = temporaryFolder();
    const to = join(data, 'backups');
    expect(majlis('user', 'add', '--name', 'Staff', '--data', data).status).toBe(0);
    expect(majlis('recover', '--data', data).status).toBe(0); // makes the keys
    expect(majlis('check', '--data', data).text).toContain('there is no backup');
    expect(majlis('backup', '--data', data, '--to', to).status).toBe(0);
    const [name] = backups(to);
    const copy = join(data, 'copy');
    const cases: [string, (folder: string) => void, RegExp][] = [
        ['a bit', (folder) => damage(join(folder, 'majlis.db')), /majlis\.db: changed: its hash/],
        ['lost', (folder) => rmSync(join(folder, 'keys/signing.key')), /signing\.key: missing/],
        [
            'the manifest',
            (folder) => {
                const file = join(folder, 'manifest.json');
                writeFileSync(
                    file,
                    readFileSync(file, 'utf8').replace(/"bytes": \d/, '"bytes": 9'),
                );
            },
            /manifest\.json: not what was signed/,
        ],
    ];
    for (const [what, spoil, words] of cases) {
        cpSync(join(to, name), copy, { recursive: true });
        spoil(copy);
        const said = majlis('restore', '--from', copy, '--data', join(data, 'new'));
        expect(said.status, what).toBe(1);
        expect(said.text, what).toMatch(words);
        expect(said.text, what).toContain('Nothing was restored');
        expect(readdirSync(data), what).not.toContain('new');
        rmSync(copy, { recursive: true });
    }
    const half = join(data, 'half');
    mkdirSync(half);
    writeFileSync(join(half, '.restoring'), '');
    writeFileSync(join(half, 'majlis.db.restoring'), '');
    for (const command of ['serve', 'recover']) {
        const said = majlis(command, '--data', half, '--listen', '127.0.0.1:0');
        expect(said.status).toBe(1);
        expect(said.text).toContain('not restored completely');
    }
    expect(majlis('restore', '--from', to, '--data', half).text).toContain('interrupted restore');
    for (const words of [
        ['backup', '--data', data],
        ['backup', '--data', data, '--to', ''],
        ['backup', '--data', data, '--to', to, '--keep', '0'],
        ['restore', '--from', to],
        ['restore', '--data', half],
        ['export', '--to', to],
    ]) {
        expect(majlis(...words).status, words.join(' ')).toBe(2);
    }
    expect(majlis('backup', '--data', join(data, 'none'), '--to', to).text).toContain(
        'there is no database',
    );
    rmSync(data, { recursive: true });
});
