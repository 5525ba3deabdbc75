// SPDX-License-Identifier: GPL-3.0-or-later
// The house: sessions, each with what can be done to it, and staff. Writing a session is a view of its
// own with an address: #new, #edit=ID, #copy=ID.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { get } from '../core/api';
import { type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { isAdmin, me } from '../core/me';
import { href } from '../core/router';
import type { SeriesList, Session, SessionList, SpeakerList } from '../core/types';
import { w } from '../series/words';
import { useLoad } from '../ui/hooks/use-load';
import { FORMS, useView, type View } from '../ui/hooks/use-view';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { PageHead } from '../ui/shell/page-head';
import { useTitle } from '../ui/shell/shell';
import { StaffOnly } from '../ui/shell/staff-only';

const SessionForm = lazy(async () => ({
    default: (await import('../staff/session-form')).SessionForm,
}));

function toList(): void {
    location.hash = 'sessions';
}

const TITLES: Record<Exclude<View['mode'], 'list'>, Key> = {
    new: 'newSession',
    edit: 'editSession',
    copy: 'copySession',
};

/** The session, if there is one, and what its form chooses from and compares with. */
async function readForm(id: string | null | undefined) {
    const [session, series, speakers, sessions] = await Promise.all([
        id ? get<Session>(`sessions/${encodeURIComponent(id)}`) : null,
        get<SeriesList>('series'),
        get<SpeakerList>('speakers'),
        get<SessionList>('sessions'),
    ]);
    return {
        session,
        others: sessions.items,
        choices: { series: series.items, speakers: speakers.items },
    };
}

/** Reads the session again: what is corrected is the present version. */
function Write({ view }: { view: View & { mode: Exclude<View['mode'], 'list'> } }) {
    const turn = useSignal(0);
    const source = useLoad(`${view.id} ${turn.value}`, () => readForm(view.id));
    const loaded = source.value.value;
    const saved = (session: Session | null) => {
        if (session && view.mode !== 'edit') {
            location.assign(href('desk', session.id));
            return;
        }
        announce(t('saved'));
        toList();
    };
    return (
        <>
            <PageHead
                focus
                back="#sessions"
                backTestId="back-to-sessions"
                toBack={t('backToSessions')}
                title={t(TITLES[view.mode])}
            />
            {source.problem.value ? (
                <ErrorBox problem={source.problem.value} retry={source.again} />
            ) : !loaded ? (
                <Skeleton />
            ) : (
                <SessionForm
                    key={`${view.id} ${loaded.session?.version}`}
                    mode={view.mode}
                    session={loaded.session}
                    choices={loaded.choices}
                    others={loaded.others}
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

const Sessions = lazy(() => import('../sessions/page'));
const Invitations = lazy<{ session?: string }>(async () => ({
    default: (await import('../desk/invitations')).Invitations,
}));

function Lists() {
    return (
        <>
            <Sessions />
            {isAdmin(me.value) && (
                <section class="card mt-12 grid gap-4 p-5 sm:p-8" data-testid="staff-invitations">
                    <h2 class="text-xl">{t('staffInvitations')}</h2>
                    <p class="text-sm">{t('staffInvitationsHelp')}</p>
                    <Invitations />
                </section>
            )}
        </>
    );
}

const Search = lazy(() => import('../search/search'), 1);

const PLACES: [id: string, words: () => string][] = [
    ['series', () => w('series')],
    ['speakers', () => w('speakers')],
    ['people', () => t('people')],
    ['recordings', () => t('recordings')],
    ['mail-texts', () => t('mailTexts')],
    ['settings', () => t('settings')],
    ['system', () => t('system')],
];

function Overview() {
    const searching = useSignal(false);
    return (
        <>
            <div class="mb-6 flex flex-wrap items-center justify-between gap-4">
                <h1 class="text-2xl sm:text-3xl">{t('sessions')}</h1>
                <span class="flex flex-wrap gap-2">
                    {PLACES.map(([id, words]) => (
                        <a
                            key={id}
                            class="btn btn-quiet"
                            href={href('staff', id)}
                            data-testid={`to-${id}`}
                        >
                            {words()}
                        </a>
                    ))}
                    <a class="btn btn-main" href="#new" data-testid="new-session">
                        <Icon name="plus" /> {t('newSession')}
                    </a>
                </span>
            </div>
            <Search active={searching} />
            {!searching.value && <Lists />}
        </>
    );
}

const System = lazy(() => import('../system/page'));
const MailTexts = lazy(() => import('../mail/page'));
const People = lazy(() => import('../people/page'));
const Entries = lazy(() => import('../series/staff-page'));
const Catalogue = lazy(() => import('../catalogue/page'));
const Settings = lazy(() => import('../settings/page'));

const PAGES: Record<string, () => JSX.Element> = {
    series: () => <Entries kind="series" />,
    speakers: () => <Entries kind="speakers" />,
    people: () => <People />,
    recordings: () => <Catalogue />,
    'mail-texts': () => <MailTexts />,
    settings: () => <Settings />,
    system: () => <System />,
};

export default function Staff({ id }: { id: string }) {
    return PAGES[id]?.() ?? <House />;
}

function House() {
    useTitle(t('sessions'));
    const view = useView(FORMS);
    const { mode } = view;
    return (
        <StaffOnly>
            {mode === 'list' ? (
                <Overview />
            ) : (
                <Write key={`${mode} ${view.id}`} view={{ ...view, mode }} />
            )}
        </StaffOnly>
    );
}
