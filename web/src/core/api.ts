// SPDX-License-Identifier: GPL-3.0-or-later
// The API over fetch. Every failure is a Problem, so that a page can say what happened and name the
// request.

/** The type of a refusal because all places are taken. */
export const NO_PLACE = 'urn:majlis:problem:no-place';

export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly type: string,
        readonly title: string,
        readonly detail: string,
        readonly requestId: string,
        /** When the server asks to be tried again; 0: it did not say. */
        readonly retryMs = 0,
        /** The server's code, for problem.ts to translate (src/base/codes.h). */
        readonly code = '',
        readonly params: Record<string, unknown> = {},
        /** The path of the value at fault, as "title.ar" or "speakers[0].name"; may be empty. */
        readonly field = '',
    ) {
        super(title || type);
    }
}

/** The fields that a problem document and a websocket's error have in common. */
export function problemFrom(
    status: number,
    body: Record<string, unknown>,
    requestId = '',
    retryMs = 0,
): Problem {
    const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '');
    const { params } = body;
    return new Problem(
        status,
        text('type') || 'about:blank',
        text('title'),
        text('detail'),
        text('request_id') || requestId,
        retryMs,
        text('code'),
        params && typeof params === 'object' ? (params as Record<string, unknown>) : {},
        text('field'),
    );
}

/** A form's own refusal, in the words of the server's refusal. */
export function refusal(
    code: string,
    field: string,
    params: Record<string, unknown> = {},
): Problem {
    return problemFrom(400, { code, field, params });
}

export async function problemOf(response: Response): Promise<Problem> {
    let body: Record<string, unknown> = {};
    try {
        body = (await response.json()) as Record<string, unknown>;
    } catch {
        // A proxy's error page is no problem document; its status still says enough.
    }
    return problemFrom(
        response.status,
        body,
        response.headers.get('x-request-id') ?? '',
        1000 * (Number(response.headers.get('retry-after')) || 0),
    );
}

export function asProblem(error: unknown): Problem {
    if (error instanceof Problem) {
        return error;
    }
    return new Problem(0, 'offline', '', String(error), '');
}

export async function request<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    more: Record<string, string> = {},
): Promise<T> {
    let response: Response;
    try {
        response = await fetch(`/api/v1/${path}`, {
            method,
            signal,
            credentials: 'same-origin',
            headers: {
                Accept: 'application/json',
                ...(body !== undefined && { 'Content-Type': 'application/json' }),
                ...more,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
    } catch (error) {
        throw asProblem(error);
    }
    if (!response.ok) {
        throw await problemOf(response);
    }
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) =>
    request<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: unknown) => request<T>('POST', path, body);
export const patch = <T>(path: string, body: unknown) => request<T>('PATCH', path, body);
export const remove = (path: string, body?: unknown) => request<void>('DELETE', path, body);
