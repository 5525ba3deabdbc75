// SPDX-License-Identifier: GPL-3.0-or-later
// What the live player makes of a look at its connection, twice a second: does the picture move,
// how late is it, and for how long may it stand still?
import type { Measured } from '../whep/whep';
import { CATCH_UP_RATE, caughtUp } from './catch-up';
import {
    attachedHls,
    fallBack,
    isOpen,
    leaveBack,
    reconnect,
    type Step,
    shownAt,
    soundOnly,
    whepOf,
} from './connect';
import type { ElementLook, HlsLook, LiveState } from './state';

export const FIRST_FRAME_MS = 4000;
/** With packets of video: a key frame on a thin line takes a while, and HLS would take longer. */
const SLOW_FIRST_FRAME_MS = 8000;
const SILENT_MS = 1500; // without a packet for so long, none is coming
const STALL_MS = 6000;
const HAVE_CURRENT_DATA = 2; // of readyState
const AT_END_S = 0.3;
const BEHIND_MS = 8000;

/** Grows while HLS plays. Sound alone has no frames, so its clock counts. */
export function hlsFrames(s: LiveState, element: ElementLook): number {
    return soundOnly(s) ? Math.floor(element.currentTime * 10) : element.frames;
}

/** Grows while the session plays. After a change of quality the one before counts as it did. */
export function whepFrames(sound: boolean, measured: Measured): number {
    return sound ? measured.audioPackets : measured.frames;
}

export function lookAtWhep(step: Step, measured: Measured, paused: boolean): void {
    const { s, now } = step;
    s.delayMs = measured.delayMs;
    s.road = measured.road;
    if (measured.videoPackets > s.videoPackets) {
        s.videoAt = now.mono;
    }
    if (measured.audioPackets > s.audioPackets) {
        s.audioAt = now.mono;
    }
    s.videoPackets = measured.videoPackets;
    s.audioPackets = measured.audioPackets;
    followLive(step);
    count(step, whepFrames(!!whepOf(s)?.soundOnly, measured), paused, false);
}

export function lookAtHls(step: Step, hls: HlsLook, element: ElementLook): void {
    const { s, now } = step;
    if (s.mode === 'back') {
        if (followBack(step, hls, element)) {
            return;
        }
        s.delayMs = null;
    } else {
        // By the time that the playlist gives the picture; else by hls.js's idea of the edge.
        const delay = hls.shownAt === null ? 0 : now.wall - hls.shownAt;
        s.delayMs = delay > 0 ? delay : hls.latencyMs;
    }
    s.behind = (s.delayMs ?? 0) > BEHIND_MS;
    followLive(step);
    const loaded = element.readyState >= HAVE_CURRENT_DATA;
    count(step, hlsFrames(s, element), element.paused, loaded);
}

export function followLive(step: Step): void {
    const { s, now } = step;
    if (s.mode === 'live' && s.soFar && isOpen(s)) {
        s.edge = s.soFar.length + Math.max(0, now.wall - s.soFar.end) / 1000;
        s.position = Math.max(0, s.edge - (now.wall - shownAt(step)) / 1000);
    }
}

/** True: it has caught up, and the live picture is on its way. */
function followBack(step: Step, { edge }: HlsLook, element: ElementLook): boolean {
    const { s, out, now } = step;
    if (!edge || element.readyState < 1) {
        return false;
    }
    const since = isOpen(s) && edge.wall !== null ? Math.max(0, now.wall - edge.wall) : 0;
    const fromStart = s.why === 'start';
    s.edge = edge.at + since / 1000;
    s.position = element.currentTime;
    out.push({ do: 'rate', rate: fromStart ? CATCH_UP_RATE : 1 }); // loading set it back
    const done = fromStart
        ? caughtUp(element.currentTime, edge.at, edge.segment)
        : !isOpen(s) && edge.at - element.currentTime < AT_END_S;
    if (done) {
        s.cameBack = 'caught-up';
        leaveBack(step);
    }
    return done;
}

/** The server goes on with the sound alone: not even the smallest picture fits the line. A new
 *  connection would only cut the sound, and HLS needs more of the line, not less. */
export function held({ s, now }: Step): boolean {
    const whep = whepOf(s);
    return (
        whep !== null &&
        !whep.soundOnly &&
        !s.fresh &&
        now.mono - s.audioAt < SILENT_MS &&
        now.mono - s.videoAt >= SILENT_MS
    );
}

function count(step: Step, frames: number, paused: boolean, loaded: boolean): void {
    const { s, now } = step;
    const moved = frames > s.frames;
    s.frames = frames;
    if (moved) {
        moves(step);
        return;
    }
    if (now.mono - s.frameAt > SILENT_MS) {
        s.delayMs = null; // measured on a picture that no longer comes
    }
    if (s.halted && attachedHls(s)) {
        // Paused: the loaded picture stands there.
        waitFromNow(step);
        s.state = loaded ? 'playing' : s.state;
        return;
    }
    s.pictureHeld = false;
    // Before the first frame a paused element only means that nothing has come to play.
    if (!isOpen(s) || (paused && !s.fresh)) {
        waitFromNow(step);
    } else if (held(step)) {
        s.frameAt = now.mono;
        s.pictureHeld = true;
        s.state = 'playing';
    } else if (s.fresh) {
        waitForFirst(step);
    } else {
        standsStill(step);
    }
}

function moves(step: Step): void {
    const { s, out, now } = step;
    const whep = whepOf(s);
    out.push({ do: 'heard' });
    s.frameAt = now.mono;
    s.fresh = false;
    s.pictureHeld = false;
    if (whep) {
        whep.restarted &&= whep.mend !== 'none'; // a path that fails again may be mended again
        if (isOpen(s)) {
            s.fellBack = null;
        }
    }
    if (isOpen(s) || s.mode === 'back') {
        s.attempt = 0;
        s.state = 'playing';
    }
}

function waitFromNow({ s, now }: Step): void {
    s.frameAt = now.mono;
    s.waitingSince = now.mono;
}

/** Without the server's answer there is no path yet to be judged; the request has a time limit of
 *  its own. */
function waitForFirst(step: Step): void {
    const { s, now } = step;
    const whep = whepOf(s);
    const slow = whep && now.mono - s.videoAt < SILENT_MS;
    const patience = slow ? SLOW_FIRST_FRAME_MS : FIRST_FRAME_MS;
    if (whep?.pending || now.mono - s.waitingSince <= patience) {
        return;
    }
    s.waitingSince = now.mono;
    if (whep) {
        fallBack(step, 'network');
    } else if (now.mono - s.frameAt > 3 * FIRST_FRAME_MS) {
        reconnect(step);
    }
}

function standsStill(step: Step): void {
    const { s, now } = step;
    const whep = whepOf(s);
    if (now.mono - s.frameAt > (whep ? 2000 : 4000)) {
        s.state = 'reconnecting'; // said at once; what to do about it comes later
    }
    // While a path is mended, the end of that decides what comes next.
    if (now.mono - s.frameAt > STALL_MS && (!whep || whep.mend === 'none')) {
        s.frameAt = now.mono;
        reconnect(step);
    }
}
