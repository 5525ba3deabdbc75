// SPDX-License-Identifier: GPL-3.0-or-later
// A session's main scenario, from the first start of a server to the recording, for a server that may fail or end at any
// point: each step is repeated until it holds, a server that ended is started again, and what was acknowledged must be there.
import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Api, type Question, type Session, type SessionState } from './api';
import { decodeAll } from './recording';
import { majlis, root, Server, staffLink, temporaryFolder } from './server';
import { patience, wait } from './time';
import { playlistEnd } from './watch';

const whepPeer = join(root, 'build/tests/peers/whep-peer');
const REQUEST_MS = 5000; // a request without an answer hangs
const STEP_MS = 10_000;
const LIVE_MS = 2500;

/** How a server ended. */
export interface End {
    /** it had said that it is ready */
    ready: boolean;
    code: number | null;
    signal: string | null;
    log: string;
}

export interface Judge {
    env: Record<string, string>;
    /** a server ended: throws where that is more than the scenario bears */
    ended(end: End): void;
    /** changes whenever a step deserves more time */
    progress(): number;
    fault(text: string): void;
    /** a kill -9 in mid-session */
    kill: boolean;
}

function inTime<T>(what: string, ms: number, answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout;
    const late = new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new Error(`no answer in ${ms} ms: ${what}`)), ms);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function okay(answer: Response): true {
    if (!answer.ok) {
        throw new Error(`${answer.url}: ${answer.status}`);
    }
    return true;
}

interface Acknowledged {
    /** when, in which life of the server, and what it said */
    told: string;
    /** finds it in the list of questions */
    among(items: Question[]): boolean;
}

const asks = (text: string) => (items: Question[]) => items.some((item) => item.text === text);

export class Scenario {
    readonly data = temporaryFolder();
    lives = 0;
    private server?: Server;
    private starting?: Promise<void>;
    private unchecked = false;
    private over = false;
    private readonly people: Api[] = [];
    private staff?: Api;
    private id = '';
    private state: SessionState = 'scheduled';
    private acknowledged: SessionState = 'scheduled';
    private readonly acknowledgements = new Map<string, Acknowledged>();
    private former = ''; // log of the server before

    constructor(private readonly judge: Judge) {}

    /** All of it, or without the end. Throws where a step does not hold in time. */
    async run(ends = true): Promise<void> {
        try {
            await this.begin();
            await this.live();
            if (ends) {
                await this.finish();
                this.over = true;
                await this.stop();
                this.verify();
            }
        } finally {
            this.over = true;
            await this.server?.kill();
            rmSync(this.data, { recursive: true, force: true });
        }
    }

    // --- the server

    private alive(): Promise<void> {
        const process = this.server?.process;
        if (process && process.exitCode === null && process.signalCode === null) {
            return Promise.resolve();
        }
        this.starting ??= this.start().finally(() => {
            this.starting = undefined;
        });
        return this.starting;
    }

    /** The next step starts it again. */
    async kill(): Promise<void> {
        await this.server?.kill();
        this.former = this.server?.log ?? '';
        this.server = undefined;
    }

    private async tellEnd(): Promise<void> {
        const server = this.server as Server;
        this.server = undefined;
        await wait(100); // the rest of its log
        const { exitCode, signalCode } = server.process;
        this.former = server.log;
        this.judge.ended({ ready: true, code: exitCode, signal: signalCode, log: server.log });
    }

    private async start(): Promise<void> {
        if (this.server) {
            await this.tellEnd();
        }
        this.lives++;
        try {
            this.server = await Server.start({
                data: this.data,
                command: 'serve',
                conf: { programme: { encoder: 'small' }, archive: { minimum_free: '16M' } },
                env: { G_SLICE: 'always-malloc', ...this.judge.env },
            });
        } catch (error) {
            const log = String(error);
            this.former = log;
            const code = /the server ended with (\w+)/.exec(log)?.[1] ?? 'late';
            this.judge.ended({
                ready: false,
                code: /^\d+$/.test(code) ? Number(code) : null,
                signal: code,
                log,
            });
            throw error;
        }
        for (const person of this.people) {
            person.url = this.server.url;
        }
        this.unchecked = true;
    }

    /** Until `probe` answers something; a server that ended is started again. */
    private async hold<T>(what: string, probe: () => Promise<T>): Promise<NonNullable<T>> {
        let last = '';
        for (let since = Date.now(), seen = this.judge.progress(); ; await wait(50)) {
            try {
                await this.alive();
                if (this.unchecked && this.id) {
                    this.unchecked = false;
                    await this.kept();
                }
                const found = await inTime(what, REQUEST_MS * 4, probe());
                if (found) {
                    return found;
                }
                last = 'not so';
            } catch (error) {
                last = String(error);
            }
            const now = this.judge.progress();
            if (now !== seen) {
                since = Date.now();
                seen = now;
            }
            if (this.over || Date.now() - since > patience(STEP_MS)) {
                throw new Error(`it never came: ${what}: ${last}`);
            }
        }
    }

