// SPDX-License-Identifier: GPL-3.0-or-later
// The staff's list of series, or of speakers, and writing one: #new, #edit=ID.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get } from '../core/api';
import { pick, t } from '../core/i18n';
import { isStaff, me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { Series, SeriesList, Speaker, SpeakerList } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { FORMS, useView } from '../ui/hooks/use-view';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { NotForYou } from '../ui/shell/not-for-you';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';
import { UserText } from '../ui/user-text';
import type { Kind } from './entry-form';
import { SeriesForm, SpeakerForm } from './forms';
import { w } from './words';

type Item = Series | Speaker;

const aboutOf = (item: Item) =>
    'title' in item
        ? [pick(item.title), pick(item.organisation)].filter(Boolean).join(`${t('comma')} `)
        : pick(item.description).split('\n')[0];

function toList(): void {
    location.hash = 'list';
}

function Card({ kind, item }: { kind: Kind; item: Item }) {
    return (
        <li
            class="card flex flex-wrap items-center gap-x-6 gap-y-3 p-5"
            data-testid="entry"
            data-id={item.id}
        >
            <div class="grid min-w-0 flex-1 basis-64 gap-1">
                <h2 class="text-lg">
                    <UserText as="span" class="block">
                        {pick(item.name)}
                    </UserText>
                </h2>
                {aboutOf(item) && <UserText class="text-sm text-soft">{aboutOf(item)}</UserText>}
            </div>
            <div class="flex flex-wrap gap-2">
                <a class="btn btn-quiet" href={href(kind, item.id)}>
                    {w('page')}
                </a>
                <a class="btn btn-quiet" href={`#edit=${item.id}`} data-testid="edit-entry">
                    <Icon name="edit" size={18} /> {t('edit')}
                </a>
            </div>
        </li>
    );
}

function List({ kind, items }: { kind: Kind; items: Item[] }) {
    return (
        <>
            <div class="mb-6 flex flex-wrap items-center justify-between gap-4">
                <h1 class="text-2xl sm:text-3xl">{w(kind)}</h1>
                <span class="flex flex-wrap gap-2">
                    <a class="btn btn-quiet" href={href('staff')}>
                        {t('backToSessions')}
                    </a>
                    <a class="btn btn-main" href="#new" data-testid="new-entry">
                        <Icon name="plus" /> {w(`${kind}New`)}
                    </a>
                </span>
            </div>
            {items.length === 0 ? (
                <p class="card p-8 text-center">{w(`${kind}None`)}</p>
            ) : (
                <ul class="grid gap-4" data-testid={kind}>
                    {items.map((item) => (
                        <Card key={item.id} kind={kind} item={item} />
                    ))}
                </ul>
            )}
        </>
    );
}

/** Reads it again: what is corrected is the present version. */
function Write({ kind, id, changed }: { kind: Kind; id: string; changed: () => void }) {
    const heading = useRef<HTMLHeadingElement>(null);
    const turn = useSignal(0);
    const source = useLoad(`${id} ${turn.value}`, async () => ({
        item: id ? await get<Item>(`${kind}/${encodeURIComponent(id)}`) : null,
        turn: turn.value,
    }));
    useEffect(() => heading.current?.focus(), []);
    const loaded = source.value.value;
    const key = `${id} ${loaded?.turn}`;
    const props = {
        done: () => {
            changed();
            toList();
        },
        reload: () => {
            turn.value++;
        },
    };
    return (
        <>
            <h1 ref={heading} tabIndex={-1} class="mb-6 text-2xl sm:text-3xl">
                {w(id ? `${kind}Edit` : `${kind}New`)}
            </h1>
            {source.problem.value ? (
                <ErrorBox problem={source.problem.value} retry={source.again} />
            ) : !loaded ? (
                <Skeleton />
            ) : kind === 'series' ? (
                <SeriesForm key={key} {...props} entry={loaded.item as Series | null} />
            ) : (
                <SpeakerForm key={key} {...props} entry={loaded.item as Speaker | null} />
            )}
        </>
    );
}

export default function StaffPage({ kind }: { kind: Kind }) {
    useTitle(w(kind));
    const view = useView(FORMS);
    const list = useLoad<{ items: Item[] }>(kind, async () =>
        (await whoAmI()) ? await get<SeriesList | SpeakerList>(kind) : { items: [] },
    );
    const items = list.value.value?.items;
    return (
        <Shell>
            <div class="page max-w-5xl py-8 sm:py-10">
                {list.problem.value ? (
                    <ErrorBox problem={list.problem.value} retry={list.again} />
                ) : !items ? (
                    <Skeleton />
                ) : !me.value ? (
                    <SignInCard />
                ) : !isStaff(me.value) ? (
                    <NotForYou page="staff" id={me.value.session ?? ''} />
                ) : view.mode === 'list' ? (
                    <List kind={kind} items={items} />
                ) : (
                    <Write
                        key={`${view.mode} ${view.id}`}
                        kind={kind}
                        id={view.mode === 'edit' ? view.id : ''}
                        changed={list.again}
                    />
                )}
            </div>
        </Shell>
    );
}
