// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../core/api';
import { setServerTime } from '../core/clock';
import { t } from '../core/i18n';
import { isStaff, me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { SessionList } from '../core/types';
import OfficerHome from '../home/home';
import { useFresh } from '../ui/hooks/use-fresh';
import { useLoad } from '../ui/hooks/use-load';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';

const Search = lazy(() => import('../search/search'), 1);

const LOOK_AGAIN_MS = 60_000; // a page that stays open learns of what begins

export default function Home() {
    useTitle('');
    const searching = useSignal(false);
    const list = useLoad('home', async () => {
        const found = (await whoAmI()) ? await get<SessionList>('sessions') : null;
        const items = found?.items ?? [];
        if (items[0]) {
            setServerTime(items[0].server_time);
        }
        return items;
    });
    useEffect(() => {
        if (isStaff(me.value)) {
            location.replace(href('staff'));
        }
    }, [me.value]);
    useFresh(() => me.value && list.again(), LOOK_AGAIN_MS);
    const sessions = list.value.value;
    return (
        <Shell>
            <div class="page max-w-5xl py-8 sm:py-12">
                {list.problem.value && !sessions ? (
                    <ErrorBox problem={list.problem.value} retry={list.again} />
                ) : !sessions ? (
                    <Skeleton />
                ) : !me.value ? (
                    <SignInCard />
                ) : (
                    <>
                        <h1 class="mb-6 text-2xl sm:text-3xl">{t('yourSessions')}</h1>
                        <Search active={searching} />
                        {sessions.length === 0 && (
                            <p class="card mb-6 p-8 text-center">{t('noSessions')}</p>
                        )}
                        {!searching.value && <OfficerHome sessions={sessions} />}
                    </>
                )}
            </div>
        </Shell>
    );
}
