// SPDX-License-Identifier: GPL-3.0-or-later
// Reads tests/access/matrix.md, and finds what it lacks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../server';

export const columns = [
    'nobody',
    'elsewhere',
    'attendee',
    'speaker',
    'moderator',
    'everywhere',
    'staff',
    'admin',
] as const;
export type Column = (typeof columns)[number];
const states = [
    'scheduled',
    'lobby',
    'live',
    'paused',
    'ended',
    'published',
    'deleted',
    'cancelled',
    'unknown',
] as const;
export type State = (typeof states)[number];
export type Access = 'invited' | 'open';
/** When something is asked; without a state: about no session. */
export interface Moment {
    state?: State;
    access?: Access;
}

export interface Row {
    line: number;
    /** as "getSession", "getFile: its files", "getHls: *", "send vote", "hear votes" */
    names: string[];
    covers: (moment: Moment) => boolean;
    cells: Record<Column, string>;
    yes: string[];
}

const file = 'tests/access/matrix.md';

export function momentName({ state, access }: Moment): string {
    return [state ?? 'always', access].filter((word) => word).join(' ');
}

/** Every moment that a session has, an unknown one's last. */
export const moments: Moment[] = states.flatMap((state): Moment[] =>
    state === 'unknown'
        ? [{ state }]
        : [
              { state, access: 'invited' },
              { state, access: 'open' },
          ],
);

/** Reads "always", "any", or states. */
export function when(text: string): (moment: Moment) => boolean {
    const words = text.split(/\s+/);
    if (text === 'always' || text === 'any') {
        const any = text === 'any';
        return ({ state }) => (any ? state !== undefined && state !== 'unknown' : !state);
    }
    const wrong = words.find((word) => !states.includes(word as State));
    if (wrong !== undefined) {
        throw new Error(`"${wrong}" is no state of a session`);
    }
    return ({ state }) => state !== undefined && words.includes(state);
}

/** "a, b" and "a, b: x, y" */
function namesOf(text: string): string[] {
    const [, asked, ways] = /^([^:]+?)(?:: (.*))?$/.exec(text) ?? [];
    if (asked === undefined) {
        throw new Error(`"${text}" is not "operation, …" or "operation, …: way, …"`);
    }
    return asked
        .split(', ')
        .flatMap((one) => (ways ? ways.split(', ').map((way) => `${one}: ${way}`) : [one]));
}

function rowOf(text: string, line: number): Row {
    const parts = text.split('|').map((part) => part.trim());
    if (parts.length !== columns.length + 5) {
        throw new Error(`${parts.length - 2} cells and not ${columns.length + 3}`);
    }
    const [, asked, moment, ...rest] = parts;
    const cells = Object.fromEntries(columns.map((column, i) => [column, rest[i]]));
    const yes = rest[columns.length];
    const used = Object.values(cells).some((cell) => /\byes\b/.test(cell));
    if (Object.values(cells).includes('') || used !== (yes !== '')) {
        throw new Error(
            used ? 'its last cell has to say what yes is' : 'a cell is empty, or yes is unused',
        );
    }
    return {
        line,
        names: namesOf(asked),
        covers: when(moment),
        cells: cells as Record<Column, string>,
        yes: yes.split(' or '),
    };
}

export const rows: Row[] = readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, at) => ({ text, line: at + 1 }))
    .filter(({ text }, at, all) => {
        const head = all.slice(0, at).findLast((one) => one.text.startsWith('| asked |'));
        return head !== undefined && text.startsWith('|') && !/^\| (asked|---)/.test(text);
    })
    .map(({ text, line }) => {
        try {
            return rowOf(text, line);
        } catch (error) {
            throw new Error(`${file}:${line}: ${(error as Error).message}`);
        }
    });

function speaksOf(row: Row, name: string): boolean {
    return row.names.some((one) => one === name || one === name.replace(/: .*/, ': *'));
}

export function rowsAt(name: string, moment: Moment): Row[] {
    return rows.filter((row) => speaksOf(row, name) && row.covers(moment));
}

/** One of the things that can be asked. */
export interface Asked {
    name: string;
    from: string; // where it stands
    moments: Moment[];
}

function lacksOf({ name, from, moments: its }: Asked): string[] {
    if (!rows.some((row) => speaksOf(row, name))) {
        return [`${file} has no row for ${name} of ${from}: its head says how to add one`];
    }
    const at = (count: number) =>
        its
            .filter((moment) => Math.min(rowsAt(name, moment).length, 2) === count)
            .map(momentName)
            .join(', ');
    return [
        ...(at(0) ? [`${file} says nothing of ${name}: ${at(0)}`] : []),
        ...(at(2) ? [`${file} says more than one thing of ${name}: ${at(2)}`] : []),
    ];
}

/** A line for each that no row or more than one speaks of, and for each name in a row that is none's. */
export function lacks(asked: Asked[]): string[] {
    const idle = rows.flatMap((row) =>
        row.names.flatMap((name) => {
            const its = asked.filter((one) => speaksOf({ ...row, names: [name] }, one.name));
            const never = !its.some((one) => one.moments.some(row.covers));
            return its.length === 0
                ? [`${file}:${row.line}: ${name} is in no contract and in no asks.ts`]
                : never
                  ? [`${file}:${row.line}: ${name} is never asked then`]
                  : [];
        }),
    );
    return [...asked.flatMap(lacksOf), ...idle];
}

/** What may be answered; [] where nobody asks. */
export function expected(row: Row, column: Column, { access }: Moment): string[] {
    const [invited, open] = row.cells[column].split(' / ');
    const cell = access === 'open' ? (open ?? invited) : invited;
    return cell === 'yes' ? row.yes : cell === '-' ? [] : [cell];
}
