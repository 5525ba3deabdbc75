// SPDX-License-Identifier: GPL-3.0-or-later
// The lazy part: hls.js for live fall-back and for recordings.
import Hls from 'hls.js';

export interface HlsEvents {
    failed(status: number): void;
    started?(): void;
}

export interface HlsHandle {
    latencyMs(): number | null;
    toLive(): void;
    close(): void;
}

function native(video: HTMLVideoElement, url: string, events: HlsEvents): HlsHandle {
    video.src = url;
    const onError = () => events.failed(0);
    video.addEventListener('error', onError);
    return {
        latencyMs: () => null,
        toLive: () => {
            video.currentTime = video.seekable.length ? video.seekable.end(0) : 0;
        },
        close: () => {
            video.removeEventListener('error', onError);
            video.removeAttribute('src');
            video.load();
        },
    };
}

/** Null: this browser can play no HLS at all. */
export function attachHls(
    video: HTMLVideoElement,
    url: string,
    live: boolean,
    events: HlsEvents,
    startAt = -1,
): HlsHandle | null {
    // Chromium says "maybe" to native HLS and means little by it: ask Media Source Extensions first.
    if (!Hls.isSupported()) {
        const maybe = video.canPlayType('application/vnd.apple.mpegurl') !== '';
        return maybe ? native(video, url, events) : null;
    }
    const hls = new Hls({
        enableWorker: false,
        lowLatencyMode: live,
        backBufferLength: live ? 30 : 120,
        startPosition: startAt,
        ...(live ? { maxLiveSyncPlaybackRate: 1.1 } : {}),
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
        if (live) {
            video.play().catch(() => undefined);
        }
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return {
        latencyMs: () => (hls.latency > 0 ? hls.latency * 1000 : null),
        toLive: () => {
            if (hls.liveSyncPosition) {
                video.currentTime = hls.liveSyncPosition;
            }
        },
        close: () => hls.destroy(),
    };
}
