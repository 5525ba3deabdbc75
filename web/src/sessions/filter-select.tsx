// SPDX-License-Identifier: GPL-3.0-or-later
// A choice that narrows a list of sessions down, and the series and speakers to choose from.
import { get } from '../core/api';
import { pick } from '../core/i18n';
import type { Bilingual, SeriesList, SpeakerList } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';

export type Option = [value: string, label: string];

const named = (items: { id: string; name: Bilingual }[]): Option[] =>
    items.map(({ id, name }) => [id, pick(name)]);

/** Empty until they are read. */
export function useSeriesAndSpeakers(): Record<'series' | 'speaker', Option[]> {
    const lists = useLoad('filters', async () => {
        const [series, speakers] = await Promise.all([
            get<SeriesList>('series'),
            get<SpeakerList>('speakers'),
        ]);
        return { series: named(series.items), speaker: named(speakers.items) };
    });
    return lists.value.value ?? { series: [], speaker: [] };
}

/** `any`: the label of the empty value, which narrows nothing. */
export function FilterSelect({
    label,
    any,
    options,
    value,
    set,
    testId,
}: {
    label: string;
    any: string;
    options: Option[];
    value: string;
    set: (value: string) => void;
    testId: string;
}) {
    return (
        <label class="field field-small min-w-0">
            {label}
            <select
                data-testid={testId}
                value={value}
                onChange={(event) => set(event.currentTarget.value)}
            >
                <option value="">{any}</option>
                {options.map(([of, words]) => (
                    <option key={of} value={of}>
                        {words}
                    </option>
                ))}
            </select>
        </label>
    );
}
