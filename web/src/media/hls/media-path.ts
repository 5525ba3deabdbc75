// SPDX-License-Identifier: GPL-3.0-or-later
// The folder of a session's playlists.
import { asProblem, get, NO_PLACE } from '../../core/api';

const HTTP_MS = 4000; // a small request without an answer: the network is away
const PATH_MINUTES = 480; // longer than any session; revoking a person ends it at once all the same

/** A signed path: what is asked for there, a cache in front may answer for all. Where the server
 *  hands out none, the session's own path, with the cookie. */
export async function mediaFolder(session: string): Promise<{ folder: string; signed: boolean }> {
    const id = encodeURIComponent(session);
    try {
        const address = `sessions/${id}/media-path?minutes=${PATH_MINUTES}`;
        const { path } = await get<{ path: string }>(address, AbortSignal.timeout(HTTP_MS));
        return { folder: path, signed: true };
    } catch (error) {
        // 0: the server is not reached, and HLS would go the same way.
        const { status, type } = asProblem(error);
        if ([0, 401, 403].includes(status) || type === NO_PLACE) {
            throw error;
        }
        return { folder: `/sessions/${id}/hls/`, signed: false };
    }
}
