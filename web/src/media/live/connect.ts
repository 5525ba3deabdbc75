// SPDX-License-Identifier: GPL-3.0-or-later
// How the live player connects: WebRTC, LL-HLS in its place, reconnects, and what was broadcast
// before. Each function changes the step's own copy of the state and adds effects.
import { backoff } from '../../core/backoff';
import {
    type Effect,
    type FellBack,
    type HlsLink,
    type LiveState,
    type Now,
    PLACE_MS,
    type Refusal,
    type Target,
    type WhepLink,
    type Why,
} from './state';

export interface Step {
    s: LiveState;
    out: Effect[];
    now: Now;
}

const BACK_TRIES = 3;

export const isOpen = (s: LiveState) => s.gate === 'open';
export const soundOnly = (s: LiveState) => s.quality === 'sound';

/** The session `id` if it feeds the element. */
export function whepOf({ link }: LiveState, id?: number): WhepLink | null {
    return link?.kind === 'whep' && (id === undefined || link.id === id) ? link : null;
}

export function hlsOf({ link }: LiveState, id?: number): HlsLink | null {
    return link?.kind === 'hls' && (id === undefined || link.id === id) ? link : null;
}

/** HLS once its playlist is given to the element. */
export function attachedHls(s: LiveState, id?: number): HlsLink | null {
    const hls = hlsOf(s, id);
    return hls?.attached ? hls : null;
}

/** When the live picture that is shown happened, by the server's clock. */
export function shownAt({ s, now }: Step): number {
    return s.pausedAt ?? now.wall - (s.delayMs ?? 0);
}

export function stop({ s, out }: Step, keep?: number): void {
    out.push({ do: 'stop', keep });
    s.link = null;
    s.via = 'none';
    s.delayMs = null;
    s.behind = false;
    s.road = null;
    s.pictureHeld = false;
}

export function again(step: Step, ms: number): void {
    stop(step);
    if (step.s.gate !== 'off') {
        step.out.push({ do: 'timer', name: 'retry', ms });
    }
}

export function reconnect(step: Step): void {
    const { s, now } = step;
    if (s.mode === 'back' && s.attempt >= BACK_TRIES) {
        s.cameBack = 'failed';
        leaveBack(step);
        return;
    }
    if (s.state !== 'full' && (s.state !== 'connecting' || s.attempt > 0)) {
        s.state = 'reconnecting';
    }
    s.soFarOld = true;
    again(
        step,
        backoff(s.attempt++, undefined, undefined, () => now.random),
    );
}

/** Forgets what the looks saw of the connection before. */
export function begin({ s, now }: Step): void {
    s.frames = 0;
    s.videoPackets = 0;
    s.audioPackets = 0;
    s.videoAt = Number.NEGATIVE_INFINITY;
    s.audioAt = Number.NEGATIVE_INFINITY;
    s.fresh = true;
    s.waitingSince = now.mono;
    s.frameAt = now.mono;
}

export function connect(step: Step): void {
    const { s } = step;
    const back = s.mode === 'back';
    begin(step);
    if (!back && s.force !== 'hls' && s.webrtc) {
        setWhep(step, newWhep(step, 'main'), true);
    } else if (isOpen(s) || back) {
        startHls(step);
    }
}

/** Requests a session of the quality wanted; returns its id. */
export function newWhep({ s, out }: Step, as: 'main' | 'next' | 'place'): number {
    const id = ++s.lastId;
    out.push({ do: 'whep', id, quality: s.quality, as });
    return id;
}

export function setWhep({ s }: Step, id: number, pending: boolean, sound = soundOnly(s)): void {
    s.via = 'whep';
    s.link = {
        kind: 'whep',
        id,
        soundOnly: sound,
        pending,
        next: null,
        path: 'up',
        mend: 'none',
        restarted: false,
        framesBefore: 0,
    };
}

export function refused(step: Step, { status, full, noVideo, retryMs }: Refusal): void {
    const { s, now } = step;
    // A proxy says that the server is away: HLS passes through it too, so it would not help.
    const away = status === 502 || status === 504;
    s.unanswered = status === 0 && !noVideo;
    if (status === 401 || status === 403) {
        stop(step);
        s.state = 'denied';
    } else if (full) {
        s.placeMs = retryMs || PLACE_MS;
        if (isOpen(s)) {
            fallBack(step, 'full');
        } else {
            again(step, placeDelay(step)); // the gate's opening asks at once
        }
    } else if (noVideo) {
        fallBack(step, 'browser');
    } else if (status !== 503 && !away && isOpen(s)) {
        fallBack(step, status === 0 ? 'network' : 'server');
    } else if (isOpen(s) && s.attempt > (away ? 5 : 1)) {
        fallBack(step, 'server');
    } else {
        // No tracks yet, or the lobby: it is only too early.
        const most = status === 503 || away ? 4000 : 15_000;
        again(
            step,
            backoff(s.attempt++, 500, most, () => now.random),
        );
    }
}

