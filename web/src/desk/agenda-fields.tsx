// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of an agenda while they are written.
import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { wholeNumber } from '../core/digits';
import { formatNumber, t } from '../core/i18n';
import type { AgendaItem, AgendaItemNew } from '../core/types';
import { titleOf } from '../ui/hooks/use-chapters';
import { Icon } from '../ui/icons';
import { TextField } from '../ui/text-field';

export const MOST_ITEMS = 20;

export interface AgendaDraft {
    key: number;
    ar: string;
    en: string;
    /** Empty: not planned. */
    minutes: string;
}

let serial = 0;
/** Of a line. */
export const newKey = () => serial++;

export function draftOf(agenda: AgendaItem[]): AgendaDraft[] {
    return agenda.map(({ title, minutes }) => ({
        key: serial++,
        ar: title.ar,
        en: title.en,
        minutes: minutes ? String(minutes) : '',
    }));
}

/** A line with minutes alone is sent too, and refused beside its field. */
const isSent = ({ ar, en, minutes }: AgendaDraft) => !!(ar.trim() || en.trim() || minutes.trim());

/** The agenda as it is sent, without empty lines. */
export function agendaOf(draft: AgendaDraft[]): AgendaItemNew[] {
    return draft.filter(isSent).map(({ ar, en, minutes }) => ({
        title: titleOf(ar, en),
        ...(minutes.trim() && { minutes: wholeNumber(minutes) ?? 0 }),
    }));
}

/** One item: its titles, and a button that removes it. */
function Line({
    line,
    number,
    index,
    set,
    remove,
}: {
    line: AgendaDraft;
    number: number;
    /** In the request; -1: it is left out. */
    index: number;
    set: (change: Partial<AgendaDraft>) => void;
    remove: () => void;
}) {
    const n = formatNumber(number);
    return (
        <li class="flex items-end gap-2 rounded-xl bg-surface-2 p-3" data-testid="agenda-line">
            <div class="grid min-w-0 flex-1 gap-3 items-end sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_8rem]">
                {(['ar', 'en'] as const).map((language) => (
                    <TextField
                        key={language}
                        name={`agenda[${index}].title.${language}`}
                        label={`${t('itemNumber', { n })} · ${t(language === 'ar' ? 'titleAr' : 'titleEn')}`}
                        class="field-small"
                        dir={language === 'ar' ? 'rtl' : 'ltr'}
                        data-testid={`agenda-${language}`}
                        value={line[language]}
                        set={(text) => set({ [language]: text })}
                    />
                ))}
                <TextField
                    name={`agenda[${index}].minutes`}
                    label={`${t('itemNumber', { n })} · ${t('itemMinutes')}`}
                    class="field-small"
                    dir="ltr"
                    inputMode="numeric"
                    autocomplete="off"
                    data-testid="agenda-minutes"
                    value={line.minutes}
                    set={(minutes) => set({ minutes })}
                />
            </div>
            <button
                type="button"
                class="btn btn-small btn-bad min-h-11"
                data-testid="agenda-remove"
                aria-label={t('removeItem', { n })}
                onClick={remove}
            >
                <Icon name="bin" size={18} />
            </button>
        </li>
    );
}

export function AgendaFields({ draft }: { draft: Signal<AgendaDraft[]> }) {
    const list = useRef<HTMLOListElement>(null);
    const sent = draft.value.filter(isSent);
    const set = (key: number, change: Partial<AgendaDraft>) => {
        draft.value = draft.value.map((one) => (one.key === key ? { ...one, ...change } : one));
    };
    return (
        <fieldset class="grid min-w-0 gap-3">
            <legend class="mb-2 font-bold">{t('agenda')}</legend>
            <p class="text-sm text-soft">{t('agendaHelp')}</p>
            {draft.value.length > 0 && (
                <ol class="grid gap-3" ref={list}>
                    {draft.value.map((one, i) => (
                        <Line
                            key={one.key}
                            line={one}
                            number={i + 1}
                            index={sent.indexOf(one)}
                            set={(change) => set(one.key, change)}
                            remove={() => {
                                draft.value = draft.value.filter(({ key }) => key !== one.key);
                            }}
                        />
                    ))}
                </ol>
            )}
            <button
                type="button"
                class="btn btn-small w-fit"
                data-testid="agenda-add"
                disabled={draft.value.length >= MOST_ITEMS}
                onClick={() => {
                    draft.value = [...draft.value, { key: serial++, ar: '', en: '', minutes: '' }];
                    setTimeout(() => {
                        list.current
                            ?.querySelector<HTMLInputElement>('li:last-child input')
                            ?.focus();
                    });
                }}
            >
                <Icon name="plus" size={16} /> {t('addItem')}
            </button>
        </fieldset>
    );
}
