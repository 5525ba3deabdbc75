// SPDX-License-Identifier: GPL-3.0-or-later
// One session's desk: picture, state, recording light and source on one side, moderation on the
// other.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Problem } from '../core/api';
import { pick, t } from '../core/i18n';
import { me } from '../core/me';
import { Room } from '../core/room';
import { href } from '../core/router';
import { HealthPanel } from '../desk/health';
import { Invitations } from '../desk/invitations';
import { MessageForm } from '../desk/message';
import { Moderation } from '../desk/moderation';
import { RunPanel } from '../desk/run';
import { Stage } from '../media/stage';
import { StageCard } from '../media/stage-card';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { Title, When } from '../ui/session-card';
import { Shell, useTitle } from '../ui/shell';
import { SignInCard } from './home';

const AgendaCard = lazy(() => import('../desk/agenda'));
const RecordingCard = lazy(() => import('../desk/recording'));

function Tools({ room, staff }: { room: Room; staff: boolean }) {
    const tab = useSignal<'message' | 'invitations'>('message');
    return (
        <section class="card overflow-hidden">
            {staff && (
                <div class="flex border-b border-aeblack-100 px-2" role="tablist">
                    {(['message', 'invitations'] as const).map((name) => (
                        <button
                            key={name}
                            type="button"
                            role="tab"
                            class="tab"
                            id={`tab-${name}`}
                            aria-controls="tools"
                            aria-selected={tab.value === name}
                            data-testid={`tab-${name}`}
                            onClick={() => {
                                tab.value = name;
                            }}
                        >
                            {t(name === 'message' ? 'toPresenter' : 'invitations')}
                        </button>
                    ))}
                </div>
            )}
            <div id="tools" class="p-4" {...(staff ? { role: 'tabpanel' } : {})}>
                {tab.value === 'message' ? (
                    <MessageForm room={room} />
                ) : (
                    <Invitations session={room.id} />
                )}
            </div>
        </section>
    );
}

export default function Desk({ id }: { id: string }) {
    const room = useMemo(() => new Room(id), [id]);
    useEffect(() => () => room.close(), [room]);
    const session = room.session.value;
    const problem = room.problem.value;
    const staff = me.value?.role === 'staff';
    useTitle(session ? `${t('desk')} · ${pick(session.title)}` : t('desk'));
    const denied = ['attendee', 'speaker'].includes(me.value?.role ?? '');
    const ended = session?.state === 'ended' || session?.state === 'published';
    const over =
        session && ['ended', 'published', 'cancelled'].includes(session.state) ? (
            <StageCard
                kind={session.state}
                title={t(session.state === 'cancelled' ? 'cancelledTitle' : 'deskEnded')}
            />
        ) : session?.state === 'scheduled' ? (
            <StageCard kind="waiting" title={t('deskScheduled')} text={t('deskScheduledText')} />
        ) : undefined;
    return (
        <Shell session={session} wide>
            {!session || denied ? (
                <div class="page max-w-4xl! py-12">
                    {denied ? (
                        <ErrorBox
                            problem={new Problem(403, 'about:blank', '', '', '')}
                            retry={() => location.reload()}
                        />
                    ) : room.signedOut.value ? (
                        <SignInCard />
                    ) : problem ? (
                        <ErrorBox problem={problem} retry={() => void room.load()} />
                    ) : (
                        <Skeleton />
                    )}
                </div>
            ) : (
                <div class="page max-w-none! py-4">
                    <div class="mb-4 flex flex-wrap items-center gap-x-4 gap-y-1">
                        <StateChip
                            state={session.state}
                            deleted={!!session.recording?.deleted_at}
                        />
                        <h1 class="min-w-0 text-lg sm:text-xl">
                            <Title title={session.title} />
                        </h1>
                        <When at={session.starts_at} minutes={session.duration_minutes} />
                        <div class="ms-auto flex flex-wrap gap-2">
                            <a
                                class="btn btn-small"
                                href={href('s', id)}
                                target="_blank"
                                rel="noopener"
                            >
                                {t('attendeePage')}
                            </a>
                            <a
                                class="btn btn-small"
                                href={href('present', id)}
                                target="_blank"
                                rel="noopener"
                            >
                                {t('presenterView')}
                            </a>
                        </div>
                    </div>
                    {room.link.value === 'offline' && (
                        <p class="mb-4 rounded-xl bg-aegold-100 px-4 py-2" role="status">
                            {t('questionsOffline')}
                        </p>
                    )}
                    <div class="grid items-start gap-4 xl:grid-cols-[minmax(22rem,2fr)_minmax(0,3fr)]">
                        <div class="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
                            <Stage
                                room={room}
                                gate={
                                    ['lobby', 'live', 'paused'].includes(session.state)
                                        ? 'open'
                                        : 'off'
                                }
                                card={over}
                                label={t('preview')}
                                compact
                            />
                            {staff && <RunPanel room={room} session={session} />}
                            {ended && staff && <RecordingCard room={room} session={session} />}
                            {!ended && session.state !== 'cancelled' && (
                                <AgendaCard room={room} session={session} staff={staff} />
                            )}
                            {staff && <HealthPanel room={room} />}
                            <Tools room={room} staff={staff} />
                        </div>
                        <Moderation room={room} />
                    </div>
                </div>
            )}
        </Shell>
    );
}
