// SPDX-License-Identifier: GPL-3.0-or-later
// The next session: when, the way in, and whether one comes.
import { now } from '../core/clock';
import { formatClock, lang, t } from '../core/i18n';
import { href } from '../core/router';
import type { Session } from '../core/types';
import { SeriesLine } from '../series/label';
import { SpeakerLine, Title, When } from '../sessions/session-card';
import { Icon } from '../ui/icons';
import { StateChip } from '../ui/parts';
import { Answer } from './answer';
import { ToDesk } from './card';
import { w } from './words';

const DAY_MS = 86_400_000;

function Countdown({ at }: { at: string }) {
    const left = Date.parse(at) - now.value;
    if (left <= 0) {
        return <p class="font-bold">{w('opensSoon')}</p>;
    }
    return (
        <p class="grid gap-1" data-testid="home-countdown">
            <span class="text-sm text-soft">{t('startsIn')}</span>
            <span class="text-3xl font-bold">
                {left >= DAY_MS ? (
                    t('days', { n: Math.floor(left / DAY_MS) })
                ) : (
                    <span class="digits">{formatClock(left)}</span>
                )}
            </span>
        </p>
    );
}

function WayIn({ session }: { session: Session }) {
    const id = encodeURIComponent(session.id);
    const on = session.state === 'live' || session.state === 'paused';
    return (
        <div class="flex flex-wrap gap-2">
            <a
                class={`btn ${on ? 'btn-main' : ''}`}
                data-testid="home-open"
                href={href('s', session.id)}
            >
                {t(session.state === 'live' ? 'watchNow' : 'openSession')}
            </a>
            <ToDesk session={session} />
            {!on && (
                <a
                    class="btn"
                    data-testid="home-calendar"
                    href={`/api/v1/sessions/${id}/calendar.ics?lang=${lang.value}`}
                    download="session.ics"
                >
                    <Icon name="clock" />
                    {w('addToCalendar')}
                </a>
            )}
        </div>
    );
}

export function NextSession({ session }: { session: Session }) {
    const on = session.state === 'live' || session.state === 'paused';
    return (
        <section class="card grid gap-6 p-5 sm:p-6" aria-labelledby="next" data-testid="next">
            <div class="flex flex-wrap items-start justify-between gap-6">
                <div class="grid min-w-0 flex-1 basis-64 gap-2">
                    <p class="flex flex-wrap items-center gap-2 text-sm font-bold text-accent">
                        {w(on ? 'onNow' : 'next')} <StateChip state={session.state} />
                    </p>
                    <SeriesLine session={session} />
                    <h2 id="next" class="text-xl sm:text-2xl">
                        <Title title={session.title} />
                    </h2>
                    <SpeakerLine speakers={session.speakers} />
                    <When at={session.starts_at} minutes={session.duration_minutes} />
                </div>
                {!on && <Countdown at={session.starts_at} />}
            </div>
            <div class="flex flex-wrap items-end justify-between gap-6">
                <Answer session={session} />
                <WayIn session={session} />
            </div>
        </section>
    );
}
