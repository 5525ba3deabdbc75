// SPDX-License-Identifier: GPL-3.0-or-later
// Five columns (tabs where they do not fit), worked by keys: J K move, A approve, R reject, S star,
// O on air, X answered, E edit, U undo.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';
import { formatNumber, formatTime, type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Room } from '../core/room';
import type { Question, QuestionState } from '../core/types';
import { keyName, typing } from '../media/keys';
import { Icon, type IconName } from '../ui/icons';
import { ErrorBox } from '../ui/parts';

const COLUMNS = ['pending', 'approved', 'on_air', 'answered', 'rejected'] as const;
type Column = (typeof COLUMNS)[number];

export function columnOf(questions: Question[], column: Column): Question[] {
    const inColumn = questions.filter((q) => q.state === column);
    return inColumn.sort((a, b) => {
        if (column === 'approved') {
            return (
                Number(b.starred ?? false) - Number(a.starred ?? false) ||
                b.votes - a.votes ||
                a.at.localeCompare(b.at)
            );
        }
        // New ones in order of arrival; in the finished columns the latest first.
        return column === 'pending' ? a.at.localeCompare(b.at) : b.at.localeCompare(a.at);
    });
}

interface Undo {
    question: string;
    message: Record<string, unknown>;
}

const MOVES: Record<QuestionState, QuestionState[]> = {
    pending: ['approved', 'rejected'],
    approved: ['on_air', 'answered', 'rejected'],
    on_air: ['answered', 'approved'],
    answered: ['on_air', 'approved'],
    rejected: ['approved'],
    merged: [],
    withdrawn: [],
};
const MOVE: Partial<Record<QuestionState, { id: string; key: string; icon: IconName; word: Key }>> =
    {
        approved: { id: 'approve', key: 'A', icon: 'check', word: 'approve' },
        rejected: { id: 'reject', key: 'R', icon: 'cross', word: 'reject' },
        on_air: { id: 'on-air', key: 'O', icon: 'air', word: 'onAir' },
        answered: { id: 'answered', key: 'X', icon: 'check', word: 'markAnswered' },
    };

const REQUEUE = { id: 'requeue', key: 'A', icon: 'undo', word: 'requeue' } as const;

class Desk {
    readonly undo: Undo[] = [];
    constructor(
        readonly room: Room,
        readonly fail: (problem: Problem | null) => void,
    ) {}

    private async send(question: Question, change: Record<string, unknown>, back: Undo | null) {
        this.fail(null);
        try {
            await this.room.change({ op: 'moderate', question: question.id, ...change });
            if (back) {
                this.undo.push(back);
            }
        } catch (error) {
            this.fail(asProblem(error));
        }
    }

    move(question: Question, to: QuestionState): void {
        if (question.state === to || !MOVES[question.state].includes(to)) {
            return;
        }
        const message = { to: question.state };
        void this.send(question, { to }, { question: question.id, message });
        announce(t(`qstate_${to}` as Key));
    }

    star(question: Question): void {
        void this.send(
            question,
            { starred: !question.starred },
            { question: question.id, message: { starred: !!question.starred } },
        );
    }

    edit(question: Question, text: string): void {
        void this.send(
            question,
            { text },
            { question: question.id, message: { text: question.text } },
        );
    }

    merge(question: Question, into: string): void {
        void this.send(
            question,
            { to: 'merged', merge_into: into },
            // The server lets a merged question come back only as approved.
            { question: question.id, message: { to: 'approved' } },
        );
    }

    takeBack(): void {
        const last = this.undo.pop();
        const question = last && this.room.questions.all.value.get(last.question);
        if (last && question) {
            void this.send(question, last.message, null);
            announce(t('undone'));
        }
    }
}

function Editor({ question, desk, done }: { question: Question; desk: Desk; done: () => void }) {
    const text = useSignal(question.text);
    const field = useRef<HTMLTextAreaElement>(null);
    useEffect(() => field.current?.focus(), []);
    const save = () => {
        const clean = text.value.trim();
        if (clean && clean !== question.text) {
            desk.edit(question, clean);
        }
        done();
    };
    return (
        <div class="grid gap-2">
            <textarea
                ref={field}
                class="input"
                dir="auto"
                rows={3}
                maxLength={300}
                data-testid="edit-text"
                aria-label={t('editText')}
                value={text}
                onInput={(event) => {
                    text.value = event.currentTarget.value;
                }}
                onKeyDown={(event) => {
                    if (event.key === 'Escape') {
                        done();
                    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                        save();
                    }
                }}
            />
            <div class="flex gap-2">
                <button type="button" class="btn btn-small btn-main" onClick={save}>
                    {t('save')}
                </button>
                <button type="button" class="btn btn-small" onClick={done}>
                    {t('cancel')}
                </button>
            </div>
        </div>
    );
}

