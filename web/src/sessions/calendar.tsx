// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of a month: a grid of days where there is room, else the days that have some as a list.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { serverNow, setServerTime } from '../core/clock';
import { formatDate, formatTime, lang, locale, t } from '../core/i18n';
import { href } from '../core/router';
import type { Session, SessionList } from '../core/types';
import { useMedia } from '../ui/hooks/use-media';
import { usePages } from '../ui/hooks/use-pages';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { type Filters, parametersOf } from './filters';
import {
    addMonths,
    byDay,
    dayAfterKey,
    dayOf,
    firstDayOf,
    monthOf,
    spanOf,
    weeksOf,
} from './month';
import { Title } from './session-card';
import { w } from './words';

const MOST = '200';
const WIDE = '(min-width: 48rem)';
/** Noon in the UAE: the day's date in every zone of `Intl`. */
const noon = (day: string) => `${day}T12:00:00+04:00`;

const monthName = (month: string) =>
    new Intl.DateTimeFormat(locale(), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
        new Date(`${month}-01T12:00:00Z`),
    );
const weekday = (day: string, style: 'long' | 'short') =>
    new Intl.DateTimeFormat(locale(), { weekday: style, timeZone: 'UTC' }).format(
        new Date(`${day}T12:00:00Z`),
    );

function DaySession({ session }: { session: Session }) {
    return (
        <li class="min-w-0">
            <a
                class="grid rounded-md bg-accent-soft px-1.5 py-1 text-xs text-main no-underline"
                href={href('desk', session.id)}
                data-testid="month-session"
                data-session-id={session.id}
                data-state={session.state}
            >
                <span class={session.state === 'cancelled' ? 'line-through' : 'font-bold'}>
                    {formatTime(session.starts_at)}
                    {['lobby', 'live', 'paused'].includes(session.state) &&
                        ` · ${t(`state_${session.state as 'live'}`)}`}
                </span>
                <Title title={session.title} class="line-clamp-2" />
            </a>
        </li>
    );
}

function DayCell({
    day,
    inside,
    today,
    stop,
    own,
    focused,
}: {
    day: string;
    /** Of the month that is shown. */
    inside: boolean;
    today: boolean;
    /** Tab stops here. */
    stop: boolean;
    own: Session[];
    focused: () => void;
}) {
    return (
        <td
            tabIndex={stop ? 0 : -1}
            aria-current={today ? 'date' : undefined}
            class={`h-14 border-t border-line p-1 align-top ${inside ? '' : 'bg-surface-2 text-soft'}`}
            data-day={day}
            onFocusIn={focused}
        >
            <span class="sr-only">{w('onDay', { day: formatDate(noon(day)), n: own.length })}</span>
            <span
                aria-hidden="true"
                class={`digits grid size-6 place-items-center rounded-full text-sm ${today ? 'bg-accent-fill font-bold text-on-accent' : ''}`}
            >
                {Number(day.slice(8))}
            </span>
            {own.length > 0 && (
                <ul class="mt-1 grid gap-1">
                    {own.map((session) => (
                        <DaySession key={session.id} session={session} />
                    ))}
                </ul>
            )}
        </td>
    );
}

interface GridProps {
    month: string;
    days: Map<string, Session[]>;
    show: (month: string) => void;
}

/** Keys move the day, and the focus with it. */
function useKeys(day: string, first: number, go: (next: string) => void) {
    const table = useRef<HTMLTableElement>(null);
    const moved = useRef(false);
    useEffect(() => {
        if (moved.current) {
            moved.current = false;
            table.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus();
        }
    }, [day]);
    const onKeyDown = (event: KeyboardEvent) => {
        const cell = event.target as HTMLElement;
        const next = dayAfterKey(event.key, day, first, lang.value === 'ar');
        if (event.key === 'Enter' && cell.matches('td')) {
            cell.querySelector('a')?.focus();
        } else if (next && !event.ctrlKey && !event.altKey && !event.metaKey) {
            event.preventDefault();
            moved.current = true;
            go(next);
        }
    };
    return { table, onKeyDown };
}

