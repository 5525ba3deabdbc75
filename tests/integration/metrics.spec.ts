// SPDX-License-Identifier: GPL-3.0-or-later
// Metrics: who may read them, Prometheus itself, the alert rules and the dashboard.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { parse } from 'yaml';
import { Api } from '../lib/api';
import { binary, root, Server, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

const TOKEN = '0123456789abcdef0123456789abcdef';
const rules = join(root, 'deploy/prometheus/majlis.rules.yml');

const promtool = (words: string[], input?: string) =>
    execFileSync('promtool', words, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });

/** Where the server's own listener for metrics is, as it logs it. */
const listener = (server: Server) =>
    /metrics are served on (http:\S+)\/metrics/.exec(server.log)?.[1] ?? '';

const families = (text: string) =>
    new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map((found) => found[1]));

/** A value of the text; NaN: none. */
const value = (text: string, sample: string) =>
    Number(
        text
            .split('\n')
            .find((line) => line.startsWith(`${sample} `))
            ?.split(' ')[1] ?? 'NaN',
    );

test('without [metrics] nobody reads them, staff neither', async () => {
    const server = await Server.start();
    const staff = await Api.signIn(server.staff);
    for (const headers of [{}, staff.headers, { Authorization: 'Bearer ' }]) {
        const answer = await fetch(`${server.url}/metrics`, { headers });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
        expect(await answer.text()).not.toContain('majlis_sessions');
    }
    expect(listener(server)).toBe('');
    expect(await server.stop()).toBe(0);
});

test('a token that others may read, or guess, stops the start', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'token');
    const start = (text: string, mode: number) => {
        rmSync(file, { force: true });
        writeFileSync(file, text, { mode });
        const conf = join(folder, 'majlis.conf');
        writeFileSync(
            conf,
            `[metrics]\ntoken_file=${file}\n[rtc]\nlisten=127.0.0.1:0\n[programme]\nencoder=small\n`,
        );
        try {
            const words = ['serve', '--config', conf, '--data', folder];
            execFileSync(binary, [...words, '--listen', '127.0.0.1:0'], {
                stdio: 'pipe',
                timeout: patience(20_000),
            });
        } catch (error) {
            return String((error as { stderr: Buffer }).stderr);
        }
        return '';
    };
    expect(start(TOKEN, 0o644)).toMatch(/\[metrics\] token_file .*others may read it: chmod 0640/);
    expect(start('short', 0o600)).toMatch(/too short/);
    expect(start('', 0o600)).toMatch(/empty/);
    const check = ['check', '--config', join(folder, 'majlis.conf'), '--data', folder];
    const said = spawnSync(binary, check, { encoding: 'utf8', timeout: patience(60_000) });
    expect(said.stdout).toMatch(/problem {2}\[metrics\] token_file .*empty/);
    rmSync(folder, { recursive: true });
});

