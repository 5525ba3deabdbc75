// SPDX-License-Identifier: GPL-3.0-or-later
// The agenda on the desk: each item's start is marked while on air and becomes a chapter.
import { useSignal } from '@preact/signals';
import { asProblem, type Problem, patch } from '../core/api';
import { formatClock, pick, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Room } from '../core/room';
import type { Bilingual, Chapter, Session } from '../core/types';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { type Chapters, useChapters } from '../ui/use-chapters';
import { type AgendaDraft, AgendaFields, agendaOf, draftOf } from './agenda-fields';

const same = (a: Bilingual, b: Bilingual) =>
    (a.ar ?? '') === (b.ar ?? '') && (a.en ?? '') === (b.en ?? '');

/** Since the broadcast began: what the clock above it on the desk says. */
function onAirClock(session: Session, chapter: Chapter): string {
    const origin = Date.parse(session.live_at ?? '') - Date.parse(session.epoch ?? '');
    return formatClock(chapter.media_ms - (Number.isFinite(origin) ? origin : 0));
}

function Marks({
    session,
    marks,
    chapters,
}: {
    session: Session;
    marks: Chapter[];
    chapters: Chapters;
}) {
    return (
        <span class="flex flex-wrap gap-2">
            {marks.map((mark) => {
                const time = onAirClock(session, mark);
                return (
                    <span
                        key={mark.id}
                        class="chip chip-green pe-1!"
                        data-testid="marked"
                        data-media-ms={mark.media_ms}
                    >
                        <Icon name="check" size={14} />
                        <bdi>{t('markedAt', { time })}</bdi>
                        <button
                            type="button"
                            class="inline-flex size-6 cursor-pointer items-center justify-center rounded-full hover:bg-aegreen-200"
                            data-testid="unmark"
                            aria-label={t('unmark', { title: pick(mark.title), time })}
                            title={t('undo')}
                            disabled={chapters.busy.value}
                            onClick={() =>
                                void chapters
                                    .drop(mark.id)
                                    .then((done) => done && announce(t('undone')))
                            }
                        >
                            <Icon name="undo" size={14} />
                        </button>
                    </span>
                );
            })}
        </span>
    );
}

function Edit({ room, session, done }: { room: Room; session: Session; done: () => void }) {
    const draft = useSignal<AgendaDraft[]>(draftOf(session.agenda));
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const save = async () => {
        busy.value = true;
        problem.value = null;
        try {
            await patch(`sessions/${encodeURIComponent(session.id)}`, {
                agenda: agendaOf(draft.value),
            });
            await room.refresh();
            done();
        } catch (error) {
            problem.value = asProblem(error);
        } finally {
            busy.value = false;
        }
    };
    return (
        <form
            class="grid gap-4"
            onSubmit={(event) => {
                event.preventDefault();
                void save();
            }}
        >
            <AgendaFields draft={draft} />
            {problem.value && <ErrorBox problem={problem.value} />}
            <div class="flex gap-2">
                <button
                    type="submit"
                    class="btn btn-main"
                    data-testid="agenda-save"
                    disabled={busy.value}
                >
                    {t('save')}
                </button>
                <button type="button" class="btn" onClick={done}>
                    {t('cancel')}
                </button>
            </div>
        </form>
    );
}

function Free({ chapters }: { chapters: Chapters }) {
    const text = useSignal('');
    return (
        <form
            class="flex flex-wrap items-end gap-2 border-t border-aeblack-100 pt-3"
            onSubmit={(event) => {
                event.preventDefault();
                const title = text.value.trim();
                if (title) {
                    void chapters.mark({ ar: title }).then((done) => {
                        text.value = done ? '' : text.value;
                    });
                }
            }}
        >
            <label class="field min-w-0 flex-1 basis-48">
                {t('freeChapter')}
                <input
                    dir="auto"
                    maxLength={200}
                    required
                    data-testid="free-chapter"
                    placeholder={t('freeChapterExample')}
                    value={text}
                    onInput={(event) => {
                        text.value = event.currentTarget.value;
                    }}
                />
            </label>
            <button
                type="submit"
                class="btn"
                data-testid="free-chapter-add"
                disabled={chapters.busy.value}
            >
                {t('addChapterNow')}
            </button>
        </form>
    );
}

