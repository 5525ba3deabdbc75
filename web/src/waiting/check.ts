// SPDX-License-Identifier: GPL-3.0-or-later
// The sound and network check before a session: what was measured, and nothing else.
import type { WaitingKey } from './words';

const TONES_HZ = [660, 880];
const TONE_S = 0.5;
const RTT_TRIES = 5;
const MEASURE_MS = 4000;
const MEASURE_BYTES = 8_000_000;
const HD_MBPS = 4;
const LOW_MBPS = 1;

/** Plays two tones. False where the browser does not let the page. */
export async function playTones(): Promise<boolean> {
    try {
        const audio = new AudioContext();
        await audio.resume();
        for (const [i, hertz] of TONES_HZ.entries()) {
            const tone = new OscillatorNode(audio, { frequency: hertz });
            const gain = new GainNode(audio, { gain: 0.25 });
            tone.connect(gain).connect(audio.destination);
            tone.start(audio.currentTime + i * (TONE_S + 0.2));
            tone.stop(audio.currentTime + i * (TONE_S + 0.2) + TONE_S);
        }
        await new Promise((done) => setTimeout(done, 1000 * TONES_HZ.length * (TONE_S + 0.2)));
        const ran = audio.state === 'running';
        await audio.close();
        return ran;
    } catch {
        return false;
    }
}

export interface Line {
    mbps: number;
    rttMs: number;
}

interface File {
    url: string;
    /** Bytes on the network for each byte of it: scripts and styles come compressed. */
    share: number;
}

let largest: File | null = null;

/** The largest of the page's own files. */
function largestFile(): File {
    const found = performance
        .getEntriesByType('resource')
        .filter((one) => one instanceof PerformanceResourceTiming)
        .filter(({ name }) => new URL(name).pathname.startsWith('/assets/'))
        .sort((a, b) => b.encodedBodySize - a.encodedBodySize)[0];
    return found
        ? { url: found.name, share: found.encodedBodySize / found.decodedBodySize || 1 }
        : { url: location.pathname, share: 1 };
}

async function roundTrip(): Promise<number> {
    const begun = performance.now();
    const signal = AbortSignal.timeout(MEASURE_MS);
    await (await fetch('/healthz', { cache: 'no-store', signal })).arrayBuffer();
    return performance.now() - begun;
}

/** Measures by this page's own files, and counts what came of one that takes longer than the
 *  measurement. Null: the server cannot be reached. */
export async function measureLine(): Promise<Line | null> {
    largest ??= largestFile();
    const { url, share } = largest;
    try {
        const trips: number[] = [];
        for (let i = 0; i < RTT_TRIES; i++) {
            trips.push(await roundTrip());
        }
        const begun = performance.now();
        const signal = AbortSignal.timeout(MEASURE_MS);
        let bytes = 0;
        const lane = async () => {
            while (!signal.aborted && bytes < MEASURE_BYTES) {
                const reader = (await fetch(url, { cache: 'no-store', signal })).body?.getReader();
                for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
                    bytes += part.value.byteLength * share;
                }
            }
        };
        await Promise.allSettled([lane(), lane(), lane(), lane()]);
        performance.clearResourceTimings();
        const seconds = (performance.now() - begun) / 1000;
        const rttMs = trips.sort((a, b) => a - b)[2] ?? 0;
        return bytes > 0 ? { mbps: (bytes * 8) / 1e6 / seconds, rttMs } : null;
    } catch {
        return null;
    }
}

export function lineWords(line: Line | null): WaitingKey {
    if (!line) {
        return 'lineBad';
    }
    return line.mbps >= HD_MBPS ? 'lineHd' : line.mbps >= LOW_MBPS ? 'lineLow' : 'linePoor';
}

/** `via` and `road` of the player, which connects as soon as the studio is open. */
export function roadWords(via: string, road: string, webrtc: boolean): WaitingKey {
    if (via === 'hls') {
        return webrtc ? 'roadHls' : 'roadNone';
    }
    if (via === 'whep' && road !== 'none') {
        return road === 'udp' ? 'roadUdp' : 'roadTcp';
    }
    return webrtc ? 'roadLater' : 'roadNone';
}
