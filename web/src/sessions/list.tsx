// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions as two lists: those to come, the next one first, and past ones, the last one first.
import { useEffect } from 'preact/hooks';
import { setServerTime } from '../core/clock';
import { type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { href } from '../core/router';
import { isOver } from '../core/session/state';
import type { Session, SessionList, SessionState } from '../core/types';
import { type Pages, usePages } from '../ui/hooks/use-pages';
import { Icon } from '../ui/icons';
import { More } from '../ui/more';
import { ErrorBox, Skeleton } from '../ui/parts';
import { SessionCard } from './card';
import { COMING, type Filters, isNarrowed, OVER, parametersOf, statesOf } from './filters';
import { w } from './words';

const PAGE = '25';

const isOn = ({ state }: Session) => ['lobby', 'live', 'paused'].includes(state);

function Card({ session }: { session: Session }) {
    const on = isOn(session);
    return (
        <SessionCard session={session} testId="session">
            <a class={`btn ${on ? 'btn-main' : ''}`} href={href('desk', session.id)}>
                {t('openDesk')}
            </a>
            <a class="btn btn-quiet" href={`#edit=${session.id}`} data-testid="edit-session">
                <Icon name="edit" size={18} /> {t('edit')}
            </a>
            <a class="btn btn-quiet" href={`#copy=${session.id}`} data-testid="copy-session">
                <Icon name="copy" size={18} /> {t('duplicate')}
            </a>
        </SessionCard>
    );
}

function Cards({
    title,
    items,
    pages,
    testId,
}: {
    title: Key;
    items: Session[];
    pages: Pages<SessionList>;
    testId: string;
}) {
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
            <More pages={pages} label={w('more')} testId={`more-${testId}`} />
        </section>
    );
}

/** The address of a group; empty: the chosen state leaves nothing of it. */
export function pathOf(filters: Filters, group: SessionState[], order: string): string {
    const states = statesOf(group, filters.state);
    return states.length === 0
        ? ''
        : `sessions?${parametersOf(filters, { state: states.join(), order, limit: PAGE })}`;
}

export function SessionLists({ filters }: { filters: Filters }) {
    const told = (found: SessionList, further: boolean) => {
        if (further || isNarrowed(filters)) {
            announce(w('found', { n: found.items.length }));
        }
    };
    const paths = [pathOf(filters, COMING, 'earliest'), pathOf(filters, OVER, 'latest')];
    const coming = usePages<SessionList>(paths[0] ?? '', told);
    const past = usePages<SessionList>(paths[1] ?? '', told);
    const both = [coming, past];
    const time = both.flatMap(({ found }) => found.value?.items ?? [])[0]?.server_time;
    useEffect(() => {
        if (time) {
            setServerTime(time);
        }
    }, [time]);
    const failed = both.find(({ found, problem }) => problem.value && !found.value);
    if (failed?.problem.value) {
        const again = () => {
            for (const one of both) {
                one.again();
            }
        };
        return <ErrorBox problem={failed.problem.value} retry={again} />;
    }
    if (both.some(({ found }, i) => paths[i] && !found.value)) {
        return <Skeleton />;
    }
    // One that ends or begins while the lists are fetched stands in its place by its own state.
    const ahead = (coming.found.value?.items ?? []).filter(({ state }) => !isOver(state));
    const over = (past.found.value?.items ?? []).filter(({ state }) => isOver(state));
    if (ahead.length === 0 && over.length === 0) {
        return isNarrowed(filters) ? (
            <div class="card grid gap-1 p-8 text-center" data-testid="no-sessions">
                <p class="font-bold">{w('none')}</p>
                <p class="text-soft">{w('noneHint')}</p>
            </div>
        ) : (
            <p class="card p-8 text-center">{t('noSessionsStaff')}</p>
        );
    }
    return (
        <div class="grid gap-8">
            <Cards
                title="upcoming"
                testId="sessions"
                pages={coming}
                items={[...ahead.filter(isOn), ...ahead.filter((one) => !isOn(one))]}
            />
            <Cards title="past" testId="sessions-past" pages={past} items={over} />
        </div>
    );
}
