// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the real binary on free ports with a data folder of its own, and ends it by its own id.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { checkServer } from './contract';
import { patience } from './time';

export const root = resolve(__dirname, '../..');
export const binary = process.env.MAJLIS_BIN ?? join(root, 'build/src/majlis');
export { slow } from './time';
export const long = !!process.env.MAJLIS_LONG;

export function temporaryFolder(): string {
    return mkdtempSync(join(tmpdir(), 'majlis-test-'));
}

/** The project's files with more of pipelines/, for MAJLIS_SHARE; below `folder`. */
export function shareWith(folder: string, launchFiles: Record<string, string>): string {
    const at = join(folder, 'share');
    mkdirSync(at);
    for (const name of readdirSync(root).filter((one) => one !== 'pipelines')) {
        symlinkSync(join(root, name), join(at, name));
    }
    cpSync(join(root, 'pipelines'), join(at, 'pipelines'), { recursive: true }); // the sandbox follows no link
    for (const [name, text] of Object.entries(launchFiles)) {
        writeFileSync(join(at, 'pipelines', name), text);
    }
    return at;
}

/** A command of the binary that ends by itself: its exit status, and all that it said. */
export function majlis(...words: string[]): { status: number | null; text: string } {
    const done = spawnSync(binary, words, { encoding: 'utf8', timeout: patience(60_000) });
    return { status: done.status, text: done.stdout + done.stderr };
}

/** A raw connection to where `url` is, as TLS if it says https; `plain` in any case without. */
export function dial(url: string, ready?: () => void, plain = false): Socket {
    const at = new URL(url);
    return at.protocol === 'https:' && !plain
        ? connectTls({ port: Number(at.port), host: at.hostname, rejectUnauthorized: false }, ready)
        : connect(Number(at.port), at.hostname, ready);
}

/** A certificate for this machine that signs itself, and its key, as PEM files. */
export function makeCertificate(certificate: string, key: string, days = 2): void {
    execFileSync(
        'openssl',
        [
            ...`req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days ${days} -subj /CN=localhost`.split(
                ' ',
            ),
            ...[
                '-addext',
                'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
                '-keyout',
                key,
                '-out',
                certificate,
            ],
        ],
        { stdio: 'ignore' },
    );
}

/** A personal link for one of the staff of a `majlis serve`, as the command line makes it: the first is admin. */
export function staffLink(server: Server, name = 'Staff'): string {
    const words = ['user', 'add', '--name', name, '--data', server.data];
    const link = execFileSync(
        server.process.spawnfile,
        [...words, '--config', join(server.data, 'test.conf')],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    ).trim();
    return server.url + new URL(link).pathname; // the server listens on a port of its own
}

export interface Start {
    command?: 'demo' | 'serve';
    data?: string;
    source?: string;
    /** lines of majlis.conf; an encoder of one small picture and free ports are set already */
    conf?: Record<string, Record<string, string>>;
    /** https, by a certificate that this process and the tests' browsers then take; without it, as MAJLIS_TLS says */
    tls?: boolean;
    wrap?: string[]; // a command in front, such as ip netns exec
    listen?: string;
    env?: Record<string, string>;
}

export class Server {
    url = '';
    session = '';
    attend = '';
    present = '';
    staff = '';
    admin = '';
    readyMs = 0;
    log = '';
    exit: Promise<number | null>;

    private constructor(
        readonly process: ChildProcess,
        readonly data: string,
        private readonly ownsData: boolean,
    ) {
        this.exit = new Promise((done) => process.once('exit', (code) => done(code)));
    }

    static async start(options: Start = {}): Promise<Server> {
        const data = options.data ?? temporaryFolder();
        const conf = join(data, 'test.conf');
        const sections: Record<string, Record<string, string>> = {
            rtc: { listen: '127.0.0.1:0' },
            programme: { encoder: 'small' },
            ...options.conf,
        };
        if (options.tls ?? !!process.env.MAJLIS_TLS) {
            const files = {
                tls_certificate: join(data, 'tls.pem'),
                tls_key: join(data, 'tls.key'),
            };
            if (!existsSync(files.tls_key)) {
                makeCertificate(files.tls_certificate, files.tls_key);
            }
            sections.server = { ...files, ...sections.server };
            process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // fetch and ws of this process read it at each connection
        }
        writeFileSync(
            conf,
            Object.entries(sections)
                .map(
                    ([name, keys]) =>
                        `[${name}]\n${Object.entries(keys)
                            .map(([key, value]) => `${key}=${value}\n`)
                            .join('')}`,
                )
                .join(''),
        );
        const words = [
            ...(options.wrap ?? []),
            binary,
            options.command ?? 'demo',
            '--config',
            conf,
            '--data',
            data,
            '--listen',
            options.listen ?? '127.0.0.1:0',
            ...(options.source ? ['--source', options.source] : []),
        ];
        const begun = Date.now();
        const child = spawn(words[0], words.slice(1), {
            stdio: ['ignore', 'pipe', 'pipe'],
            env: { ...process.env, ...options.env },
        });
        const server = new Server(child, data, options.data === undefined);
        child.stderr?.on('data', (text) => {
            server.log += text;
        });
        await server.readLines(options.command ?? 'demo', begun);
        return server;
    }

    private readLines(command: string, begun: number): Promise<void> {
        const wanted = command === 'demo' ? 'admin' : 'ready';
        return new Promise((done, fail) => {
            const timer = setTimeout(() => {
                this.process.kill('SIGKILL');
                fail(new Error(`no "${wanted}" line in time; log:\n${this.log}`));
            }, patience(20_000));
            let text = '';
            this.process.stdout?.on('data', (more) => {
                text += more;
                let end = text.indexOf('\n');
                while (end >= 0) {
                    const [word, value] = text.slice(0, end).split(' ');
                    text = text.slice(end + 1);
                    end = text.indexOf('\n');
                    if (word === 'ready') {
                        this.url = value;
                        checkServer(value);
                        this.readyMs = Date.now() - begun;
                    } else if (
                        word === 'session' ||
                        word === 'attend' ||
                        word === 'present' ||
                        word === 'staff' ||
                        word === 'admin'
                    ) {
                        this[word] = value;
                    }
                    if (word === wanted) {
                        clearTimeout(timer);
                        done();
                    }
                }
            });
            this.process.once('exit', (code, signal) => {
                clearTimeout(timer);
                const end = code ?? signal;
                const tell = () =>
                    fail(new Error(`the server ended with ${end}; log:\n${this.log}`));
                this.process.once('close', tell); // the rest of the log
                setTimeout(tell, 3000); // a child may have it still
            });
        });
    }

    /** SIGTERM; answers with the exit status. */
    async stop(): Promise<number | null> {
        if (this.process.exitCode === null && this.process.signalCode === null) {
            this.process.kill('SIGTERM');
        }
        const code = await this.exit;
        if (this.ownsData) {
            rmSync(this.data, { recursive: true, force: true });
        }
        return code;
    }

    /** kill -9, the data folder stays. */
    async kill(): Promise<void> {
        this.process.kill('SIGKILL');
        await this.exit;
    }
}
