// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of an agenda while they are written.
import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { formatNumber, t } from '../core/i18n';
import type { AgendaItem } from '../core/types';
import { Icon } from '../ui/icons';
import { titleOf } from '../ui/use-chapters';

export const MOST_ITEMS = 20;

export interface AgendaDraft {
    key: number;
    ar: string;
    en: string;
}

let serial = 0;

export function draftOf(agenda: AgendaItem[] | undefined): AgendaDraft[] {
    return (agenda ?? []).map(({ title }) => ({
        key: serial++,
        ar: title.ar ?? '',
        en: title.en ?? '',
    }));
}

/** What the server takes; empty lines are left out. */
export function agendaOf(draft: AgendaDraft[]): AgendaItem[] {
    return draft
        .map(({ ar, en }) => ({ title: titleOf(ar, en) }))
        .filter(({ title }) => title.ar || title.en);
}

export function AgendaFields({ draft }: { draft: Signal<AgendaDraft[]> }) {
    const list = useRef<HTMLOListElement>(null);
    const set = (key: number, change: Partial<AgendaDraft>) => {
        draft.value = draft.value.map((one) => (one.key === key ? { ...one, ...change } : one));
    };
    return (
        <fieldset class="grid min-w-0 gap-3">
            <legend class="mb-2 font-bold">{t('agenda')}</legend>
            <p class="text-sm text-aeblack-600">{t('agendaHelp')}</p>
            {draft.value.length > 0 && (
                <ol class="grid gap-3" ref={list}>
                    {draft.value.map((one, i) => (
                        <li
                            key={one.key}
                            class="flex items-end gap-2 rounded-xl bg-whitely-200 p-3"
                            data-testid="agenda-line"
                        >
                            <div class="grid min-w-0 flex-1 gap-3 sm:grid-cols-2">
                                {(['ar', 'en'] as const).map((language) => (
                                    <label key={language} class="field text-sm!">
                                        {`${t('itemNumber', { n: formatNumber(i + 1) })} · ${t(language === 'ar' ? 'titleAr' : 'titleEn')}`}
                                        <input
                                            dir={language === 'ar' ? 'rtl' : 'ltr'}
                                            maxLength={200}
                                            data-testid={`agenda-${language}`}
                                            value={one[language]}
                                            onInput={(event) =>
                                                set(one.key, {
                                                    [language]: event.currentTarget.value,
                                                })
                                            }
                                        />
                                    </label>
                                ))}
                            </div>
                            <button
                                type="button"
                                class="btn btn-small min-h-11! text-aered-700!"
                                data-testid="agenda-remove"
                                aria-label={t('removeItem', { n: formatNumber(i + 1) })}
                                onClick={() => {
                                    draft.value = draft.value.filter(({ key }) => key !== one.key);
                                }}
                            >
                                <Icon name="bin" size={18} />
                            </button>
                        </li>
                    ))}
                </ol>
            )}
            <button
                type="button"
                class="btn btn-small w-fit"
                data-testid="agenda-add"
                disabled={draft.value.length >= MOST_ITEMS}
                onClick={() => {
                    draft.value = [...draft.value, { key: serial++, ar: '', en: '' }];
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
