// SPDX-License-Identifier: GPL-3.0-or-later
// What a signed path can show at the moment, for a page that has nothing else.
import type { Announced } from '../../core/types';

export type Found =
    | { kind: 'live' | 'recording'; url: string }
    /** soon: no picture yet, or the recording is being made. refused: the path has expired. over:
     *  the session has ended and its recording is not for this path. away: no answer. */
    | { kind: 'soon' | 'refused' | 'over' | 'gone' | 'away' };

async function statusOf(url: string): Promise<number> {
    try {
        return (await fetch(url, { cache: 'no-store', credentials: 'omit' })).status;
    } catch {
        return 0;
    }
}

/** `token` is the part of a signed path that begins with "t-". */
export async function findMedia(session: string, token: string): Promise<Found> {
    if (!token.startsWith('t-')) {
        return { kind: 'refused' }; // the server would only say that there is no such path
    }
    const id = encodeURIComponent(session);
    const live = `/sessions/${id}/hls/${encodeURIComponent(token)}/main.m3u8`;
    const recording = `/recordings/${id}/${encodeURIComponent(token)}/main.m3u8`;
    const status = await statusOf(live);
    if (status === 200) {
        return { kind: 'live', url: live };
    }
    if (status === 403 || status === 400) {
        return { kind: 'refused' };
    }
    if (status !== 404) {
        return { kind: status === 503 ? 'soon' : 'away' };
    }
    // The session is not on: it has ended, or never was.
    const other = await statusOf(recording);
    if (other === 200) {
        return { kind: 'recording', url: recording };
    }
    const kinds: Record<number, 'soon' | 'over' | 'gone'> = {
        403: 'over',
        404: 'soon',
        410: 'gone',
        503: 'soon',
    };
    return { kind: kinds[other] ?? 'away' };
}

/** What the session is called, who speaks and when; null: not told. */
export async function findSession(session: string, token: string): Promise<Announced | null> {
    const id = encodeURIComponent(session);
    const address = `/sessions/${id}/hls/${encodeURIComponent(token)}/session.json`;
    try {
        const response = await fetch(address, { cache: 'no-store', credentials: 'omit' });
        return response.ok ? await response.json() : null;
    } catch {
        return null;
    }
}