function Merge({ question, desk, done }: { question: Question; desk: Desk; done: () => void }) {
    const others = desk.room.questions.list.value.filter(
        (q) => q.id !== question.id && ['pending', 'approved', 'on_air'].includes(q.state),
    );
    return (
        <label class="field text-sm!">
            {t('mergeInto')}
            <select
                data-testid="merge-into"
                onChange={(event) => {
                    if (event.currentTarget.value) {
                        desk.merge(question, event.currentTarget.value);
                    }
                    done();
                }}
            >
                <option value="">{t('choose')}</option>
                {others.map((other) => (
                    <option key={other.id} value={other.id}>
                        {other.text}
                    </option>
                ))}
            </select>
        </label>
    );
}

function Card({
    question,
    desk,
    chosen,
    editing,
    choose,
    setEditing,
}: {
    question: Question;
    desk: Desk;
    chosen: boolean;
    editing: boolean;
    choose: () => void;
    setEditing: (on: boolean) => void;
}) {
    const merging = useSignal(false);
    const item = useRef<HTMLLIElement>(null);
    useEffect(() => {
        if (chosen) {
            item.current?.scrollIntoView({ block: 'nearest' });
        }
    }, [chosen]);
    const { by } = question;
    const edited = question.original && question.original !== question.text;
    return (
        // biome-ignore lint/a11y/useKeyWithClickEvents: J and K choose as well
        <li
            ref={item}
            data-question-id={question.id}
            data-state={question.state}
            aria-current={chosen}
            class={`grid content-start gap-2 rounded-xl border bg-white p-3 ${
                chosen
                    ? 'border-aegold-600 ring-2 ring-aegold-300'
                    : 'border-aeblack-100 hover:border-aeblack-300'
            }`}
            onClick={choose}
        >
            <div class="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-aeblack-600">
                <button
                    type="button"
                    data-testid="star"
                    class={`-m-1 grid size-8 cursor-pointer place-items-center ${question.starred ? 'text-aegold-600' : ''}`}
                    aria-pressed={!!question.starred}
                    aria-label={t('star')}
                    onClick={() => desk.star(question)}
                >
                    <span class={question.starred ? '[&_path]:fill-current' : ''}>
                        <Icon name="star" size={18} />
                    </span>
                </button>
                <span class="min-w-0 flex-1">
                    {by?.name && <bdi class="font-bold text-aeblack-800">{by.name}</bdi>}
                    {by?.entity && (
                        <>
                            {t('comma')} <bdi>{by.entity}</bdi>
                        </>
                    )}
                    {by?.anonymous && <> ({t('askedAnonymous')})</>}
                </span>
                <span>{t('votes', { n: question.votes })}</span>
                <time dateTime={question.at}>{formatTime(question.at)}</time>
            </div>
            {editing ? (
                <Editor question={question} desk={desk} done={() => setEditing(false)} />
            ) : (
                <p dir="auto" class="leading-relaxed wrap-break-word">
                    {question.text}
                </p>
            )}
            {edited && (
                <details class="text-xs text-aeblack-600">
                    <summary class="min-h-6 cursor-pointer">{t('original')}</summary>
                    <p dir="auto">{question.original}</p>
                </details>
            )}
            {merging.value && (
                <Merge
                    question={question}
                    desk={desk}
                    done={() => {
                        merging.value = false;
                    }}
                />
            )}
            <div class="flex flex-wrap gap-1.5">
                {MOVES[question.state].map((to) => {
                    const move =
                        to === 'approved' &&
                        question.state !== 'pending' &&
                        question.state !== 'rejected'
                            ? REQUEUE
                            : MOVE[to];
                    return (
                        move && (
                            <button
                                key={to}
                                type="button"
                                data-testid={move.id}
                                aria-keyshortcuts={move.key}
                                class={`btn btn-small ${move !== REQUEUE && (to === 'approved' || to === 'answered') ? 'border-aegreen-600!' : ''} ${to === 'on_air' ? 'btn-main' : ''}`}
                                onClick={() => desk.move(question, to)}
                            >
                                <Icon name={move.icon} size={15} />
                                {t(move.word)}
                            </button>
                        )
                    );
                })}
                <button
                    type="button"
                    class="btn btn-small btn-quiet px-2!"
                    data-testid="edit"
                    aria-label={t('editText')}
                    onClick={() => setEditing(true)}
                >
                    <Icon name="edit" size={16} />
                </button>
                {['pending', 'approved'].includes(question.state) && (
                    <button
                        type="button"
                        class="btn btn-small btn-quiet px-2!"
                        data-testid="merge"
                        aria-label={t('merge')}
                        onClick={() => {
                            merging.value = !merging.value;
                        }}
                    >
                        <Icon name="merge" size={16} />
                    </button>
                )}
            </div>
        </li>
    );
}

