// SPDX-License-Identifier: GPL-3.0-or-later
// Makes src/core/types.ts of the contract (src/api), for the pages and the tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { messages, openapi } from './contract.mjs';

/** References within one document, without what stands beside them: it would make another type. */
function gather(node) {
    if (Array.isArray(node)) {
        return node.map(gather);
    }
    if (node === null || typeof node !== 'object') {
        return node;
    }
    if (typeof node.$ref === 'string') {
        return { $ref: `#/$defs/${node.$ref.split('/').pop()}` };
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, gather(value)]));
}

const $defs = gather({ ...openapi().components.schemas, ...messages().$defs });
const text = await compile({ $defs, type: 'object' }, 'Contract', {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    unreachableDefinitions: true,
    bannerComment:
        '// Made of src/api/openapi.yaml and ws.schema.json by "npm run types"; not in git.',
    style: { singleQuote: true, tabWidth: 4, printWidth: 100 },
});
writeFileSync(join(import.meta.dirname, '../src/core/types.ts'), text);
