// SPDX-License-Identifier: GPL-3.0-or-later
// The table that faults/inject.c shares: the sites that a program passed, and which of them failed.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { binary } from './server';

const HEAD = 128;
const SITE = 160;
const SITES = 16384;
const FRAMES = 6;

export interface Site {
    id: string;
    /** the function of libc */
    name: string;
    /** the library's function that called it, as far as its table of symbols knows */
    caller: string;
    thread: string;
    passed: number;
    /** of the failures, from 1; 0: not failed */
    order: number;
    at: number;
    /** offsets in the program, innermost first */
    frames: string[];
}

function text(bytes: Buffer, from: number, size: number): string {
    const field = bytes.subarray(from, from + size);
    const end = field.indexOf(0);
    return field.toString('latin1', 0, end < 0 ? size : end);
}

export class Table {
    constructor(readonly file: string) {
        writeFileSync(file, '');
        truncateSync(file, HEAD + SITE * SITES);
    }

    private read(at: number, size: number): Buffer {
        const bytes = Buffer.alloc(size);
        const fd = openSync(this.file, 'r');
        readSync(fd, bytes, 0, size, at);
        closeSync(fd);
        return bytes;
    }

    /** How many sites failed until now. */
    failures(): number {
        return Number(this.read(0, 8).readBigUInt64LE());
    }

    /** No more failures, or again. */
    hold(on: boolean): void {
        const word = Buffer.alloc(8);
        word.writeBigUInt64LE(BigInt(on));
        const fd = openSync(this.file, 'r+');
        writeSync(fd, word, 0, 8, 16);
        closeSync(fd);
    }

    sites(): Site[] {
        const bytes = this.read(HEAD, SITE * SITES);
        const found: Site[] = [];
        for (let at = 0; at < bytes.length; at += SITE) {
            const word = (i: number) => bytes.readBigUInt64LE(at + 8 * i);
            if (word(0) === 0n) {
                continue;
            }
            const frames = Array.from({ length: FRAMES }, (_, i) => word(5 + i)).filter(Boolean);
            found.push({
                id: word(0).toString(16),
                name: text(bytes, at + 88, 24),
                caller: text(bytes, at + 112, 32),
                thread: text(bytes, at + 144, 16),
                passed: Number(word(1)),
                order: Number(word(2)),
                at: Number(word(3)),
                frames: frames.map((one) => `0x${(one - 1n).toString(16)}`), // in the call, not behind it
            });
        }
        return found;
    }

    /** Those that failed after the first `order`, in order. */
    failedAfter(order: number): Site[] {
        return this.sites()
            .filter((site) => site.order > Math.max(0, order) && site.order < SITES)
            .sort((a, b) => a.order - b.order);
    }
}

/** INJECT_KEPT, of pairs of a function of libc and the function of the program that calls it. */
export function keptSites(pairs: [string, string][]): string {
    const symbols = execFileSync('nm', ['-S', '--defined-only', binary], {
        encoding: 'utf8',
        maxBuffer: 64 << 20,
    });
    return pairs
        .map(([libc, own]) => {
            const found = new RegExp(`^([0-9a-f]+) ([0-9a-f]+) [tT] ${own}$`, 'm').exec(symbols);
            if (!found) {
                throw new Error(`the program has no function ${own}`);
            }
            const start = BigInt(`0x${found[1]}`);
            return `${libc}:${start.toString(16)}-${(start + BigInt(`0x${found[2]}`)).toString(16)}`;
        })
        .join(' ');
}

const names = new Map<string, string>();

/** "function (file:line)" of each address in the program. */
function nameAll(addresses: string[]): void {
    const wanted = [...new Set(addresses)].filter((one) => !names.has(one));
    if (wanted.length === 0) {
        return;
    }
    const lines = execFileSync('addr2line', ['-f', '-s', '-e', binary], {
        input: wanted.join('\n'),
        encoding: 'utf8',
    }).split('\n');
    wanted.forEach((one, i) => {
        names.set(one, `${lines[2 * i]} (${lines[2 * i + 1].replace(/ .*/, '')})`);
    });
}

/** A line for each: what failed, and the functions of the program above it. */
export function describe(sites: Site[]): string[] {
    nameAll(sites.flatMap((site) => site.frames));
    return sites.map(
        (site) =>
            `${site.name} in ${site.frames
                .slice(0, 4)
                .map((one) => names.get(one))
                .join(
                    ' < ',
                )}${site.caller ? ` by ${site.caller}` : ''} [${site.thread}, site ${site.id}]`,
    );
}
