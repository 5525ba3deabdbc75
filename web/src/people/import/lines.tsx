// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of a roster by what becomes of them, with reasons.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { problemFrom } from '../../core/api';
import { formatNumber, t } from '../../core/i18n';
import { fieldWords, loadCodeWords } from '../../core/problem';
import type { Roster, RosterField, RosterLine, RosterOutcome } from '../../core/types';
import { type PeopleKey, w } from '../words';
import { fieldName } from './columns';
import { taking } from './taking';

const STEP = 100;
const OUTCOMES: RosterOutcome[] = ['refused', 'duplicate', 'new', 'changed', 'unchanged'];
const CHIP: Record<RosterOutcome, string> = {
    refused: 'chip-red',
    duplicate: 'chip-pink',
    new: 'chip-green',
    changed: 'chip-gold',
    unchanged: '',
};

export const outcomeName = (outcome: RosterOutcome) =>
    w((outcome === 'changed' ? 'changedLines' : outcome) as PeopleKey);

function isField(name: string | undefined): name is RosterField {
    return ['name', 'email', 'entity', 'code'].includes(name ?? '');
}

function refusedWords({ code, params, field }: NonNullable<RosterLine['refused']>): string {
    const why = fieldWords(problemFrom(400, { code, params }));
    return isField(field) ? w('reason', { field: fieldName(field), why }) : why;
}

function Why({ line }: { line: RosterLine }) {
    if (line.refused) {
        return <p class="text-sm text-bad">{refusedWords(line.refused)}</p>;
    }
    if (line.outcome === 'changed') {
        return (
            <p class="text-sm text-soft">
                {w('changes', { fields: line.changes.map(fieldName).join(t('comma')) })}
            </p>
        );
    }
    const of = line.outcome === 'duplicate' && line.of && 'name' in line.of ? line.of : null;
    return of ? (
        <p class="user-text text-sm">
            {w('sameAs')} <bdi>{of.name}</bdi> {of.email && <bdi>({of.email})</bdi>}
        </p>
    ) : null;
}

interface LinesProps {
    roster: Roster;
    taken: number[];
    /** Null: it is done. */
    take: ((line: number, on: boolean) => void) | null;
}

function Line({ line, taken, take }: { line: RosterLine } & Pick<LinesProps, 'taken' | 'take'>) {
    const chosen = taken.includes(line.line);
    return (
        <li
            class="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-3"
            tabIndex={-1}
            data-testid="roster-line"
            data-line={line.line}
            data-outcome={line.outcome}
        >
            <span class="digits w-20 shrink-0 text-sm text-soft">
                {w('line', { n: formatNumber(line.line) })}
            </span>
            <span class="grid min-w-0 flex-1 basis-48 gap-0.5">
                <span class="user-text">
                    <bdi class="font-bold">{line.name || '—'}</bdi>
                    {line.email && (
                        <>
                            {t('comma')} <bdi>{line.email}</bdi>
                        </>
                    )}
                    {line.entity && (
                        <>
                            {t('comma')} <bdi>{line.entity}</bdi>
                        </>
                    )}
                </span>
                <Why line={line} />
            </span>
            <span class={`chip ${CHIP[line.outcome]}`}>{outcomeName(line.outcome)}</span>
            {take && (line.outcome === 'duplicate' || chosen) && (
                <label class="flex min-h-11 cursor-pointer items-center gap-2 text-sm">
                    <input
                        type="checkbox"
                        class="size-5 rounded"
                        data-testid="take-line"
                        checked={chosen}
                        disabled={taking.value}
                        onChange={(event) => take(line.line, event.currentTarget.checked)}
                    />
                    {w('takeAnyway')}
                </label>
            )}
        </li>
    );
}

/** The lines of one outcome; of `touched` too, which have another one since they were ticked. */
export const linesOf = (lines: RosterLine[], only: RosterOutcome | '', touched: number[]) =>
    lines.filter(({ outcome, line }) => !only || outcome === only || touched.includes(line));

function Filter({
    roster: { lines, counts },
    only,
    choose,
}: {
    roster: Roster;
    only: RosterOutcome | '';
    choose: (only: RosterOutcome | '') => void;
}) {
    const all = { '': lines.length, ...counts };
    return (
        <fieldset class="flex flex-wrap gap-2">
            <legend class="mb-3 text-lg font-bold">{w('lines')}</legend>
            {(['', ...OUTCOMES] as const).map((one) => (
                <button
                    key={one}
                    type="button"
                    class={`btn btn-small ${only === one ? 'btn-main' : ''}`}
                    aria-pressed={only === one}
                    data-testid={`only-${one || 'all'}`}
                    data-count={all[one]}
                    onClick={() => choose(one)}
                >
                    {one ? outcomeName(one) : w('all')} {formatNumber(all[one])}
                </button>
            ))}
        </fieldset>
    );
}

function useLines(roster: Roster) {
    const only = useSignal<RosterOutcome | ''>(roster.counts.refused > 0 ? 'refused' : '');
    const touched = useSignal<number[]>([]);
    const most = useSignal(STEP);
    const list = useRef<HTMLUListElement>(null);
    // The button of more is gone at the last step: the first new line has the focus.
    useEffect(() => {
        if (most.value > STEP) {
            (list.current?.children[most.value - STEP] as HTMLElement | undefined)?.focus();
        }
    }, [most.value]);
    const choose = (one: RosterOutcome | '') => {
        only.value = one;
        touched.value = [];
        most.value = STEP;
    };
    return { only, touched, most, list, choose };
}

export function Lines({ roster, taken, take }: LinesProps) {
    const { only, touched, most, list, choose } = useLines(roster);
    useEffect(() => void loadCodeWords(), []);
    const shown = linesOf(roster.lines, only.value, touched.value);
    const touch = (line: number, on: boolean) => {
        touched.value = [...touched.value, line];
        take?.(line, on);
    };
    return (
        <div class="grid gap-4">
            <Filter roster={roster} only={only.value} choose={choose} />
            {shown.length === 0 ? (
                <p class="text-soft">{w('noneOf')}</p>
            ) : (
                <ul ref={list} class="grid gap-1" data-testid="roster-lines">
                    {shown.slice(0, most.value).map((line) => (
                        <Line key={line.line} line={line} taken={taken} take={take && touch} />
                    ))}
                </ul>
            )}
            {shown.length > most.value && (
                <div class="grid gap-2">
                    <p class="text-sm text-soft">
                        {w('firstOnly', { n: formatNumber(most.value) })}
                    </p>
                    <button
                        type="button"
                        class="btn w-fit"
                        data-testid="more-lines"
                        onClick={() => {
                            most.value += STEP;
                        }}
                    >
                        {w('more')}
                    </button>
                </div>
            )}
        </div>
    );
}
