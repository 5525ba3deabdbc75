// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's nginx with the configuration that is shipped, on free ports, in a folder of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from './api';
import { root, temporaryFolder } from './server';

export function freePort(): Promise<number> {
    return new Promise((done) => {
        const probe = createServer().listen(0, '127.0.0.1', () => {
            const { port } = probe.address() as { port: number };
            probe.close(() => done(port));
        });
    });
}

export class Nginx {
    readonly folder = temporaryFolder();
    readonly url: string;
    private process?: ChildProcess;

    /** `port` is where majlis will listen: it needs to know the public URL first. */
    private constructor(
        readonly upstream: number,
        readonly tls: number,
        readonly plain: number,
    ) {
        this.url = `https://localhost:${tls}`;
    }

    static async make(): Promise<Nginx> {
        return new Nginx(await freePort(), await freePort(), await freePort());
    }

    /** What the conf of a majlis behind it says. */
    get server(): Record<string, string> {
        return { public_url: this.url, trusted_proxies: '127.0.0.1' };
    }

    private configuration(): string {
        const changes: [string | RegExp, string][] = [
            ['server 127.0.0.1:8080;', `server 127.0.0.1:${this.upstream};`],
            [/\/var\/(lib|log)\/nginx\//g, `${this.folder}/`],
            [/\/etc\/ssl\/majlis\//g, `${this.folder}/`],
            [/majlis\.example\.gov\.ae;/g, 'localhost;'],
            [/ *listen \[::\].*\n/g, ''],
            ['listen 80;', `listen 127.0.0.1:${this.plain};`],
            ['listen 443 ssl', `listen 127.0.0.1:${this.tls} ssl`],
        ];
        let text = readFileSync(join(root, 'deploy/nginx/majlis.conf'), 'utf8');
        for (const [from, to] of changes) {
            const changed = text.replace(from, to);
            if (changed === text) {
                throw new Error(`deploy/nginx/majlis.conf has no ${from}`);
            }
            text = changed;
        }
        return text;
    }

    async start(): Promise<void> {
        const at = this.folder;
        execFileSync(
            'openssl',
            [
                ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'.split(
                    ' ',
                ),
                ...[
                    '-addext',
                    'subjectAltName=DNS:localhost',
                    '-keyout',
                    join(at, 'privkey.pem'),
                    '-out',
                    join(at, 'fullchain.pem'),
                ],
            ],
            { stdio: 'ignore' },
        );
        writeFileSync(join(at, 'majlis.conf'), this.configuration());
        const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
            (name) => `${name}_temp_path ${at}/tmp-${name};`,
        );
        mkdirSync(join(at, 'logs'));
        const user = process.getuid?.() === 0 ? 'user root;' : '';
        writeFileSync(
            join(at, 'nginx.conf'),
            `daemon off; ${user} worker_processes 1; pid ${at}/pid; error_log ${at}/error.log;\nevents { worker_connections 1024; }\n` +
                `http { access_log ${at}/access.log; ${folders.join(' ')} include ${at}/majlis.conf; }\n`,
        );
        this.process = spawn(
            '/usr/sbin/nginx',
            ['-e', join(at, 'error.log'), '-p', at, '-c', join(at, 'nginx.conf')],
            { stdio: 'ignore' },
        );
        await until('nginx answers', 10_000, async () => {
            if (this.process?.exitCode !== null) {
                throw new Error(`nginx ended: ${readFileSync(join(at, 'error.log'), 'utf8')}`);
            }
            return fetch(`http://127.0.0.1:${this.plain}/`, { redirect: 'manual' }).then(
                () => true,
                () => false,
            );
        });
    }

    /** Everything that it logged. */
    logs(): string {
        const text = (name: string) => {
            try {
                return readFileSync(join(this.folder, name), 'utf8');
            } catch {
                return '';
            }
        };
        return ['access.log', 'error.log', 'majlis-media.log'].map(text).join('');
    }

    async stop(): Promise<void> {
        const child = this.process;
        if (child !== undefined && child.exitCode === null) {
            const gone = new Promise((done) => child.once('exit', done));
            child.kill('SIGTERM');
            await gone;
        }
        rmSync(this.folder, { recursive: true, force: true });
    }
}