/** HLS has no place either: the page says so and asks again by itself. */
export function serverFull(step: Step, retryMs: number): void {
    const { s } = step;
    s.placeMs = retryMs || PLACE_MS;
    s.state = 'full';
    s.fellBack = null;
    again(step, placeDelay(step));
}

export function fallBack(step: Step, why: FellBack): void {
    const { s } = step;
    if (s.force === 'whep') {
        reconnect(step);
        return;
    }
    stop(step);
    if (isOpen(s)) {
        s.fellBack = why;
        startHls(step);
    } // otherwise there is nothing to show; the gate's opening connects
}

export function startHls(step: Step): void {
    const { s, out } = step;
    const id = ++s.lastId;
    begin(step);
    s.via = 'hls';
    s.link = { kind: 'hls', id, attached: false, folder: '', signed: false, place: null };
    out.push({ do: 'hls-open', id });
}

/** Up to twice as long as the server says, so that the viewers who wait do not all come at once. */
function placeDelay({ s, now }: Step): number {
    return s.placeMs * (1 + now.random);
}

/** Asks for a place later, where WebRTC was refused for want of one. */
export function waitForPlace(step: Step): void {
    const { s, out } = step;
    if (s.fellBack === 'full' || s.fellBack === 'server') {
        out.push({ do: 'timer', name: 'place', ms: placeDelay(step) });
    }
}

/** The media path is known: what else must be looked up before HLS plays? */
export function folderFound(step: Step, hls: HlsLink): void {
    const { s, out, now } = step;
    if (s.unanswered && !s.asked) {
        // The network is back: WebRTC gets another try before HLS.
        s.asked = true;
        again(step, 0);
        return;
    }
    s.waitingSince = now.mono;
    s.frameAt = now.mono;
    const main = soundOnly(s) ? playlistOf(s, hls) : null;
    const folder = s.target && 'wall' in s.target ? hls.folder : null;
    if (main || folder) {
        out.push({ do: 'hls-find', id: hls.id, main, folder });
    } else {
        attachHls(step, hls, null, null);
    }
}

function playlistOf(s: LiveState, hls: HlsLink): string {
    return `${hls.folder}${s.mode === 'back' ? 'event' : 'main'}.m3u8`;
}

export function attachHls(
    step: Step,
    hls: HlsLink,
    sound: string | null,
    positionAt: ((wall: number) => number) | null,
): void {
    const { s, out } = step;
    if (soundOnly(s) && !sound) {
        s.quality = 'auto'; // the server offers no sound alone
    }
    if (s.target && 'wall' in s.target && !positionAt) {
        reconnect(step);
        return;
    }
    if (s.target) {
        s.position = 'at' in s.target ? s.target.at : (positionAt?.(s.target.wall) ?? 0);
        s.target = null;
    }
    waitForPlace(step);
    hls.attached = true;
    const back = s.mode === 'back';
    out.push({
        do: 'hls-attach',
        id: hls.id,
        url: sound ?? playlistOf(s, hls),
        back,
        startAt: back ? s.position : -1,
        quality: s.quality,
    });
}

export function goBack(step: Step, target: Target, why: Why): void {
    const { s } = step;
    if (!isOpen(s)) {
        return;
    }
    s.mode = 'back';
    s.why = why;
    s.target = target;
    s.cameBack = null;
    s.position = 'at' in target ? target.at : 0;
    s.attempt = 0;
    s.state = 'connecting';
    unpause(s);
    again(step, 0);
}

export function leaveBack(step: Step): void {
    const { s, out } = step;
    s.mode = 'live';
    s.target = null;
    s.attempt = 0;
    s.state = isOpen(s) ? 'connecting' : 'idle';
    unpause(s);
    again(step, 0);
    out.push({ do: 'play' });
}

export function unpause(s: LiveState): void {
    s.halted = false;
    s.pausedAt = null;
}
