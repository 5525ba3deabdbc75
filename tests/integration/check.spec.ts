// SPDX-License-Identifier: GPL-3.0-or-later
// majlis check, and a start that reads the same: what is wrong, what it means, how to mend it.
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { binary, majlis, root, Server, temporaryFolder } from '../lib/server';

/** Problems found, without those of the machine at the moment: its clock, how fast it is beside others' work. */
function problems(said: { text: string }): string[] {
    const lines = said.text.split('\n').filter((line) => line.startsWith('problem '));
    return lines.filter((line) => !/clock is not sync|times real time|disk is too slow/.test(line));
}

/** What `command` says of a configuration; its files are in `folder`. The small encoder is soon measured. */
function run(
    command: string,
    folder: string,
    conf: string,
): { status: number | null; text: string } {
    const file = join(folder, 'majlis.conf');
    const programme = conf.includes('[programme]') ? '' : '\n[programme]\nencoder=small\n';
    writeFileSync(file, conf + programme, { mode: 0o600 }); // a camera's password may stand in it
    return majlis(
        command,
        '--config',
        file,
        '--data',
        join(folder, 'data'),
        '--listen',
        '127.0.0.1:0',
    );
}

test('an empty option is refused as wrong usage, and nothing is made', () => {
    for (const words of [
        ['check', '--data', ''],
        ['serve', '--data='],
        ['recover', '--config', ''],
        ['user', 'list', '--data', ''],
    ]) {
        const said = majlis(...words);
        expect(said.status, words.join(' ')).toBe(2);
        expect(said.text).toMatch(/--(data|config) is empty/);
    }
});

test('a byte order mark in the configuration, a launch file and the TURN secret is skipped @plain', () => {
    const folder = temporaryFolder();
    const secret = join(folder, 'secret');
    writeFileSync(secret, '\uFEFFabc\n', { mode: 0o600 });
    const said = run(
        'check',
        folder,
        `\uFEFF# from an editor on Windows\r\n[rtc]\r\nice_secret=${secret}\r\n`,
    );
    expect(problems(said)).toEqual([]);
    cpSync(join(root, 'pipelines'), join(folder, 'pipelines'), { recursive: true });
    for (const name of ['encoders/software.launch', 'sources/test.launch']) {
        const file = join(folder, 'pipelines', name);
        writeFileSync(file, `\uFEFF${readFileSync(file, 'utf8')}`);
    }
    const launched = spawnSync(binary, ['check', '--data', join(folder, 'data')], {
        encoding: 'utf8',
        env: { ...process.env, MAJLIS_SHARE: folder },
    });
    expect(launched.stdout).toContain('ok       encoder software is available');
    expect(launched.stdout).toContain('ok       source test delivers media');
    expect(launched.stdout).toMatch(/media are decoded in a sandbox|This kernel/);
    expect(run('check', folder, '\uFEFF\uFEFF[rtc]\n').text).toContain('majlis.conf:1');
});

/** root R, intermediates I and J, leaf; as names in `folder`. */
function makeChain(folder: string): Record<string, string> {
    const ssl = (words: string) =>
        execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'ignore' });
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
    writeFileSync(join(folder, 'ca'), 'basicConstraints=critical,CA:true\n');
    writeFileSync(join(folder, 'leaf'), 'subjectAltName=DNS:localhost\n');
    ssl(`req -x509 ${key} -days 30 -subj /CN=Root -keyout R.key -out R.pem`);
    for (const [name, issuer, extension] of [
        ['I', 'R', 'ca'],
        ['J', 'I', 'ca'],
        ['L', 'J', 'leaf'],
    ]) {
        ssl(`req ${key} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`);
        ssl(
            `x509 -req -in ${name}.csr -CA ${issuer}.pem -CAkey ${issuer}.key -CAcreateserial -days 30 -extfile ${extension} -out ${name}.pem`,
        );
    }
    return Object.fromEntries(
        ['R', 'I', 'J', 'L'].map((name) => [
            name,
            readFileSync(join(folder, `${name}.pem`), 'utf8'),
        ]),
    );
}

test('a certificate chain: which one is missing, which is out of order; the key is not blamed @plain', () => {
    const folder = temporaryFolder();
    const pem = makeChain(folder);
    const conf = (...names: string[]) => {
        writeFileSync(join(folder, 'chain.pem'), names.map((name) => pem[name]).join(''));
        return `[server]\ntls_certificate=${folder}/chain.pem\ntls_key=${folder}/L.key\n`;
    };
    const said = (...names: string[]) => run('check', folder, conf(...names));
    expect(said('L').text).toMatch(/problem .*missing: "CN=L" was issued by "CN=J".*full chain/);
    expect(said('L', 'J').text).toMatch(/problem .*missing: "CN=J" was issued by "CN=I"/);
    expect(said('L', 'I', 'J', 'R').text).toMatch(
        /problem .*wrong order: after "CN=L" comes "CN=I".*"CN=J" did/,
    );
    const whole = said('L', 'J', 'I', 'R');
    expect(whole.text).toMatch(/note .*rests on "CN=Root"/);
    expect(problems(whole)).toEqual([]);
    for (const command of ['check', 'serve']) {
        const wrong = run(command, folder, conf('J', 'L', 'I', 'R'));
        expect(wrong.text).toMatch(
            /tls_certificate is in the wrong order: "CN=L".* is number 2 in the file/,
        );
        expect(wrong.text).not.toContain('tls_key');
        expect(wrong.status).toBe(1);
    }
});

