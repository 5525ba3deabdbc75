// SPDX-License-Identifier: GPL-3.0-or-later
// The attendee's page: one address for the whole life of a session.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { now } from '../core/clock';
import { formatClock, pick, t } from '../core/i18n';
import { alertNow, announce } from '../core/live-region';
import { Room } from '../core/room';
import { href } from '../core/router';
import type { Session, SessionState } from '../core/types';
import type { Gate } from '../media/live-player';
import { Stage } from '../media/stage';
import { StageCard } from '../media/stage-card';
import { QuestionPanel } from '../questions/panel';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { SpeakerLine, Title, When } from '../ui/session-card';
import { Shell, useTitle } from '../ui/shell';
import { SignInCard } from './home';

function Countdown({ at }: { at: string }) {
    const left = Date.parse(at) - now.value;
    if (left <= 0) {
        return null;
    }
    const days = Math.floor(left / 86400000);
    return (
        <p class="grid justify-items-center gap-1" data-testid="countdown">
            <span class="text-sm text-aegold-200 sm:text-base">{t('startsIn')}</span>
            <span class="text-3xl font-bold sm:text-6xl">
                {days > 0 ? (
                    t('days', { n: days })
                ) : (
                    <span class="digits">{formatClock(left)}</span>
                )}
            </span>
        </p>
    );
}

function cardOf(session: Session) {
    const ready = session.state === 'published' || session.recording?.mp4 === 'ready';
    switch (session.state) {
        case 'scheduled':
        case 'lobby':
            return (
                <StageCard kind="waiting" title={t('startsShortly')} text={t('stayHere')}>
                    <Countdown at={session.starts_at} />
                </StageCard>
            );
        case 'paused':
            return <StageCard kind="paused" title={t('pausedTitle')} text={t('pausedText')} />;
        case 'ended':
        case 'published':
            return (
                <StageCard kind={ready ? 'recording-ready' : 'ended'} title={t('endedTitle')}>
                    {session.recording?.deleted_at ? (
                        <p class="text-whitely-400">{t('deletedTitle')}</p>
                    ) : session.state === 'published' ? (
                        <a
                            class="btn btn-main"
                            data-testid="recording-link"
                            href={href('recordings', session.id)}
                        >
                            <Icon name="play" />
                            {t('watchRecording')}
                        </a>
                    ) : (
                        <p class="text-whitely-400">{t('recordingSoon')}</p>
                    )}
                </StageCard>
            );
        case 'cancelled':
            return (
                <StageCard kind="cancelled" title={t('cancelledTitle')} text={t('cancelledText')} />
            );
        default:
            return undefined;
    }
}

function gateOf(state: SessionState): Gate {
    return state === 'live' ? 'open' : state === 'lobby' || state === 'paused' ? 'closed' : 'off';
}

function useStateWords(session: Session | null) {
    const state = session?.state;
    const before = useRef(state);
    useEffect(() => {
        if (before.current && state && before.current !== state) {
            if (state === 'ended') {
                alertNow(t('endedTitle'));
            } else if (state === 'live') {
                announce(t('state_live'));
            } else if (state === 'paused') {
                announce(t('pausedTitle'));
            }
        }
        before.current = state;
    }, [state]);
}

function SessionView({ room, session }: { room: Room; session: Session }) {
    const input = useRef<HTMLTextAreaElement>(null);
    const ask = () => {
        input.current?.scrollIntoView({ block: 'center' });
        input.current?.focus();
    };
    const canAsk = ['scheduled', 'lobby', 'live', 'paused'].includes(session.state);
    const formSeen = useSignal(false);
    useEffect(() => {
        const observer = new IntersectionObserver(([entry]) => {
            formSeen.value = entry?.isIntersecting ?? false;
        });
        if (input.current) {
            observer.observe(input.current);
        }
        return () => observer.disconnect();
    }, [canAsk]);
    useStateWords(session);
    return (
        <div class="lg:page lg:grid lg:grid-cols-[minmax(0,2fr)_minmax(21rem,1fr)] lg:gap-6 lg:px-[clamp(1rem,3vw,2.5rem)] lg:py-6 mx-auto w-full max-w-[100rem]">
            <div class="max-lg:sticky max-lg:top-0 max-lg:z-20">
                <Stage
                    room={room}
                    gate={gateOf(session.state)}
                    card={cardOf(session)}
                    label={pick(session.title)}
                    onAsk={canAsk ? ask : undefined}
                />
                <div class="grid gap-1 px-4 pt-5 max-lg:hidden lg:px-1">
                    <About session={session} />
                </div>
            </div>
            <div class="grid gap-1 border-b border-aeblack-100 bg-white px-4 py-3 lg:hidden">
                <About session={session} />
            </div>
            <div class="flex min-h-0 flex-col lg:sticky lg:top-6 lg:h-[calc(100dvh-8.5rem)] lg:min-h-[34rem]">
                <QuestionPanel room={room} input={input} canAsk={canAsk} />
            </div>
            {canAsk && !formSeen.value && (
                <button
                    type="button"
                    data-testid="ask-thumb"
                    class="btn btn-main fixed! end-4 bottom-4 z-30 min-h-14! rounded-full! px-6! shadow-xl lg:hidden!"
                    onClick={ask}
                >
                    <Icon name="ask" size={22} />
                    {t('askTitle')}
                </button>
            )}
        </div>
    );
}

function About({ session }: { session: Session }) {
    return (
        <>
            <div class="flex flex-wrap items-center gap-3">
                <StateChip state={session.state} deleted={!!session.recording?.deleted_at} />
            </div>
            <h1 class="text-lg sm:text-2xl">
                <Title title={session.title} />
            </h1>
            <SpeakerLine speakers={session.speakers} />
            <When at={session.starts_at} minutes={session.duration_minutes} />
        </>
    );
}

export default function Attend({ id }: { id: string }) {
    const room = useMemo(() => new Room(id), [id]);
    useEffect(() => () => room.close(), [room]);
    const session = room.session.value;
    const problem = room.problem.value;
    useTitle(session ? pick(session.title) : '');
    const refused = room.link.value === 'refused' || problem?.status === 403;
    return (
        <Shell session={session}>
            {refused ? (
                <div class="page max-w-3xl! py-16">
                    <div class="overflow-hidden rounded-2xl">
                        <StageCard
                            kind="denied"
                            title={t('noPermission')}
                            text={t('noPermissionText')}
                        >
                            <a class="btn" href={href('sign-in')}>
                                {t('signIn')}
                            </a>
                        </StageCard>
                    </div>
                </div>
            ) : session ? (
                <SessionView room={room} session={session} />
            ) : (
                <div class="page max-w-4xl! py-12">
                    {room.signedOut.value ? (
                        <SignInCard />
                    ) : problem ? (
                        <ErrorBox problem={problem} retry={() => void room.load()} />
                    ) : (
                        <Skeleton />
                    )}
                </div>
            )}
        </Shell>
    );
}
