// SPDX-License-Identifier: GPL-3.0-or-later
// Objects of the API for tests: the contract's own examples, changed where a test says so.
import { openapi } from '../scripts/contract.mjs';
import type { Health, Question, Session } from '../src/core/types';

interface Described {
    responses: Record<string, { content: { 'application/json': { example: unknown } } }>;
}

function example<T>(method: string, path: string, status = '200'): T {
    const operation = openapi().paths[path]?.[method] as Described;
    return structuredClone(operation.responses[status]?.content['application/json'].example) as T;
}

export function session(change: Partial<Session> = {}): Session {
    return { ...example<Session>('get', '/api/v1/sessions/{session}'), ...change };
}

/** Asked by nobody in particular: without `mine` and `voted`. */
export function question(change: Partial<Question> = {}): Question {
    const path = '/api/v1/sessions/{session}/questions';
    const { mine, voted, ...plain } = example<Question>('post', path, '201');
    return { ...plain, ...change };
}

export function health(change: Partial<Health> = {}): Health {
    return { ...example<Health>('get', '/api/v1/health'), ...change };
}
