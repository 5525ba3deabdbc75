// SPDX-License-Identifier: GPL-3.0-or-later
// The health of one session's broadcast: polled each second, kept for some minutes, and judged. Each
// trouble has words that name the fault and the remedy.
import { signal } from '@preact/signals';
import { Live } from '../../core/age';
import { asProblem, get, type Problem } from '../../core/api';
import type { Key } from '../../core/i18n';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Health, RtcHealth, SessionHealth, SessionState, SoundAlarm } from '../../core/types';

const POLL_MS = 1000;
const ANSWER_MS = 4000;
const KEPT_POINTS = 300;
/** The programme's sound below this, for so long, is silence. Speech in a quiet room stays above. */
export const SILENT_DB = -55;
export const SILENT_MS = 8000;
const STORED_LATE_MS = 10_000;
const LOW_MINUTES = 15;

/** One session's part of the server's health; empty while the session is off. */
export type Vital = Partial<SessionHealth> & { rtc?: RtcHealth };

/** One second of the plots; null: not known. */
export interface Point {
    at: number;
    fps: number | null;
    mbps: number | null;
    /** Per cent of packets that were sent once more because a viewer missed them. */
    loss: number | null;
    sound: number | null;
    viewers: number;
}

/** Rates between two answers; null where the server began anew or said nothing. Pure. */
export function rates(before: Vital | null, now: Vital): Omit<Point, 'at' | 'sound' | 'viewers'> {
    const ms = (now.clock_ms ?? Number.NaN) - (before?.clock_ms ?? Number.NaN);
    const per = (was: number | undefined, is: number | undefined): number | null => {
        const grown = (is ?? Number.NaN) - (was ?? Number.NaN);
        return ms > 0 && grown >= 0 ? (1000 * grown) / ms : null;
    };
    const bytes = per(before?.programme?.bytes, now.programme?.bytes);
    const packets = per(before?.rtc?.packets, now.rtc?.packets);
    const resent = per(before?.rtc?.resent, now.rtc?.resent);
    return {
        fps: per(before?.programme?.frames, now.programme?.frames),
        mbps: bytes === null ? null : (8 * bytes) / 1e6,
        loss: packets && resent !== null ? Math.min(100, (100 * resent) / packets) : null,
    };
}

/** The louder channel, dBFS; null: not known. */
export function loudness(health: Vital | null): number | null {
    const levels = health?.programme?.levels;
    return levels?.length ? Math.max(...levels) : null;
}

export type Cell = 'recording' | 'source' | 'sound' | 'disk' | 'second' | 'link';

export interface Trouble {
    cell: Cell;
    /** An alarm sounds and turns the strip red; a warning only says so. */
    alarm: boolean;
    what: Key;
    todo: Key;
    values?: Record<string, string | number>;
    /** The fault of a source; its words replace `what` and `todo`. */
    code?: string | null;
    /** The server's own sentence, English. */
    text?: string | null;
}

export interface Judged {
    state: SessionState;
    health: Vital | null;
    /** How long the programme has been silent. */
    silentMs: number;
    /** Seconds since the server was heard; 0: just now. */
    unheard: number;
    /** The server answers, and no longer lets this person in. */
    refused: boolean;
}

function sourceTrouble({ state, health }: Judged): Trouble[] {
    const source = health?.programme?.state ?? 'off';
    const { text, code } = health?.programme ?? {};
    const live = state === 'live';
    // Between the state's change and the next answer there may be no programme yet.
    if (source === 'failed' || (source === 'off' && live)) {
        return [
            {
                cell: 'source',
                alarm: state !== 'paused',
                what: 'alarmSource',
                todo: 'alarmSourceTodo',
                code,
                text,
            },
        ];
    }
    if (source === 'waiting') {
        return [
            {
                cell: 'source',
                alarm: live,
                what: 'alarmWaiting',
                todo: 'alarmSourceTodo',
                code,
                text,
            },
        ];
    }
    if (source === 'playing' && code) {
        // One of picture and sound is missing, and the other goes on.
        return [
            { cell: 'source', alarm: live, what: 'alarmHalf', todo: 'alarmSourceTodo', code, text },
        ];
    }
    return source === 'ended' && live
        ? [{ cell: 'source', alarm: true, what: 'alarmEnded', todo: 'alarmEndedTodo' }]
        : [];
}

/** What the server hears; silence it tells after ten seconds. */
export const SOUND_ALARMS: Record<SoundAlarm, [what: Key, todo: Key]> = {
    silent: ['alarmSilent', 'alarmSilentTodo'],
    clipping: ['alarmClipping', 'alarmClippingTodo'],
    left_only: ['alarmLeftOnly', 'alarmOneSideTodo'],
    right_only: ['alarmRightOnly', 'alarmOneSideTodo'],
};
export const TOLD_SILENT_MS = 10_000;

