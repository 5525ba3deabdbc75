// SPDX-License-Identifier: GPL-3.0-or-later
// Time on a machine that others use too. Three kinds of limits:
//   patience()  ends a test that hangs; generous, as it costs nothing where tests pass;
//   allow()     how long something may take: stretched by the load measured while it went on;
//   quiet()     for figures that mean nothing on a busy machine (tests with @quiet in the title).
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { test } from '@playwright/test';

/** Factor on every limit: sanitizers are slow. */
export const slow = Number(process.env.MAJLIS_SLOW ?? '1');

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export function patience(ms: number): number {
    return ms * slow * 4;
}

const KEPT = 2400; // ten minutes
const MOST = 10;
const samples: { at: number; stretch: number }[] = [];

/** Threads that want a core, for each core there is; the one that reads this is among them. */
function sample(): void {
    const running = Number(/ (\d+)\//.exec(readFileSync('/proc/loadavg', 'utf8'))?.[1] ?? '1');
    samples.push({
        at: Date.now(),
        stretch: Math.min(MOST, Math.max(1, (running - 1) / cpus().length)),
    });
    samples.splice(0, samples.length - KEPT);
}
sample();
setInterval(sample, 250).unref();

/** How many times longer work takes than on a machine of its own, by the samples of that time. */
function stretchBetween(begin: number, end: number): number {
    const some = samples.filter((one) => one.at >= begin - 250 && one.at <= end);
    const taken = some.length > 0 ? some : samples.slice(-1);
    return taken.reduce((sum, one) => sum + one.stretch, 0) / taken.length;
}

/** What may take `ms` on a quiet machine, and at worst happened in the busiest second since `begun`. */
export function allow(ms: number, begun: number): number {
    let worst = 1;
    for (let at = begun; at < Date.now(); at += 1000) {
        worst = Math.max(worst, stretchBetween(at, at + 1000));
    }
    return ms * slow * worst;
}

/** Asks again until `probe` answers something, or the machine has had `ms` for it: time counts less while it is busy. */
export async function until<T>(
    what: string,
    ms: number,
    probe: () => Promise<T | undefined | false | null>,
): Promise<T> {
    const begun = Date.now();
    for (let left = ms * 2, last = begun; ; ) {
        const found = await probe();
        if (found) {
            return found;
        }
        if (left < 0) {
            throw new Error(`not in ${Date.now() - begun} ms (${ms} on a quiet machine): ${what}`);
        }
        await wait(100);
        const now = Date.now();
        left -= (now - last) / stretchBetween(last, now);
        last = now;
    }
}

function idleAndAll(): [number, number] {
    const ticks = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '')
        .split(' ')
        .map(Number);
    return [ticks[3] + ticks[4], ticks.slice(0, 8).reduce((sum, one) => sum + one, 0)];
}

/** The share of the machine's time that was idle since `before`. */
function idleShare(before: [number, number]): number {
    const [idle, all] = idleAndAll();
    return all > before[1] ? (idle - before[0]) / (all - before[1]) : 0;
}

/** Whether the machine is free for a figure: waits for it, at most `ms`. If not, says so; the test then judges only what
 * holds on a busy machine, and with CI=true it fails, as nobody would read what it says. */
export async function quiet(ms = 60_000): Promise<boolean> {
    const end = Date.now() + ms;
    for (;;) {
        const before = idleAndAll();
        await wait(1000);
        const share = idleShare(before);
        if (share > 0.8) {
            return true;
        }
        if (Date.now() > end) {
            const said = `not a quiet machine: ${Math.round(100 * share)} % idle. The figures of "${test.info().title}" are not judged.`;
            console.log(said);
            test.info().annotations.push({ type: 'busy', description: said });
            if (process.env.CI === 'true') {
                throw new Error(`${said} With CI=true that is a failure.`);
            }
            return false;
        }
    }
}
