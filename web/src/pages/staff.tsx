// SPDX-License-Identifier: GPL-3.0-or-later
// The house: sessions, a new one, recordings.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { asProblem, get, type Problem, post } from '../core/api';
import { t } from '../core/i18n';
import { me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { List, Session } from '../core/types';
import { type AgendaDraft, AgendaFields, agendaOf } from '../desk/agenda-fields';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { ErrorBox, Skeleton } from '../ui/parts';
import { SessionCard } from '../ui/session-card';
import { Shell, useTitle } from '../ui/shell';
import { byTime, SignInCard } from './home';
import { RecordingList } from './recordings';

/** A wall time in the UAE, which has had one offset and no summer time since 1920. */
export function uaeTime(local: string): string {
    return new Date(`${local}:00+04:00`).toISOString().replace('.000Z', 'Z');
}

interface SpeakerDraft {
    key: number;
    nameAr: string;
    nameEn: string;
    roleAr: string;
    roleEn: string;
}

function Field({
    label,
    value,
    set,
    testId,
    dir = 'auto',
    type = 'text',
    required,
    min,
    max,
}: {
    label: string;
    value: string;
    set: (value: string) => void;
    testId?: string;
    dir?: 'auto' | 'ltr' | 'rtl';
    type?: 'text' | 'number' | 'datetime-local';
    required?: boolean;
    min?: number;
    max?: number;
}) {
    return (
        <label class="field">
            {label}
            <input
                type={type as 'number'}
                required={required}
                min={min}
                max={max}
                dir={dir}
                data-testid={testId}
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
            />
        </label>
    );
}

function Create({ done }: { done: () => void }) {
    const draft = useSignal({
        ar: '',
        en: '',
        starts: '',
        minutes: '60',
        access: 'invited' as 'open' | 'invited',
    });
    const serial = useRef(1);
    const blank = (): SpeakerDraft => ({
        key: serial.current++,
        nameAr: '',
        nameEn: '',
        roleAr: '',
        roleEn: '',
    });
    const speakers = useSignal<SpeakerDraft[]>([
        { key: 0, nameAr: '', nameEn: '', roleAr: '', roleEn: '' },
    ]);
    const agenda = useSignal<AgendaDraft[]>([]);
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const set = (change: Partial<typeof draft.value>) => {
        draft.value = { ...draft.value, ...change };
    };
    const setSpeaker = (key: number, change: Partial<SpeakerDraft>) => {
        speakers.value = speakers.value.map((s) => (s.key === key ? { ...s, ...change } : s));
    };
    const create = async () => {
        busy.value = true;
        problem.value = null;
        const { ar, en, starts, minutes, access } = draft.value;
        try {
            const session = await post<Session>('sessions', {
                title: { ar, en },
                starts_at: uaeTime(starts),
                duration_minutes: Number(minutes),
                access,
                speakers: speakers.value
                    .filter((s) => s.nameAr || s.nameEn)
                    .map((s) => ({
                        name: { ar: s.nameAr || s.nameEn, en: s.nameEn || s.nameAr },
                        role: { ar: s.roleAr || s.roleEn, en: s.roleEn || s.roleAr },
                    })),
                series: '60 دقيقة اتصال',
                ...(agenda.value.length > 0 && { agenda: agendaOf(agenda.value) }),
            });
            done();
            location.assign(href('desk', session.id));
        } catch (error) {
            problem.value = asProblem(error);
        } finally {
            busy.value = false;
        }
    };
    return (
        <form
            class="card mb-8 grid gap-6 p-5 sm:p-8"
            onSubmit={(event) => {
                event.preventDefault();
                void create();
            }}
        >
            <h2 class="text-xl">{t('newSession')}</h2>
            <div class="grid gap-4 sm:grid-cols-2">
                <Field
                    label={t('titleAr')}
                    dir="rtl"
                    required
                    testId="title-ar"
                    value={draft.value.ar}
                    set={(ar) => set({ ar })}
                />
                <Field
                    label={t('titleEn')}
                    dir="ltr"
                    required
                    testId="title-en"
                    value={draft.value.en}
                    set={(en) => set({ en })}
                />
                <Field
                    label={`${t('startsAt')} (${t('uaeTime')})`}
                    dir="ltr"
                    type="datetime-local"
                    required
                    testId="starts-at"
                    value={draft.value.starts}
                    set={(starts) => set({ starts })}
                />
                <Field
                    label={t('durationMinutes')}
                    dir="ltr"
                    type="number"
                    min={5}
                    max={480}
                    required
                    testId="duration"
                    value={draft.value.minutes}
                    set={(minutes) => set({ minutes })}
                />
                <label class="field">
                    {t('access')}
                    <select
                        data-testid="access"
                        value={draft.value.access}
                        onChange={(event) =>
                            set({ access: event.currentTarget.value as 'open' | 'invited' })
                        }
                    >
                        <option value="invited">{t('accessInvited')}</option>
                        <option value="open">{t('accessOpen')}</option>
                    </select>
                </label>
            </div>
            <fieldset class="grid gap-4">
                <legend class="mb-2 font-bold">{t('speakers')}</legend>
                {speakers.value.map((s) => (
                    <div
                        key={s.key}
                        class="grid gap-3 rounded-xl bg-whitely-200 p-4 sm:grid-cols-2"
                    >
                        <Field
                            label={t('nameAr')}
                            dir="rtl"
                            value={s.nameAr}
                            set={(nameAr) => setSpeaker(s.key, { nameAr })}
                        />
                        <Field
                            label={t('nameEn')}
                            dir="ltr"
                            value={s.nameEn}
                            set={(nameEn) => setSpeaker(s.key, { nameEn })}
                        />
                        <Field
                            label={t('roleAr')}
                            dir="rtl"
                            value={s.roleAr}
                            set={(roleAr) => setSpeaker(s.key, { roleAr })}
                        />
                        <Field
                            label={t('roleEn')}
                            dir="ltr"
                            value={s.roleEn}
                            set={(roleEn) => setSpeaker(s.key, { roleEn })}
                        />
                    </div>
                ))}
                <button
                    type="button"
                    class="btn btn-small w-fit"
                    onClick={() => {
                        speakers.value = [...speakers.value, blank()];
                    }}
                >
                    <Icon name="plus" size={16} /> {t('addSpeaker')}
                </button>
            </fieldset>
            <AgendaFields draft={agenda} />
            {problem.value && <ErrorBox problem={problem.value} />}
            <div class="flex gap-3">
                <button
                    type="submit"
                    class="btn btn-main"
                    data-testid="create-session"
                    disabled={busy.value}
                >
                    {t('create')}
                </button>
                <button type="button" class="btn" onClick={done}>
                    {t('cancel')}
                </button>
            </div>
        </form>
    );
}

export default function Staff() {
    useTitle(t('sessions'));
    const creating = useSignal(false);
    const list = useLoad('sessions', async () =>
        (await whoAmI()) ? await get<List<Session>>('sessions') : { items: [] },
    );
    const items = list.value.value?.items;
    return (
        <Shell>
            <div class="page max-w-6xl! py-8 sm:py-10">
                {list.problem.value ? (
                    <ErrorBox problem={list.problem.value} retry={list.again} />
                ) : !items ? (
                    <Skeleton />
                ) : !me.value ? (
                    <SignInCard />
                ) : (
                    <>
                        <div class="mb-6 flex flex-wrap items-center justify-between gap-4">
                            <h1 class="text-2xl sm:text-3xl">{t('sessions')}</h1>
                            {!creating.value && (
                                <button
                                    type="button"
                                    class="btn btn-main"
                                    data-testid="new-session"
                                    onClick={() => {
                                        creating.value = true;
                                    }}
                                >
                                    <Icon name="plus" /> {t('newSession')}
                                </button>
                            )}
                        </div>
                        {creating.value && (
                            <Create
                                done={() => {
                                    creating.value = false;
                                }}
                            />
                        )}
                        {items.length === 0 ? (
                            <p class="card p-8 text-center">{t('noSessionsStaff')}</p>
                        ) : (
                            <ul class="grid gap-4" data-testid="sessions">
                                {[...items].sort(byTime).map((session) => (
                                    <SessionCard key={session.id} session={session} staff />
                                ))}
                            </ul>
                        )}
                        <h2 class="mt-12 mb-5 text-xl sm:text-2xl">{t('recordings')}</h2>
                        <RecordingList />
                    </>
                )}
            </div>
        </Shell>
    );
}
