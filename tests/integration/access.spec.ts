// SPDX-License-Identifier: GPL-3.0-or-later
// The access matrix: everything that can be asked, by everybody, at every moment of a session, as tests/access/matrix.md says.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { faults, operates } from '../lib/access/asks';
import { Cast } from '../lib/access/cast';
import { Matrix } from '../lib/access/matrix';
import { messageFaults, messages } from '../lib/access/messages';
import { Stage } from '../lib/access/stage';
import { type Access, lacks, moments, rowsAt, type State } from '../lib/access/table';
import { patience } from '../lib/time';

test('every operation, message and event has its rows, and each row is of one', () => {
    expect([...faults(), ...messageFaults(), ...lacks([...operates, ...messages])]).toEqual([]);
});

test('what needs a sign-in by the contract is refused to nobody in each row, and nothing else', () => {
    for (const { name, secured, moments: its } of operates) {
        const cells = its.flatMap((moment) => rowsAt(name, moment)).map((row) => row.cells.nobody);
        const refused = cells.every((cell) => cell === '401');
        const judgesLinks = name.startsWith('signIn: ') && refused;
        if (secured !== 'metrics' && !judgesLinks) {
            expect.soft(refused ? 'sign-in' : '', `${name}: security`).toBe(secured);
        }
    }
});

const later: State[] = ['lobby', 'live', 'paused', 'ended', 'published', 'deleted'];

/** Asks one cell of `every` at each moment, and all messages and events. */
async function ask(every: number): Promise<void> {
    test.setTimeout(patience(180_000));
    const begun = Date.now();
    const cast = await Cast.start();
    try {
        const main = await Stage.make(cast, 'Matrixmain');
        const second = await Stage.make(cast, 'Matrixsecond');
        await cast.fill([main.id, second.id]);
        await main.furnish();
        await second.furnish();
        const ready = Date.now();

        const matrix = new Matrix(cast, main, every);
        const both = async (stage: Stage) => {
            const other: Access = stage.moment.access === 'open' ? 'invited' : 'open';
            await matrix.now(stage);
            await stage.open(other);
            await matrix.now(stage);
        };
        await matrix.always();
        await matrix.otherMethods();
        await matrix.now(Stage.unknown(main));
        await both(main);
        await second.to('cancelled');
        await both(second);
        for (const state of later) {
            await main.to(state);
            await both(main);
        }
        const lobby = join(cast.server.data, 'recordings', main.id, main.lobby);
        expect(existsSync(lobby)).toBe(false); // the recording is deleted

        const asked = operates.length + messages.length;
        console.log(
            `printed: access matrix: ${matrix.cells} cells, ${matrix.wrong.length} not as written, of ${asked} things at ${moments.length + 1} moments; ${ready - begun} ms to prepare, ${Date.now() - ready} ms to ask`,
        );
        expect(matrix.wrong).toEqual([]);
        expect(matrix.cells).toBeGreaterThan(1500 / every);
    } finally {
        expect(await cast.stop()).toBe(0);
    }
}

test('each asker gets what the table says @plain', () => ask(1));

// What a handler does to memory differs by operation and outcome, hardly by moment.
test('a sample of it, for the sanitizers', () => ask(7));
