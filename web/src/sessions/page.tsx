// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions, as lists or as a month: #month=2030-01 in the address.
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { serverNow } from '../core/clock';
import { type Key, t } from '../core/i18n';
import { Calendar } from './calendar';
import { FilterFields } from './filter-fields';
import type { Option } from './filter-select';
import { COMING, type Filters, NO_FILTERS, OVER } from './filters';
import { SessionLists } from './list';
import { dayOf, monthFrom, monthOf } from './month';
import { w } from './words';

/** Stays when a session is edited, for the way back. */
const filters = signal<Filters>(NO_FILTERS);

export default function Sessions() {
    const month = useSignal(monthFrom(location.hash));
    useEffect(() => {
        const read = () => {
            month.value = monthFrom(location.hash);
        };
        addEventListener('hashchange', read);
        return () => removeEventListener('hashchange', read);
    }, []);
    const show = (next: string | null) => {
        month.value = next;
        const hash = next ? `#month=${next}` : '#sessions';
        history.replaceState(history.state, '', hash);
    };
    const states: Option[] = [...COMING, ...OVER].map((state) => [
        state,
        t(`state_${state}` as Key),
    ]);
    const views = [
        { name: 'list', on: !month.value, open: () => show(null) },
        {
            name: 'month',
            on: !!month.value,
            open: () => show(month.value ?? monthOf(dayOf(serverNow()))),
        },
    ] as const;
    return (
        <div class="grid gap-6">
            <fieldset class="flex gap-2">
                <legend class="sr-only">{w('views')}</legend>
                {views.map(({ name, on, open }) => (
                    <button
                        key={name}
                        type="button"
                        class={`btn btn-small ${on ? 'btn-main' : ''}`}
                        aria-pressed={on}
                        data-testid={`view-${name}`}
                        onClick={open}
                    >
                        {w(name)}
                    </button>
                ))}
            </fieldset>
            <FilterFields filters={filters} own={{ state: states }} />
            {month.value ? (
                <Calendar month={month.value} filters={filters.value} show={show} />
            ) : (
                <SessionLists filters={filters.value} />
            )}
        </div>
    );
}
