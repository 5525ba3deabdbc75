// SPDX-License-Identifier: GPL-3.0-or-later
// Lamp, time left, wall clock. When the server is silent the lamp claims nothing, and the clocks run
// on: a speaker must never lose the time.
import { now, serverNow } from '../core/clock';
import { formatClock, formatTime, t } from '../core/i18n';
import { leapOf } from '../core/session/leap';
import type { SessionSocket } from '../core/session/session-socket';
import { isOver } from '../core/session/state';
import type { Session } from '../core/types';
import { Icon } from '../ui/icons';
import { type Words, w } from './words';

const AMBER_MS = 5 * 60000;
const RED_MS = 60000;
const DAY_MS = 24 * 3600_000;

/** Time left of the session, negative in overtime; null before it is live. */
export function timeLeft(session: Session, at: number): number | null {
    if (!session.live_at || !['live', 'paused'].includes(session.state)) {
        return null;
    }
    return Date.parse(session.live_at) + session.duration_minutes * 60000 - at;
}

type LampState = 'on' | 'off' | 'paused' | 'ended' | 'unknown';

function lampState(session: Session, old: boolean): LampState {
    if (old) {
        return 'unknown';
    }
    if (session.state === 'live') {
        return 'on';
    }
    if (session.state === 'paused') {
        return 'paused';
    }
    return isOver(session.state) ? 'ended' : 'off';
}

const LAMP: Record<LampState, keyof Words> = {
    on: 'lampOn',
    off: 'lampOff',
    paused: 'lampPaused',
    ended: 'lampEnded',
    unknown: 'lampUnknown',
};

function Shape({ state }: { state: LampState }) {
    return (
        <svg
            viewBox="0 0 34 34"
            aria-hidden="true"
            class="size-5 shrink-0 big:size-8"
            fill={state === 'on' ? 'currentColor' : 'none'}
            stroke="currentColor"
            stroke-width="4"
        >
            {state === 'on' || state === 'unknown' ? (
                <circle
                    cx="17"
                    cy="17"
                    r="13"
                    stroke-dasharray={state === 'unknown' ? '6 5' : undefined}
                />
            ) : (
                <rect x="4" y="4" width="26" height="26" rx="4" />
            )}
        </svg>
    );
}

export function Lamp({ socket, session }: { socket: SessionSocket; session: Session }) {
    const old = socket.heard.old.value;
    const state = lampState(session, old);
    const offline = old || socket.link.value === 'offline';
    const since = formatTime(serverNow() - socket.heard.age(), true);
    return (
        <div class="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <p
                data-testid="lamp"
                data-on={state === 'on'}
                data-state={state}
                data-old={old}
                class={`flex items-center gap-2 rounded-xl border-3 px-3 py-1 font-bold whitespace-nowrap big:gap-4 big:rounded-2xl big:px-5 big:py-2 big:text-3xl xl:big:text-4xl ${
                    state === 'on'
                        ? 'border-aered-600 bg-aered-700 text-white'
                        : 'border-aeblack-500 text-aeblack-100'
                }`}
            >
                <Shape state={state} />
                {session.state === 'cancelled' && !old ? t('state_cancelled') : w(LAMP[state])}
            </p>
            {offline && (
                <p
                    class="inline-flex items-center gap-1 text-xs leading-tight font-bold text-camel-300 big:text-lg"
                    role="alert"
                    data-testid="offline"
                    title={w('presenterOfflineText')}
                >
                    <Icon name="warn" size={18} />
                    {w('presenterOffline', { time: since })}
                    <span class="sr-only">{w('presenterOfflineText')}</span>
                </p>
            )}
        </div>
    );
}

function tone(left: number | null): 'idle' | 'plain' | 'amber' | 'red' | 'over' {
    if (left === null) {
        return 'idle';
    }
    return left < 0 ? 'over' : left < RED_MS ? 'red' : left < AMBER_MS ? 'amber' : 'plain';
}

const TONE = {
    idle: 'text-aeblack-100',
    plain: 'text-white',
    amber: 'text-camel-400',
    red: 'text-aered-400',
    over: 'text-aered-400',
};

const PLACE = 'order-last col-span-2 low:order-none low:col-span-1 big:order-none big:col-span-1';

export function Countdown({ session }: { session: Session }) {
    const left = timeLeft(session, now.value - leapOf(session));
    const start = Date.parse(session.starts_at) - now.value;
    const shown = left ?? (['scheduled', 'lobby'].includes(session.state) ? start : 0);
    const words =
        left === null
            ? shown > 0
                ? t('startsIn')
                : w('notOnAir')
            : t(left < 0 ? 'overtime' : 'remaining');
    if (isOver(session.state)) {
        return <span class={PLACE} />; // keeps its column
    }
    return (
        <div class={`${PLACE} flex items-baseline justify-center gap-3 big:block big:text-center`}>
            <p class="text-sm text-aeblack-100 big:text-lg xl:big:text-xl">{words}</p>
            <p
                data-testid="countdown"
                data-tone={tone(left)}
                class={`digits pointer-events-none text-[clamp(3rem,18.5vw,5rem)] leading-none font-bold low:text-[3rem] big:text-[clamp(4.5rem,min(8vw,16vh),9rem)] ${TONE[tone(left)]}`}
            >
                {shown >= DAY_MS ? (
                    <bdi class="text-[0.6em]">{t('days', { n: Math.floor(shown / DAY_MS) })}</bdi>
                ) : (
                    `${left !== null && left < 0 ? '+' : ''}${formatClock(left === null ? Math.max(0, shown) : Math.abs(left))}`
                )}
            </p>
        </div>
    );
}

export function WallClock() {
    return (
        <div class="justify-self-end text-end">
            <p
                class="digits text-2xl leading-tight font-bold big:text-4xl xl:big:text-6xl"
                data-testid="wall-clock"
            >
                {formatTime(now.value, true)}
            </p>
            <p class="text-xs leading-tight text-aeblack-100 big:text-lg">{t('uaeTime')}</p>
        </div>
    );
}
