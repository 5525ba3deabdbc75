// SPDX-License-Identifier: GPL-3.0-or-later
// The agenda on the desk: each item's start is marked while on air and becomes a chapter.
import { useSignal } from '@preact/signals';
import { patch } from '../core/api';
import { formatClock, pick, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { SessionSocket } from '../core/session/session-socket';
import type { Bilingual, Chapter, Session } from '../core/types';
import { Form, useAct } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { type Chapters, useChapters } from '../ui/hooks/use-chapters';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { type AgendaDraft, AgendaFields, agendaOf, draftOf } from './agenda-fields';
import { NewChapter } from './new-chapter';

const same = (a: Bilingual, b: Bilingual) =>
    (a.ar ?? '') === (b.ar ?? '') && (a.en ?? '') === (b.en ?? '');

/** Since the broadcast began, like the clock above the agenda. */
function onAirClock(session: Session, chapter: Chapter): string {
    return formatClock(chapter.media_ms - (session.live_ms ?? 0));
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
                        class="chip chip-green pe-1"
                        data-testid="marked"
                        data-media-ms={mark.media_ms}
                    >
                        <Icon name="check" size={14} />
                        <bdi>{t('markedAt', { time })}</bdi>
                        <button
                            type="button"
                            class="inline-flex size-6 cursor-pointer items-center justify-center rounded-full hover:bg-surface"
                            data-testid="unmark"
                            aria-label={t('unmark', { title: pick(mark.title), time })}
                            title={t('undo')}
                            disabled={chapters.busy.value}
                            onClick={() =>
                                void chapters
                                    .run(() => chapters.drop(mark.id))
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

function Edit({
    socket,
    session,
    done,
}: {
    socket: SessionSocket;
    session: Session;
    done: () => void;
}) {
    const draft = useSignal<AgendaDraft[]>(draftOf(session.agenda));
    const act = useAct();
    const save = async () => {
        const saved = await act.run(async () => {
            await patch(`sessions/${encodeURIComponent(session.id)}`, {
                agenda: agendaOf(draft.value),
            });
            await socket.refresh();
        });
        if (saved) {
            done();
        }
    };
    return (
        <Form act={act} class="grid gap-4" onSubmit={() => void save()}>
            <AgendaFields draft={draft} />
            <FormButtons busy={act.busy} testId="agenda-save" cancel={done} />
        </Form>
    );
}

function Heading({ edit }: { edit?: () => void }) {
    return (
        <div class="flex items-center justify-between gap-3">
            <h2 id="agenda-title" class="text-base">
                {t('agenda')}
            </h2>
            {edit && (
                <button
                    type="button"
                    class="btn btn-small"
                    data-testid="agenda-edit"
                    onClick={edit}
                >
                    <Icon name="edit" size={16} /> {t('editAgenda')}
                </button>
            )}
        </div>
    );
}

/** An item of the agenda, its marks, and while on air the button that marks its start. */
function Item({
    title,
    session,
    marks,
    chapters,
    on,
}: {
    title: Bilingual;
    session: Session;
    marks: Chapter[];
    chapters: Chapters;
    on: boolean;
}) {
    const marked = marks.length > 0;
    return (
        <li
            data-testid="agenda-item"
            data-marked={marked}
            class="flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5 border-t border-line py-2"
        >
            <span class="grid min-w-0 flex-1 basis-44 gap-1">
                <span class="user-text font-bold" dir="auto">
                    {pick(title)}
                </span>
                {marked ? (
                    <Marks session={session} marks={marks} chapters={chapters} />
                ) : on ? (
                    <span class="text-soft">{t('notMarked')}</span>
                ) : null}
            </span>
            {on && (
                <button
                    type="button"
                    class={`btn btn-small min-h-11 ${marked ? '' : 'btn-main'}`}
                    data-testid="mark-now"
                    aria-label={`${t('markNow')}: ${pick(title)}`}
                    disabled={chapters.busy.value}
                    onClick={() => void chapters.run(() => chapters.mark(title))}
                >
                    {t('markNow')}
                </button>
            )}
        </li>
    );
}

/** Chapters of items that are no longer in the agenda. */
function OtherChapters({
    session,
    others,
    chapters,
}: {
    session: Session;
    others: Chapter[];
    chapters: Chapters;
}) {
    return others.length === 0 ? null : (
        <div class="grid gap-2 text-sm">
            <h3 class="font-bold">{t('otherChapters')}</h3>
            <ul class="grid gap-2">
                {others.map((chapter) => (
                    <li key={chapter.id} class="flex flex-wrap items-center gap-2">
                        <span dir="auto" class="user-text">
                            {pick(chapter.title)}
                        </span>
                        <Marks session={session} marks={[chapter]} chapters={chapters} />
                    </li>
                ))}
            </ul>
        </div>
    );
}

function Items({ session, chapters, on }: { session: Session; chapters: Chapters; on: boolean }) {
    const { agenda } = session;
    const own = (chapters.items ?? []).filter((chapter) => chapter.kind === 'agenda');
    const others = own.filter((chapter) => !agenda.some(({ title }) => same(title, chapter.title)));
    return (
        <>
            {agenda.length === 0 ? (
                <p class="text-sm text-soft">{t('noAgenda')}</p>
            ) : (
                <ol class="grid text-sm">
                    {agenda.map(({ title }, i) => (
                        <Item
                            key={`${i} ${title.ar} ${title.en}`}
                            title={title}
                            session={session}
                            marks={own.filter((chapter) => same(chapter.title, title))}
                            chapters={chapters}
                            on={on}
                        />
                    ))}
                </ol>
            )}
            <OtherChapters session={session} others={others} chapters={chapters} />
        </>
    );
}

export default function AgendaCard({
    socket,
    session,
    staff,
}: {
    socket: SessionSocket;
    session: Session;
    staff: boolean;
}) {
    const editing = useSignal(false);
    // A chapter may be marked on another desk: whatever is told of the session is a reason to read.
    const chapters = useChapters(session.id, String(socket.told.value));
    const on = session.state === 'live' || session.state === 'paused';
    const edit = (open: boolean) => () => {
        editing.value = open;
    };
    const { problem, loading } = chapters;
    return (
        <section class="grid gap-3" aria-labelledby="agenda-title" data-testid="agenda">
            {editing.value ? (
                <Edit socket={socket} session={session} done={edit(false)} />
            ) : (
                <>
                    <Heading edit={staff ? edit(true) : undefined} />
                    <Items session={session} chapters={chapters} on={on} />
                    {on && (
                        <NewChapter
                            class="border-t border-line pt-3"
                            label={t('freeChapter')}
                            button={t('addChapterNow')}
                            placeholder={t('freeChapterExample')}
                            testId={{ input: 'free-chapter', button: 'free-chapter-add' }}
                            add={(title) => chapters.mark({ ar: title })}
                        />
                    )}
                    {problem.value && <ErrorBox problem={problem.value} />}
                    {loading.problem.value && (
                        <ErrorBox problem={loading.problem.value} retry={loading.again} />
                    )}
                </>
            )}
        </section>
    );
}