function MonthGrid({ month, days, show }: GridProps) {
    const first = firstDayOf('ar-AE');
    const weeks = weeksOf(month, first);
    const today = dayOf(serverNow());
    const chosen = useSignal('');
    // Where the keys stand: in another month on today, else on its first day.
    const start = monthOf(today) === month ? today : `${month}-01`;
    const day = monthOf(chosen.value) === month ? chosen.value : start;
    const { table, onKeyDown } = useKeys(day, first, (next) => {
        chosen.value = next;
        if (monthOf(next) !== month) {
            show(monthOf(next));
        }
    });
    return (
        <table
            ref={table}
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the ARIA pattern of a calendar's days
            role="grid"
            aria-label={monthName(month)}
            class="w-full table-fixed"
            data-testid="month-grid"
            onKeyDown={onKeyDown}
        >
            <thead>
                <tr>
                    {weeks[0]?.map((one) => (
                        <th key={one} scope="col" class="p-1 text-sm font-bold">
                            <span class="sr-only">{weekday(one, 'long')}</span>
                            <span aria-hidden="true">{weekday(one, 'short')}</span>
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody>
                {weeks.map((week) => (
                    <tr key={week[0]}>
                        {week.map((one) => (
                            <DayCell
                                key={one}
                                day={one}
                                inside={monthOf(one) === month}
                                today={one === today}
                                stop={one === day}
                                own={days.get(one) ?? []}
                                focused={() => {
                                    chosen.value = one;
                                }}
                            />
                        ))}
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

/** Days of the month that have sessions. */
function Agenda({ month, days }: Omit<GridProps, 'show'>) {
    const own = [...days].filter(([day]) => monthOf(day) === month);
    return (
        <ol class="grid gap-4" data-testid="month-agenda">
            {own.map(([day, sessions]) => (
                <li key={day} class="card grid gap-2 p-4">
                    <h3 class="font-bold">{formatDate(noon(day))}</h3>
                    <ul class="grid gap-2">
                        {sessions.map((session) => (
                            <li
                                key={session.id}
                                class="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-2"
                                data-testid="month-session"
                                data-session-id={session.id}
                            >
                                <span class="digits text-sm">{formatTime(session.starts_at)}</span>
                                <a
                                    class="min-w-0 flex-1 basis-40 font-bold text-accent"
                                    href={href('desk', session.id)}
                                >
                                    <Title title={session.title} />
                                </a>
                                <StateChip
                                    state={session.state}
                                    deleted={!!session.recording.deleted_at}
                                />
                            </li>
                        ))}
                    </ul>
                </li>
            ))}
        </ol>
    );
}

function Head({ month, show }: { month: string; show: (month: string) => void }) {
    return (
        <div class="flex flex-wrap items-center gap-2">
            <h2 class="flex-1 text-xl" data-testid="month-name" aria-live="polite">
                {monthName(month)}
            </h2>
            <button
                type="button"
                class="btn btn-small"
                data-testid="month-before"
                onClick={() => show(addMonths(month, -1))}
            >
                {w('previousMonth')}
            </button>
            <button
                type="button"
                class="btn btn-small"
                data-testid="month-now"
                onClick={() => show(monthOf(dayOf(serverNow())))}
            >
                {w('thisMonth')}
            </button>
            <button
                type="button"
                class="btn btn-small"
                data-testid="month-after"
                onClick={() => show(addMonths(month, 1))}
            >
                {w('nextMonth')}
            </button>
        </div>
    );
}

export function Calendar({
    month,
    filters,
    show,
}: {
    month: string;
    filters: Filters;
    show: (month: string) => void;
}) {
    const weeks = weeksOf(month, firstDayOf('ar-AE')).flat();
    const wide = useMedia(WIDE);
    const parameters = parametersOf(filters, {
        ...spanOf(weeks[0] ?? '', weeks.at(-1) ?? ''),
        state: filters.state,
        order: 'earliest',
        limit: MOST,
    });
    const pages = usePages<SessionList>(`sessions?${parameters}`);
    const { found, problem } = pages;
    const items = found.value?.items ?? [];
    const time = items[0]?.server_time;
    useEffect(() => {
        if (time) {
            setServerTime(time);
        }
    }, [time]);
    const days = byDay(items);
    const empty = ![...days.keys()].some((day) => monthOf(day) === month);
    return (
        <section class="grid gap-4" data-testid="month" data-month={month}>
            <Head month={month} show={show} />
            {problem.value ? (
                <ErrorBox problem={problem.value} retry={pages.again} />
            ) : !found.value ? (
                <Skeleton lines={4} />
            ) : (
                <>
                    {empty && !pages.waiting.value && (
                        <p class="card p-4 text-center text-sm" data-testid="month-empty">
                            {w('monthEmpty')}
                        </p>
                    )}
                    {wide ? (
                        <>
                            <div class="card p-2">
                                <MonthGrid month={month} days={days} show={show} />
                            </div>
                            <p class="text-sm text-soft">{w('monthHelp')}</p>
                        </>
                    ) : (
                        <Agenda month={month} days={days} />
                    )}
                    {found.value.next && <p class="text-sm">{w('monthFull')}</p>}
                </>
            )}
        </section>
    );
}
