// SPDX-License-Identifier: GPL-3.0-or-later
// A recording's journal, read by the rule at the head of src/archive/journal.h and by nothing else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Part {
    run: number;
    track: string;
    segment: number;
    part: number;
    at: number;
    bytes: number;
    startUs: number;
    endUs: number;
    open: boolean;
    /** begins with a key frame */
    key: boolean;
}

export interface Journal {
    epochUs: number;
    parts: Part[];
    inits: { run: number; track: string; bytes: number }[];
}

const table = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let bit = 0; bit < 8; bit++) {
        c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    }
    return c >>> 0;
});

function crc32(text: string): string {
    let crc = 0xffffffff;
    for (const byte of Buffer.from(text)) {
        crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff];
    }
    return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

/** A line with its checksum. */
export const journalLine = (text: string) => `${text} ${crc32(text)}\n`;

/** Whole lines with the right checksum; the rest does not exist. */
export function readJournal(folder: string): Journal {
    const journal: Journal = { epochUs: 0, parts: [], inits: [] };
    let text = '';
    try {
        text = readFileSync(join(folder, 'journal'), 'utf8');
    } catch {
        return journal;
    }
    for (const line of text.split('\n').slice(0, -1)) {
        const cut = line.lastIndexOf(' ');
        if (cut < 0 || crc32(line.slice(0, cut)) !== line.slice(cut + 1)) {
            continue;
        }
        const [kind, ...words] = line.slice(0, cut).split(' ');
        const field = Object.fromEntries(words.map((word) => word.split('=', 2)));
        if (kind === 'majlis-recording') {
            journal.epochUs = Number(field.epoch_us);
        } else if (kind === 'init') {
            journal.inits.push({
                run: Number(field.run),
                track: field.track,
                bytes: Number(field.bytes),
            });
        } else if (kind === 'part') {
            const startUs = Number(field.pts_us);
            journal.parts.push({
                run: Number(field.run),
                track: field.track,
                segment: Number(field.segment),
                part: Number(field.part),
                at: Number(field.at),
                bytes: Number(field.bytes),
                startUs,
                endUs: startUs + Number(field.duration_us),
                open: field.flags[1] === 'o',
                key: field.flags[0] === 'i',
            });
        }
    }
    return journal;
}

/** Until when all tracks of the newest run (or the named one) are on the disk, in milliseconds of the wall clock; 0: nothing is. */
export function storedUntil(journal: Journal, track = ''): number {
    const run = Math.max(0, ...journal.inits.map((init) => init.run));
    const parts = journal.parts.filter((part) => part.run === run);
    if (parts.length === 0) {
        return 0;
    }
    const start = Math.min(...parts.map((part) => part.startUs)); // as far as a track is that has nothing yet
    const ends = journal.inits
        .filter((init) => init.run === run && (track === '' || init.track === track))
        .map((init) =>
            Math.max(
                start,
                ...parts.filter((part) => part.track === init.track).map((part) => part.endUs),
            ),
        );
    return (journal.epochUs + Math.min(...ends)) / 1000;
}