    private ask(api: Api, method: string, path: string, body?: unknown): Promise<Response> {
        return inTime(`${method} ${path}`, REQUEST_MS, api.ask(method, path, body));
    }

    private now(): string {
        return `${new Date().toISOString()}, start ${this.lives}`;
    }

    private acknowledge(what: string, said: string, among: Acknowledged['among']): void {
        this.acknowledgements.set(what, { told: `${this.now()}: ${said}`, among });
    }

    /** Changes that are acknowledged from here on may be missing in the answers. */
    private async kept(): Promise<void> {
        const { acknowledged, state } = this;
        const due = [...this.acknowledgements];
        const begun = this.now();
        try {
            const staff = this.staff as Api;
            const at = `/api/v1/sessions/${this.id}`;
            const answers = await Promise.all([
                this.ask(staff, 'GET', at),
                this.ask(staff, 'GET', `${at}/questions`),
            ]);
            answers.forEach(okay);
            const session = (await answers[0].json()) as Session;
            const { items } = (await answers[1].json()) as { items: Question[] };
            const order: SessionState[] = ['scheduled', 'lobby', 'live', 'ended', 'published'];
            const behind = (reached: SessionState) =>
                order.indexOf(session.state) < order.indexOf(reached);
            if (behind(acknowledged)) {
                this.judge.fault(`the session is ${session.state}, and was ${acknowledged}`);
            }
            const lost = due.filter(([, { among }]) => !among(items));
            for (const [what, { told }] of lost) {
                this.judge.fault(
                    [
                        `an acknowledged ${what} is lost`,
                        `  acknowledged at ${told}`,
                        `  asked for at ${begun}: ${JSON.stringify(items)}`,
                        ...this.evidence(),
                    ].join('\n'),
                );
            }
            if (behind(state)) {
                okay(await this.post(state));
            }
        } catch (error) {
            this.unchecked = true;
            throw error;
        }
    }

    /** The rows, and the ends of the logs of this server and the one before. */
    private evidence(): string[] {
        const rows = spawnSync(
            'sqlite3',
            [
                ...['-readonly', '-cmd', '.timeout 5000', join(this.data, 'majlis.db')],
                'SELECT * FROM questions; SELECT * FROM votes; SELECT * FROM question_acts',
            ],
            { encoding: 'utf8' },
        );
        return [
            `  rows at ${this.now()}:`,
            rows.stdout + rows.stderr,
            '  log of the server before:',
            this.former.slice(-3000),
            '  log:',
            this.server?.log.slice(-3000) ?? '',
        ];
    }

    // --- its steps

    private async signIn(what: string, link: () => string | Promise<string>): Promise<Api> {
        const api = await this.hold(`${what} signs in`, async () => {
            const code = new URL(await link()).pathname;
            return Api.signIn((this.server as Server).url + code);
        });
        this.people.push(api);
        return api;
    }

    private async begin(): Promise<void> {
        this.staff = await this.signIn('staff', () => staffLink(this.server as Server));
        const staff = this.staff;
        this.id = await this.hold('a session', () => staff.create());
        await this.change('lobby');
        await this.change('live');
    }

    private post(to: SessionState): Promise<Response> {
        return this.ask(this.staff as Api, 'POST', `/api/v1/sessions/${this.id}/state`, { to });
    }

    /** Where the answer is lost, the change may have been made, and may not be saved yet. */
    private async change(to: SessionState): Promise<void> {
        await this.hold(`the session is ${to}`, async () => {
            if ((await (this.staff as Api).read(this.id)).state === to) {
                return true;
            }
            okay(await this.post(to));
            this.acknowledged = to;
            return true;
        });
        this.state = to;
    }

    private async live(): Promise<void> {
        const staff = this.staff as Api;
        const attendee = await this.signIn('an attendee', () =>
            staff.invite(this.id, 'attendee', 'Attendee'),
        );
        await Promise.all([
            this.watch(attendee),
            this.connect(attendee),
            this.question(attendee),
            this.socket(attendee),
            this.look(staff),
        ]);
        if (this.judge.kill) {
            await this.kill();
            await this.watch(attendee);
        }
        await this.hold('it is recorded', async () => {
            const answer = await this.ask(staff, 'GET', '/api/v1/health');
            const { recording } = (await answer.json()) as { recording: { state: string } };
            return recording.state === 'recording';
        });
    }

