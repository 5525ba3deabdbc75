// SPDX-License-Identifier: GPL-3.0-or-later
// The live player's state, its events and its effects. reduce.ts goes from one state to the next;
// live-player.ts carries out the effects.

import type { Road } from '../whep/ice';
import type { Measured } from '../whep/whep';

export type Via = 'whep' | 'hls' | 'none';
/** full: the server lets in no more viewers; it is asked again. */
export type PlayState =
    | 'idle'
    | 'connecting'
    | 'playing'
    | 'reconnecting'
    | 'full'
    | 'denied'
    | 'unable';
/** back: an earlier part of the broadcast, from the server's history. */
export type Mode = 'live' | 'back';
/** Why the picture is behind: by a seek, after a pause, or from the start (a little faster, up to
 *  the live picture). */
export type Why = 'back' | 'paused' | 'start';
/** off: there is no programme. closed: attendees may not see it yet. open: pictures come, so their
 *  absence is a fault. */
export type Gate = 'off' | 'closed' | 'open';
/** Why the picture comes by HLS. network: WebRTC brought nothing. full: the server has no place
 *  left. browser: it cannot play the stream that WebRTC brings. server: it refused. */
export type FellBack = 'network' | 'full' | 'browser' | 'server';
export type Path = 'up' | 'shaky' | 'lost';

/** Where playback begins in mode `back`: a second of the broadcast, or a wall time. */
export type Target = { at: number } | { wall: number };

/** The length of the broadcast in seconds, and the wall time of its end. */
export interface SoFar {
    length: number;
    end: number;
}

/** A WebRTC session, from its request on. */
export interface WhepLink {
    kind: 'whep';
    id: number;
    soundOnly: boolean;
    /** The server has not answered yet. */
    pending: boolean;
    /** A second session of another quality, until its first frame. */
    next: { id: number; soundOnly: boolean } | null;
    path: Path;
    /** waiting: a shaky path may come back by itself. restarting: ICE restarts. watching: it has
     *  restarted, and the next frame is awaited. */
    mend: 'none' | 'waiting' | 'restarting' | 'watching';
    /** ICE was restarted and no frame came since. */
    restarted: boolean;
    framesBefore: number;
}

/** LL-HLS: preparing until its playlist is given to the element. */
export interface HlsLink {
    kind: 'hls';
    id: number;
    attached: boolean;
    folder: string;
    /** It plays by a signed path. */
    signed: boolean;
    /** A WebRTC session that asks for a place meanwhile. */
    place: number | null;
}

export interface LiveState {
    readonly force: 'whep' | 'hls' | null;
    /** The browser has WebRTC. */
    readonly webrtc: boolean;
    gate: Gate;

    // Shown by the page.
    via: Via;
    state: PlayState;
    mode: Mode;
    why: Why;
    fellBack: FellBack | null;
    delayMs: number | null;
    /** HLS plays more than 8 s behind. */
    behind: boolean;
    road: Road | null;
    /** Sound comes, and the server holds the picture back until the line can carry it. */
    pictureHeld: boolean;
    /** The picture's second of the broadcast, and the broadcast's length. In mode `live` 0 until the
     *  history was measured. */
    position: number;
    edge: number;
    /** When the live picture was paused, by the server's clock. */
    pausedAt: number | null;
    /** 'auto', 'sound', or the name of the largest rendition wanted. */
    quality: string;
    /** Why the mode went back to `live` by itself. */
    cameBack: 'caught-up' | 'failed' | null;

    /** Null: no connection; a retry may be due. */
    link: WhepLink | HlsLink | null;
    lastId: number;
    /** Null: playback goes on at `position`. */
    target: Target | null;
    soFar: SoFar | null;
    /** A connection broke since `soFar` was read, so the broadcast may have a gap after it. */
    soFarOld: boolean;
    /** Paused by hand or by the system: no reconnect plays. */
    halted: boolean;
    attempt: number;
    placeMs: number;
    /** The last WHEP request did not reach the server, or its answer did not arrive. */
    unanswered: boolean;
    /** It was repeated since the server could be reached. */
    asked: boolean;

    // What the last looks saw. Times are of the monotonic clock.
    /** No frame came since the gate moved or the connection began. */
    fresh: boolean;
    frames: number;
    frameAt: number;
    waitingSince: number;
    videoPackets: number;
    videoAt: number;
    audioPackets: number;
    audioAt: number;
}

/** The fields that the page reads as signals. */
export const SHOWN = [
    'via',
    'state',
    'mode',
    'why',
    'fellBack',
    'delayMs',
    'behind',
    'road',
    'pictureHeld',
    'position',
    'edge',
    'pausedAt',
    'quality',
    'cameBack',
] as const;

/** What HLS looks like at a moment; see HlsHandle. */
export interface HlsLook {
    edge: { at: number; segment: number; wall: number | null } | null;
    shownAt: number | null;
    latencyMs: number | null;
}

