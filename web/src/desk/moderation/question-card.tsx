// SPDX-License-Identifier: GPL-3.0-or-later
// One question on the desk: its asker, its text, the text before an edit, the questions merged into
// it, and its buttons.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatTime, type Key, t } from '../../core/i18n';
import { textProblem } from '../../core/text';
import type { Question, QuestionState } from '../../core/types';
import { Form, useAct, useField } from '../../ui/form';
import { FormButtons } from '../../ui/form-buttons';
import { Icon, type IconName } from '../../ui/icons';
import { UserText } from '../../ui/user-text';
import { type Acts, MOVES, type Move, mayMerge } from './acts';

export const MOST_CHARACTERS = 300;

const MOVE: Partial<Record<QuestionState, { id: string; key: string; icon: IconName; word: Key }>> =
    {
        approved: { id: 'approve', key: 'A', icon: 'check', word: 'approve' },
        rejected: { id: 'reject', key: 'R', icon: 'cross', word: 'reject' },
        on_air: { id: 'on-air', key: 'O', icon: 'air', word: 'onAir' },
        answered: { id: 'answered', key: 'X', icon: 'check', word: 'markAnswered' },
    };

const REQUEUE = { id: 'requeue', key: 'A', icon: 'undo', word: 'requeue' } as const;

function moveFrom(question: Question, to: Move) {
    const again = to === 'approved' && !['pending', 'rejected'].includes(question.state);
    return again ? REQUEUE : MOVE[to];
}

const LOOK: Partial<Record<QuestionState, string>> = {
    approved: 'btn-good',
    answered: 'btn-good',
    on_air: 'btn-main',
};

function EditText({
    value,
    set,
    cancel,
    save,
}: {
    value: string;
    set: (text: string) => void;
    cancel: () => void;
    save: () => void;
}) {
    const field = useField('text');
    const box = useRef<HTMLTextAreaElement>(null);
    useEffect(() => box.current?.focus(), []);
    return (
        <>
            <textarea
                {...field.props}
                ref={box}
                class="input"
                dir="auto"
                rows={3}
                data-testid="edit-text"
                aria-label={t('editText')}
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
                onKeyDown={(event) => {
                    if (event.key === 'Escape') {
                        cancel();
                    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                        save();
                    }
                }}
            />
            {field.error}
        </>
    );
}

/** Stays open until the server has taken the text. */
function Editor({ question, acts, done }: { question: Question; acts: Acts; done: () => void }) {
    const text = useSignal(question.text);
    const act = useAct();
    const fault = textProblem(text.value, 'text', MOST_CHARACTERS);
    const save = async () => {
        const clean = text.value.trim();
        if (fault) {
            return;
        }
        if (clean === question.text || (await act.run(() => acts.edit(question, clean)))) {
            done();
        }
    };
    return (
        <Form
            act={act}
            fault={fault}
            class="grid grid-cols-[minmax(0,1fr)] gap-2"
            onSubmit={() => void save()}
        >
            <EditText
                value={text.value}
                set={(value) => {
                    text.value = value;
                }}
                cancel={done}
                save={() => void save()}
            />
            <FormButtons
                small
                busy={act.busy}
                disabled={!!fault}
                testId="edit-save"
                cancel={done}
            />
        </Form>
    );
}

export function Asker({ question }: { question: Question }) {
    const { by } = question;
    return (
        <span class="user-text flex-1 basis-32">
            {by?.name && <bdi class="font-bold text-main">{by.name}</bdi>}
            {by?.entity && (
                <>
                    {t('comma')} <bdi>{by.entity}</bdi>
                </>
            )}
            {by?.anonymous && <> ({t('askedAnonymous')})</>}
        </span>
    );
}

