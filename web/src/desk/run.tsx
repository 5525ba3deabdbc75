// SPDX-License-Identifier: GPL-3.0-or-later
// Start, pause, resume, end, publish.
import { useSignal } from '@preact/signals';
import { asProblem, type Problem, post } from '../core/api';
import { now } from '../core/clock';
import { formatClock, t } from '../core/i18n';
import type { Room } from '../core/room';
import type { Session, SessionState } from '../core/types';
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
    look: 'border-aered-700! bg-aered-700! text-white!',
};
const ACTS: Partial<Record<SessionState, Act[]>> = {
    scheduled: [{ to: 'lobby', id: 'lobby', icon: 'people', look: 'btn-main' }],
    lobby: [START, END],
    live: [{ to: 'paused', id: 'pause', icon: 'pause', look: '' }, END],
    paused: [{ ...START, id: 'resume' }, END],
    ended: [{ to: 'published', id: 'publish', icon: 'check', look: 'btn-main' }],
};
const WORDS = {
    lobby: 'openLobby',
    start: 'startBroadcast',
    pause: 'pauseBroadcast',
    resume: 'resumeBroadcast',
    end: 'endBroadcast',
    publish: 'publish',
} as const;

function OnAirClock({ session }: { session: Session }) {
    if (!session.live_at || !['live', 'paused'].includes(session.state)) {
        return null;
    }
    const ran = now.value - Date.parse(session.live_at);
    const left = session.duration_minutes * 60000 - ran;
    return (
        <dl class="flex flex-wrap gap-x-8 gap-y-1">
            <div>
                <dt class="text-sm text-aeblack-600">{t('elapsed')}</dt>
                <dd class="digits text-2xl font-bold">{formatClock(ran)}</dd>
            </div>
            <div>
                <dt class="text-sm text-aeblack-600">{t(left < 0 ? 'overtime' : 'remaining')}</dt>
                <dd class={`digits text-2xl font-bold ${left < 60000 ? 'text-aered-700' : ''}`}>
                    {left < 0 ? '+' : ''}
                    {formatClock(Math.abs(left))}
                </dd>
            </div>
        </dl>
    );
}

export function RunPanel({ room, session }: { room: Room; session: Session }) {
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const go = async (to: SessionState) => {
        busy.value = true;
        problem.value = null;
        try {
            await post(`sessions/${encodeURIComponent(session.id)}/state`, { to });
            await room.refresh();
        } catch (error) {
            problem.value = asProblem(error);
        } finally {
            busy.value = false;
        }
    };
    const acts = ACTS[session.state] ?? [];
    if (acts.length === 0) {
        return null;
    }
    return (
        <section class="card grid gap-4 p-4" aria-label={t('control')}>
            <OnAirClock session={session} />
            <div class="grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-3 max-sm:gap-2">
                {acts.map((act) => (
                    <HoldButton
                        key={act.id}
                        testId={act.id}
                        icon={act.icon}
                        class={`min-h-14! px-3! text-base! ${act.look}`}
                        disabled={busy.value}
                        onHold={() => void go(act.to)}
                    >
                        {t(WORDS[act.id as keyof typeof WORDS])}
                    </HoldButton>
                ))}
            </div>
            {problem.value && <ErrorBox problem={problem.value} />}
        </section>
    );
}
