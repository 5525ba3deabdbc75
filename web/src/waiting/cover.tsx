// SPDX-License-Identifier: GPL-3.0-or-later
// The card in the place of the picture before a session and after it.
import { now } from '../core/clock';
import { formatClock, formatDate, formatTime, t } from '../core/i18n';
import { href } from '../core/router';
import type { Session } from '../core/types';
import { StageCard } from '../media/stage-card';
import { Icon } from '../ui/icons';
import { type WaitingKey, w } from './words';

const DAY_MS = 86_400_000;

function Countdown({ left }: { left: number }) {
    return (
        <p class="grid justify-items-center gap-1" data-testid="countdown">
            <span class="text-sm text-aegold-200 sm:text-base">{t('startsIn')}</span>
            <span class="text-3xl font-bold sm:text-6xl low:text-4xl">
                {left >= DAY_MS ? (
                    t('days', { n: Math.floor(left / DAY_MS) })
                ) : (
                    <span class="digits">{formatClock(left)}</span>
                )}
            </span>
        </p>
    );
}

function Before({ session }: { session: Session }) {
    const left = Date.parse(session.starts_at) - now.value;
    const [date, time] = [formatDate(session.starts_at), formatTime(session.starts_at)];
    if (session.state === 'lobby' && left < 15 * 60_000) {
        return (
            <StageCard
                kind="waiting"
                session={session}
                picture={session.picture ?? undefined}
                title={t('startsShortly')}
                text={t('stayHere')}
            >
                {left > 0 && <Countdown left={left} />}
            </StageCard>
        );
    }
    const opens = left <= 0 ? 'opensLate' : left >= DAY_MS ? 'opensOn' : 'opensAt';
    return (
        <StageCard
            kind="waiting"
            session={session}
            picture={session.picture ?? undefined}
            title={w(opens, { date, time })}
        >
            {left > 0 && <Countdown left={left} />}
        </StageCard>
    );
}

export function recordingWords(recording: Session['recording']): WaitingKey {
    switch (recording.mp4) {
        case 'none':
            return 'recordingNone';
        case 'failed':
            return 'recordingFailed';
        case 'ready':
            return 'recordingWaits';
        default:
            return 'recordingPrepares';
    }
}

/** A picture of the session that this person may see. */
function posterOf({ id, state, recording, picture }: Session): string | undefined {
    const made = recording.steps.some((one) => one.step === 'pictures' && one.state === 'ready');
    const shown = state === 'published' && made && !recording.deleted_at;
    const poster = shown ? `/recordings/${encodeURIComponent(id)}/poster.jpg` : undefined;
    return picture ?? poster;
}

function After({ session }: { session: Session }) {
    const { recording, state } = session;
    const ready = state === 'published' || recording.mp4 === 'ready';
    return (
        <StageCard
            kind={ready ? 'recording-ready' : 'ended'}
            session={session}
            picture={posterOf(session)}
            title={t('endedTitle')}
        >
            {recording.deleted_at ? (
                <p class="text-whitely-400">{t('deletedTitle')}</p>
            ) : state === 'published' ? (
                <a
                    class="btn btn-main"
                    data-testid="recording-link"
                    href={href('recordings', session.id)}
                >
                    <Icon name="play" />
                    {t('watchRecording')}
                </a>
            ) : (
                <p class="text-whitely-400" data-testid="recording-state">
                    {w(recordingWords(recording))}
                </p>
            )}
        </StageCard>
    );
}

export default function Cover({ session }: { session: Session }) {
    switch (session.state) {
        case 'scheduled':
        case 'lobby':
            return <Before session={session} />;
        case 'cancelled':
            return (
                <StageCard
                    kind="cancelled"
                    session={session}
                    title={t('cancelledTitle')}
                    text={t('cancelledText')}
                />
            );
        default:
            return <After session={session} />;
    }
}
