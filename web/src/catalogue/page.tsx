// SPDX-License-Identifier: GPL-3.0-or-later
// The catalogue of recordings, for staff: found by words and filters, with what each takes on the disk,
// and changed many at once.
import { type Signal, signal, useSignal } from '@preact/signals';
import { serverNow } from '../core/clock';
import { formatBytes, formatClock, formatDate, pick } from '../core/i18n';
import { announce } from '../core/live-region';
import { href } from '../core/router';
import type { RecordingItem, RecordingList, RecordingState } from '../core/types';
import { SeriesLine } from '../series/label';
import { FilterFields } from '../sessions/filter-fields';
import type { Option } from '../sessions/filter-select';
import { type Filters, isNarrowed, NO_FILTERS, parametersOf } from '../sessions/filters';
import { Title } from '../sessions/session-card';
import { w as ws } from '../sessions/words';
import { type Pages, usePages } from '../ui/hooks/use-pages';
import { More } from '../ui/more';
import { ErrorBox, Skeleton } from '../ui/parts';
import { PageHead } from '../ui/shell/page-head';
import { useTitle } from '../ui/shell/shell';
import { StaffOnly } from '../ui/shell/staff-only';
import { ActForm, Acts, useActs } from './acts';
import { chosenOf, MOST, statesOf } from './choice';
import { w } from './words';

const PAGE = '50';
const YEARS = 8;
const STATES: RecordingState[] = [
    'unpublished',
    'published',
    'working',
    'failed',
    'held',
    'deleted',
];
const CHIP: Partial<Record<RecordingState, string>> = {
    published: 'chip-green',
    failed: 'chip-red',
    working: 'chip-gold',
    held: 'chip-gold',
};

/** Stays when a recording is opened, for the way back. */
const filters = signal<Filters>(NO_FILTERS);

function About({ item }: { item: RecordingItem }) {
    return (
        <div class="grid min-w-0 content-start gap-1">
            <SeriesLine session={item} />
            <h2 class="text-base">
                <a class="text-accent" href={href('desk', item.id)}>
                    <Title title={item.title} />
                </a>
            </h2>
            <p class="text-sm text-soft">
                <time dateTime={item.starts_at}>{formatDate(item.starts_at)}</time>
                {item.duration_ms > 0 && (
                    <>
                        {' · '}
                        <bdi class="digits">{formatClock(item.duration_ms)}</bdi>
                    </>
                )}
            </p>
        </div>
    );
}

function Kept({ item }: { item: RecordingItem }) {
    const { bytes, keep_until, deleted_at } = item.recording;
    return (
        <div class="grid content-start gap-1 text-sm">
            <span class="flex flex-wrap gap-2">
                {statesOf(item).map((state) => (
                    <span
                        key={state}
                        class={`chip ${CHIP[state] ?? ''}`}
                        data-testid="recording-chip"
                        data-state={state}
                    >
                        {w(state)}
                    </span>
                ))}
            </span>
            {!deleted_at && (
                <>
                    <span data-testid="recording-bytes">{formatBytes(bytes)}</span>
                    <span class="text-soft">
                        {keep_until
                            ? w('keptUntil', { date: formatDate(keep_until) })
                            : w('keptForever')}
                    </span>
                </>
            )}
        </div>
    );
}

function Row({ item, chosen }: { item: RecordingItem; chosen: Signal<ReadonlySet<string>> }) {
    const { recording } = item;
    const toggle = (on: boolean) => {
        const next = new Set(chosen.value);
        if (on) {
            next.add(item.id);
        } else {
            next.delete(item.id);
        }
        chosen.value = next;
    };
    return (
        <li
            class="flex gap-3 border-t border-line py-3 first:border-0"
            data-testid="recording"
            data-recording-id={item.id}
        >
            <input
                type="checkbox"
                class="mt-1 size-6 shrink-0"
                data-testid="choose"
                disabled={!!recording.deleted_at}
                aria-label={w('choose', { title: pick(item.title) })}
                checked={chosen.value.has(item.id)}
                onChange={(event) => toggle(event.currentTarget.checked)}
            />
            <div class="grid min-w-0 flex-1 gap-x-6 gap-y-1 sm:grid-cols-2">
                <About item={item} />
                <Kept item={item} />
            </div>
        </li>
    );
}

