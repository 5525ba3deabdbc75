// SPDX-License-Identifier: GPL-3.0-or-later
// Holds what a server answers against the contract (src/api): the status, the type, and every field, none
// missing and none unlisted. Server.start() has each answer to fetch() checked, Api.socket() each message.
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

type Json = Record<string, unknown>;
type Content = Record<string, { schema?: Json; example?: unknown; examples?: Json }>;
type Answer = { $ref?: string; content?: Content };
export interface Operation {
    operationId: string;
    method: string;
    path: string;
    tags: string[];
    security?: Record<string, string[]>[];
    requestBody?: { content: Content };
    responses: Record<string, Answer>;
}

const root = resolve(__dirname, '../..');
const source = (name: string) => readFileSync(join(root, name), 'utf8');

/** As JSON from the built pages, which is read at once, unless the source is newer. */
function openapi(): Json {
    const [yaml, json] = ['src/api/openapi.yaml', 'web/dist/api/openapi.json'];
    const age = (name: string) => statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs;
    return (age(json) ?? 0) > (age(yaml) ?? 0) ? JSON.parse(source(json)) : parse(source(yaml));
}

const documents: Record<string, Json> = {
    'openapi.json': openapi(),
    'ws.schema.json': JSON.parse(source('src/api/ws.schema.json')),
};

function find(document: string, reference: string): [string, Json] {
    const [file, pointer] = reference.split('#');
    const at = file || document;
    const steps = (pointer ?? '').split('/').slice(1);
    return [at, steps.reduce((node, step) => node[step] as Json, documents[at])];
}

/** The schema without references. `closed`: objects have no fields but those listed. */
function whole(document: string, node: unknown, closed: boolean, part = false): unknown {
    if (Array.isArray(node)) {
        return node.map((one) => whole(document, one, closed));
    }
    if (node === null || typeof node !== 'object') {
        return node;
    }
    if ('$ref' in node) {
        return whole(...find(document, String(node.$ref)), closed, part);
    }
    const copy: Json = {};
    for (const [key, value] of Object.entries(node)) {
        copy[key] =
            key === 'allOf'
                ? (value as unknown[]).map((one) => whole(document, one, closed, true))
                : whole(document, value, closed);
    }
    const object = copy.allOf || (copy.properties && copy.additionalProperties === undefined);
    if (closed && !part && object) {
        copy.type = 'object';
        copy.unevaluatedProperties = false;
    }
    return copy;
}

const ajv = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false }));
const made = new Map<string, ValidateFunction>();

/** Why `value` is not as the schema says; '' where it is. */
function faults(document: string, schema: Json, value: unknown, closed: boolean): string {
    const key = `${document} ${closed} ${JSON.stringify(schema)}`;
    let validate = made.get(key);
    if (!validate) {
        validate = ajv.compile(whole(document, schema, closed) as Json);
        made.set(key, validate);
    }
    return validate(value)
        ? ''
        : (validate.errors ?? [])
              .map((one) => `${one.instancePath} ${one.message} ${JSON.stringify(one.params)}`)
              .join('\n  ');
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** Without a reference. */
function bodyOf({ requestBody }: Operation): Operation['requestBody'] {
    return requestBody && '$ref' in requestBody
        ? (find('openapi.json', String(requestBody.$ref))[1] as Operation['requestBody'])
        : requestBody;
}

export const operations: Operation[] = Object.entries(
    documents['openapi.json'].paths as Record<string, Json>,
).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
        ...(item[method] as Operation),
        requestBody: bodyOf(item[method] as Operation),
        method: method.toUpperCase(),
        path,
    })),
);

const patterns = operations.map((operation) => ({
    operation,
    matches: new RegExp(
        `^${operation.path
            .replace(/[.]/g, '\\.')
            .replace(/\{(file|page)\}$/, '.*')
            .replace(/\{\w+\}/g, '[^/]+')}$`,
    ),
}));

export function operationOf(method: string, path: string): Operation | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    return patterns.find(
        ({ operation, matches }) => operation.method === wanted && matches.test(path),
    )?.operation;
}

const problem = { $ref: '#/components/schemas/Problem' };

function answerFaults(
    operation: Operation | undefined,
    status: number,
    type: string,
    body: string,
): string {
    if (type === 'application/problem+json') {
        const value = JSON.parse(body);
        return value.status === status
            ? faults('openapi.json', problem, value, true)
            : `the problem's status is ${value.status}`;
    }
    const listed = operation?.responses[status];
    if (!listed) {
        return 'the contract does not list the status';
    }
    const answer = listed.$ref ? (find('openapi.json', listed.$ref)[1] as Answer) : listed;
    if (!answer.content) {
        return body === '' ? '' : 'the contract lists no body';
    }
    const content = answer.content[type] ?? answer.content['*/*'];
    if (!content) {
        return `the contract does not list ${type || 'an empty body'}`;
    }
    const json = type === 'application/json';
    return content.schema && (json || type === 'text/plain')
        ? faults('openapi.json', content.schema, json ? JSON.parse(body) : body, true)
        : '';
}

