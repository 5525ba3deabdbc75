// SPDX-License-Identifier: GPL-3.0-or-later
// One session's desk: a strip of what matters, the programme beside moderation, all else in tabs.
// After the end it is another page (desk/after).
import { type Signal, signal } from '@preact/signals';
import '../style/desk.css';
import { useEffect, useMemo } from 'preact/hooks';
import { pick, t } from '../core/i18n';
import { isStaff, mayModerate, me } from '../core/me';
import { href } from '../core/router';
import { SessionSocket } from '../core/session/session-socket';
import { isOver } from '../core/session/state';
import type { Session } from '../core/types';
import type { Place } from '../desk/flow/flow';
import { Strip } from '../desk/health/strip';
import { Vitals } from '../desk/health/vitals';
import { RunPanel } from '../desk/run';
import { Title, When } from '../sessions/session-card';
import { Aged, AgeNote } from '../ui/aged';
import { useMedia } from '../ui/hooks/use-media';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';
import { type Panel, Tabs } from '../ui/tabs';

const Flow = lazy(() => import('../desk/flow/bar'), 0);
const AgendaCard = lazy(() => import('../desk/agenda'));
const Moderation = lazy(async () => ({
    default: (await import('../desk/moderation/moderation')).Moderation,
}));
const Preview = lazy(() => import('../desk/preview'));
const After = lazy(() => import('../desk/after/after'));
const SourcePanel = lazy(() => import('../desk/source'));
const HealthPanel = lazy(() => import('../desk/health/health'));
const Invitations = lazy(async () => ({
    default: (await import('../desk/invitations')).Invitations,
}));
const MessageForm = lazy(async () => ({ default: (await import('../desk/message')).MessageForm }));

const NotForYou = lazy<{ page: 'desk'; id: string }>(() =>
    import('../ui/shell/not-for-you').then((module) => ({ default: module.NotForYou })),
);

/** Moderation stands beside the programme where both have room, and is the first tab elsewhere. */
const WIDE = '(min-width: 64rem)';

function Heading({ socket, session }: { socket: SessionSocket; session: Session }) {
    const over = isOver(session.state);
    return (
        <div class="mb-3 flex flex-wrap items-center gap-x-4 gap-y-1">
            {over ? (
                <StateChip state={session.state} deleted={!!session.recording.deleted_at} />
            ) : (
                <Aged of={socket.heard}>
                    <StateChip state={session.state} />
                </Aged>
            )}
            <h1 class="min-w-0 text-lg wrap-anywhere sm:text-xl">
                <Title title={session.title} />
            </h1>
            <span class="[@media(max-height:34rem)]:hidden">
                <When at={session.starts_at} minutes={session.duration_minutes} />
            </span>
            <div class="ms-auto flex flex-wrap gap-2">
                <a
                    class="btn btn-small"
                    href={href('s', session.id)}
                    target="_blank"
                    rel="noopener"
                >
                    {t('attendeePage')}
                </a>
                <a
                    class="btn btn-small"
                    href={href('present', session.id)}
                    target="_blank"
                    rel="noopener"
                >
                    {t('presenterView')}
                </a>
            </div>
        </div>
    );
}

/** Questions and their counts are live as well. */
function Questions({ socket, class: className = '' }: { socket: SessionSocket; class?: string }) {
    return (
        <div class={className}>
            <p class="min-h-0">
                <AgeNote of={socket.heard} />
            </p>
            <Aged
                of={socket.heard}
                as="div"
                class="grid min-h-0 grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)]"
            >
                <Moderation socket={socket} />
            </Aged>
        </div>
    );
}

function panels(
    socket: SessionSocket,
    session: Session,
    vitals: Vitals | null,
    wide: boolean,
): Panel[] {
    const staff = vitals !== null;
    const list: (Panel | false)[] = [
        !wide && {
            name: 'questions',
            label: t('questions'),
            content: () => <Questions socket={socket} />,
        },
        session.state !== 'cancelled' && {
            name: 'agenda',
            label: t('agenda'),
            content: () => <AgendaCard socket={socket} session={session} staff={staff} />,
        },
        {
            name: 'message',
            label: t('toPresenter'),
            content: () => <MessageForm socket={socket} />,
        },
        staff && {
            name: 'invitations',
            label: t('invitations'),
            content: () => <Invitations session={socket.id} />,
        },
        vitals !== null && {
            name: 'source',
            label: t('pictureTab'),
            content: () => <SourcePanel session={session} socket={socket} vitals={vitals} />,
        },
        vitals !== null && {
            name: 'health',
            label: t('healthTab'),
            content: () => <HealthPanel socket={socket} vitals={vitals} />,
        },
    ];
    return list.filter((one) => one !== false);
}

function Live({
    socket,
    session,
    vitals,
    tab,
}: {
    socket: SessionSocket;
    session: Session;
    vitals: Vitals | null;
    tab: Signal<string>;
}) {
    const wide = useMedia(WIDE);
    return (
        <div class="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
            <div class="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-4">
                <div class="desk-programme">
                    <Preview socket={socket} session={session} />
                    {vitals && <RunPanel socket={socket} session={session} />}
                </div>
                <section class="card min-w-0">
                    <Tabs
                        label={t('deskTabs')}
                        items={panels(socket, session, vitals, wide)}
                        value={tab}
                        class="border-b border-line px-2"
                        panelClass="p-4"
                    />
                </section>
            </div>
            {wide && <Questions socket={socket} class="desk-side" />}
        </div>
    );
}

/** The tab, or the buttons of the broadcast, where something is mended; the focus goes there. */
function show(place: Place, tab: Signal<string>): void {
    if (place !== 'run') {
        tab.value = place;
    }
    document.getElementById(place === 'run' ? place : `tab-${place}`)?.focus();
}

function Console({ socket, session }: { socket: SessionSocket; session: Session }) {
    const staff = isStaff(me.value);
    const over = session.state === 'ended' || session.state === 'published';
    const vitals = useMemo(
        () => (staff && !over ? new Vitals(socket) : null),
        [socket, staff, over],
    );
    useEffect(() => () => vitals?.close(), [vitals]);
    // After the end there are other tabs, and the first one is wanted.
    const tab = useMemo(() => signal(location.hash.slice(1)), [over]);
    return (
        <>
            {!over && <Strip socket={socket} session={session} vitals={vitals} />}
            <div class="page max-w-none py-3">
                <Heading socket={socket} session={session} />
                {staff && <Flow session={session} vitals={vitals} open={(to) => show(to, tab)} />}
                {over ? (
                    <After socket={socket} session={session} staff={staff} tab={tab} />
                ) : (
                    <Live socket={socket} session={session} vitals={vitals} tab={tab} />
                )}
            </div>
        </>
    );
}

export default function Desk({ id }: { id: string }) {
    const socket = useMemo(() => new SessionSocket(id), [id]);
    useEffect(() => () => socket.close(), [socket]);
    const session = socket.session.value;
    const problem = socket.problem.value;
    useTitle(session ? `${t('desk')} · ${pick(session.title)}` : t('desk'));
    const denied = me.value !== null && !mayModerate(me.value, id);
    return (
        <Shell session={session} wide>
            {session && !denied ? (
                <Console socket={socket} session={session} />
            ) : (
                <div class="page max-w-4xl py-12">
                    {denied ? (
                        <NotForYou page="desk" id={id} />
                    ) : socket.signedOut.value ? (
                        <SignInCard />
                    ) : problem ? (
                        <ErrorBox problem={problem} retry={() => void socket.load()} />
                    ) : (
                        <Skeleton />
                    )}
                </div>
            )}
        </Shell>
    );
}
