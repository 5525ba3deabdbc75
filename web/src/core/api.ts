// SPDX-License-Identifier: GPL-3.0-or-later
// The API over fetch. Every failure is a Problem, so that a page can say what happened and name the
// request.

export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly type: string,
        readonly title: string,
        readonly detail: string,
        readonly requestId: string,
        /** When the server asks to be tried again; 0: it did not say. */
        readonly retryMs = 0,
    ) {
        super(title || type);
    }
}

export async function problemOf(response: Response): Promise<Problem> {
    let body: Record<string, unknown> = {};
    try {
        body = (await response.json()) as Record<string, unknown>;
    } catch {
        // A proxy's error page is no problem document; its status still says enough.
    }
    const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '');
    return new Problem(
        response.status,
        text('type') || 'about:blank',
        text('title'),
        text('detail'),
        text('request_id') || response.headers.get('x-request-id') || '',
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
): Promise<T> {
    let response: Response;
    try {
        response = await fetch(`/api/v1/${path}`, {
            method,
            signal,
            credentials: 'same-origin',
            headers:
                body === undefined
                    ? { Accept: 'application/json' }
                    : { Accept: 'application/json', 'Content-Type': 'application/json' },
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
