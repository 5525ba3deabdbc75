// SPDX-License-Identifier: GPL-3.0-or-later
// The lazy part: hls.js for live fall-back and for recordings.
import Hls, { type ErrorData } from 'hls.js';
import { endOf, parseHistory, positionAt } from './history';
import { audioVariant, firstVariant, renditionName } from './variants';

export { mediaFolder } from './media-path';

export interface HlsEvents {
    /** `refusal`: the problem document of the answer, if it is one. */
    failed(status: number, refusal: Record<string, unknown>): void;
    /** Called when the playlist is read. With it, the caller has to start a live picture itself. */
    started?(): void;
}

/** live: low latency at the edge. event: a live session from its start. recording: all of it. */
export type HlsKind = 'live' | 'event' | 'recording';

export interface HlsHandle {
    latencyMs(): number | null;
    /** The last second that is there to be played, when it happened (ms since 1970, null: not
     *  told), and how long a segment is. */
    edge(): { at: number; segment: number; wall: number | null } | null;
    /** When the picture that is shown happened, by EXT-X-PROGRAM-DATE-TIME; null: not told. */
    shownAt(): number | null;
    /** 'auto', or the largest rendition that may be played. */
    setQuality(name: string): void;
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
    const onError = () => events.failed(0, {});
    const onMetadata = () => {
        if (startAt >= 0) {
            video.currentTime = startAt; // by itself it begins an unfinished playlist at its end
        }
        events.started?.();
    };
    video.addEventListener('error', onError);
    video.addEventListener('loadedmetadata', onMetadata);
    video.src = url;
    const zero = () => {
        const date = (video as { getStartDate?: () => Date }).getStartDate?.().getTime();
        return date !== undefined && Number.isFinite(date) ? date : null;
    };
    const wall = (at: number) => {
        const from = zero();
        return from === null ? null : from + 1000 * at;
    };
    return {
        latencyMs: () => null,
        edge: () =>
            end() > 0 ? { at: end(), segment: NATIVE_SEGMENT_S, wall: wall(end()) } : null,
        shownAt: () => wall(video.currentTime),
        setQuality: () => undefined, // the browser chooses
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

/** The session so far: seconds, the wall time of its end, and the position that shows a wall time. */
export interface SoFar {
    length: number;
    end: number;
    positionAt(wall: number): number;
}

/** Null: nothing was broadcast yet. Throws what fetch() throws. */
export async function loadHistory(folder: string): Promise<SoFar | null> {
    const read = async (url: string) => {
        const response = await fetch(url, { credentials: 'same-origin' });
        return response.ok ? { text: await response.text(), url: response.url || url } : null;
    };
    const main = await read(new URL(`${folder}event.m3u8`, location.href).href);
    const media = main && firstVariant(main.text, main.url);
    const list = media ? await read(media) : null;
    const history = parseHistory(list?.text ?? '');
    const end = endOf(history);
    return end === null
        ? null
        : { length: history.length, end, positionAt: (wall) => positionAt(history, wall) };
}

/** Caps hls.js at a rendition; where there is none of that name, sets no cap. */
function capAt(hls: Hls, name: string): void {
    const level = hls.levels.findIndex((one) => renditionName(one.url[0] ?? '') === name);
    hls.autoLevelCapping = level;
    if (level >= 0) {
        hls.nextAutoLevel = level;
    }
}

function newHls(kind: HlsKind, startPosition: number): Hls {
    return new Hls({
        enableWorker: false,
        lowLatencyMode: kind === 'live',
        backBufferLength: kind === 'live' ? 30 : 120,
        startPosition,
        // Nothing here shows them, and their track's data: address is not for our content policy.
        enableDateRangeMetadataCues: false,
        ...(kind === 'live' ? { maxLiveSyncPlaybackRate: 1.1 } : {}),
        xhrSetup: (xhr) => {
            xhr.withCredentials = false;
        },
    });
}

function documentOf(data: ErrorData): Record<string, unknown> {
    try {
        return JSON.parse((data.networkDetails as XMLHttpRequest).responseText);
    } catch {
        return {};
    }
}

/** One error of the media is mended by hls.js itself; any other fatal one is told. */
function tellFailures(hls: Hls, failed: HlsEvents['failed']): void {
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
        failed(data.response?.code ?? 0, documentOf(data));
    });
}

function handleOf(hls: Hls, video: HTMLVideoElement): HlsHandle {
    return {
        latencyMs: () => (hls.latency > 0 ? hls.latency * 1000 : null),
        edge: () => {
            const details = hls.latestLevelDetails;
            if (!details) {
                return null;
            }
            const last = details.fragments.at(-1);
            const date = last?.programDateTime ?? null;
            const wall = last && date !== null ? date + 1000 * (details.edge - last.start) : null;
            return { at: details.edge, segment: details.targetduration, wall };
        },
        shownAt: () => hls.playingDate?.getTime() ?? null,
        setQuality: (name) => capAt(hls, name),
        toLive: () => {
            if (hls.liveSyncPosition) {
                video.currentTime = hls.liveSyncPosition;
            }
        },
        close: () => hls.destroy(),
    };
}

/** Null: this browser can play no HLS at all. */
export function attachHls(
    video: HTMLVideoElement,
    url: string,
    kind: HlsKind,
    events: HlsEvents,
    startAt = -1,
    quality = 'auto',
): HlsHandle | null {
    // Chromium says "maybe" to native HLS and means little by it: ask Media Source Extensions first.
    if (!Hls.isSupported()) {
        const maybe = video.canPlayType('application/vnd.apple.mpegurl') !== '';
        return maybe ? native(video, url, events, startAt) : null;
    }
    const hls = newHls(kind, startAt);
    tellFailures(hls, events.failed);
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
        capAt(hls, quality);
        if (events.started) {
            events.started();
        } else if (kind !== 'recording') {
            video.play().catch(() => undefined);
        }
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return handleOf(hls, video);
}
