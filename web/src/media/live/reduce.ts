// SPDX-License-Identifier: GPL-3.0-or-later
// The live player's decisions, pure: from a state and an event to the next state and its effects.
// WebRTC first; LL-HLS where no frame comes in time or WebRTC cannot be; WebRTC again at the next
// reconnect.
import {
    again,
    attachedHls,
    attachHls,
    begin,
    connect,
    folderFound,
    goBack,
    hlsOf,
    isOpen,
    leaveBack,
    newWhep,
    reconnect,
    refused,
    type Step,
    serverFull,
    setWhep,
    shownAt,
    soundOnly,
    startHls,
    stop,
    unpause,
    waitForPlace,
    whepOf,
} from './connect';
import { followLive, held, hlsFrames, lookAtHls, lookAtWhep } from './look';
import {
    type Effect,
    type Gate,
    type LiveEvent,
    type LiveState,
    type Now,
    type Path,
    PLACE_MS,
    type TimerName,
    type WhepLink,
} from './state';

const SHAKY_MS = 2000;
const RESTART_MS = 4000;
const NEAR_LIVE_S = 4; // a seek nearer to the live picture goes live
const RESUME_MS = 2500; // after a shorter pause the live picture goes on

/** The length of the broadcast is asked for, and `soFar` does not tell it. */
export function needsHistory({ gate, mode, soFar, soFarOld }: LiveState): boolean {
    return gate === 'open' && mode === 'live' && (!soFar || soFarOld);
}

function setGate(step: Step, gate: Gate): void {
    const { s, now } = step;
    if (gate === s.gate) {
        return;
    }
    s.gate = gate;
    s.soFar = null;
    if (gate !== 'off' && s.mode === 'back') {
        return; // a pause hides the live picture, not the broadcast before it
    }
    if (gate === 'off') {
        s.mode = 'live';
        s.target = null;
        unpause(s);
    }
    s.attempt = 0;
    s.fresh = true;
    s.waitingSince = now.mono;
    s.frameAt = now.mono;
    if (gate === 'off' || (gate === 'closed' && attachedHls(s))) {
        // HLS lists nothing while the gate is closed; WebRTC waits at no cost.
        stop(step);
    }
    s.state = gate === 'open' ? 'connecting' : 'idle';
    if (gate !== 'off' && !whepOf(s) && !attachedHls(s)) {
        again(step, 0);
    }
}

function toLive(step: Step): void {
    const { s, out } = step;
    if (s.mode === 'back') {
        s.cameBack = null;
        leaveBack(step);
        return;
    }
    unpause(s);
    if (attachedHls(s)) {
        out.push({ do: 'hls-to-live' });
    }
    out.push({ do: 'play' });
}

/** To a second of the broadcast; near its end, to the live picture. */
function seek(step: Step, seconds: number): void {
    const { s, out } = step;
    const live = s.mode === 'live';
    if (s.edge > 0 && seconds > s.edge - NEAR_LIVE_S && isOpen(s)) {
        if (!live) {
            toLive(step);
        }
    } else if (live) {
        goBack(step, { at: Math.max(0, seconds) }, 'back');
    } else {
        s.position = Math.min(Math.max(0, seconds), s.edge || seconds);
        if (s.target) {
            s.target = { at: s.position };
        } else {
            out.push({ do: 'seek', seconds: s.position });
        }
    }
}

function seekBy(step: Step, seconds: number, currentTime: number): void {
    const { s, now } = step;
    if (s.mode === 'live') {
        if (seconds < 0) {
            goBack(step, { wall: shownAt(step) + 1000 * seconds }, 'back');
        }
    } else if (s.target && 'wall' in s.target) {
        s.target = { wall: s.target.wall + 1000 * seconds }; // not found yet: keys add up
        if (s.target.wall > now.wall - 1000 * NEAR_LIVE_S) {
            toLive(step);
        }
    } else {
        seek(step, (s.target?.at ?? currentTime) + seconds);
    }
}

