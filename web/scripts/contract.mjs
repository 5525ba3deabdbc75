// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the contract (src/api), and puts it among the built pages as the JSON that the server serves.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const source = (name) => readFileSync(join(import.meta.dirname, '../../src/api', name), 'utf8');

const documents = {
    'openapi.json': parse(source('openapi.yaml')),
    'ws.schema.json': JSON.parse(source('ws.schema.json')),
};

export const openapi = () => documents['openapi.json'];
export const messages = () => documents['ws.schema.json'];

export function contract() {
    return {
        name: 'contract',
        apply: 'build',
        generateBundle() {
            for (const [name, document] of Object.entries(documents)) {
                this.emitFile({
                    type: 'asset',
                    fileName: `api/${name}`,
                    source: JSON.stringify(document),
                });
            }
        },
    };
}
