// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a file, and tells how much of it has gone.
import { asProblem, problemFrom } from '../core/api';

const MIB = 1024 * 1024;
/** As the server takes them. */
export const MOST_PICTURE = 4 * MIB;
export const MOST_MATERIAL = 32 * MIB;
export const PICTURES = '.png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp';
export const MATERIALS = `${PICTURES},.pdf,.odp,.pptx,application/pdf`;

const NAMES: Record<string, string> = {
    'application/pdf': 'PDF',
    'image/png': 'PNG',
    'image/jpeg': 'JPEG',
    'image/webp': 'WebP',
    'application/vnd.oasis.opendocument.presentation': 'ODP',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PPTX',
};

/** For people; a link has the host's name. */
export const kindOf = ({ type, url }: { type: string | null; url: string }): string =>
    type ? (NAMES[type] ?? '') : URL.canParse(url) ? new URL(url).host : '';

/** What a material is called unless somebody says otherwise. */
export const nameOf = (file: string): string =>
    file.replace(/\.[a-z0-9]{1,5}$/i, '').trim() || file;

function bodyOf(text: string): Record<string, unknown> {
    try {
        return JSON.parse(text) as Record<string, unknown>;
    } catch {
        return {};
    }
}

/** `progress` hears the part that has gone, from 0 to 1. An aborted one rejects as offline. */
export function sendFile<T>(
    method: 'PUT' | 'POST',
    path: string,
    file: Blob,
    progress: (part: number) => void,
    signal: AbortSignal,
): Promise<T> {
    const request = new XMLHttpRequest();
    return new Promise((done, fail) => {
        request.upload.onprogress = ({ loaded }) => progress(file.size ? loaded / file.size : 1);
        request.onload = () => {
            const body = bodyOf(request.responseText);
            if (request.status < 300) {
                done(body as T);
            } else {
                fail(
                    problemFrom(
                        request.status,
                        body,
                        request.getResponseHeader('x-request-id') ?? '',
                    ),
                );
            }
        };
        request.onerror = () => fail(asProblem('the connection failed'));
        request.onabort = () => fail(asProblem('aborted'));
        signal.addEventListener('abort', () => request.abort());
        request.open(method, `/api/v1/${path}`);
        request.setRequestHeader('Accept', 'application/json');
        request.setRequestHeader('Content-Type', 'application/octet-stream');
        request.send(file);
    });
}
