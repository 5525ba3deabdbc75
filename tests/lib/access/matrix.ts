// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the cells of the access matrix, and notes those that are not as written.
import WebSocket from 'ws';
import { operationOf, operations } from '../contract';
import { long } from '../server';
import { type Ask, addressOf, make, type Operate, operates } from './asks';
import { type Asker, type Cast, forAll } from './cast';
import { type Answer, request } from './client';
import { listen, send } from './messages';
import type { Stage } from './stage';
import { expected, type Moment, momentName, type Row, rowsAt } from './table';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
let addresses = 0;

/** Each request from an address of its own. Sign-ins come by cookie and by header in turn. */
function headersOf(operate: Operate, token: string, ask: Ask): Record<string, string> {
    const n = addresses++;
    const byCookie = n % 2 === 0 && !operate.bearer && ask.token === undefined;
    const type = ask.type ?? (bodyOf(operate, ask) !== undefined ? 'application/json' : undefined);
    const signIn: Record<string, string> = byCookie
        ? { Cookie: `majlis=${token}` }
        : { Authorization: `Bearer ${token}` };
    return {
        'X-Forwarded-For': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
        ...(token === '' ? {} : signIn),
        ...(type ? { 'Content-Type': type } : {}),
        ...ask.headers,
    };
}

function bodyOf({ operation }: Operate, ask: Ask): string | undefined {
    const json = 'application/json' in (operation.requestBody?.content ?? {});
    const body = ask.body ?? (json ? {} : undefined);
    return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}

/** 101, or the status of the refusal. */
function upgrade(url: string, headers: Record<string, string>): Promise<string> {
    return new Promise((done, fail) => {
        const socket = new WebSocket(url.replace(/^http/, 'ws'), 'majlis.v1', { headers });
        socket.once('open', () => {
            socket.terminate();
            done('101');
        });
        socket.once('unexpected-response', (_, answer) => {
            answer.resume();
            done(String(answer.statusCode));
        });
        socket.once('error', fail);
    });
}

/** The words of the table that fit the answer. */
function wordsOf({ way }: Operate, stage: Stage, answer: Answer): string[] {
    const status = String(answer.status);
    if (answer.headers['content-type'] === 'application/problem+json') {
        return [status, `${status} ${JSON.parse(answer.text).code}`];
    }
    return [way.word && answer.status < 300 ? way.word(answer, stage) : status];
}

const isAmong = (moments: Moment[], moment: Moment) =>
    moments.some((one) => momentName(one) === momentName(moment));

/** What one asker asks at one moment, by one row. */
interface Cell {
    operate: Operate;
    row: Row;
    stage: Stage;
    moment: Moment;
    who: Asker;
}

export class Matrix {
    cells = 0;
    readonly wrong: string[] = [];
    private turns = 0;
    private passed = 0;

    /** Those of `home` ask about an unknown session too. `every`: asks that cell and leaves out those between. */
    constructor(
        private readonly cast: Cast,
        private readonly home: Stage,
        private readonly every: number,
    ) {}

    private judge(row: Row, name: string, moment: Moment, who: Asker, words: string[]): void {
        const wanted = expected(row, who.column, moment);
        this.cells++;
        if (!wanted.some((one) => words.includes(one))) {
            const what = `${name}, ${momentName(moment)}, ${who.name}`;
            const said = words.at(-1);
            this.wrong.push(`matrix.md:${row.line} ${what}: ${said}, not ${wanted.join(' or ')}`);
        }
    }

    private async ask({ operate, row, stage, moment, who }: Cell): Promise<void> {
        const { name, operation, byPath } = operate;
        const wanted = expected(row, who.column, moment);
        const allowed = !wanted.some((one) => /^40[134]$/.test(one));
        for (const ask of await make(operate, { stage, cast: this.cast }, who, allowed)) {
            const label = ask.path?.file ? `${name} ${ask.path.file}` : name;
            const url = addressOf(operate, stage, who, ask);
            const token = ask.token ?? (byPath ? this.cast.staff.token : who.token);
            const headers = () => headersOf(operate, token, ask);
            if (operation.operationId === 'openWebsocket') {
                this.judge(row, label, moment, who, [await upgrade(url, headers())]);
                continue;
            }
            const init = { method: operation.method, body: bodyOf(operate, ask) };
            const answer = await request(url, { ...init, headers: headers() });
            this.judge(row, label, moment, who, wordsOf(operate, stage, answer));
            if (init.method === 'GET' && isAmong(operate.moments.slice(0, 1), moment)) {
                const head = await request(url, { method: 'HEAD', headers: headers() });
                const same =
                    head.status === answer.status || (head.status < 300 && answer.status < 300); // no range
                const words = same ? wanted : [String(head.status)];
                this.judge(row, `HEAD ${label}`, moment, who, words);
            }
        }
    }

    private askers(stage: Stage, byPath: boolean, turn: number, all: boolean): Asker[] {
        const { id } = stage.moment.state === 'unknown' ? this.home : stage;
        return this.cast.askers(id, byPath, turn, all);
    }

    private cellsAt(stage: Stage, moment: Moment): Cell[] {
        const turn = this.turns++;
        const all = long || moment.state === undefined;
        return operates.flatMap((operate, i) => {
            const [row] = isAmong(operate.moments, moment) ? rowsAt(operate.name, moment) : [];
            return this.askers(stage, operate.byPath, turn + i, all)
                .filter(
                    (who) => row && !(who.name === 'the scraper' && operate.secured === 'metrics'),
                )
                .filter(() => this.passed++ % this.every === 0)
                .map((who) => ({ operate, row, stage, moment, who }));
        });
    }

    /** All that is asked about no session. */
    async always(): Promise<void> {
        await forAll(this.cellsAt(this.home, {}), (cell) => this.ask(cell));
    }

    /** All that is asked about the session now. */
    async now(stage: Stage): Promise<void> {
        const { moment } = stage;
        const found = (name: string, who: Asker, word: string) => {
            const [row] = rowsAt(name, moment);
            this.judge(row, name, moment, who, [word]);
        };
        const signedIn = (all: boolean) =>
            this.askers(stage, false, this.turns, all).filter(({ column }) => column !== 'nobody');
        await Promise.all([
            forAll(this.cellsAt(stage, moment), (cell) => this.ask(cell)),
            send(stage, signedIn(long), found),
            moment.state === 'live' ? listen(stage, signedIn(true), found) : null,
        ]);
    }

    /** A method that no operation has, wherever it may be. */
    async otherMethods(): Promise<void> {
        const paths = [...new Set(operations.map(({ path }) => path.replace(/\{\w+\}/g, 'x')))];
        const others = paths.flatMap((path) =>
            METHODS.filter((method) => !operationOf(method, path)).map((method) => ({
                path,
                method,
            })),
        );
        const some = others.filter((_, i) => i % this.every === 0);
        await forAll(some, async ({ path, method }) => {
            for (const api of [this.cast.as(''), this.cast.staff]) {
                const { status } = await api.ask(method, path);
                this.cells++;
                if (status !== 405) {
                    this.wrong.push(`${method} ${path}: ${status}, not 405`);
                }
            }
        });
    }
}
