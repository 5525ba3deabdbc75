// SPDX-License-Identifier: GPL-3.0-or-later
// Allocations and system calls that fail one by one through a session's main scenario (inject.c, lib/scenario.ts). A system
// call that fails never ends a server that is ready. An allocation that fails may: GLib ends the program then; a server
// that is started again goes on, and nothing acknowledged is lost.
//
// The short form takes the system calls that were at fault once, and a sample of the allocations by MAJLIS_SEED;
// MAJLIS_LONG=1 takes every site that is passed, a tenth a round, until ten rounds find none, or MAJLIS_MINUTES are over. MAJLIS_SITE=ID takes one site, as the list in results/ names it.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { describe, keptSites, type Site, Table } from '../lib/inject';
import { type End, type Judge, Scenario } from '../lib/scenario';
import { long, root, temporaryFolder } from '../lib/server';
import { patience, wait } from '../lib/time';

const seed = process.env.MAJLIS_SEED ?? '1';
const site = process.env.MAJLIS_SITE ?? '';
const SLICES = 10; // of the sites, one a round: those passed late have their turn as those passed first
const minutes = Number(process.env.MAJLIS_MINUTES ?? '15');

type What = 'memory' | 'calls';
type Outcome =
    | 'went on'
    | 'ended, resumed'
    | 'ended by an assertion, resumed'
    | 'start refused'
    | 'FAULT';

/** A program that can do no more ends with a reason; and an assertion. */
const GIVEN_UP = /^\S+ error \S|the memory is used up|failed to allocate|memory\. {2}Aborting/m;
const ASSERTION = /assertion failed/;

/** Sites that were at fault once. */
const KEPT: [string, string][] = [
    ['getrandom', 'base_random'],
    ['pthread_create', 'base_thread_start'],
    ['eventfd', 'base_event_fd_new'],
    ['send', 'media_wire_send'],
    ['epoll_ctl', 'port_poller_add'],
    ['epoll_create1', 'qa_loop_new'],
    ['fopen', 'protocol_srtp_init'],
    ['getsockname', 'port_new'],
];

class Injector implements Judge {
    readonly table: Table;
    readonly env: Record<string, string>;
    readonly kill: boolean;
    readonly outcomes = new Map<string, Outcome>();
    readonly faults: string[] = [];
    private lifeBegan = 0; // failures before it

    constructor(
        private readonly what: What,
        permille: number,
        folder: string,
    ) {
        this.kill = what === 'calls';
        this.table = new Table(join(folder, 'sites'));
        this.env = {
            LD_PRELOAD: join(root, 'build/tests/faults/inject.so'),
            INJECT_TABLE: this.table.file,
            INJECT_PROCESS: 'serve',
            INJECT_WHAT: what,
            INJECT_SEED: seed,
            INJECT_PERMILLE: String(permille),
            INJECT_GAP_MS: what === 'memory' ? '20' : '150',
            INJECT_KEPT: long || what === 'memory' ? '' : keptSites(KEPT),
            INJECT_DEPTH: what === 'memory' ? '1' : '3',
            ...(site ? { INJECT_SITE: site } : {}),
        };
    }

    progress(): number {
        return this.table.failures();
    }

    private note(sites: Site[], outcome: Outcome): void {
        for (const { id } of sites) {
            this.outcomes.set(id, outcome);
        }
    }

    ended(end: End): void {
        const during = this.table.failedAfter(this.lifeBegan);
        this.lifeBegan = this.table.failures();
        const last = during.slice(-1);
        const gaveUp = GIVEN_UP.test(end.log) && !ASSERTION.test(end.log);
        const refused =
            !end.ready && (gaveUp || ((end.code ?? 0) > 0 && end.log.trimEnd().includes('\n')));
        const asserted = ASSERTION.test(end.log);
        if (last.length > 0 && this.what === 'memory' && (gaveUp || asserted)) {
            this.note(last, asserted ? 'ended by an assertion, resumed' : 'ended, resumed');
        } else if (last.length > 0 && refused) {
            this.note(last, 'start refused');
        } else {
            const lines = end.log.trimEnd().split('\n');
            const tail = lines
                .filter((line) => !/^\/.*\.so/.test(line))
                .slice(-12)
                .join('\n    ');
            this.fault(`the server ended with ${end.code ?? end.signal}:\n    ${tail}`, during);
            if (last.length === 0) {
                throw new Error('the server ended, and nothing had failed');
            }
        }
    }

    /** Of the last failures one is the cause. */
    fault(text: string, during = this.table.failedAfter(this.table.failures() - 4)): void {
        const suspects = during.slice(-4);
        this.note(suspects.slice(-1), 'FAULT');
        this.faults.push([text, ...describe(suspects).map((one) => `  after ${one}`)].join('\n'));
    }

    /** A line for each site that failed. */
    list(): string[] {
        const failed = this.table.failedAfter(0);
        return describe(failed).map((text, i) => {
            const { id, at } = failed[i];
            return `${this.outcomes.get(id) ?? 'went on'}: ${new Date(at).toISOString()} ${text}`;
        });
    }

