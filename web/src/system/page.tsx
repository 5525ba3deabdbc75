// SPDX-License-Identifier: GPL-3.0-or-later
// How the server is, for staff: storage, certificate, load, versions, the last hour. Asked again
// every ten seconds, as often as the server looks.
import { useEffect } from 'preact/hooks';
import { get } from '../core/api';
import { formatDate, formatTime } from '../core/i18n';
import { isStaff, me, whoAmI } from '../core/me';
import type { System } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { NotForYou } from '../ui/shell/not-for-you';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';
import { Card, Certificate, Load, Storage, Versions } from './cards';
import { w } from './words';

const EVERY_MS = 10_000;

const Plots = lazy(() => import('./plots'));

function Overview({ system }: { system: System }) {
    return (
        <>
            <div class="mb-6 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
                <h1 class="text-2xl sm:text-3xl">{w('title')}</h1>
                <p class="text-sm text-soft">
                    {w('since', {
                        date: formatDate(system.started_at),
                        time: formatTime(system.started_at),
                    })}{' '}
                    <span data-testid="as-of">
                        {w('asOf', { time: formatTime(system.server_time, true) })}
                    </span>
                </p>
            </div>
            <div class="grid items-start gap-5 lg:grid-cols-2">
                <Storage system={system} />
                <Load system={system} />
                <Certificate ends={system.certificate_ends_at} now={system.server_time} />
                <Versions versions={system.versions} />
            </div>
            <div class="mt-5">
                <Card title={w('hour')} testId="hour">
                    <Plots system={system} />
                </Card>
            </div>
        </>
    );
}

export default function SystemPage() {
    useTitle(w('title'));
    const loaded = useLoad('system', async () => {
        const who = me.value ?? (await whoAmI());
        return { system: isStaff(who) ? await get<System>('system') : null };
    });
    useEffect(() => {
        const timer = setInterval(() => {
            if (loaded.value.value?.system && !document.hidden) {
                loaded.again();
            }
        }, EVERY_MS);
        return () => clearInterval(timer);
    }, []);
    const answer = loaded.value.value;
    const problem = loaded.problem.value;
    return (
        <Shell>
            <div class="page max-w-6xl py-8 sm:py-10">
                {problem && (
                    <div class="mb-6">
                        <ErrorBox problem={problem} retry={loaded.again} />
                    </div>
                )}
                {answer?.system ? (
                    <Overview system={answer.system} />
                ) : problem ? null : !answer ? (
                    <Skeleton />
                ) : me.value ? (
                    <NotForYou page="staff" id={me.value.session ?? ''} />
                ) : (
                    <SignInCard />
                )}
            </div>
        </Shell>
    );
}