/** Playback goes on from where it is; without a gap over WebRTC. */
function setQuality(step: Step, name: string): void {
    const { s, out } = step;
    const sound = soundOnly(s);
    const whep = whepOf(s);
    if (name === s.quality) {
        return;
    }
    s.quality = name;
    if (attachedHls(s) && sound === soundOnly(s)) {
        out.push({ do: 'hls-quality', name });
    } else if (hlsOf(s)) {
        stop(step);
        s.state = 'connecting';
        startHls(step);
    } else if (whep && s.state === 'playing') {
        if (whep.next) {
            out.push({ do: 'drop', id: whep.next.id });
        }
        whep.next = { id: newWhep(step, 'next'), soundOnly: soundOnly(s) };
    } else if (whep) {
        again(step, 0);
    }
}

/** The second session has its first frame and takes over, or it does not come: the first makes room,
 *  since the server may have no place for two. */
function nextCame(step: Step, whep: WhepLink, moves: boolean): void {
    const { out } = step;
    if (!moves || !whep.next) {
        again(step, 0);
        return;
    }
    const { id, soundOnly } = whep.next;
    out.push({ do: 'replace', id, from: whep.id });
    begin(step);
    setWhep(step, id, false, soundOnly);
}

function paused(step: Step, ended: boolean): void {
    const { s } = step;
    const live = s.mode === 'live';
    if (ended || (live && !isOpen(s))) {
        return;
    }
    s.halted = true;
    if (live) {
        s.pausedAt = shownAt(step);
    }
}

function played(step: Step): void {
    const { s, now } = step;
    const since = s.pausedAt;
    unpause(s);
    if (since !== null && s.mode === 'live' && now.wall - since > RESUME_MS) {
        goBack(step, { wall: since }, 'paused');
    }
}

function resume({ s, out }: Step): void {
    if (!s.halted) {
        out.push({ do: 'play' });
    }
}

function show({ s, out }: Step, id: number): void {
    out.push({ do: 'show', id, play: !s.halted });
}

/** One ICE restart each time the path fails; if it brings no frame, a new connection. */
function pathChanged(step: Step, whep: WhepLink, path: Path): void {
    whep.path = path;
    if (path === 'up' || whep.mend !== 'none') {
        return;
    }
    if (whep.restarted) {
        if (path === 'lost') {
            reconnect(step);
        }
    } else if (path === 'shaky') {
        whep.mend = 'waiting';
        step.out.push({ do: 'timer', name: 'shaky', ms: SHAKY_MS });
    } else {
        restart(step, whep);
    }
}

function restart({ s, out }: Step, whep: WhepLink): void {
    whep.mend = 'restarting';
    whep.restarted = true;
    s.state = 'reconnecting';
    out.push({ do: 'restart-ice', id: whep.id });
}

function restarted(step: Step, whep: WhepLink, done: boolean): void {
    if (!done) {
        reconnect(step);
        return;
    }
    whep.mend = 'watching';
    whep.framesBefore = step.s.frames;
    step.out.push({ do: 'timer', name: 'restart', ms: RESTART_MS });
}

function timeUp(step: Step, name: TimerName): void {
    const { s } = step;
    const whep = whepOf(s);
    const hls = attachedHls(s);
    if (name === 'retry') {
        connect(step);
    } else if (name === 'place') {
        if (hls?.place === null && s.mode === 'live' && isOpen(s)) {
            hls.place = newWhep(step, 'place');
        }
    } else if (name === 'shaky' && whep?.mend === 'waiting') {
        if (whep.path === 'up') {
            whep.mend = 'none';
        } else {
            restart(step, whep);
        }
    } else if (name === 'restart' && whep?.mend === 'watching') {
        // The sound of a held picture is enough, and without a picture there is none to move.
        if (!isOpen(s) || s.frames !== whep.framesBefore || held(step)) {
            whep.mend = 'none';
        } else {
            reconnect(step);
        }
    }
}

type Handlers = {
    [T in LiveEvent['type']]: (step: Step, event: Extract<LiveEvent, { type: T }>) => void;
};