export function Moderation({ room }: { room: Room }) {
    const problem = useSignal<Problem | null>(null);
    const chosen = useSignal('');
    const editing = useSignal('');
    const tab = useSignal<Column>('pending');
    const holder = useRef<Desk>(null);
    holder.current ??= new Desk(room, (what) => {
        problem.value = what;
    });
    const desk = holder.current;
    const columns = useComputed(() => {
        const all = room.questions.list.value;
        return Object.fromEntries(COLUMNS.map((c) => [c, columnOf(all, c)])) as Record<
            Column,
            Question[]
        >;
    });

    useEffect(() => {
        const walk = (step: number) => {
            const ids = columns.value[tab.value].map((q) => q.id);
            const at = ids.indexOf(chosen.value);
            chosen.value = ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? '';
        };
        const onKey = (event: KeyboardEvent) => {
            if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
                return;
            }
            const question = room.questions.all.value.get(chosen.value);
            const on = (work: (q: Question) => void) => () => question && work(question);
            const move = (to: QuestionState) =>
                on((q) => {
                    // The next one takes the place, so a row of new ones is a row of single keys.
                    const ids = columns.value[tab.value].map((one) => one.id);
                    const next = ids[ids.indexOf(q.id) + 1] ?? ids[ids.indexOf(q.id) - 1];
                    desk.move(q, to);
                    chosen.value = next ?? q.id;
                });
            const table: Record<string, () => void> = {
                j: () => walk(1),
                k: () => walk(-1),
                a: move('approved'),
                r: move('rejected'),
                o: move('on_air'),
                x: move('answered'),
                s: on((q) => desk.star(q)),
                e: on((q) => {
                    editing.value = q.id;
                }),
                u: () => desk.takeBack(),
            };
            const action = table[keyName(event)];
            if (action) {
                event.preventDefault();
                action();
            }
        };
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    }, []);

    return (
        <section
            class="flex min-h-0 min-w-0 flex-col xl:h-[calc(100dvh-9.5rem)]"
            aria-label={t('moderation')}
            data-testid="moderation"
        >
            {problem.value && (
                <div class="mb-3">
                    <ErrorBox problem={problem.value} />
                </div>
            )}
            <div class="mb-3 flex flex-wrap-reverse items-center gap-x-2 border-b border-aeblack-100">
                <div
                    class="flex min-w-0 overflow-x-auto"
                    role="tablist"
                    aria-label={t('moderation')}
                >
                    {COLUMNS.map((column) => (
                        <button
                            key={column}
                            type="button"
                            role="tab"
                            id={`column-${column}`}
                            aria-controls="moderation-list"
                            aria-selected={tab.value === column}
                            data-testid={`tab-${column}`}
                            class="tab"
                            onClick={() => {
                                tab.value = column;
                                chosen.value = '';
                            }}
                        >
                            {t(`column_${column}` as Key)}
                            <span
                                class={`digits rounded-full px-2 text-xs ${
                                    column === 'pending' && columns.value[column].length > 0
                                        ? 'bg-aered-700 text-white'
                                        : 'bg-aeblack-100 text-aeblack-700'
                                }`}
                            >
                                {formatNumber(columns.value[column].length)}
                            </span>
                        </button>
                    ))}
                </div>
                <span class="flex-1" />
                <button
                    type="button"
                    class="btn btn-small btn-quiet self-center"
                    data-testid="undo"
                    onClick={() => desk.takeBack()}
                >
                    <Icon name="undo" size={16} /> {t('undo')}
                </button>
            </div>
            <div
                id="moderation-list"
                role="tabpanel"
                aria-labelledby={`column-${tab.value}`}
                class="grid min-h-40 flex-1 content-start gap-4 overflow-y-auto p-1"
            >
                {columns.value.on_air.length > 0 && tab.value !== 'on_air' && (
                    <ul class="grid gap-2 rounded-2xl bg-aegold-100 p-2" aria-label={t('onAirNow')}>
                        {columns.value.on_air.map((question) => (
                            <Card
                                key={question.id}
                                question={question}
                                desk={desk}
                                chosen={chosen.value === question.id}
                                editing={editing.value === question.id}
                                choose={() => {
                                    chosen.value = question.id;
                                }}
                                setEditing={(on) => {
                                    editing.value = on ? question.id : '';
                                }}
                            />
                        ))}
                    </ul>
                )}
                {columns.value[tab.value].length === 0 ? (
                    <p class="py-12 text-center text-aeblack-600">
                        {t(`empty_${tab.value}` as Key)}
                    </p>
                ) : (
                    <ul class="grid gap-2.5 2xl:grid-cols-2" data-testid={`list-${tab.value}`}>
                        {columns.value[tab.value].map((question) => (
                            <Card
                                key={question.id}
                                question={question}
                                desk={desk}
                                chosen={chosen.value === question.id}
                                editing={editing.value === question.id}
                                choose={() => {
                                    chosen.value = question.id;
                                }}
                                setEditing={(on) => {
                                    editing.value = on ? question.id : '';
                                }}
                            />
                        ))}
                    </ul>
                )}
            </div>
            <p class="pt-2 text-xs text-aeblack-600 max-lg:hidden">{t('moderationKeys')}</p>
        </section>
    );
}