    /** An LL-HLS player: the playlists, the newest part, and some seconds that came since. */
    private async watch(api: Api): Promise<void> {
        const at = `/sessions/${this.id}/hls`;
        const until = Date.now() + LIVE_MS;
        await this.hold('LL-HLS goes on', async () => {
            okay(await this.ask(api, 'GET', `${at}/main.m3u8`));
            const answer = await this.ask(api, 'GET', `${at}/v360p.m3u8`);
            okay(answer);
            const text = await answer.text();
            const part = [...text.matchAll(/#EXT-X-PART:.*?URI="([^"]+)"/g)].pop();
            if (part) {
                const media = await this.ask(api, 'GET', `${at}/${part[1]}`);
                okay(media);
                await media.arrayBuffer();
            }
            return playlistEnd(text) > until;
        });
    }

    private async connect(api: Api): Promise<void> {
        await this.hold('a WHEP viewer sees and hears', async () => {
            const { url } = this.server as Server;
            const words = [`${url}/sessions/${this.id}/whep`, '--token', api.token];
            const done = await promisify(execFile)(
                whepPeer,
                [...words, '--seconds', '1', '--limit', '8'],
                { timeout: 15_000 },
            );
            return done.stdout;
        });
    }

    private async question(api: Api): Promise<void> {
        const staff = this.staff as Api;
        let tried = 0;
        const id = await this.hold('a question is taken', async () => {
            const text = `Question ${++tried}?`;
            const answer = await this.ask(api, 'POST', `/api/v1/sessions/${this.id}/questions`, {
                text,
                anonymous: false,
            });
            okay(answer);
            const said = await answer.text();
            this.acknowledge(`question "${text}"`, said, asks(text));
            return (JSON.parse(said) as Question).id;
        });
        const path = `/api/v1/questions/${id}`;
        await this.hold('it is approved', async () =>
            okay(await this.ask(staff, 'PATCH', path, { state: 'approved' })),
        );
        await this.hold('a vote is taken', async () => {
            const answer = await this.ask(staff, 'PUT', `${path}/vote`);
            okay(answer);
            this.acknowledge(`vote for ${id}`, await answer.text(), (items) =>
                items.some((item) => item.id === id && item.votes > 0),
            );
            return true;
        });
        await this.hold('it is answered', async () =>
            okay(await this.ask(staff, 'PATCH', path, { state: 'answered' })),
        );
    }

    private async socket(api: Api): Promise<void> {
        await this.hold('a question by websocket', () => {
            const socket = api.socket();
            const text = `By websocket at ${performance.now()}?`;
            return inTime(
                'a websocket',
                REQUEST_MS,
                new Promise<boolean>((done, fail) => {
                    socket.on('error', fail);
                    socket.on('close', () => fail(new Error('the websocket was closed')));
                    socket.on('open', () =>
                        socket.send(JSON.stringify({ op: 'join', session: this.id })),
                    );
                    socket.on('message', (data) => {
                        const { op } = JSON.parse(String(data)) as { op: string };
                        if (op === 'snapshot') {
                            socket.send(JSON.stringify({ op: 'ask', ref: '1', text }));
                        } else if (op === 'ok') {
                            this.acknowledge(`question "${text}"`, String(data), asks(text));
                            done(true);
                        } else if (op === 'error') {
                            fail(new Error(String(data)));
                        }
                    });
                }),
            ).finally(() => socket.terminate());
        });
    }

    private async look(api: Api): Promise<void> {
        const paths = ['/ar', '/api/v1/sessions', '/api/v1/system', '/api/v1/health', '/metrics'];
        for (const path of paths) {
            await this.hold(path, async () => {
                const answer = await this.ask(api, 'GET', path);
                await answer.arrayBuffer();
                return answer.status < 500 && answer.status !== 429;
            });
        }
        await this.hold('a chapter', async () =>
            okay(
                await this.ask(api, 'POST', `/api/v1/sessions/${this.id}/chapters`, {
                    title: { ar: 'فصل', en: 'A chapter' },
                }),
            ),
        );
    }

    private async finish(): Promise<void> {
        const staff = this.staff as Api;
        await this.change('ended');
        await this.hold('the recording is made', async () => {
            const { steps } = (await staff.read(this.id)).recording;
            if (steps.some(({ state }) => state === 'failed')) {
                await this.ask(staff, 'POST', `/api/v1/recordings/${this.id}/retry`, {});
            }
            return steps.length > 0 && steps.every(({ state }) => state === 'ready');
        });
        await this.hold('the recording is served', async () => {
            for (const file of ['main.m3u8', 'recording.mp4', 'manifest.json']) {
                const answer = await this.ask(staff, 'GET', `/recordings/${this.id}/${file}`);
                okay(answer);
                await answer.arrayBuffer();
            }
            return true;
        });
        await this.hold('all is kept', async () => {
            await this.kept();
            return true;
        });
    }

    private async stop(): Promise<void> {
        const server = this.server as Server;
        const code = await inTime('the server stops', patience(10_000), server.stop()).catch(
            async (error) => {
                server.process.kill('SIGABRT'); // its stack
                await server.exit;
                await wait(100);
                throw new Error(`${error}: ${server.log.slice(-3000)}`);
            },
        );
        if (code !== 0) {
            await this.tellEnd();
        }
        this.server = undefined;
    }

    private verify(): void {
        const folder = join(this.data, 'recordings', this.id);
        const verified = majlis('verify', folder);
        if (verified.status !== 0) {
            this.judge.fault(`the recording does not verify: ${verified.text}`);
        }
        try {
            decodeAll(folder);
        } catch (error) {
            this.judge.fault(`the recording does not decode: ${error}`);
        }
    }
}
