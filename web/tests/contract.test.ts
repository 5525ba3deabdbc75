// SPDX-License-Identifier: GPL-3.0-or-later
// The contract's lists against the tables in C.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messages, openapi } from '../scripts/contract.mjs';

/** What `pattern` captures in a file of src/. */
const inC = (file: string, pattern: RegExp) =>
    [...readFileSync(`../src/${file}`, 'utf8').matchAll(pattern)].map(([, text]) => text as string);

const schemas = openapi().components.schemas;

test('every code of a refusal', () =>
    expect(schemas.Code?.enum).toEqual(inC('base/codes.h', /CODE\(\w+, "([^"]+)"/g)));

test('every type of a problem', () =>
    expect(schemas.ProblemType?.enum).toEqual(
        inC('base/problem.c', /\{\d{3}, "([^"]+)"/g).map((type) => `urn:majlis:problem:${type}`),
    ));

test('every operation over the websocket', () => {
    const [names] = inC('qa/message.c', /op_names\[QA_OPS\] = \{([^}]+)\}/g);
    const { $defs } = messages();
    const kinds = $defs.ClientMessage?.oneOf as { $ref: string }[];
    const listed = kinds.map(({ $ref }) => {
        const properties = $defs[$ref.split('/').pop() as string]?.properties;
        return (properties as { op: { const: string } }).op.const;
    });
    expect(listed.sort()).toEqual([...(names ?? '').matchAll(/"(\w+)"/g)].map(([, n]) => n).sort());
});
