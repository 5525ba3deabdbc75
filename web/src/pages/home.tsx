// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../core/api';
import { t } from '../core/i18n';
import { me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { Session, SessionList } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { SessionCard } from '../ui/session-card';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';

const Search = lazy(() => import('../search/search'), 1);

export function byTime(a: Session, b: Session): number {
    const rank = (s: Session) =>
        ['live', 'paused', 'lobby'].includes(s.state) ? 0 : s.state === 'scheduled' ? 1 : 2;
    return (
        rank(a) - rank(b) ||
        (rank(a) < 2 ? 1 : -1) * (Date.parse(a.starts_at) - Date.parse(b.starts_at))
    );
}

export default function Home() {
    useTitle('');
    const searching = useSignal(false);
    const list = useLoad('home', async () =>
        (await whoAmI()) ? await get<SessionList>('sessions') : { items: [], next: null },
    );
    useEffect(() => {
        if (me.value?.role === 'staff') {
            location.replace(href('staff'));
        }
    }, [me.value]);
    const sessions = list.value.value?.items;
    return (
        <Shell>
            <div class="page max-w-5xl py-8 sm:py-12">
                {list.problem.value ? (
                    <ErrorBox problem={list.problem.value} retry={list.again} />
                ) : !sessions ? (
                    <Skeleton />
                ) : !me.value ? (
                    <SignInCard />
                ) : (
                    <>
                        <h1 class="mb-6 text-2xl sm:text-3xl">{t('yourSessions')}</h1>
                        <Search active={searching} />
                        {searching.value ? null : sessions.length === 0 ? (
                            <p class="card p-8 text-center">{t('noSessions')}</p>
                        ) : (
                            <ul class="grid gap-4">
                                {[...sessions].sort(byTime).map((session) => (
                                    <SessionCard key={session.id} session={session} staff={false} />
                                ))}
                            </ul>
                        )}
                    </>
                )}
            </div>
        </Shell>
    );
}
