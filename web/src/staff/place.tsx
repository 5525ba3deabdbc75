// SPDX-License-Identifier: GPL-3.0-or-later
// Where a session stands: its series, its number in it, its topics.
import { formatNumber, pick } from '../core/i18n';
import type { Series, Session } from '../core/types';
import { nextNumber } from '../series/draft';
import { w } from '../series/words';
import { useField } from '../ui/form';
import { TextField } from '../ui/text-field';
import type { SessionDraft } from './draft';

function SeriesField({
    value,
    series,
    choose,
}: {
    value: string;
    series: Series[];
    choose: (id: string) => void;
}) {
    const field = useField('series');
    return (
        <label class="field">
            {w('sessionSeries')}
            <select
                {...field.props}
                data-testid="session-series"
                value={value}
                onChange={(event) => choose(event.currentTarget.value)}
            >
                <option value="">{w('noSeries')}</option>
                {series.map((one) => (
                    <option key={one.id} value={one.id}>
                        {pick(one.name)}
                    </option>
                ))}
            </select>
            {field.error}
        </label>
    );
}

export function PlaceFields({
    draft,
    old,
    series,
    others,
    choose,
    set,
}: {
    draft: SessionDraft;
    old: Session | null;
    series: Series[];
    others: Session[];
    choose: (id: string) => void;
    set: (change: Partial<SessionDraft>) => void;
}) {
    const next = formatNumber(nextNumber(others, draft.series));
    const stays = old !== null && old.series?.id === draft.series;
    return (
        <div class="grid items-start gap-4 sm:grid-cols-2">
            <SeriesField value={draft.series} series={series} choose={choose} />
            {draft.series && (
                <TextField
                    name="number"
                    label={w('number')}
                    help={stays ? w('numberNone') : w('numberNext', { n: next })}
                    dir="ltr"
                    inputMode="numeric"
                    autocomplete="off"
                    data-testid="session-number"
                    value={draft.number}
                    set={(number) => set({ number })}
                />
            )}
            <TextField
                name="tags"
                class="sm:col-span-full"
                label={w('tags')}
                help={w('tagsHelp')}
                autocomplete="off"
                data-testid="session-tags"
                value={draft.tags}
                set={(tags) => set({ tags })}
            />
        </div>
    );
}
