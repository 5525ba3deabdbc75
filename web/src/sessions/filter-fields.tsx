// SPDX-License-Identifier: GPL-3.0-or-later
// The controls that narrow a list of sessions or recordings down.
import type { Signal } from '@preact/signals';
import { SearchField } from '../ui/fields/search-field';
import { FilterSelect, type Option, useSeriesAndSpeakers } from './filter-select';
import { type Filters, isNarrowed, NO_FILTERS } from './filters';
import { w } from './words';

type Choice = Exclude<keyof Filters, 'words'>;

/** `own`: the choices that this list adds, each with its options. */
export function FilterFields({
    filters,
    own,
}: {
    filters: Signal<Filters>;
    own: Partial<Record<Choice, Option[]>>;
}) {
    const choices: Partial<Record<Choice, Option[]>> = { ...own, ...useSeriesAndSpeakers() };
    const set = (change: Partial<Filters>) => {
        filters.value = { ...filters.value, ...change };
    };
    return (
        <fieldset class="grid items-end gap-3" data-testid="list-filters">
            <legend class="sr-only">{w('filters')}</legend>
            <div class="grid grid-cols-2 gap-3 sm:grid-cols-4">
                <SearchField
                    class="field-small col-span-full min-w-0"
                    label={w('words')}
                    testId="list-words"
                    value={filters.value.words}
                    set={(words) => set({ words })}
                />
                {(Object.entries(choices) as [Choice, Option[]][]).map(([name, options]) => (
                    <FilterSelect
                        key={name}
                        label={w(name)}
                        any={w('any')}
                        options={options}
                        testId={`list-${name}`}
                        value={filters.value[name]}
                        set={(value) => set({ [name]: value })}
                    />
                ))}
            </div>
            {isNarrowed(filters.value) && (
                <button
                    type="button"
                    class="btn btn-small w-fit"
                    data-testid="list-clear"
                    onClick={() => {
                        filters.value = NO_FILTERS;
                    }}
                >
                    {w('clear')}
                </button>
            )}
        </fieldset>
    );
}
