// SPDX-License-Identifier: GPL-3.0-or-later
// Says at the end of a run which operations of the contract a server answered in it.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reporter } from '@playwright/test/reporter';
import { operations } from './contract';

const file = join(tmpdir(), `majlis-contract-${process.pid}`);

export default class ContractReport implements Reporter {
    onBegin(): void {
        process.env.MAJLIS_CONTRACT_SEEN = file; // workers inherit it
    }

    onEnd(): void {
        const seen = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
        rmSync(file, { force: true });
        const names = operations.map(({ operationId }) => operationId);
        const [yes, no] = [true, false].map((is) => names.filter((n) => seen.includes(n) === is));
        if (yes.length > 0) {
            console.log(
                `\ncontract: ${yes.length} of ${names.length} operations answered: ${yes.join(' ')}\n  not in this run: ${no.join(' ')}`,
            );
        }
    }
}
