// SPDX-License-Identifier: GPL-3.0-or-later
// Under systemd: what the server tells its supervisor, the watchdog, SIGHUP, the end of a terminal.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, until } from '../lib/api';
import { offer } from '../lib/offer';
import { binary, root, Server, temporaryFolder } from '../lib/server';
import { patience, wait } from '../lib/time';

const WATCHDOG_MS = 1000; // of peers/supervisor
const rtc = { listen: '127.0.0.1:0' };

class Supervised {
    private constructor(
        readonly server: Server,
        private readonly log: string,
    ) {}

    /** `held`: sockets that it passes to the server. */
    static async start(
        conf: Record<string, Record<string, string>>,
        held: string[] = [],
        listen?: string,
    ): Promise<Supervised> {
        const log = join(temporaryFolder(), 'log');
        const wrap = [join(root, 'tests/peers/supervisor'), ...held, log];
        return new Supervised(await Server.start({ conf, wrap, listen }), log);
    }

    heard(): string[] {
        return existsSync(this.log) ? readFileSync(this.log, 'utf8').trim().split('\n') : [];
    }

    count(line: string): number {
        return this.heard().filter((one) => one === line).length;
    }

    logs(what: RegExp): Promise<true> {
        return until(`${what} is in the log`, 10_000, async () => what.test(this.server.log));
    }

    until(what: RegExp): Promise<true> {
        return until(`${what} is heard`, 10_000, async () => what.test(this.heard().join('\n')));
    }

    /** Writes the configuration and has it read again; answers when the server is ready again. */
    async reload(conf: string): Promise<void> {
        const file = join(this.server.data, 'test.conf');
        const before = this.count('READY=1');
        writeFileSync(file, conf);
        this.server.process.kill('SIGHUP');
        await until('it is ready again', 10_000, async () => this.count('READY=1') > before);
    }
}

test('systemd hears of the start, of viewers, of a reload and of the end', async () => {
    const supervised = await Supervised.start({
        rtc: { ...rtc, max_viewers: '1' },
        programme: { encoder: 'small' },
    });
    const { server } = supervised;
    const attendee = await Api.signIn(server.attend);
    const watch = () =>
        fetch(`${server.url}/sessions/${server.session}/whep`, {
            method: 'POST',
            headers: { ...attendee.headers, 'Content-Type': 'application/sdp' },
            body: offer,
        });
    await supervised.until(/^STATUS=live: 0 viewers$/m);
    expect((await watch()).status).toBe(201);
    await supervised.until(/^STATUS=live: 1 viewer$/m);
    expect((await watch()).status).toBe(503);
    const listens = '[rtc]\nlisten=127.0.0.1:0\n';
    const rest = '[programme]\nencoder=small\n';

    await supervised.reload(`${listens}max_viewers=many\n${rest}`);
    await supervised.logs(/not reloaded, the values in use stay: .*test.conf:3: .*max_viewers/);
    expect((await watch()).status).toBe(503);

    await supervised.reload(`${listens}max_viewers=1000\n[programme]\nencoder=nowhere\n`);
    await supervised.logs(/not reloaded, the values in use stay: .*nowhere/);
    expect((await watch()).status).toBe(503);

    const named = () =>
        new Promise<number | undefined>((done, fail) =>
            get(server.url, { headers: { Host: 'other.example' } }, (answer) =>
                done(answer.resume().statusCode),
            ).on('error', fail),
        );
    expect(await named()).toBe(400);
    const elsewhere = '[archive]\ndirectory=elsewhere\n';
    const site = '[server]\nhosts=other.example\nembed=https://www.example.ae\n';
    await supervised.reload(
        `${listens}max_viewers=2\nice_servers=stun:stun.example\n${rest}${elsewhere}${site}`,
    );
    await supervised.logs(
        /the configuration was reloaded; changed: \[server\] hosts, \[server\] embed, \[rtc\] ice_servers, \[rtc\] max_viewers\n/,
    );
    await supervised.logs(/only after a restart: \[archive\] directory/);
    const watched = await watch();
    expect(watched.status).toBe(201);
    expect(watched.headers.get('Link')).toContain('stun:stun.example');
    await until('a name that was added', 10_000, async () => (await named()) !== 400);
    const page = await fetch(`${server.url}/en/embed/x`);
    expect(page.headers.get('Content-Security-Policy')).toContain('https://www.example.ae');
    expect(existsSync(join(server.data, 'elsewhere'))).toBe(false);

    expect(await server.stop()).toBe(0);
    const heard = supervised.heard().filter((line) => line !== 'WATCHDOG=1');
    const steps = heard.filter((line) => !line.startsWith('STATUS='));
    expect(heard[0]).toBe('STATUS=opening the database');
    expect(steps[0]).toMatch(/^EXTEND_TIMEOUT_USEC=\d+$/);
    expect(steps[1]).toBe('READY=1');
    const reloads = steps.slice(2, -1);
    expect(reloads).toHaveLength(6);
    for (const [i, line] of reloads.entries()) {
        expect(line).toMatch(i % 2 === 0 ? /^RELOADING=1 MONOTONIC_USEC=\d+$/ : /^READY=1$/);
    }
    expect(steps.at(-1)).toBe('STOPPING=1');
});