function soundTrouble({ state, health, silentMs }: Judged): Trouble[] {
    const { state: source, sound } = health?.programme ?? {};
    const alarm = silentMs >= SILENT_MS ? 'silent' : sound?.alarm;
    if (source !== 'playing' || !alarm) {
        return [];
    }
    const [what, todo] = SOUND_ALARMS[alarm];
    const n = Math.floor((silentMs >= SILENT_MS ? silentMs : TOLD_SILENT_MS) / 1000);
    return [{ cell: 'sound', alarm: state === 'live', what, todo, values: { n } }];
}

function recordingTrouble({ state, health }: Judged): Trouble[] {
    const { recording, disk } = health ?? {};
    const found: Trouble[] = [];
    const late = recording?.stored_ms_ago ?? 0;
    const onlySecond = recording?.second === 'failing' && recording?.state !== 'failing';
    if (recording?.state === 'failing') {
        found.push({
            cell: 'recording',
            alarm: true,
            what: 'alarmRecording',
            todo: 'alarmRecordingTodo',
            text: recording.text,
        });
    } else if (state === 'live' && late > STORED_LATE_MS) {
        found.push({
            cell: 'recording',
            alarm: true,
            what: 'alarmStored',
            todo: 'alarmRecordingTodo',
            values: { n: Math.floor(late / 1000) },
        });
    }
    if (onlySecond) {
        found.push({ cell: 'second', alarm: false, what: 'alarmSecond', todo: 'secondText' });
    }
    const minutes = disk?.minutes_left;
    if (typeof minutes === 'number' && minutes < LOW_MINUTES) {
        found.push({
            cell: 'disk',
            alarm: true,
            what: 'alarmDisk',
            todo: 'alarmDiskTodo',
            values: { n: Math.max(0, Math.floor(minutes)) },
        });
    } else if (disk?.low) {
        found.push({ cell: 'disk', alarm: false, what: 'diskLow', todo: 'alarmDiskTodo' });
    }
    return found;
}

/** Present troubles, the worst first. Pure. */
export function troubles(judged: Judged): Trouble[] {
    if (judged.refused) {
        return [{ cell: 'link', alarm: true, what: 'alarmRefused', todo: 'error_signedOut_todo' }];
    }
    if (judged.unheard > 0) {
        // Nothing else is known any more.
        return [{ cell: 'link', alarm: true, what: 'alarmLink', todo: 'alarmLinkTodo' }];
    }
    if (!judged.health || !['lobby', 'live', 'paused'].includes(judged.state)) {
        return [];
    }
    const found = [...sourceTrouble(judged), ...soundTrouble(judged), ...recordingTrouble(judged)];
    return [...found.filter((one) => one.alarm), ...found.filter((one) => !one.alarm)];
}

export class Vitals {
    readonly health = new Live<Vital>();
    readonly problem = signal<Problem | null>(null);
    readonly points = signal<Point[]>([]);
    /** How long the programme has been silent, as last heard. */
    readonly silentMs = signal(0);
    private silentSince: number | null = null;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private gone = false;

    constructor(private readonly socket: SessionSocket) {
        void this.poll();
    }

    close(): void {
        this.gone = true;
        clearTimeout(this.timer);
    }

    private async poll(): Promise<void> {
        const begun = performance.now();
        try {
            this.take(await get<Health>('health', AbortSignal.timeout(ANSWER_MS)));
            if (this.problem.peek()) {
                this.socket.hurry(); // the server is back; a refused socket keeps its own pace
            }
            this.problem.value = null;
        } catch (error) {
            this.problem.value = asProblem(error);
        }
        if (!this.gone) {
            const rest = POLL_MS - (performance.now() - begun);
            this.timer = setTimeout(() => void this.poll(), Math.max(100, rest));
        }
    }

    /** A server may run several sessions at once; the desk shows its own. */
    take(whole: Health): void {
        const own = whole.sessions.find((one) => one.session === this.socket.id);
        const health: Vital = { ...own, rtc: whole.rtc };
        const at = performance.now();
        const sound = loudness(health);
        const silent = sound !== null && sound < SILENT_DB && health.programme?.state === 'playing';
        this.silentSince = silent ? (this.silentSince ?? at) : null;
        this.silentMs.value = this.silentSince === null ? 0 : at - this.silentSince;
        const { whep = 0, hls = 0 } = health.viewers ?? {};
        this.points.value = [
            ...this.points.value.slice(1 - KEPT_POINTS),
            {
                at,
                sound,
                viewers: whep + hls,
                ...rates(this.health.value.peek(), health),
            },
        ];
        this.health.take(health);
    }
}