test('a chain that lacks a certificate is warned of when the server starts', async () => {
    const folder = temporaryFolder();
    makeChain(folder);
    const server = await Server.start({
        command: 'serve',
        tls: false,
        conf: {
            server: { tls_certificate: join(folder, 'L.pem'), tls_key: join(folder, 'L.key') },
        },
    });
    expect(await server.stop()).toBe(0);
    expect(server.log).toMatch(/warning .*missing: "CN=L" was issued by "CN=J"/);
});

test('a damaged database: found without touching it, with what to do', async () => {
    const server = await Server.start({ command: 'serve', data: temporaryFolder() });
    const file = join(server.data, 'majlis.db');
    const beside = majlis(
        'check',
        '--config',
        join(server.data, 'test.conf'),
        '--data',
        server.data,
        '--listen',
        '127.0.0.1:0',
    );
    expect(beside.text).toContain('ok       the database is not damaged'); // beside a server that runs
    await server.stop();
    const bytes = readFileSync(file);
    const page = bytes.readUInt16BE(16);
    bytes.fill(0xa5, page, 4 * page); // the header page stays
    writeFileSync(file, bytes);
    const before = readdirSync(server.data);
    const said = majlis('check', '--config', join(server.data, 'test.conf'), '--data', server.data);
    expect(said.text).toMatch(/problem .*majlis\.db.*damaged[\s\S]*last good copy/);
    expect(said.status).toBe(1);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(readdirSync(server.data).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(
        before.filter((name) => !/-(wal|shm)$/.test(name)),
    );
    writeFileSync(file, 'no database');
    const other = majlis(
        'check',
        '--config',
        join(server.data, 'test.conf'),
        '--data',
        server.data,
    );
    expect(other.text).toMatch(/problem .*majlis\.db.*not a database/);
});

test('a dead source: check opens it and says so, without its password @plain', () => {
    const folder = temporaryFolder();
    const camera = run(
        'check',
        folder,
        '[programme]\nsource=rtsp://user:geheim@127.0.0.1:9/main\n',
    );
    expect(camera.text).toMatch(/problem .*rtsp:\/\/127\.0\.0\.1:9 gives no media.*slate/);
    expect(camera.text).not.toContain('geheim');
    expect(camera.status).toBe(1);
    const text = join(folder, 'clip.mp4');
    writeFileSync(text, 'this is no film\n');
    expect(run('check', folder, `[programme]\nsource=${text}\n`).text).toMatch(
        /problem .*clip\.mp4 gives no media/,
    );
});

test('TURN and STUN servers: those that do not answer are named, with the protocol', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'secret'), 'abc\n', { mode: 0o600 });
    const deaf = createSocket('udp4');
    await new Promise<void>((done) => deaf.bind(0, '127.0.0.1', done));
    const mute = createServer();
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
    const udp = deaf.address().port;
    const tcp = (mute.address() as { port: number }).port;
    const servers = `stun:127.0.0.1:${udp}, turn:127.0.0.1:${tcp}?transport=tcp, turns:127.0.0.1:1`;
    const said = run(
        'check',
        folder,
        `[rtc]\nice_secret=${folder}/secret\nice_servers=${servers}\n`,
    );
    deaf.close();
    mute.close();
    expect(said.text).toMatch(
        new RegExp(
            `problem .*stun:127.0.0.1:${udp} cannot be reached over UDP: no STUN answer within 2 s`,
        ),
    );
    expect(said.text).toMatch(
        new RegExp(
            `problem .*turn:127.0.0.1:${tcp}\\?transport=tcp cannot be reached over TCP: no TURN answer`,
        ),
    );
    expect(said.text).toMatch(/problem .*turns:127.0.0.1:1 cannot be reached over TLS: .*refused/);
});

test('[archive] directory: the folder at fault is named, and one on the disk of the data', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'data'));
    for (const command of ['check', 'serve']) {
        const said = run(command, folder, `[archive]\ndirectory=${folder}/file/recordings\n`);
        expect(said.text).toMatch(
            /\/file\/recordings cannot be made or written: Not a directory.*\[archive\] directory/,
        );
        expect(said.status).toBe(1);
    }
    const same = run('check', folder, `[archive]\ndirectory=${folder}/elsewhere\n`);
    expect(same.text).toMatch(/note .*elsewhere is on the same disk as the data folder/);
    expect(problems(same)).toEqual([]);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    expect(run('check', folder, '').text).not.toContain('same disk');
});
