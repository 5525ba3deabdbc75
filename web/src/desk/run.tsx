// SPDX-License-Identifier: GPL-3.0-or-later
// Start, pause, resume, end, publish, take back.
import { type Signal, useSignal } from '@preact/signals';
import { post } from '../core/api';
import { serverNow } from '../core/clock';
import { formatClock, formatTime, t } from '../core/i18n';
import { leapOf } from '../core/session/leap';
import type { SessionSocket } from '../core/session/session-socket';
import type { Session, SessionState } from '../core/types';
import { AgeNote } from '../ui/aged';
import { Ask } from '../ui/ask';
import { useRequest } from '../ui/hooks/use-request';
import type { IconName } from '../ui/icons';
import { ErrorBox, HoldButton } from '../ui/parts';

interface Act {
    to: SessionState;
    id: string;
    icon: IconName;
    look: string;
}

const START: Act = { to: 'live', id: 'start', icon: 'play', look: 'btn-main' };
const END: Act = {
    to: 'ended',
    id: 'end',
    icon: 'cross',
    look: 'btn-stop',
};
const CANCEL: Act = { to: 'cancelled', id: 'cancel', icon: 'cross', look: 'btn-stop' };
const ACTS: Partial<Record<SessionState, Act[]>> = {
    scheduled: [{ to: 'lobby', id: 'lobby', icon: 'people', look: 'btn-main' }],
    lobby: [START, CANCEL],
    live: [{ to: 'paused', id: 'pause', icon: 'pause', look: '' }, END],
    paused: [{ ...START, id: 'resume' }, END],
    ended: [{ to: 'published', id: 'publish', icon: 'check', look: 'btn-main' }],
    published: [{ to: 'ended', id: 'unpublish', icon: 'undo', look: '' }],
};
const WORDS = {
    lobby: 'openLobby',
    start: 'startBroadcast',
    pause: 'pauseBroadcast',
    resume: 'resumeBroadcast',
    end: 'endBroadcast',
    publish: 'publish',
    unpublish: 'unpublish',
    cancel: 'cancelSession',
} as const;

/** A start this long before the announced time is asked about. */
const EARLY_MS = 5 * 60_000;

/** Whole minutes to the announced start; 0: it is not early. Pure. */
export function earlyMinutes(startsAt: string, now: number): number {
    const ms = Date.parse(startsAt) - now;
    return ms > EARLY_MS ? Math.round(ms / 60_000) : 0;
}

function earlyWords(minutes: number, startsAt: string): string {
    const time = formatTime(startsAt);
    if (minutes >= 48 * 60) {
        return t('earlyDays', { n: Math.floor(minutes / 1440), time });
    }
    return minutes >= 120
        ? t('earlyHours', { n: Math.floor(minutes / 60), time })
        : t('earlyMinutes', { n: minutes, time });
}

function OnAirClock({ socket, session }: { socket: SessionSocket; session: Session }) {
    if (!session.live_at || !['live', 'paused'].includes(session.state)) {
        return null;
    }
    const leap = leapOf(session);
    const ran = socket.heard.clock.value - Date.parse(session.live_at) - leap;
    const left = session.duration_minutes * 60000 - ran;
    const old = socket.heard.old.value;
    const late = left < 60000 && !old;
    return (
        <div class="grid gap-1">
            <dl
                class="aged flex flex-wrap gap-x-8 gap-y-1"
                data-testid="on-air-clock"
                data-old={old}
            >
                <div>
                    <dt class="text-sm text-soft">{t('elapsed')}</dt>
                    <dd class="digits text-2xl font-bold" data-testid="elapsed">
                        {formatClock(ran)}
                    </dd>
                </div>
                <div>
                    <dt class="text-sm text-soft">{t(left < 0 ? 'overtime' : 'remaining')}</dt>
                    <dd class={`digits text-2xl font-bold ${late ? 'text-bad' : ''}`}>
                        {left < 0 ? '+' : ''}
                        {formatClock(Math.abs(left))}
                    </dd>
                </div>
            </dl>
            <AgeNote of={socket.heard} />
        </div>
    );
}

/** What is asked before a session begins early, or is cancelled. */
function LobbyDoubts({
    session,
    early,
    cancelling,
    go,
}: {
    session: Session;
    early: Signal<number>;
    cancelling: Signal<boolean>;
    go: (to: SessionState) => void;
}) {
    return (
        <>
            {early.value > 0 && (
                <Ask
                    title={t('earlyTitle')}
                    text={earlyWords(early.value, session.starts_at)}
                    confirm={t('earlyConfirm')}
                    onConfirm={() => {
                        early.value = 0;
                        go('live');
                    }}
                    onCancel={() => {
                        early.value = 0;
                    }}
                />
            )}
            {cancelling.value && (
                <Ask
                    title={t('cancelSession')}
                    text={t('cancelSessionText')}
                    confirm={t('cancelSession')}
                    onConfirm={() => {
                        cancelling.value = false;
                        go('cancelled');
                    }}
                    onCancel={() => {
                        cancelling.value = false;
                    }}
                />
            )}
        </>
    );
}

/** The buttons that lead on from the session's state, each held. */
export function RunButtons({ socket, session }: { socket: SessionSocket; session: Session }) {
    const { problem, busy, run } = useRequest(() => socket.refresh());
    const early = useSignal(0);
    const cancelling = useSignal(false);
    const go = (to: SessionState) =>
        void run(() => post(`sessions/${encodeURIComponent(session.id)}/state`, { to }));
    const start = (act: Act) => {
        early.value = act.id === 'start' ? earlyMinutes(session.starts_at, serverNow()) : 0;
        cancelling.value = act === CANCEL;
        if (early.value === 0 && !cancelling.value) {
            go(act.to);
        }
    };
    const acts = ACTS[session.state] ?? [];
    if (acts.length === 0) {
        return null;
    }
    return (
        <>
            <div class="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-3 max-sm:gap-2">
                {acts.map((act) => (
                    <HoldButton
                        key={act.id}
                        testId={act.id}
                        icon={act.icon}
                        class={`btn-large max-sm:text-sm ${act.look}`}
                        disabled={busy.value}
                        onHold={() => start(act)}
                    >
                        {t(WORDS[act.id as keyof typeof WORDS])}
                    </HoldButton>
                ))}
            </div>
            {session.state === 'lobby' && (
                <LobbyDoubts session={session} early={early} cancelling={cancelling} go={go} />
            )}
            {problem.value && <ErrorBox problem={problem.value} />}
        </>
    );
}

export function RunPanel({ socket, session }: { socket: SessionSocket; session: Session }) {
    return ACTS[session.state] ? (
        <section
            id="run"
            tabIndex={-1}
            class="card grid content-start gap-4 p-4"
            aria-label={t('control')}
        >
            <OnAirClock socket={socket} session={session} />
            <RunButtons socket={socket} session={session} />
        </section>
    ) : null;
}
