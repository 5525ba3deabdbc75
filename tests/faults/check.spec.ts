// SPDX-License-Identifier: GPL-3.0-or-later
// What majlis check finds: a set-up that has the fault, and the line that names it with its remedy.
import { spawn, spawnSync } from 'node:child_process';
import {
    chmodSync,
    cpSync,
    existsSync,
    mkdirSync,
    readFileSync,
    utimesSync,
    writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { HALL, Network } from '../lib/network';
import { binary, root, Server, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

const shim = join(root, 'build/tests/faults/failing-disk.so');

interface Options {
    conf?: string;
    env?: Record<string, string>;
    wrap?: string[];
    user?: string[]; // this one: an installed unit of the machine counts for nothing
    listen?: string;
}

/** Status and lines of a check; its data folder is `folder`/data. */
function check(folder: string, options: Options) {
    const { conf = '', env = {}, wrap = [], listen = '127.0.0.1:0' } = options;
    const user = options.user ?? ['--user', userInfo().username];
    const file = join(folder, 'majlis.conf');
    writeFileSync(
        file,
        conf.includes('[programme]') ? conf : `[programme]\nencoder=small\n${conf}`,
    );
    const words = [...wrap, binary, 'check', '--config', file, '--data', join(folder, 'data')];
    const done = spawnSync(words[0], [...words.slice(1), '--listen', listen, ...user], {
        encoding: 'utf8',
        timeout: patience(60_000),
        env: { ...process.env, ...env },
    });
    return { status: done.status, text: done.stdout + done.stderr };
}

test('a good machine: a line for each thing that was looked at, and how long that takes', () => {
    const begun = Date.now();
    const folder = temporaryFolder();
    const said = check(folder, {
        conf: '[programme]\nencoder=software-fast\n',
        env: { LD_PRELOAD: shim, MAJLIS_FAULT_CLOCK: 'synchronised' },
    });
    const seconds = (Date.now() - begun) / 1000;
    console.log(`majlis check took ${seconds.toFixed(1)} s:\n${said.text}`);
    for (const line of [
        /^ok +the clock is synchronised$/m,
        /^ok +the locale is UTF-8$/m,
        /^ok +the limit of open files here is enough for about \d+ viewers$/m,
        /^(ok|note|problem) +encoder software-fast encodes a hard picture at \d+\.\d+ times/m,
        /^ok +viewers' media: UDP and TCP answer at .* port \d+/m,
        /^(ok|note|problem) .*takes 4 KB in \d+\.\d ms .* and a part of 125 KB in /m,
        /^note +there is no second copy/m,
        /^note +there is no data folder .*data yet: .*--data \/var\/lib\/majlis/m,
    ]) {
        expect(said.text).toMatch(line);
    }
    expect(existsSync(join(folder, 'data'))).toBe(false); // it only looks
});

test('clock, locale and limit of open files', () => {
    const folder = temporaryFolder();
    const bare = { LD_PRELOAD: shim, MAJLIS_FAULT_CLOCK: 'free', LC_ALL: 'C' };
    const wrap = ['prlimit', '--nofile=1024:1024'];
    const inside = existsSync('/.dockerenv') || existsSync('/run/systemd/container');
    const low = check(folder, { env: bare, wrap });
    expect(low.text).toMatch(
        inside
            ? /^note .*container is not synchronised.*set-ntp/m
            : /^problem .*not synchronised.*set-ntp/m,
    );
    expect(low.text).toMatch(/^note +the locale here is not UTF-8.*ANSI_X3.*LANG=C.UTF-8/m);
    expect(low.text).toMatch(/^problem .*enough for about 179 viewers.*1000.*LimitNOFILE=65536/m);
    expect(low.status).toBe(1);
    const database = join(folder, 'data/majlis.db');
    mkdirSync(join(folder, 'data'));
    writeFileSync(database, '');
    const later = Date.now() / 1000 + 86_400;
    utimesSync(database, later, later);
    const conf = '[rtc]\nmax_viewers=100\n';
    const behind = check(folder, { conf, wrap, env: { LC_ALL: 'xx_XX.UTF-8' } });
    expect(behind.text).toMatch(/^problem .*the clock is behind.*set-ntp/m);
    expect(behind.text).toMatch(/^note +the locale here is not UTF-8 .*no installed one/m);
    expect(behind.text).toMatch(/^ok .*open files/m);
});

test('a disk that is slow, fails, or is nearly full', () => {
    const folder = temporaryFolder();
    const control = join(folder, 'control');
    mkdirSync(join(folder, 'data/recordings'), { recursive: true });
    const said = (word: string) => {
        writeFileSync(control, word);
        return check(folder, {
            env: {
                LD_PRELOAD: shim,
                MAJLIS_FAULT_DIR: join(folder, 'data/recordings'),
                MAJLIS_FAULT_CONTROL: control,
            },
        });
    };
    const slow = said('slow');
    expect(slow.text).toMatch(
        /^problem .*too slow: .*recordings takes 4 KB in [3-9]\d\d\.\d ms.*SSD/m,
    );
    expect(slow.status).toBe(1);
    expect(said('sync').text).toMatch(/^problem .*recordings fails: Input\/output error.*dmesg/m);
    const small = join(folder, 'small');
    mkdirSync(small);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', small]);
    test.skip(mounted.status !== 0, 'a file system of its own needs root');
    try {
        expect(check(folder, { conf: `[archive]\ndirectory=${small}\n` }).text).toMatch(
            /^problem +only 64 MB are free under .*small, less than \[archive\] minimum_free \(1024 MB\)/m,
        );
        const second = `[archive]\nsecond_directory=${small}\n`;
        const other = check(folder, { conf: second }).text;
        expect(other).toMatch(/^ok +the second copy can be written to .*small$/m);
        expect(other).toMatch(/^(ok|note) .*small takes 4 KB/m);
        expect(other).not.toContain('no second copy');
        // A session wrote its second copy there; then the disk is not mounted.
        const memory = JSON.stringify({ directory: small, mount_point: small });
        writeFileSync(join(folder, 'data/recordings/.second-directory.json'), memory);
        expect(check(folder, { conf: second }).text).toMatch(
            /^ok +the second copy can be written/m,
        );
        spawnSync('umount', [small]);
        expect(check(folder, { conf: second }).text).toMatch(
            /^problem +the second directory .*small was on a disk mounted at .*small, and no disk is mounted there now\. Mount it\./m,
        );
    } finally {
        spawnSync('umount', ['-l', small]);
    }
});

test('beside the server that runs: its ports are no fault, and media are asked of it', async () => {
    const port = 20_000 + (process.pid % 10_000);
    const conf = { rtc: { listen: `127.0.0.1:${port}` }, programme: { encoder: 'small' } };
    const server = await Server.start({
        command: 'serve',
        data: temporaryFolder(),
        conf,
        tls: false,
    });
    const words = ['check', '--config', join(server.data, 'test.conf'), '--listen'];
    const say = (data: string) =>
        spawnSync(binary, [...words, new URL(server.url).host, '--data', data], {
            encoding: 'utf8',
        });
    const said = say(server.data).stdout;
    expect(said).toMatch(
        /^ok +\[server\] listen .* is in use, and a majlis runs on this data folder/m,
    );
    expect(said).toMatch(/^ok +viewers' media: TCP answers at 127\.0\.0\.1 port/m);
    expect(said).toMatch(
        /^note +whether UDP arrives can be asked only while the server is stopped/m,
    );
    expect(said).not.toContain('cannot be used');
    expect(say(temporaryFolder()).stdout).toMatch(/^problem .*\(UDP\) cannot be used.*ss -lntup/m);
    await server.stop();
});

/** A copy of what the binary brings, to change. */
function makeShare(): string {
    const share = temporaryFolder();
    cpSync(join(root, 'pipelines'), join(share, 'pipelines'), { recursive: true });
    cpSync(join(root, 'web/dist'), join(share, 'web/dist'), { recursive: true });
    return share;
}

test('run by root, it looks as the user of the unit, with its limits', () => {
    test.skip(process.getuid?.() !== 0, 'to become another user needs root');
    const tools = temporaryFolder();
    const said = (unit: string, options: Options = {}, folder = temporaryFolder()) => {
        writeFileSync(join(tools, 'systemctl'), `#!/bin/sh\nprintf '${unit}'\n`);
        chmodSync(join(tools, 'systemctl'), 0o755);
        const env = { PATH: `${tools}:${process.env.PATH}` };
        return check(folder, { user: [], env, ...options });
    };
    const unit =
        'LimitNOFILE=1024\\nAmbientCapabilities=cap_net_bind_service\\nUser=nobody\\nLoadState=loaded\\n';
    const nobody = said(unit, { listen: '127.0.0.1:81' });
    expect(nobody.status).toBe(1);
    for (const line of [
        /^ok +looked at as the user nobody, whom majlis\.service runs as/m,
        /^problem +the user nobody cannot read .*majlis\.conf \(Permission denied\)/m,
        /^problem +the folder .*data cannot be made or written: Permission denied/m,
        /^problem .*enough for about 179 viewers/m,
        /^ok +\[server\] listen 127\.0\.0\.1:81 \(TCP\) is free/m,
        /^ok +source test delivers media/m,
    ]) {
        expect(nobody.text).toMatch(line);
    }
    const mayRead = temporaryFolder();
    chmodSync(mayRead, 0o750);
    const user = ['--user', 'nobody'];
    const named = said(`SupplementaryGroups=root\\n${unit}`, { user }, mayRead).text;
    expect(named).toMatch(/^problem .*enough for about 179 viewers/m);
    expect(named).not.toContain('cannot read');
    const other = said(unit.replace('nobody', 'daemon'), { user }, mayRead).text;
    expect(other).not.toContain('about 179 viewers');
    expect(other).toMatch(/^problem +the user nobody cannot read/m);
    const strict = `ProtectSystem=strict\\nStateDirectory=majlis\\nReadWritePaths=-/srv/majlis ${mayRead}\\n${unit}`;
    const elsewhere = { user, conf: '[archive]\ndirectory=/mnt/other-disk/recordings\n' };
    const forbidden = said(strict, elsewhere, mayRead).text;
    expect(forbidden).toMatch(
        /^problem +majlis\.service may not write to \/mnt\/other-disk\/recordings: .*ReadWritePaths=\/mnt/m,
    );
    expect(forbidden).not.toContain(`may not write to ${mayRead}`);
    expect(named).not.toContain('majlis.service may not write');
    const none = said('LoadState=not-found\\nUser=\\n').text;
    expect(none).toMatch(/^note +looked at as root, .*--user NAME/m);
    expect(none).toMatch(/^ok +recordings can be written to/m);
    const absent = said(unit, { user: ['--user', 'no-such-user'] });
    expect(absent.text).toMatch(/^problem +there is no user no-such-user/m);
    expect(absent.status).toBe(1);
});

test('a socket unit that is enabled and failed, or not started', () => {
    const tools = temporaryFolder();
    const said = (state: string) => {
        const words = `#!/bin/sh\n[ "$3" = majlis.socket ] && printf '${state}'\n`;
        writeFileSync(join(tools, 'systemctl'), words, { mode: 0o755 });
        return check(temporaryFolder(), { env: { PATH: `${tools}:${process.env.PATH}` } }).text;
    };
    expect(said('ActiveState=failed\\nUnitFileState=enabled\\n')).toMatch(
        /^problem +majlis\.socket is enabled but failed: .*restart majlis\.socket/m,
    );
    expect(said('ActiveState=inactive\\nUnitFileState=enabled\\n')).toMatch(
        /^note +majlis\.socket is enabled but not started/m,
    );
});

test('a source is tried in the sandbox that it has in a session', () => {
    const share = makeShare();
    const made = join(share, 'made');
    writeFileSync(
        join(share, 'pipelines/sources/writer.launch'),
        `videotestsrc is-live=true ! tee name=both\nboth. ! queue ! filesink location=${made}\nboth. ! queue ! appsink name=video\n`,
    );
    const said = check(temporaryFolder(), {
        conf: '[programme]\nsource=writer\nencoder=small\n',
        env: { MAJLIS_SHARE: share },
    });
    expect(said.text).toMatch(/^ok +media are decoded in a sandbox/m);
    expect(said.text).toMatch(/^problem +the source writer gives no media: .*made/m);
    expect(existsSync(made)).toBe(false);
});

test('a decoder that crashes is a finding, and the other checks go on', async () => {
    const words = ['check', '--data', temporaryFolder(), '--listen', '127.0.0.1:0'];
    const user = ['--user', userInfo().username]; // so the process that decodes is the only child
    const checking = spawn(binary, [...words, ...user], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    checking.stdout.on('data', (more) => {
        text += more;
    });
    const ended = new Promise((done) => checking.once('close', done));
    const children = `/proc/${checking.pid}/task/${checking.pid}/children`;
    const child = await until('it decodes', 10_000, async () => readFileSync(children, 'utf8'));
    process.kill(Number(child), 'SIGSEGV');
    expect(await ended).toBe(1);
    expect(text).toMatch(/^problem .* crashed \(Segmentation fault\): a plugin or driver/m);
    expect(text).toMatch(/^ok +recordings can be written to/m);
});

test('an encoder too slow for its ladder, and one whose plugin is missing', () => {
    const share = makeShare();
    const launch = (name: string, video: string) => {
        const sound =
            'appsrc name=audio ! tee name=sound\nsound. ! queue ! opusenc frame-size=20 ! appsink name=a_opus\n';
        writeFileSync(
            join(share, `pipelines/encoders/${name}.launch`),
            `appsrc name=video ! ${video} ! video/x-h264,profile=constrained-baseline,stream-format=avc,alignment=au ! appsink name=v_720p\n${sound}`,
        );
        return check(temporaryFolder(), {
            conf: `[programme]\nencoder=${name}\n`,
            env: { MAJLIS_SHARE: share },
        });
    };
    const x264 = 'x264enc speed-preset=ultrafast tune=zerolatency threads=1 bframes=0 aud=false';
    const slow = launch('slow', `identity sleep-time=100000 ! ${x264}`); // 10 pictures a second at best
    expect(slow.text).toMatch(
        /^problem +encoder slow encodes .* at 0\.[1-3]\d times real time.*small/m,
    );
    expect(slow.status).toBe(1);
    expect(launch('dead', `identity error-after=3 ! ${x264}`).text).toMatch(
        /^problem +encoder dead: The encoder stopped/m,
    );
    expect(launch('absent', 'nvh265enc').text).toMatch(
        /^problem .*needs the GStreamer element "nvh265enc".*apt-get install gstreamer1.0-plugins-bad/m,
    );
});

test('a firewall that drops media; a public address that does not come back, and one that does', () => {
    const network = new Network();
    const laid = spawnSync('ip', ['netns', 'list']).status === 0 && process.getuid?.() === 0;
    test.skip(!laid, 'a network of its own needs root');
    network.lay();
    try {
        const said = (rtc: string) =>
            check(temporaryFolder(), {
                conf: `[rtc]\n${rtc}\n`,
                wrap: ['ip', 'netns', 'exec', network.hall],
            });
        const rules = (chains: string) =>
            network.inHall(
                'nft -f -',
                `table inet wall\ndelete table inet wall\ntable inet wall {\n${chains}\n}\n`,
            );
        rules(
            'chain in { type filter hook input priority 0; udp dport 8189 drop; tcp dport 8189 reject with tcp reset; }',
        );
        const dropped = said('listen=:8189');
        expect(dropped.text).toMatch(
            new RegExp(
                `^problem +UDP to ${HALL} port 8189, .*no answer within 1 s.*ufw allow 8189`,
                'm',
            ),
        );
        expect(dropped.text).toMatch(
            new RegExp(`^problem +TCP to ${HALL} port 8189, .*Connection refused`, 'm'),
        );
        expect(dropped.status).toBe(1);
        const hidden = said('listen=:8189\npublic_addresses=203.0.113.7');
        expect(hidden.text).toMatch(
            /^note +UDP to 203\.0\.113\.7 port 8189, .*from another network/m,
        );
        rules(
            `chain out { type nat hook output priority -100; ip daddr 203.0.113.7 dnat ip to ${HALL}; }`,
        );
        expect(said('listen=:8189\npublic_addresses=203.0.113.7').text).toMatch(
            /^ok +viewers' media: UDP and TCP answer at 203\.0\.113\.7 port 8189/m,
        );
    } finally {
        network.remove();
    }
});
