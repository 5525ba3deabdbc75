// SPDX-License-Identifier: GPL-3.0-or-later
// What narrows a search down: the kind of hit, and of the session its series, speaker, year.
import type { Signal } from '@preact/signals';
import { serverNow } from '../core/clock';
import type { HitKind } from '../core/types';
import { FilterSelect, type Option, useSeriesAndSpeakers } from '../sessions/filter-select';
import { FILTERS, type Filters } from './use-search';
import { type SearchKey, w } from './words';

const KINDS: HitKind[] = ['session', 'agenda', 'chapter', 'question', 'slide', 'series', 'speaker'];
const YEARS = 6;

/** The next year too: sessions are announced ahead. */
function years(): Option[] {
    const last = new Date(serverNow()).getUTCFullYear() + 1;
    return Array.from({ length: YEARS }, (_, i) => [String(last - i), String(last - i)]);
}

const LABELS: Record<keyof Filters, SearchKey> = {
    kind: 'kind',
    series: 'ofSeries',
    speaker: 'ofSpeaker',
    year: 'year',
};

export function FilterFields({ filters }: { filters: Signal<Filters> }) {
    const options: Record<keyof Filters, Option[]> = {
        ...useSeriesAndSpeakers(),
        kind: KINDS.map((kind) => [kind, w(kind)]),
        year: years(),
    };
    return (
        <fieldset class="grid grid-cols-2 gap-3 sm:grid-cols-4" data-testid="filters">
            <legend class="sr-only">{w('filters')}</legend>
            {FILTERS.map((name) => (
                <FilterSelect
                    key={name}
                    label={w(LABELS[name])}
                    any={w('any')}
                    options={options[name]}
                    testId={`filter-${name}`}
                    value={filters.value[name]}
                    set={(value) => {
                        filters.value = { ...filters.value, [name]: value };
                    }}
                />
            ))}
        </fieldset>
    );
}