/** Of a body that the server took. Unlisted fields it may have taken no notice of. */
function requestFaults(operation: Operation, body: string): string {
    const schema = operation.requestBody?.content['application/json']?.schema;
    return schema ? faults('openapi.json', schema, JSON.parse(body), false) : '';
}

const seen = new Set<string>();

/** For contract-report, which names the file: the operations that were answered, a line each. */
function note({ operationId }: Operation): void {
    const file = process.env.MAJLIS_CONTRACT_SEEN;
    if (file && !seen.has(operationId)) {
        seen.add(operationId);
        appendFileSync(file, `${operationId}\n`);
    }
}

const READ = ['application/json', 'application/problem+json', 'text/plain'];

/** Throws where the answer is not as the contract says. */
export async function checkAnswer(
    method: string,
    url: string,
    sent: unknown,
    response: Response,
): Promise<void> {
    if (method === 'OPTIONS') {
        return;
    }
    const operation = operationOf(method, new URL(url).pathname);
    const type = (response.headers.get('content-type') ?? '').split(';')[0];
    const head = method === 'HEAD';
    const read = !head && (READ.includes(type) || response.status === 204);
    const body = read ? await response.clone().text() : '';
    let wrong = head && !response.ok ? '' : answerFaults(operation, response.status, type, body);
    if (!wrong && operation && response.ok && typeof sent === 'string' && sent !== '') {
        wrong = requestFaults(operation, sent);
    }
    if (wrong) {
        throw new Error(
            `${method} ${url}: ${response.status} is not as in src/api/openapi.yaml:\n  ${wrong}\n${body.slice(0, 2000)}`,
        );
    }
    if (operation && response.status < 400) {
        note(operation);
    }
}

const MESSAGES = 'ws.schema.json';

/** Throws where a websocket's message is not as the contract says. */
export function checkMessage(kind: 'ClientMessage' | 'ServerMessage', text: string): void {
    const message = JSON.parse(text) as Json;
    const kinds = (name: string): string[] =>
        ((find(MESSAGES, `#/$defs/${name}`)[1].oneOf as { $ref: string }[]) ?? []).flatMap(
            ({ $ref }) => {
                const inner = $ref.split('/').pop() as string;
                return inner === 'ServerEvent' ? kinds(inner) : [inner];
            },
        );
    const is = (name: string, field: string) => {
        const { properties } = find(MESSAGES, `#/$defs/${name}`)[1] as {
            properties: Record<string, { const?: string }>;
        };
        return properties[field]?.const === message[field];
    };
    const name = kinds(kind).find(
        (one) => is(one, 'op') && (message.op !== 'event' || is(one, 'type')),
    );
    const wrong = name
        ? faults(MESSAGES, { $ref: `#/$defs/${name}` }, message, true)
        : 'the contract does not list it';
    if (wrong) {
        throw new Error(`a message is not as in src/api/ws.schema.json:\n  ${wrong}\n${text}`);
    }
}

/** Every example of the websocket's messages. */
export function messageExamples(): Json[] {
    return Object.values(documents[MESSAGES].$defs as Record<string, Json>).flatMap(
        (one) => (one.examples as Json[]) ?? [],
    );
}

/** The examples of what an operation is sent, by name; one without a body has one example. A type without an
 *  example stands beside one that has it. */
export function requestExamples(operation: Operation): [string, unknown, string][] {
    const all = Object.entries(operation.requestBody?.content ?? { '': {} });
    const shown = all.filter(([, { example, examples }]) => example !== undefined || examples);
    return (shown.length > 0 ? shown : all).flatMap(([type, content]) =>
        content.examples
            ? Object.entries(content.examples).map(([name, one]): [string, unknown, string] => [
                  name,
                  (one as { value: unknown }).value,
                  type,
              ])
            : [['', content.example, type] as [string, unknown, string]],
    );
}

/** The only example of what an operation is sent, as a text. */
export function requestExample(id: string): string {
    const operation = operations.find(({ operationId }) => operationId === id) as Operation;
    return String(requestExamples(operation)[0][1]);
}

/** The values of `op` that a client sends, or of `type` that an event has. */
export function messageNames(kind: 'ClientMessage' | 'ServerEvent'): string[] {
    const field = kind === 'ServerEvent' ? 'type' : 'op';
    return (find(MESSAGES, `#/$defs/${kind}`)[1].oneOf as { $ref: string }[]).map(({ $ref }) => {
        const { properties } = find(MESSAGES, $ref)[1] as {
            properties: Record<string, { const: string }>;
        };
        return properties[field].const;
    });
}

/** A websocket that opened. */
export function noteSocket(): void {
    note(operations.find(({ operationId }) => operationId === 'openWebsocket') as Operation);
}

const servers = new Set<string>();
const plainFetch = globalThis.fetch;

async function checkedFetch(...given: Parameters<typeof fetch>): Promise<Response> {
    const response = await plainFetch(...given);
    const [input, init] = given;
    const url = new URL(input instanceof Request ? input.url : input);
    if (servers.has(url.origin)) {
        await checkAnswer(init?.method ?? 'GET', String(url), init?.body, response);
    }
    return response;
}

/** From here on each answer of this server to fetch() is checked. */
export function checkServer(url: string): void {
    servers.add(new URL(url).origin);
    globalThis.fetch = checkedFetch;
}
