// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { get } from '../core/api';
import { formatClock, t } from '../core/i18n';
import { me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { RecordingList as Found, RecordingItem } from '../core/types';
import { SpeakerLine, Title, When } from '../sessions/session-card';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';

const Search = lazy(() => import('../search/search'), 1);

const hasPoster = ({ recording }: RecordingItem) =>
    recording.steps.some((one) => one.step === 'pictures' && one.state === 'ready');

export function RecordingList() {
    const list = useLoad('recordings', () => get<Found>('recordings'));
    const items = list.value.value?.items;
    if (list.problem.value) {
        return <ErrorBox problem={list.problem.value} retry={list.again} />;
    }
    if (!items) {
        return <Skeleton />;
    }
    if (items.length === 0) {
        return <p class="card p-8 text-center">{t('noRecordings')}</p>;
    }
    return (
        <ul class="grid gap-4 md:grid-cols-2">
            {items.map((item) => (
                <li key={item.id} class="card flex overflow-hidden">
                    <div class="stage-card relative grid w-24 shrink-0 place-items-center sm:w-32">
                        {hasPoster(item) && (
                            <img
                                src={`/recordings/${encodeURIComponent(item.id)}/poster.jpg`}
                                alt=""
                                loading="lazy"
                                class="absolute inset-0 size-full object-cover opacity-60"
                            />
                        )}
                        <span class="relative">
                            <Icon name={item.recording.deleted_at ? 'bin' : 'play'} size={36} />
                        </span>
                    </div>
                    <div class="grid min-w-0 gap-1 p-5">
                        <h3 class="text-lg">
                            <a href={href('recordings', item.id)} class="text-accent">
                                <Title title={item.title} />
                            </a>
                        </h3>
                        <SpeakerLine speakers={item.speakers} />
                        <When at={item.starts_at} />
                        <p class="flex flex-wrap items-center gap-2 text-sm">
                            {item.duration_ms && !item.recording.deleted_at ? (
                                <span class="digits">{formatClock(item.duration_ms)}</span>
                            ) : null}
                            {item.state === 'ended' && <StateChip state="ended" />}
                            {item.recording.deleted_at && (
                                <span class="chip">{t('deletedTitle')}</span>
                            )}
                        </p>
                    </div>
                </li>
            ))}
        </ul>
    );
}

export default function Recordings() {
    useTitle(t('recordings'));
    const searching = useSignal(false);
    const who = useLoad('me', async () => (await whoAmI()) ?? 'nobody');
    return (
        <Shell>
            <div class="page max-w-5xl py-8 sm:py-12">
                {who.problem.value ? (
                    <ErrorBox problem={who.problem.value} retry={who.again} />
                ) : !who.value.value ? (
                    <Skeleton />
                ) : !me.value ? (
                    <SignInCard />
                ) : (
                    <>
                        <h1 class="mb-6 text-2xl sm:text-3xl">{t('recordings')}</h1>
                        <Search active={searching} />
                        {!searching.value && <RecordingList />}
                    </>
                )}
            </div>
        </Shell>
    );
}
