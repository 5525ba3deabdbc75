// SPDX-License-Identifier: GPL-3.0-or-later
// An offer by HTTP and its answer, the same for watching (WHEP) and publishing (WHIP, RFC 9725).
import { problemOf } from '../../core/api';
import { iceServers } from './ice';

// For the server's answer: a network that lost it would keep the page waiting.
const ANSWER_MS = 4000;

/** One transport for all media; of the connection's constructor, and again with the ICE servers. */
export const CONFIGURATION: RTCConfiguration = { bundlePolicy: 'max-bundle' };

export interface Answer {
    /** The address of the new resource, to change and to delete it. */
    resource: string;
    etag: string;
    servers: RTCIceServer[];
    /** Reads the answer. Where that fails, the resource is known and can be deleted. */
    sdp: () => Promise<string>;
}

/** Throws a Problem (the server's refusal), or what the browser says. */
export async function postOffer(
    url: string,
    sdp: string | undefined,
    post: typeof fetch,
): Promise<Answer> {
    const response = await post(url, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp' },
        body: sdp,
        signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.status !== 201) {
        throw await problemOf(response);
    }
    const place = response.headers.get('location') ?? '';
    return {
        resource: new URL(place, response.url || location.href).href,
        etag: response.headers.get('etag') ?? '',
        servers: iceServers(response.headers.get('link')),
        sdp: () => response.text(),
    };
}
