// SPDX-License-Identifier: GPL-3.0-or-later
// The lazy part: hls.js for live fall-back and for recordings.
import Hls from 'hls.js';
import { audioVariant } from './catch-up';

export interface HlsEvents {
    failed(status: number): void;
    started?(): void;
}

/** live: low latency at the edge. event: a live session from its start. recording: all of it. */
export type HlsKind = 'live' | 'event' | 'recording';

export interface HlsHandle {
    latencyMs(): number | null;
    /** The last second that is there to be played, and how long a segment is. */
    edge(): { at: number; segment: number } | null;
    toLive(): void;
    close(): void;
}

const NATIVE_SEGMENT_S = 4;

function native(
    video: HTMLVideoElement,
    url: string,
    events: HlsEvents,
    startAt: number,
): HlsHandle {
    const end = () => (video.seekable.length ? video.seekable.end(video.seekable.length - 1) : 0);
    const onError = () => events.failed(0);
    const onMetadata = () => {
        if (startAt >= 0) {
            video.currentTime = startAt; // by itself it begins an unfinished playlist at its end
        }
        events.started?.();
    };
    video.addEventListener('error', onError);
    video.addEventListener('loadedmetadata', onMetadata);
    video.src = url;
    return {
        latencyMs: () => null,
        edge: () => (end() > 0 ? { at: end(), segment: NATIVE_SEGMENT_S } : null),
        toLive: () => {
            video.currentTime = end();
        },
        close: () => {
            video.removeEventListener('error', onError);
            video.removeEventListener('loadedmetadata', onMetadata);
            video.removeAttribute('src');
            video.load();
        },
    };
}

/** The address to play for sound alone; null: the server offers none. */
export async function audioOnly(url: string): Promise<string | null> {
    const response = await fetch(url, { credentials: 'same-origin' });
    return response.ok ? audioVariant(await response.text(), response.url) : null;
}

/** Null: this browser can play no HLS at all. */
export function attachHls(
    video: HTMLVideoElement,
    url: string,
    kind: HlsKind,
    events: HlsEvents,
    startAt = -1,
): HlsHandle | null {
    // Chromium says "maybe" to native HLS and means little by it: ask Media Source Extensions first.
    if (!Hls.isSupported()) {
        const maybe = video.canPlayType('application/vnd.apple.mpegurl') !== '';
        return maybe ? native(video, url, events, startAt) : null;
    }
    const hls = new Hls({
        enableWorker: false,
        lowLatencyMode: kind === 'live',
        backBufferLength: kind === 'live' ? 30 : 120,
        startPosition: startAt,
        // Nothing here shows them, and their track's data: address is not for our content policy.
        enableDateRangeMetadataCues: false,
        ...(kind === 'live' ? { maxLiveSyncPlaybackRate: 1.1 } : {}),
        xhrSetup: (xhr) => {
            xhr.withCredentials = false;
        },
    });
    let mended = false;
    hls.on(Hls.Events.ERROR, (_event, data) => {
        if (!data.fatal) {
            return;
        }
        if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !mended) {
            mended = true;
            hls.recoverMediaError();
            return;
        }
        events.failed(data.response?.code ?? 0);
    });
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
        events.started?.();
        if (kind !== 'recording') {
            video.play().catch(() => undefined);
        }
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return {
        latencyMs: () => (hls.latency > 0 ? hls.latency * 1000 : null),
        edge: () => {
            const details = hls.latestLevelDetails;
            return details ? { at: details.edge, segment: details.targetduration } : null;
        },
        toLive: () => {
            if (hls.liveSyncPosition) {
                video.currentTime = hls.liveSyncPosition;
            }
        },
        close: () => hls.destroy(),
    };
}