function Merged({ questions, acts }: { questions: Question[]; acts: Acts }) {
    return (
        <details class="text-sm text-soft" data-testid="merged">
            <summary class="min-h-6 cursor-pointer font-bold">
                {t('mergedCount', { n: questions.length })}
            </summary>
            <ul class="mt-1 grid grid-cols-[minmax(0,1fr)] gap-2 border-s-2 border-line ps-3">
                {questions.map((one) => (
                    <li key={one.id} data-question-id={one.id} class="grid gap-1">
                        <UserText>{one.text}</UserText>
                        <div class="flex flex-wrap items-center gap-x-2 text-xs">
                            <Asker question={one} />
                            <span>{t('votes', { n: one.votes })}</span>
                            <button
                                type="button"
                                class="btn btn-small"
                                data-testid="separate"
                                onClick={() => void acts.separate(one)}
                            >
                                <Icon name="undo" size={15} /> {t('separate')}
                            </button>
                        </div>
                    </li>
                ))}
            </ul>
        </details>
    );
}

export interface CardProps {
    question: Question;
    merged: Question[];
    acts: Acts;
    chosen: boolean;
    editing: boolean;
    choose: () => void;
    edit: (on: boolean) => void;
    merge: () => void;
    move: (to: Move) => void;
}

function Tools({ question, edit, merge, move }: CardProps) {
    return (
        <div class="flex flex-wrap gap-1.5">
            {MOVES[question.state].map((to) => {
                const kind = moveFrom(question, to);
                return (
                    kind && (
                        <button
                            key={to}
                            type="button"
                            data-testid={kind.id}
                            aria-keyshortcuts={kind.key}
                            class={`btn btn-small ${kind === REQUEUE ? '' : (LOOK[to] ?? '')}`}
                            onClick={() => move(to)}
                        >
                            <Icon name={kind.icon} size={15} />
                            {t(kind.word)}
                        </button>
                    )
                );
            })}
            <button
                type="button"
                class="btn btn-small btn-quiet btn-narrow"
                data-testid="edit"
                aria-label={t('editText')}
                aria-keyshortcuts="E"
                onClick={() => edit(true)}
            >
                <Icon name="edit" size={16} />
            </button>
            {mayMerge(question) && (
                <button
                    type="button"
                    class="btn btn-small btn-quiet btn-narrow"
                    data-testid="merge"
                    aria-label={t('merge')}
                    aria-haspopup="dialog"
                    aria-keyshortcuts="M"
                    onClick={merge}
                >
                    <Icon name="merge" size={16} />
                </button>
            )}
        </div>
    );
}

export function Card(props: CardProps) {
    const { question, merged, acts, chosen, editing } = props;
    const item = useRef<HTMLLIElement>(null);
    useEffect(() => {
        if (chosen) {
            item.current?.scrollIntoView({ block: 'nearest' });
        }
    }, [chosen]);
    const edited = question.original && question.original !== question.text;
    return (
        // biome-ignore lint/a11y/useKeyWithClickEvents: J and K choose as well
        <li
            ref={item}
            data-question-id={question.id}
            data-state={question.state}
            aria-current={chosen}
            class={`grid grid-cols-[minmax(0,1fr)] content-start gap-2 rounded-xl border bg-surface p-3 ${
                chosen
                    ? 'border-accent-line ring-2 ring-accent-line'
                    : 'border-line hover:border-line-strong'
            }`}
            onClick={props.choose}
        >
            <div class="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-soft">
                <button
                    type="button"
                    data-testid="star"
                    class={`-m-1 grid size-8 cursor-pointer place-items-center ${question.starred ? 'text-accent' : ''}`}
                    aria-pressed={!!question.starred}
                    aria-label={t('star')}
                    aria-keyshortcuts="S"
                    onClick={() => void acts.star(question)}
                >
                    <span class={question.starred ? '[&_path]:fill-current' : ''}>
                        <Icon name="star" size={18} />
                    </span>
                </button>
                <Asker question={question} />
                <span>{t('votes', { n: question.votes })}</span>
                <time dateTime={question.at}>{formatTime(question.at)}</time>
            </div>
            {editing ? (
                <Editor question={question} acts={acts} done={() => props.edit(false)} />
            ) : (
                <UserText class="leading-relaxed">{question.text}</UserText>
            )}
            {edited && (
                <details class="text-sm text-soft" data-testid="edited">
                    <summary class="min-h-6 cursor-pointer font-bold">
                        {t('editedOriginal')}
                    </summary>
                    <UserText>{question.original}</UserText>
                </details>
            )}
            {merged.length > 0 && <Merged questions={merged} acts={acts} />}
            <Tools {...props} />
        </li>
    );
}
