// SPDX-License-Identifier: GPL-3.0-or-later
// WHEP's offer goes out while the page still asks who one is and what the session is like, so that
// the picture does not wait for those. The player takes the session over, or it is dropped.
import { readPrefs } from '../prefs';
import { WhepSession } from './whep';

export interface Early {
    url: string;
    whep: WhepSession;
    started: Promise<void>;
}

interface Waiting extends Early {
    refusedAt: number | null;
}

const KEPT_MS = 15_000; // no page takes longer to know that it has no picture to show
const REFUSAL_MS = 1000; // an older refusal says nothing of the present: the session may have opened

let waiting: Waiting | null = null;

/** `quality`: a rendition is the upper limit; 'auto' and 'sound' set none. */
export function whepUrl(session: string, quality: string): string {
    const named = quality !== 'auto' && quality !== 'sound';
    const most = named ? `?max=${encodeURIComponent(quality)}` : '';
    return `/sessions/${encodeURIComponent(session)}/whep${most}`;
}

export function dropEarly(): void {
    waiting?.whep.close();
    waiting = null;
}

/** Where the browser has WebRTC, and neither the address nor an earlier choice wants anything else
 *  than a picture over it. */
export function offerEarly(session: string): void {
    const { quality } = readPrefs();
    dropEarly();
    if (
        typeof RTCPeerConnection === 'undefined' ||
        location.search.includes('via=hls') ||
        quality === 'sound'
    ) {
        return;
    }
    const url = whepUrl(session, quality);
    const whep = new WhepSession(url, {
        stream: () => undefined,
        path: () => undefined,
    });
    const started = whep.start();
    const early: Waiting = { url, whep, started, refusedAt: null };
    started.catch(() => {
        early.refusedAt = performance.now(); // takeEarly()'s caller handles the failure
    });
    waiting = early;
    setTimeout(() => waiting === early && dropEarly(), KEPT_MS);
}

/** Null where none was made for this address, which names the session and the quality, and where its
 *  refusal is an old one. */
export function takeEarly(url: string): Early | null {
    const early = waiting?.url === url ? waiting : null;
    if (!early) {
        return null;
    }
    const age = early.refusedAt === null ? 0 : performance.now() - early.refusedAt;
    if (age > REFUSAL_MS) {
        dropEarly();
        return null;
    }
    waiting = null;
    return early;
}