function Choice({
    items,
    chosen,
    begun,
}: {
    items: RecordingItem[];
    chosen: Signal<ReadonlySet<string>>;
    begun: () => void;
}) {
    const own = chosenOf(items, chosen.value).map(({ id }) => id);
    const all = items.filter(({ recording }) => !recording.deleted_at).slice(0, MOST);
    return (
        <div class="grid gap-3" data-testid="choice" data-count={own.length}>
            <div class="flex flex-wrap items-center gap-2">
                <span class="font-bold" role="status">
                    {w('chosen', { n: own.length })}
                </span>
                <button
                    type="button"
                    class="btn btn-small"
                    data-testid="choose-all"
                    onClick={() => {
                        chosen.value = new Set(all.map(({ id }) => id));
                    }}
                >
                    {w('chooseAll')}
                </button>
                {own.length > 0 && (
                    <button
                        type="button"
                        class="btn btn-small btn-quiet"
                        data-testid="choose-none"
                        onClick={() => {
                            chosen.value = new Set();
                        }}
                    >
                        {w('chooseNone')}
                    </button>
                )}
            </div>
            {own.length > MOST ? (
                <p class="text-sm">{w('chosenMost', { max: MOST })}</p>
            ) : (
                own.length > 0 && (
                    <ActForm
                        chosen={own}
                        begun={() => {
                            chosen.value = new Set();
                            begun();
                        }}
                    />
                )
            )}
        </div>
    );
}

function Found({ pages, begun }: { pages: Pages<RecordingList>; begun: () => void }) {
    const chosen = useSignal<ReadonlySet<string>>(new Set());
    const { found, problem } = pages;
    if (!found.value) {
        return problem.value ? (
            <ErrorBox problem={problem.value} retry={pages.again} />
        ) : (
            <Skeleton />
        );
    }
    const { items, total } = found.value;
    if (items.length === 0) {
        const narrowed = isNarrowed(filters.value);
        return (
            <div class="card grid gap-1 p-8 text-center" data-testid="no-recordings">
                <p class={narrowed ? 'font-bold' : ''}>{narrowed ? w('none') : w('empty')}</p>
                {narrowed && <p class="text-soft">{w('noneHint')}</p>}
            </div>
        );
    }
    return (
        <>
            <p data-testid="total" data-count={total.count} data-bytes={total.bytes}>
                {w('total', { n: total.count, bytes: formatBytes(total.bytes) })}
            </p>
            <Choice items={items} chosen={chosen} begun={begun} />
            <ul class="card p-4 sm:p-5" data-testid="recordings">
                {items.map((item) => (
                    <Row key={item.id} item={item} chosen={chosen} />
                ))}
            </ul>
            <More pages={pages} label={ws('more')} testId="more-recordings" />
        </>
    );
}

function House() {
    const states: Option[] = STATES.map((state) => [state, w(state)]);
    const last = new Date(serverNow()).getUTCFullYear();
    const years: Option[] = Array.from({ length: YEARS }, (_, i) => [
        String(last - i),
        String(last - i),
    ]);
    const parameters = parametersOf(filters.value, { state: filters.value.state, limit: PAGE });
    const pages = usePages<RecordingList>(`recordings?${parameters}`, ({ total }, further) => {
        if (further || isNarrowed(filters.value)) {
            announce(w('total', { n: total.count, bytes: formatBytes(total.bytes) }));
        }
    });
    const acts = useActs(pages.again);
    return (
        <>
            <PageHead back={href('staff')} toBack={w('toSessions')} title={w('title')} />
            <div class="grid gap-5">
                <FilterFields filters={filters} own={{ state: states, year: years }} />
                <Acts list={acts} />
                <Found pages={pages} begun={acts.again} />
            </div>
        </>
    );
}

export default function CataloguePage() {
    useTitle(w('title'));
    return (
        <StaffOnly>
            <House />
        </StaffOnly>
    );
}