const HANDLERS: Handlers = {
    gate: (step, { gate }) => setGate(step, gate),
    'to-live': toLive,
    'from-start': (step) => step.s.mode === 'live' && goBack(step, { at: 0 }, 'start'),
    /** The line may carry a held picture sooner than the server thinks. */
    'try-again': (step) => {
        step.s.state = 'connecting';
        again(step, 0);
    },
    seek: (step, { seconds }) => seek(step, seconds),
    'seek-by': (step, { seconds, currentTime }) => seekBy(step, seconds, currentTime),
    quality: (step, { name }) => setQuality(step, name),
    paused: (step, { ended }) => paused(step, ended),
    played,
    left: (step) => stop(step),
    returned: (step) => again(step, 0),
    online: (step) => {
        if (step.s.state === 'reconnecting') {
            step.s.attempt = 0;
            again(step, 0);
        }
    },
    timer: (step, { name }) => timeUp(step, name),
    answered: ({ s, now }, { id }) => {
        const whep = whepOf(s, id);
        if (whep) {
            whep.pending = false;
            s.unanswered = false;
            s.asked = false;
            s.waitingSince = now.mono; // the path is looked for from now on
        }
    },
    refused: (step, { id, refusal }) => whepOf(step.s, id) && refused(step, refusal),
    stream: (step, { id }) => whepOf(step.s, id) && show(step, id),
    path: (step, { id, path }) => {
        const whep = whepOf(step.s, id);
        if (whep) {
            pathChanged(step, whep, path);
        }
    },
    restarted: (step, { id, done }) => {
        const whep = whepOf(step.s, id);
        if (whep?.mend === 'restarting') {
            restarted(step, whep, done);
        }
    },
    next: (step, { id, moves }) => {
        const whep = whepOf(step.s);
        if (whep?.next?.id === id) {
            nextCame(step, whep, moves);
        }
    },
    place: (step, { id, refusal }) => {
        const { s, out } = step;
        const hls = hlsOf(s);
        if (hls?.place !== id) {
            return;
        }
        if (refusal) {
            hls.place = null;
            s.placeMs = refusal.retryMs || PLACE_MS;
            out.push({ do: 'drop', id });
            waitForPlace(step);
            return;
        }
        stop(step, id);
        begin(step);
        setWhep(step, id, false);
        show(step, id);
    },
    'hls-folder': (step, { id, folder, signed }) => {
        const hls = hlsOf(step.s, id);
        if (hls) {
            Object.assign(hls, { folder, signed });
            folderFound(step, hls);
        }
    },
    'hls-found': (step, { id, sound, positionAt }) => {
        const hls = hlsOf(step.s, id);
        if (hls) {
            attachHls(step, hls, sound, positionAt);
        }
    },
    'hls-attached': (step, { id, able, element }) => {
        const { s } = step;
        if (!hlsOf(s, id)) {
            return;
        }
        s.frames = hlsFrames(s, element); // what the element showed before is not this stream's
        if (!able) {
            stop(step);
            s.state = 'unable';
        }
    },
    'hls-started': (step, { id }) => hlsOf(step.s, id) && resume(step),
    'hls-failed': (step, { id, status, retryMs }) => {
        const hls = hlsOf(step.s, id);
        if (hls && retryMs !== undefined) {
            serverFull(step, retryMs);
            return;
        }
        if (hls && (status === 401 || status === 403) && !hls.signed) {
            stop(step);
            step.s.state = 'denied';
        } else if (hls) {
            reconnect(step); // a signed path may only be too old: asking for another one tells
        }
    },
    history: (step, { soFar }) => {
        if (isOpen(step.s)) {
            step.s.soFar = soFar;
            step.s.soFarOld = false;
            followLive(step);
        }
    },
    'whep-look': (step, { id, measured, paused }) =>
        whepOf(step.s, id) && lookAtWhep(step, measured, paused),
    'hls-look': (step, { id, hls, element }) =>
        attachedHls(step.s, id) && lookAtHls(step, hls, element),
};

export function reduce(state: LiveState, event: LiveEvent, now: Now): [LiveState, Effect[]] {
    const step: Step = { s: { ...state, link: state.link && { ...state.link } }, out: [], now };
    (HANDLERS[event.type] as (step: Step, event: LiveEvent) => void)(step, event);
    return [step.s, step.out];
}