/** The <video> element at a moment. */
export interface ElementLook {
    paused: boolean;
    currentTime: number;
    readyState: number;
    frames: number;
}

/** Why WHEP refused: the server's status (0: no answer) and whether all places are taken. */
export interface Refusal {
    status: number;
    full: boolean;
    /** The answer rejects the video line. */
    noVideo: boolean;
    retryMs: number;
}

export type LiveEvent =
    // From the page.
    | { type: 'gate'; gate: Gate }
    | { type: 'to-live' }
    | { type: 'from-start' }
    | { type: 'try-again' }
    | { type: 'seek'; seconds: number }
    | { type: 'seek-by'; seconds: number; currentTime: number }
    | { type: 'quality'; name: string }
    // From the element and the browser.
    | { type: 'paused'; ended: boolean }
    | { type: 'played' }
    | { type: 'left' }
    | { type: 'returned' }
    | { type: 'online' }
    | { type: 'timer'; name: TimerName }
    // From effects; `id` is the link's.
    | { type: 'answered'; id: number }
    | { type: 'refused'; id: number; refusal: Refusal }
    | { type: 'stream'; id: number }
    | { type: 'path'; id: number; path: Path }
    | { type: 'restarted'; id: number; done: boolean }
    | { type: 'next'; id: number; moves: boolean }
    | { type: 'place'; id: number; refusal: Refusal | null }
    | { type: 'hls-folder'; id: number; folder: string; signed: boolean }
    | {
          type: 'hls-found';
          id: number;
          /** The playlist of the sound alone; null: there is none. */
          sound: string | null;
          /** Null: the history cannot be read. */
          positionAt: ((wall: number) => number) | null;
      }
    | { type: 'hls-attached'; id: number; able: boolean; element: ElementLook }
    | { type: 'hls-started'; id: number }
    /** `retryMs`: the server is full, and says when to ask again (0: it does not say). */
    | { type: 'hls-failed'; id: number; status: number; retryMs?: number }
    | { type: 'history'; soFar: SoFar }
    | { type: 'whep-look'; id: number; measured: Measured; paused: boolean }
    | { type: 'hls-look'; id: number; hls: HlsLook; element: ElementLook };

/** retry: connect. place: ask for a place. shaky: the path had its time to come back. restart: so
 *  had the picture after an ICE restart. */
export type TimerName = 'retry' | 'place' | 'shaky' | 'restart';

export type Effect =
    /** Ends every session and timer and clears the element, but for the session `keep`. */
    | { do: 'stop'; keep?: number }
    | { do: 'timer'; name: TimerName; ms: number }
    | { do: 'whep'; id: number; quality: string; as: 'main' | 'next' | 'place' }
    | { do: 'drop'; id: number }
    /** Session `id` takes over the stream of session `from`, which ends. */
    | { do: 'replace'; id: number; from: number }
    | { do: 'show'; id: number; play: boolean }
    | { do: 'restart-ice'; id: number }
    /** Loads hls.js and asks for a media path. */
    | { do: 'hls-open'; id: number }
    /** Looks up the playlist of the sound alone in `main`, and the history in `folder`. */
    | { do: 'hls-find'; id: number; main: string | null; folder: string | null }
    | { do: 'hls-attach'; id: number; url: string; back: boolean; startAt: number; quality: string }
    | { do: 'hls-quality'; name: string }
    | { do: 'hls-to-live' }
    | { do: 'play' }
    | { do: 'seek'; seconds: number }
    | { do: 'rate'; rate: number }
    | { do: 'heard' };

/** The clocks and the chance of a moment: monotonic and the server's, in milliseconds, and a number
 *  from 0 to 1. */
export interface Now {
    mono: number;
    wall: number;
    random: number;
}

export const PLACE_MS = 30_000; // where the server does not say when to ask for a place again

export function initialState(options: {
    force: LiveState['force'];
    webrtc: boolean;
    quality: string;
}): LiveState {
    return {
        ...options,
        gate: 'off',
        via: 'none',
        state: 'idle',
        mode: 'live',
        why: 'back',
        fellBack: null,
        delayMs: null,
        behind: false,
        road: null,
        pictureHeld: false,
        position: 0,
        edge: 0,
        pausedAt: null,
        cameBack: null,
        link: null,
        lastId: 0,
        target: null,
        soFar: null,
        soFarOld: false,
        halted: false,
        attempt: 0,
        placeMs: PLACE_MS,
        unanswered: false,
        asked: false,
        fresh: true,
        frames: 0,
        frameAt: 0,
        waitingSince: 0,
        videoPackets: 0,
        videoAt: Number.NEGATIVE_INFINITY,
        audioPackets: 0,
        audioAt: Number.NEGATIVE_INFINITY,
    };
}
