// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of a session: its titles and time, its access, its speakers.
import { pick, t } from '../core/i18n';
import type { Speaker } from '../core/types';
import { w } from '../series/words';
import { useField } from '../ui/form';
import { Icon } from '../ui/icons';
import { TextField } from '../ui/text-field';
import { timeHere } from '../waiting/time-here';
import {
    blankSpeaker,
    knownSpeaker,
    type SessionDraft,
    type SpeakerDraft,
    speakersOf,
    uaeTime,
} from './draft';

const MOST_SPEAKERS = 10;

export type SetDraft = (change: Partial<SessionDraft>) => void;

export function Access({
    value,
    set,
}: {
    value: SessionDraft['access'];
    set: (value: SessionDraft['access']) => void;
}) {
    const field = useField('access');
    return (
        <label class="field">
            {t('access')}
            <select
                {...field.props}
                data-testid="access"
                value={value}
                onChange={(event) => set(event.currentTarget.value as SessionDraft['access'])}
            >
                <option value="invited">{t('accessInvited')}</option>
                <option value="open">{t('accessOpen')}</option>
            </select>
            {field.error}
        </label>
    );
}

export function ShowNames({ value, set }: { value: boolean; set: (value: boolean) => void }) {
    const field = useField('show_names');
    return (
        <div class="grid gap-1 self-end">
            <label class="flex min-h-11 cursor-pointer items-center gap-3">
                <input
                    {...field.props}
                    type="checkbox"
                    class="size-5 shrink-0 rounded"
                    data-testid="show-names"
                    checked={value}
                    onChange={(event) => set(event.currentTarget.checked)}
                />
                <span>{t('showNamesField')}</span>
            </label>
            {field.error}
        </div>
    );
}

function SpeakerFields({
    speaker,
    index,
    set,
    remove,
}: {
    speaker: SpeakerDraft;
    /** In the request; -1: it is left out. */
    index: number;
    set: (change: Partial<SpeakerDraft>) => void;
    remove: () => void;
}) {
    const at = (part: string) => `speakers[${index}].${part}`;
    const fields = [
        ['nameAr', 'name.ar', 'rtl'],
        ['nameEn', 'name.en', 'ltr'],
        ['roleAr', 'role.ar', 'rtl'],
        ['roleEn', 'role.en', 'ltr'],
    ] as const;
    return (
        <li class="grid gap-3 rounded-xl bg-surface-2 p-4 sm:grid-cols-2" data-testid="speaker">
            {fields.map(([key, part, dir]) => (
                <TextField
                    key={key}
                    name={at(part)}
                    label={t(key)}
                    dir={dir}
                    autocomplete="off"
                    data-testid={`speaker-${part.replace('.', '-')}`}
                    value={speaker[key]}
                    set={(text) => set({ [key]: text, ...(part.startsWith('name') && { id: '' }) })}
                />
            ))}
            {speaker.id && <p class="text-sm text-soft sm:col-span-full">{w('known')}</p>}
            <button
                type="button"
                class="btn btn-small btn-bad w-fit sm:col-span-full"
                data-testid="speaker-remove"
                onClick={remove}
            >
                <Icon name="bin" size={16} /> {t('removeSpeaker')}
            </button>
        </li>
    );
}

/** Adds one of the list; the select itself stays empty. */
function Choose({ known, add }: { known: Speaker[]; add: (speaker: Speaker) => void }) {
    return (
        <label class="field field-small w-fit">
            {w('chooseSpeaker')}
            <select
                data-testid="speaker-choose"
                value=""
                onChange={(event) => {
                    const chosen = known.find(({ id }) => id === event.currentTarget.value);
                    event.currentTarget.value = '';
                    if (chosen) {
                        add(chosen);
                    }
                }}
            >
                <option value="">{w('chooseHint')}</option>
                {known.map((one) => (
                    <option key={one.id} value={one.id}>
                        {pick(one.name)}
                    </option>
                ))}
            </select>
        </label>
    );
}

export function Speakers({
    draft,
    known,
    set,
}: {
    draft: SessionDraft;
    known: Speaker[];
    set: SetDraft;
}) {
    const sent = speakersOf(draft);
    const full = sent.length >= MOST_SPEAKERS;
    const left = known.filter(({ id }) => !draft.speakers.some((one) => one.id === id));
    return (
        <fieldset class="grid min-w-0 gap-4">
            <legend class="mb-2 font-bold">{t('speakers')}</legend>
            <ul class="grid gap-4">
                {draft.speakers.map((one) => (
                    <SpeakerFields
                        key={one.key}
                        speaker={one}
                        index={sent.indexOf(one)}
                        set={(change) =>
                            set({
                                speakers: draft.speakers.map((s) =>
                                    s.key === one.key ? { ...s, ...change } : s,
                                ),
                            })
                        }
                        remove={() =>
                            set({ speakers: draft.speakers.filter((s) => s.key !== one.key) })
                        }
                    />
                ))}
            </ul>
            <div class="flex flex-wrap items-end gap-3">
                {left.length > 0 && !full && (
                    <Choose
                        known={left}
                        add={(speaker) => set({ speakers: [...sent, knownSpeaker(speaker)] })}
                    />
                )}
                <button
                    type="button"
                    class="btn btn-small w-fit"
                    data-testid="speaker-add"
                    disabled={draft.speakers.length >= MOST_SPEAKERS}
                    onClick={() => set({ speakers: [...draft.speakers, blankSpeaker()] })}
                >
                    <Icon name="plus" size={16} /> {t('addSpeaker')}
                </button>
            </div>
        </fieldset>
    );
}

export function Titles({ draft, set }: { draft: SessionDraft; set: SetDraft }) {
    return (
        <>
            <TextField
                name="title.ar"
                label={t('titleAr')}
                dir="rtl"
                autocomplete="off"
                data-testid="title-ar"
                value={draft.ar}
                set={(ar) => set({ ar })}
            />
            <TextField
                name="title.en"
                label={t('titleEn')}
                dir="ltr"
                autocomplete="off"
                data-testid="title-en"
                value={draft.en}
                set={(en) => set({ en })}
            />
        </>
    );
}

export function Times({
    draft,
    set,
    startFixed = false,
}: {
    draft: SessionDraft;
    set: SetDraft;
    /** The session is on or over. */
    startFixed?: boolean;
}) {
    const at = uaeTime(draft.starts);
    const here = at && timeHere(at);
    return (
        <>
            <TextField
                name="starts_at"
                label={`${t('startsAt')} (${t('uaeTime')})`}
                dir="ltr"
                type="datetime-local"
                autocomplete="off"
                data-testid="starts-at"
                disabled={startFixed}
                help={startFixed ? t('startFixed') : here ? w('here', { time: here }) : undefined}
                value={draft.starts}
                set={(starts) => set({ starts })}
            />
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
        </>
    );
}
