// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a series, and a speaker.
import { useSignal } from '@preact/signals';
import { t } from '../core/i18n';
import type { Series, Speaker } from '../core/types';
import { AgendaFields, agendaOf, draftOf } from '../desk/agenda-fields';
import { Access, ShowNames } from '../staff/fields';
import { TextField } from '../ui/text-field';
import {
    type SeriesDraft,
    SPEAKER_TEXTS,
    seriesBody,
    seriesDraft,
    seriesFault,
    speakerBody,
    speakerDraft,
    speakerFault,
} from './draft';
import { EntryForm } from './entry-form';
import { BothTexts } from './fields';
import { lookBody, lookFault, lookOf } from './look';
import { LookFields } from './look-fields';
import { w } from './words';

interface Props<T> {
    entry: T | null;
    done: () => void;
    reload: () => void;
}

function Defaults({
    draft,
    set,
}: {
    draft: SeriesDraft;
    set: (change: Partial<SeriesDraft>) => void;
}) {
    return (
        <fieldset class="grid min-w-0 gap-4">
            <legend class="mb-2 font-bold">{w('defaults')}</legend>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <TextField
                    name="duration_minutes"
                    label={t('durationMinutes')}
                    dir="ltr"
                    inputMode="numeric"
                    autocomplete="off"
                    data-testid="duration"
                    value={draft.minutes}
                    set={(minutes) => set({ minutes })}
                />
                <TextField
                    name="retention_days"
                    label={w('retention')}
                    help={w('retentionHelp')}
                    dir="ltr"
                    inputMode="numeric"
                    autocomplete="off"
                    data-testid="retention"
                    value={draft.days}
                    set={(days) => set({ days })}
                />
                <Access value={draft.access} set={(access) => set({ access })} />
                <ShowNames value={draft.showNames} set={(showNames) => set({ showNames })} />
            </div>
        </fieldset>
    );
}

export function SeriesForm({ entry, done, reload }: Props<Series>) {
    const draft = useSignal(seriesDraft(entry));
    const agenda = useSignal(draftOf(entry?.agenda ?? []));
    const look = useSignal(lookOf(entry));
    const set = (change: Partial<SeriesDraft>) => {
        draft.value = { ...draft.value, ...change };
    };
    return (
        <EntryForm
            kind="series"
            entry={entry}
            fault={() => seriesFault(draft.value) ?? lookFault(look.value)}
            body={() => ({
                ...seriesBody(draft.value),
                ...lookBody(look.value),
                agenda: agendaOf(agenda.value),
            })}
            done={done}
            reload={reload}
        >
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <BothTexts name="name" value={draft.value.name} set={(name) => set({ name })} />
                <BothTexts
                    name="description"
                    lines
                    value={draft.value.description}
                    set={(description) => set({ description })}
                />
            </div>
            <LookFields
                look={look.value}
                set={(change) => {
                    look.value = { ...look.value, ...change };
                }}
            />
            <Defaults draft={draft.value} set={set} />
            <AgendaFields draft={agenda} />
        </EntryForm>
    );
}

export function SpeakerForm({ entry, done, reload }: Props<Speaker>) {
    const draft = useSignal(speakerDraft(entry));
    return (
        <EntryForm
            kind="speakers"
            entry={entry}
            fault={() => speakerFault(draft.value)}
            body={() => speakerBody(draft.value)}
            done={done}
            reload={reload}
        >
            <div class="grid items-start gap-4 sm:grid-cols-2">
                {SPEAKER_TEXTS.map((name) => (
                    <BothTexts
                        key={name}
                        name={name}
                        lines={name === 'biography'}
                        value={draft.value[name]}
                        set={(text) => {
                            draft.value = { ...draft.value, [name]: text };
                        }}
                    />
                ))}
            </div>
        </EntryForm>
    );
}