test.describe('a server with both', () => {
    test.describe.configure({ mode: 'default' }); // one server
    let server: Server;
    let own = '';
    const data = temporaryFolder();
    const incomplete = {
        at: new Date((Math.floor(Date.now() / 1000) - 3600) * 1000).toISOString(),
        whole_at: '2026-01-02T03:04:05Z',
        damaged: 2,
    };

    test.beforeAll(async () => {
        writeFileSync(join(data, 'token'), `${TOKEN}\n`, { mode: 0o640 });
        writeFileSync(join(data, 'last-backup.json'), JSON.stringify(incomplete));
        server = await Server.start({
            data,
            conf: { metrics: { listen: '127.0.0.1:0', token_file: 'token' } },
        });
        own = listener(server);
        expect(own).not.toBe('');
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
        rmSync(data, { recursive: true, force: true });
        expect(server.log).not.toMatch(/critical/i);
    });
    const scrape = async () => (await fetch(`${own}/metrics`)).text();

    test('pages tell the delay from glass to glass', async () => {
        const socket = (await Api.signIn(server.attend)).socket();
        const heard: string[] = [];
        socket.on('message', (text) => heard.push(String(text)));
        await new Promise((opened) => socket.once('open', opened));
        const tell = (message: object) => socket.send(JSON.stringify(message));
        tell({ op: 'join', ref: '1', session: server.session });
        tell({ op: 'presence', via: 'whep', road: 'udp', delay_ms: 240 });
        tell({ op: 'presence', via: 'hls', delay_ms: 4100 });
        tell({ op: 'presence', via: 'hls', delay_ms: null });
        tell({ op: 'presence', ref: '2', via: 'hls', delay_ms: -1 });
        await until('the last is refused', patience(5000), async () =>
            heard.some((text) => text.includes('"ref":"2"') && text.includes('delay_ms')),
        );
        socket.close();
        const text = await scrape();
        for (const [sample, count] of [
            ['majlis_rtc_picture_delay_seconds_bucket{le="0.1"}', 0],
            ['majlis_rtc_picture_delay_seconds_bucket{le="0.25"}', 1],
            ['majlis_hls_picture_delay_seconds_bucket{le="2.5"}', 0],
            ['majlis_hls_picture_delay_seconds_bucket{le="5"}', 1],
            ['majlis_hls_picture_delay_seconds_count', 1],
        ] as const) {
            expect([sample, value(text, sample)]).toEqual([sample, count]);
        }
    });

    test('the public port wants the token, by a bearer alone', async () => {
        const ask = (headers: Record<string, string>) =>
            fetch(`${server.url}/metrics`, { headers });
        const staff = await Api.signIn(server.staff);
        for (const headers of [
            {},
            staff.headers,
            { Authorization: `Bearer ${TOKEN}x` },
            { Authorization: `Bearer ${TOKEN.slice(1)}` },
            { Cookie: `majlis=x${TOKEN}` },
        ]) {
            expect((await ask(headers)).status).toBe(401);
        }
        const answer = await ask({ Authorization: `Bearer ${TOKEN}` });
        expect(answer.status).toBe(200);
        expect(await answer.text()).toContain('majlis_build_info');
        // The token opens nothing else.
        for (const path of ['sessions', 'health', 'me']) {
            const other = await fetch(`${server.url}/api/v1/${path}`, {
                headers: { Authorization: `Bearer ${TOKEN}` },
            });
            expect(other.status).toBe(401);
        }
    });

    test('the own listener serves nothing else', async () => {
        for (const path of ['/', '/healthz', '/api/v1/health', '/metrics/x', '/en/']) {
            expect((await fetch(own + path)).status, path).toBe(404);
        }
        expect((await fetch(`${own}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
        // Silent connections, more than it keeps, take no scrape away.
        const at = new URL(own);
        const silent = Array.from({ length: 40 }, () => {
            const socket = connect(Number(at.port), at.hostname);
            socket.on('error', () => undefined);
            return socket;
        });
        await Promise.all(silent.map((one) => new Promise((done) => one.once('connect', done))));
        expect((await fetch(`${own}/metrics`)).status).toBe(200);
        for (const one of silent) {
            one.destroy();
        }
    });

    test('a reload takes the new token in the same file, and the old one is over', async () => {
        const next = [...TOKEN].reverse().join('');
        const status = async (token: string) =>
            (
                await fetch(`${server.url}/metrics`, {
                    headers: { Authorization: `Bearer ${token}` },
                })
            ).status;
        for (const [now, before] of [
            [next, TOKEN],
            [TOKEN, next],
        ]) {
            writeFileSync(join(data, 'token'), now);
            server.process.kill('SIGHUP');
            await until('the new token', 10_000, async () => (await status(now)) === 200);
            expect(await status(before)).toBe(401);
        }
    });

    test('they are what is measured, in the form of promtool', async () => {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const questions = `/api/v1/sessions/${server.session}/questions`;
        const { id } = await attendee.json<{ id: string }>('POST', questions, { text: 'Why?' });
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'approved' });
        await attendee.json('PUT', `/api/v1/questions/${id}/vote`);
        const list = `/sessions/${server.session}/hls/main.m3u8`;
        await until('a playlist', patience(20_000), async () => (await staff.ask('GET', list)).ok);
        const text = await until('a recording and a sample', patience(20_000), async () => {
            const found = await scrape();
            const ready = ['majlis_recording_lag_seconds', 'process_cpu_seconds_total'].every(
                (name) => value(found, name) >= 0,
            );
            const playing = value(found, 'majlis_sources{state="playing"}') === 1;
            const player = value(found, 'majlis_viewers{transport="hls",rendition="any"}') === 1;
            return ready && playing && player ? found : null;
        });
        promtool(['check', 'metrics'], text); // fails where a name or a unit is not as usual
        expect(value(text, 'majlis_sessions{state="live"}')).toBe(1);
        expect(value(text, 'majlis_qa_changes_total{kind="question"}')).toBe(1);
        expect(value(text, 'majlis_qa_changes_total{kind="vote"}')).toBe(1);
        expect(value(text, 'majlis_qa_changes_total{kind="other"}')).toBe(1);
        expect(value(text, 'majlis_qa_commit_seconds_count')).toBe(3);
        expect(value(text, 'majlis_store_commit_seconds_count')).toBeGreaterThanOrEqual(3);
        expect(value(text, 'majlis_encoder_frames_total')).toBeGreaterThan(10);
        expect(value(text, 'majlis_encoder_latency_seconds_count')).toBe(
            value(text, 'majlis_encoder_frames_total'),
        );
        expect(value(text, 'majlis_hls_parts_total')).toBeGreaterThan(0);
        expect(value(text, 'majlis_recording_written_bytes_total')).toBeGreaterThan(10_000);
        expect(value(text, 'majlis_recording_lag_seconds')).toBeLessThan(patience(5));
        expect(value(text, 'majlis_disk_free_bytes{folder="recordings"}')).toBeGreaterThan(1e6);
        expect(value(text, 'majlis_http_answers_total{code="2xx"}')).toBeGreaterThan(5);
        // No label names a session, a person or an address.
        for (const secret of [server.session, id, '127.0.0.1', 'Guest', TOKEN]) {
            expect(text).not.toContain(secret);
        }
    });

    test('a backup that lacks something is none, and what it lacks is told', async () => {
        const staff = await Api.signIn(server.staff);
        const system = () =>
            staff.json<{ backup_at: string | null; backup_damaged: number }>(
                'GET',
                '/api/v1/system',
            );
        const samples = async () => {
            const text = await scrape();
            const name = 'majlis_backup_last_success_timestamp_seconds';
            return [value(text, name), value(text, 'majlis_backup_damaged')];
        };
        const whole = Date.parse(incomplete.whole_at);
        await until('a sample', patience(20_000), async () => (await samples())[1] === 2);
        expect((await samples())[0]).toBe(whole / 1000);
        const told = await system();
        expect(told.backup_damaged).toBe(2);
        expect(Date.parse(told.backup_at as string)).toBe(whole);
        // never a whole one; and one by a clock that was ahead
        const others: [object, number, number][] = [
            [{ ...incomplete, whole_at: null }, NaN, 2],
            [{ at: '2999-01-02T03:04:05Z', damaged: 0 }, NaN, NaN],
            [{ at: incomplete.at, damaged: 0 }, Date.parse(incomplete.at) / 1000, 0],
        ];
        for (const [written, ...wanted] of others) {
            writeFileSync(join(data, 'last-backup.json'), JSON.stringify(written));
            await until('the next sample', patience(30_000), async () => {
                return (await samples()).every((one, i) => Object.is(one, wanted[i]));
            });
        }
    });

    test('every metric of the rules and the dashboard exists', async () => {
        const found = families(await scrape());
        const board = JSON.parse(readFileSync(join(root, 'deploy/grafana/majlis.json'), 'utf8'));
        const exprs: string[] = [
            ...board.panels.flatMap((panel: { targets: { expr: string }[] }) =>
                panel.targets.map(({ expr }) => expr),
            ),
            ...parse(readFileSync(rules, 'utf8')).groups.flatMap(
                (group: { rules: { expr: string }[] }) => group.rules.map(({ expr }) => expr),
            ),
        ];
        expect(exprs.length).toBeGreaterThan(50);
        const named = exprs.flatMap((expr) => expr.match(/\b(majlis|process)_\w+/g) ?? []);
        const missing = named.filter(
            (name) => !found.has(name) && !found.has(name.replace(/_(bucket|sum|count)$/, '')),
        );
        expect(missing).toEqual([]);
    });

    test('Prometheus itself scrapes both ports and evaluates the rules', async () => {
        test.setTimeout(patience(90_000));
        const folder = temporaryFolder();
        const web = await freePort();
        const target = (url: string) => `[{ targets: ['${new URL(url).host}'] }]`;
        const scheme = new URL(server.url).protocol.slice(0, -1);
        writeFileSync(
            join(folder, 'prometheus.yml'),
            `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: ['${rules}']
scrape_configs:
  - { job_name: majlis, static_configs: ${target(own)} }
  - job_name: public
    scheme: ${scheme}
    tls_config: { insecure_skip_verify: true }
    authorization: { credentials_file: '${join(data, 'token')}' }
    static_configs: ${target(server.url)}
`,
        );
        promtool(['check', 'config', join(folder, 'prometheus.yml')]);
        const prometheus: ChildProcess = spawn(
            'prometheus',
            [
                `--config.file=${folder}/prometheus.yml`,
                `--storage.tsdb.path=${folder}/data`,
                `--web.listen-address=127.0.0.1:${web}`,
            ],
            { stdio: 'ignore' },
        );
        const api = async (path: string) => {
            const answer = await fetch(`http://127.0.0.1:${web}/api/v1/${path}`).catch(() => null);
            return answer?.ok ? (await answer.json()).data : null;
        };
        const ask = async (query: string): Promise<Record<string, number>> => {
            const found = await api(`query?query=${encodeURIComponent(query)}`);
            const all = (found?.result ?? []) as { metric: { job: string }; value: string[] }[];
            return Object.fromEntries(all.map((one) => [one.metric.job, Number(one.value[1])]));
        };
        try {
            await until('two targets are up', patience(30_000), async () => {
                const up = await ask('up');
                return up.majlis === 1 && up.public === 1;
            });
            await until('frames are counted', patience(30_000), async () => {
                const rate = await ask('rate(majlis_encoder_frames_total[10s])');
                return rate.majlis > 0 && rate.public > 0;
            });
            const { activeTargets } = await api('targets');
            for (const one of activeTargets) {
                expect(one.lastError).toBe('');
            }
            const evaluated = (await api('rules')).groups[0].rules;
            for (const rule of evaluated) {
                expect(`${rule.name}: ${rule.lastError ?? ''}`).toBe(`${rule.name}: `);
            }
            const series = (await ask('count by (job) ({job=~".+"})')).majlis;
            const main = (await ask('max_over_time(majlis_scrape_duration_seconds[1m])')).majlis;
            const whole = (await ask('max_over_time(scrape_duration_seconds[1m])')).majlis;
            const text = await scrape();
            console.log(
                `a scrape: ${text.length} bytes, ${series} series; at most ${(1e3 * main).toFixed(2)} ms of the main thread, ${(1e3 * whole).toFixed(1)} ms for Prometheus`,
            );
            expect(main).toBeLessThan(patience(0.05));
        } finally {
            prometheus.kill('SIGTERM');
            await new Promise((done) => prometheus.once('exit', done));
            rmSync(folder, { recursive: true, force: true });
        }
    });
});

async function freePort(): Promise<number> {
    const { createServer } = await import('node:net');
    return new Promise((done) => {
        const taken = createServer().listen(0, '127.0.0.1', () => {
            const { port } = taken.address() as { port: number };
            taken.close(() => done(port));
        });
    });
}

test('promtool takes the rules, and each of them fires once @plain', () => {
    promtool(['check', 'rules', rules]);
    const files = ['majlis.test.yml', 'majlis-days.test.yml'].map((name) =>
        join(root, 'deploy/prometheus', name),
    );
    promtool(['test', 'rules', ...files]);
    promtool(['check', 'config', join(root, 'deploy/prometheus/prometheus.yml')]);
    const alerts = parse(readFileSync(rules, 'utf8')).groups.flatMap(
        (group: { rules: { alert: string }[] }) => group.rules.map(({ alert }) => alert),
    );
    const fired = files
        .flatMap((file) => parse(readFileSync(file, 'utf8')).tests)
        .flatMap((one: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }) =>
            one.alert_rule_test
                .filter((expected) => expected.exp_alerts.length > 0)
                .map(({ alertname }) => alertname),
        );
    expect(fired.sort()).toEqual(alerts.sort());
});
