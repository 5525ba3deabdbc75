// SPDX-License-Identifier: GPL-3.0-or-later
// The house: sessions, each with what can be done to it; recordings; staff. Writing a session is a
// view of its own with an address: #new, #edit=ID, #copy=ID.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get } from '../core/api';
import { setServerTime } from '../core/clock';
import { type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { me, whoAmI } from '../core/me';
import { href } from '../core/router';
import { isOver } from '../core/session/state';
import type { Session, SessionList } from '../core/types';
import { Invitations } from '../desk/invitations';
import { SessionForm } from '../staff/session-form';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { SpeakerLine, Title, When } from '../ui/session-card';
import { NotForYou } from '../ui/shell/not-for-you';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';
import { byTime } from './home';
import { RecordingList } from './recordings';

type View = { mode: 'list' | 'new' | 'edit' | 'copy'; id: string };

export function viewOf(hash: string): View {
    const [, mode = 'list', id = ''] = /^#(new|edit|copy)(?:=([\w-]+))?$/.exec(hash) ?? [];
    return { mode: mode as View['mode'], id };
}

function useView() {
    const view = useSignal(viewOf(location.hash));
    useEffect(() => {
        const read = () => {
            view.value = viewOf(location.hash);
        };
        addEventListener('hashchange', read);
        return () => removeEventListener('hashchange', read);
    }, []);
    return view.value;
}

function toList(): void {
    location.hash = 'sessions';
}

function Card({ session }: { session: Session }) {
    const on = ['lobby', 'live', 'paused'].includes(session.state);
    return (
        <li
            class="card flex flex-wrap items-center gap-x-6 gap-y-4 p-5 sm:p-6"
            data-testid="session"
            data-session-id={session.id}
        >
            <div class="grid min-w-0 flex-1 basis-64 gap-1.5">
                <div>
                    <StateChip state={session.state} deleted={!!session.recording.deleted_at} />
                </div>
                <h3 class="text-lg sm:text-xl">
                    <Title title={session.title} />
                </h3>
                <SpeakerLine speakers={session.speakers} />
                <When at={session.starts_at} minutes={session.duration_minutes} />
            </div>
            <div class="flex flex-wrap gap-2">
                <a class={`btn ${on ? 'btn-main' : ''}`} href={href('desk', session.id)}>
                    {t('openDesk')}
                </a>
                <a class="btn btn-quiet" href={`#edit=${session.id}`} data-testid="edit-session">
                    <Icon name="edit" size={18} /> {t('edit')}
                </a>
                <a class="btn btn-quiet" href={`#copy=${session.id}`} data-testid="copy-session">
                    <Icon name="copy" size={18} /> {t('duplicate')}
                </a>
            </div>
        </li>
    );
}

function Cards({ title, items, testId }: { title: Key; items: Session[]; testId: string }) {
    return items.length === 0 ? null : (
        <section class="grid gap-4" aria-labelledby={testId}>
            <h2 id={testId} class="text-lg">
                {t(title)}
            </h2>
            <ul class="grid gap-4" data-testid={testId}>
                {items.map((session) => (
                    <Card key={session.id} session={session} />
                ))}
            </ul>
        </section>
    );
}

const isPast = (session: Session) => isOver(session.state);

function Sessions({ items }: { items: Session[] }) {
    const sorted = [...items].sort(byTime);
    if (items.length === 0) {
        return <p class="card p-8 text-center">{t('noSessionsStaff')}</p>;
    }
    return (
        <div class="grid gap-8">
            <Cards
                title="upcoming"
                testId="sessions"
                items={sorted.filter((one) => !isPast(one))}
            />
            <Cards title="past" testId="sessions-past" items={sorted.filter(isPast)} />
        </div>
    );
}

const TITLES: Record<Exclude<View['mode'], 'list'>, Key> = {
    new: 'newSession',
    edit: 'editSession',
    copy: 'copySession',
};

/** Reads the session again: what is corrected is the present version. */
function Write({
    view,
    others,
    changed,
}: {
    view: View & { mode: Exclude<View['mode'], 'list'> };
    others: Session[];
    changed: () => void;
}) {
    const heading = useRef<HTMLHeadingElement>(null);
    const turn = useSignal(0);
    const source = useLoad(`${view.id} ${turn.value}`, async () =>
        view.id ? await get<Session>(`sessions/${encodeURIComponent(view.id)}`) : null,
    );
    useEffect(() => heading.current?.focus(), []);
    const saved = (session: Session | null) => {
        if (session && view.mode !== 'edit') {
            location.assign(href('desk', session.id));
            return;
        }
        announce(t('saved'));
        changed();
        toList();
    };
    return (
        <>
            <div class="mb-6 grid gap-3">
                <a
                    class="btn btn-small btn-quiet w-fit"
                    href="#sessions"
                    data-testid="back-to-sessions"
                >
                    {t('backToSessions')}
                </a>
                <h1 ref={heading} tabIndex={-1} class="text-2xl sm:text-3xl">
                    {t(TITLES[view.mode])}
                </h1>
            </div>
            {source.problem.value ? (
                <ErrorBox problem={source.problem.value} retry={source.again} />
            ) : view.id && !source.value.value ? (
                <Skeleton />
            ) : (
                <SessionForm
                    key={`${view.id} ${source.value.value?.version}`}
                    mode={view.mode}
                    session={source.value.value}
                    others={others}
                    saved={saved}
                    cancel={toList}
                    reload={() => {
                        turn.value++;
                    }}
                />
            )}
        </>
    );
}

function Lists({ items }: { items: Session[] }) {
    return (
        <>
            <Sessions items={items} />
            <h2 class="mt-12 mb-5 text-xl sm:text-2xl">{t('recordings')}</h2>
            <RecordingList />
            <section class="card mt-12 grid gap-4 p-5 sm:p-8" data-testid="staff-invitations">
                <h2 class="text-xl">{t('staffInvitations')}</h2>
                <p class="text-sm">{t('staffInvitationsHelp')}</p>
                <Invitations />
            </section>
        </>
    );
}

const Search = lazy(() => import('../search/search'), 1);

function Overview({ items }: { items: Session[] }) {
    const searching = useSignal(false);
    return (
        <>
            <div class="mb-6 flex flex-wrap items-center justify-between gap-4">
                <h1 class="text-2xl sm:text-3xl">{t('sessions')}</h1>
                <span class="flex flex-wrap gap-2">
                    <a class="btn btn-quiet" href={href('staff', 'system')} data-testid="to-system">
                        {t('system')}
                    </a>
                    <a class="btn btn-main" href="#new" data-testid="new-session">
                        <Icon name="plus" /> {t('newSession')}
                    </a>
                </span>
            </div>
            <Search active={searching} />
            {!searching.value && <Lists items={items} />}
        </>
    );
}

const System = lazy(() => import('../system/page'));

export default function Staff({ id }: { id: string }) {
    return id === 'system' ? <System /> : <House />;
}

function House() {
    useTitle(t('sessions'));
    const view = useView();
    const list = useLoad('sessions', async () =>
        (await whoAmI()) ? await get<SessionList>('sessions') : { items: [] as Session[] },
    );
    const items = list.value.value?.items;
    const { mode } = view;
    useEffect(() => {
        if (items?.[0]) {
            setServerTime(items[0].server_time);
        }
    }, [items]);
    return (
        <Shell>
            <div class="page max-w-6xl py-8 sm:py-10">
                {list.problem.value ? (
                    <ErrorBox problem={list.problem.value} retry={list.again} />
                ) : !items ? (
                    <Skeleton />
                ) : !me.value ? (
                    <SignInCard />
                ) : me.value.role !== 'staff' ? (
                    <NotForYou page="staff" id={me.value.session ?? ''} />
                ) : mode === 'list' ? (
                    <Overview items={items} />
                ) : (
                    <Write
                        key={`${mode} ${view.id}`}
                        view={{ ...view, mode }}
                        others={items}
                        changed={list.again}
                    />
                )}
            </div>
        </Shell>
    );
}