test('a main thread that stands still leaves the watchdog silent, while others serve', async () => {
    const supervised = await Supervised.start({ rtc, programme: { encoder: 'small' } });
    const { server } = supervised;
    await until('the watchdog is fed', 10_000, async () => supervised.count('WATCHDOG=1') >= 2);
    server.process.kill('SIGUSR1');
    await supervised.until(/main thread stopped/);
    await wait(2.5 * WATCHDOG_MS); // systemd would have ended it
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const heard = supervised.heard();
    expect(heard.slice(heard.indexOf('(main thread stopped)') + 1)).toEqual([]);
    server.process.kill('SIGUSR2');
    await supervised.until(/goes on\)\n(?:.*\n)*WATCHDOG=1/);
    expect(await server.stop()).toBe(0);
});

/** A port that nobody has for TCP. */
function freePort(): Promise<number> {
    return new Promise((done) => {
        const server = createServer().listen(0, '127.0.0.1', () => {
            const { port } = server.address() as AddressInfo;
            server.close(() => done(port));
        });
    });
}

/** Connected, though perhaps nobody has accepted it. */
const connected = (port: number) =>
    new Promise<Socket>((done, fail) => {
        const socket = connect(port, '127.0.0.1', () => done(socket)).on('error', fail);
    });

test('ports that systemd holds: connections made while the server is away wait for it', async () => {
    const [pages, media] = [await freePort(), await freePort()];
    const held = [`tcp:127.0.0.1:${pages}`, `udp:127.0.0.1:${media}`, `tcp:127.0.0.1:${media}`];
    const spare = `udp:127.0.0.1:${pages}`;
    const supervised = await Supervised.start(
        { rtc: { listen: `127.0.0.1:${media}` }, programme: { encoder: 'small' } },
        [...held, spare],
        `127.0.0.1:${pages}`,
    );
    const { server } = supervised;
    await supervised.logs(new RegExp(`systemd holds 127.0.0.1:${pages} \\(UDP\\), and no listen`));
    const pid = /process (\d+)/.exec(supervised.heard().join('\n'))?.[1];
    process.kill(Number(pid), 'SIGKILL');
    await supervised.until(/^\(ended\)$/m);
    const waiting = fetch(`${server.url}/healthz`);
    const viewer = await connected(media);
    expect((await waiting).status).toBe(200);
    expect(supervised.heard().filter((line) => line.startsWith('(process'))).toHaveLength(2);
    viewer.destroy();
    await until('it is ready again', 10_000, async () => supervised.count('READY=1') === 2);
    expect(await server.stop()).toBe(0);
});

/** majlis serve without a configuration file, when it is ready. */
function start(wrap: string[] = []): Promise<ChildProcess> {
    const data = temporaryFolder();
    const all = [...wrap, binary, 'serve', '--data', data, '--listen', '127.0.0.1:0'];
    return new Promise((done, fail) => {
        const child = spawn(all[0], all.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
        child.stdout.once('data', () => done(child));
        child.once('exit', (code) => fail(new Error(`it ended with ${code}`)));
    });
}

const end = (child: ChildProcess, signal: NodeJS.Signals) =>
    new Promise<number | null>((done) => {
        child.once('exit', (code) => done(code));
        child.kill(signal);
    });

test('SIGHUP ends a server that has nothing to read again; not where nohup says otherwise', async () => {
    const [plain, kept] = await Promise.all([start(), start(['nohup'])]);
    kept.kill('SIGHUP');
    expect(await end(plain, 'SIGHUP')).toBe(0);
    expect(kept.exitCode).toBe(null);
    expect(await end(kept, 'SIGTERM')).toBe(0);
});

test('a server ends in good order with the terminal that it was started on', () => {
    const folder = temporaryFolder();
    const conf = join(folder, 'majlis.conf');
    writeFileSync(conf, '[programme]\nencoder=small\n');
    const terminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
while b"ready " not in said:
    said += os.read(terminal, 4096)
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xff)`;
    const words = ['serve', '--config', conf, '--data', folder, '--listen', '127.0.0.1:0'];
    const done = spawnSync('python3', ['-c', terminal, binary, ...words], {
        encoding: 'utf8',
        timeout: patience(20_000),
    });
    expect(done.status, done.stderr).toBe(0);
});