export default function AgendaCard({
    room,
    session,
    staff,
}: {
    room: Room;
    session: Session;
    staff: boolean;
}) {
    const editing = useSignal(false);
    // A chapter may be marked on another desk: whatever is told of the session is a reason to read.
    const chapters = useChapters(session.id, String(room.told.value));
    const on = session.state === 'live' || session.state === 'paused';
    const agenda = session.agenda ?? [];
    const own = (chapters.items ?? []).filter((chapter) => chapter.kind === 'agenda');
    const marksOf = (title: Bilingual) => own.filter((chapter) => same(chapter.title, title));
    const others = own.filter((chapter) => !agenda.some(({ title }) => same(title, chapter.title)));
    return (
        <section class="card grid gap-3 p-4" aria-labelledby="agenda-title" data-testid="agenda">
            {editing.value ? (
                <Edit
                    room={room}
                    session={session}
                    done={() => {
                        editing.value = false;
                    }}
                />
            ) : (
                <>
                    <div class="flex items-center justify-between gap-3">
                        <h2 id="agenda-title" class="text-base">
                            {t('agenda')}
                        </h2>
                        {staff && (
                            <button
                                type="button"
                                class="btn btn-small"
                                data-testid="agenda-edit"
                                onClick={() => {
                                    editing.value = true;
                                }}
                            >
                                <Icon name="edit" size={16} /> {t('editAgenda')}
                            </button>
                        )}
                    </div>
                    {agenda.length === 0 ? (
                        <p class="text-sm text-aeblack-600">{t('noAgenda')}</p>
                    ) : (
                        <ol class="grid text-sm">
                            {agenda.map(({ title }, i) => {
                                const marks = marksOf(title);
                                return (
                                    <li
                                        key={`${i} ${title.ar} ${title.en}`}
                                        data-testid="agenda-item"
                                        data-marked={marks.length > 0}
                                        class="flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5 border-t border-aeblack-100 py-2"
                                    >
                                        <span class="grid min-w-0 flex-1 basis-44 gap-1">
                                            <span class="font-bold" dir="auto">
                                                {pick(title)}
                                            </span>
                                            {marks.length > 0 ? (
                                                <Marks
                                                    session={session}
                                                    marks={marks}
                                                    chapters={chapters}
                                                />
                                            ) : on ? (
                                                <span class="text-aeblack-600">
                                                    {t('notMarked')}
                                                </span>
                                            ) : null}
                                        </span>
                                        {on && (
                                            <button
                                                type="button"
                                                class={`btn btn-small min-h-11! ${marks.length > 0 ? '' : 'btn-main'}`}
                                                data-testid="mark-now"
                                                aria-label={`${t('markNow')}: ${pick(title)}`}
                                                disabled={chapters.busy.value}
                                                onClick={() => void chapters.mark(title)}
                                            >
                                                {t('markNow')}
                                            </button>
                                        )}
                                    </li>
                                );
                            })}
                        </ol>
                    )}
                    {others.length > 0 && (
                        <div class="grid gap-2 text-sm">
                            <h3 class="font-bold">{t('otherChapters')}</h3>
                            <ul class="grid gap-2">
                                {others.map((chapter) => (
                                    <li key={chapter.id} class="flex flex-wrap items-center gap-2">
                                        <span dir="auto" class="min-w-0">
                                            {pick(chapter.title)}
                                        </span>
                                        <Marks
                                            session={session}
                                            marks={[chapter]}
                                            chapters={chapters}
                                        />
                                    </li>
                                ))}
                            </ul>
                        </div>
                    )}
                    {on && <Free chapters={chapters} />}
                    {chapters.problem.value && <ErrorBox problem={chapters.problem.value} />}
                    {chapters.loading.problem.value && (
                        <ErrorBox
                            problem={chapters.loading.problem.value}
                            retry={chapters.loading.again}
                        />
                    )}
                </>
            )}
        </section>
    );
}