    summary(): string {
        const sites = this.table.sites();
        const failed = sites.filter(({ order }) => order > 0);
        const count = (outcome: Outcome) =>
            failed.filter(({ id }) => (this.outcomes.get(id) ?? 'went on') === outcome).length;
        return `${sites.length} sites known, ${failed.length} failed once: the server went on after ${count('went on')}, ended and resumed whole after ${count('ended, resumed')} (and ${count('ended by an assertion, resumed')} by a library's assertion), refused to start after ${count('start refused')}, FAULT ${count('FAULT')}`;
    }
}

/** Answers with how many sites failed, and the faults. */
async function inject(what: What, permille: number): Promise<[number, string[]]> {
    const folder = temporaryFolder();
    const injector = new Injector(what, permille, folder);
    const until = Date.now() + (long ? minutes * 60_000 : 0);
    let rounds = 0;
    let lives = 0;
    try {
        for (let quiet = 0, before = 0; quiet < SLICES; rounds++) {
            injector.env.INJECT_FROM = long ? String((rounds % SLICES) * (1000 / SLICES)) : '0';
            before = injector.progress();
            const scenario = new Scenario(injector);
            const timer = long && setTimeout(() => injector.table.hold(true), until - Date.now());
            try {
                await scenario.run();
            } catch (error) {
                injector.fault(String(error));
            } finally {
                clearTimeout(timer || undefined);
                lives += scenario.lives;
            }
            if (Date.now() > until) {
                rounds++;
                break;
            }
            quiet = injector.progress() > before ? 0 : quiet + 1;
        }
        const results = join(root, 'tests/results');
        mkdirSync(results, { recursive: true });
        writeFileSync(
            join(results, `inject-${what}.txt`),
            `${[...injector.list(), ...injector.faults].join('\n')}\n`,
        );
        console.log(
            `${what === 'memory' ? 'allocations' : 'system calls'} that fail, seed ${seed}, ${rounds} rounds, ${lives} starts: ${injector.summary()}`,
        );
        return [injector.progress(), injector.faults];
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

for (const [what, permille, promise] of [
    ['calls', 0, 'system calls fail: the server goes on, and the session is whole'],
    ['memory', 3, 'allocations fail: what was acknowledged is kept, and the session is whole'],
] as const) {
    test(promise, async () => {
        test.setTimeout(patience(long ? minutes * 60_000 + 120_000 : 60_000));
        const [failed, faults] = await inject(what, long ? 1000 / SLICES : permille);
        expect(faults.join('\n\n')).toBe('');
        expect(failed).toBeGreaterThan(0);
    });
}

/** Two kills around a vote: it is taken while a check has read the list, and then its row is removed. */
class Kills implements Judge {
    readonly env = {};
    readonly kill = false;
    readonly wrong: string[] = [];
    readonly right: string[] = [];
    readonly scenario = new Scenario(this);
    step: 'begun' | 'killed' | 'checked' | 'voted' | 'judged' | 'removed' = 'begun';

    ended(): void {}

    progress(): number {
        return 0;
    }

    fault(text: string): void {
        (this.step === 'removed' ? this.right : this.wrong).push(text);
    }

    private async reached(step: Kills['step']): Promise<boolean> {
        for (const until = Date.now() + 3000; this.step !== step && Date.now() < until; ) {
            await wait(20);
        }
        return this.step === step;
    }

    /** A step that throws is repeated. */
    async before(method: string): Promise<void> {
        if (method === 'PUT' && this.step === 'begun') {
            this.step = 'killed';
            await this.scenario.kill();
        }
        if (method === 'PUT' && !(await this.reached('checked'))) {
            throw new Error('no check reads');
        }
        if (method === 'PATCH' && this.step === 'voted') {
            await this.reached('judged');
            await this.scenario.kill();
            execFileSync('sqlite3', [join(this.scenario.data, 'majlis.db'), 'DELETE FROM votes']);
            this.step = 'removed';
        }
    }

    async after(method: string, path: string, answer: Response): Promise<void> {
        if (method === 'PUT' && answer.ok && this.step === 'checked') {
            this.step = 'voted';
        } else if (path.endsWith('/questions') && method === 'GET' && this.step === 'killed') {
            this.step = 'checked';
            if (!(await this.reached('voted'))) {
                this.step = 'begun'; // it was the vote's own step that checked
                return;
            }
            await wait(200); // for the vote's step, and then for the check
            setTimeout(() => {
                this.step = 'judged';
            }, 200);
        }
    }
}

test('a vote that is taken while a check reads is not called lost, and one without its row is', async () => {
    test.setTimeout(patience(60_000));
    const kills = new Kills();
    const { ask } = Api.prototype;
    Api.prototype.ask = async function (method, path, ...more) {
        await kills.before(method);
        const answer = await ask.call(this, method, path, ...more);
        await kills.after(method, path, answer);
        return answer;
    };
    try {
        await kills.scenario.run(false);
    } finally {
        Api.prototype.ask = ask;
    }
    expect(kills.step).toBe('removed');
    expect(kills.wrong).toEqual([]);
    expect(kills.right.join()).toContain('an acknowledged vote');
});
