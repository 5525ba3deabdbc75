// SPDX-License-Identifier: GPL-3.0-or-later
// Merging a question into another: first a list with search (arrows move, Enter chooses), then both
// beside each other to be confirmed. Escape leaves all as it is.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem } from '../../core/api';
import { likeness, matches } from '../../core/fold';
import { type Key, t } from '../../core/i18n';
import { isAbout } from '../../core/problem';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Question } from '../../core/types';
import { Dialog } from '../../ui/dialog';
import { Form, useAct, useField } from '../../ui/form';
import { Icon } from '../../ui/icons';
import { UserText } from '../../ui/user-text';
import type { Acts } from './acts';
import { Asker } from './question-card';

/** Questions that the query matches, the most similar to `question` first. */
export function candidates(all: Question[], question: Question, query: string): Question[] {
    return all
        .filter((q) => q.id !== question.id && ['pending', 'approved', 'on_air'].includes(q.state))
        .filter((q) => matches(query, `${q.text} ${q.by?.name ?? ''} ${q.by?.entity ?? ''}`))
        .map((q) => ({ q, like: likeness(q.text, question.text) }))
        .sort((a, b) => b.like - a.like || b.q.votes - a.q.votes || a.q.at.localeCompare(b.q.at))
        .map(({ q }) => q);
}

function Quote({ question }: { question: Question }) {
    return (
        <>
            <UserText>{question.text}</UserText>
            <span class="flex flex-wrap items-center gap-x-2 text-xs text-soft">
                <Asker question={question} />
                <span class="chip">{t(`column_${question.state}` as Key)}</span>
                <span>{t('votes', { n: question.votes })}</span>
            </span>
        </>
    );
}

function Option({
    question,
    active,
    choose,
}: {
    question: Question;
    active: boolean;
    choose: () => void;
}) {
    return (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
        <div
            id={`merge-${question.id}`}
            role="option"
            aria-selected={active}
            data-testid="merge-option"
            data-question-id={question.id}
            class={`grid cursor-pointer gap-1 rounded-lg border p-2.5 ${
                active
                    ? 'border-accent-line bg-accent-soft'
                    : 'border-transparent hover:bg-surface-2'
            }`}
            onClick={choose}
        >
            <Quote question={question} />
        </div>
    );
}

/** The search field, which has the focus and the keys of the list below it. */
function Search({
    value,
    active,
    search,
    onKeyDown,
}: {
    value: string;
    /** The id of the active option. */
    active?: string;
    search: (query: string) => void;
    onKeyDown: (event: KeyboardEvent) => void;
}) {
    const input = useRef<HTMLInputElement>(null);
    const field = useField('merge_into');
    useEffect(() => input.current?.focus(), []);
    return (
        <label class="field">
            {t('mergeInto')}
            <input
                {...field.props}
                ref={input}
                data-first-focus
                dir="auto"
                role="combobox"
                autocomplete="off"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-controls="merge-options"
                aria-activedescendant={active && `merge-${active}`}
                placeholder={t('mergeSearch')}
                data-testid="merge-into"
                value={value}
                onInput={(event) => search(event.currentTarget.value)}
                onKeyDown={onKeyDown}
            />
            {field.error}
        </label>
    );
}

/** The questions found, and which of them is active by the arrow keys. */
function useFound(
    socket: SessionSocket,
    question: Question,
    query: string,
    choose: (target: Question) => void,
) {
    const active = useSignal(0);
    const found = candidates(socket.questions.list.value, question, query);
    const at = Math.min(active.value, found.length - 1);
    const onKeyDown = (event: KeyboardEvent) => {
        const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        if (step !== 0) {
            event.preventDefault();
            active.value = Math.max(0, Math.min(found.length - 1, at + step));
        } else if (event.key === 'Enter' && !event.isComposing) {
            event.preventDefault();
            const target = found[at];
            if (target && !event.repeat) {
                choose(target);
            }
        }
    };
    return { found, at, active, onKeyDown };
}

function Picker({
    socket,
    question,
    choose,
}: {
    socket: SessionSocket;
    question: Question;
    choose: (target: Question) => void;
}) {
    const query = useSignal('');
    const list = useRef<HTMLDivElement>(null);
    const { found, at, active, onKeyDown } = useFound(socket, question, query.value, choose);
    useEffect(() => {
        list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
    }, [at]);
    return (
        <>
            <Search
                value={query.value}
                active={found[at]?.id}
                search={(text) => {
                    query.value = text;
                    active.value = 0;
                }}
                onKeyDown={onKeyDown}
            />
            {found.length === 0 && (
                <p class="py-4 text-center text-soft" role="status">
                    {t('mergeNone')}
                </p>
            )}
            <div
                ref={list}
                id="merge-options"
                role="listbox"
                aria-label={t('mergeInto')}
                class="grid max-h-[40dvh] min-h-24 grid-cols-[minmax(0,1fr)] content-start gap-1 overflow-y-auto"
            >
                {found.map((one, i) => (
                    <Option
                        key={one.id}
                        question={one}
                        active={i === at}
                        choose={() => choose(one)}
                    />
                ))}
            </div>
        </>
    );
}

function Confirm({ target, busy, back }: { target: Question; busy: boolean; back: () => void }) {
    const button = useRef<HTMLButtonElement>(null);
    useEffect(() => button.current?.focus(), []);
    return (
        <>
            <p class="font-bold">{t('mergeInto')}</p>
            <div class="grid gap-1 rounded-xl border border-accent-line bg-surface p-3">
                <Quote question={target} />
            </div>
            <p class="text-sm text-soft">{t('mergeMeans')}</p>
            <div class="flex flex-wrap gap-2">
                <button
                    ref={button}
                    type="submit"
                    class="btn btn-main"
                    data-testid="merge-confirm"
                    aria-disabled={busy}
                    onKeyDown={(event) => {
                        // The Enter that chose does not also confirm while it is held.
                        if (event.repeat) {
                            event.preventDefault();
                        }
                    }}
                >
                    <Icon name="merge" size={18} /> {t('mergeNow')}
                </button>
                <button type="button" class="btn" data-testid="merge-back" onClick={back}>
                    {t('mergeOther')}
                </button>
            </div>
        </>
    );
}

export default function MergeDialog({
    socket,
    acts,
    question,
    close,
}: {
    socket: SessionSocket;
    acts: Acts;
    question: Question;
    close: (merged: boolean) => void;
}) {
    const target = useSignal('');
    const merged = useSignal(false);
    const act = useAct();
    const choose = (id: string) => {
        act.edited(); // an answer to the former choice is told as late
        target.value = id;
    };
    const chosen = socket.questions.all.value.get(target.value);
    const merge = async (into: Question) => {
        await act.run(async () => {
            try {
                await acts.merge(question, into);
            } catch (error) {
                if (isAbout(asProblem(error), 'merge_into') && target.value === into.id) {
                    target.value = ''; // its place is beside the list
                }
                throw error;
            }
            merged.value = true;
        });
        if (merged.value) {
            close(true);
        }
    };
    return (
        <Dialog
            title={t('merge')}
            closeLabel={t('cancel')}
            testId="merge-dialog"
            closeTestId="merge-cancel"
            onClose={() => close(merged.value)}
        >
            <Form
                act={act}
                class="grid grid-cols-[minmax(0,1fr)] content-start gap-3"
                onSubmit={() => chosen && void merge(chosen)}
            >
                <div class="grid gap-1 rounded-xl border border-line bg-surface p-3">
                    <Quote question={question} />
                </div>
                {chosen ? (
                    <Confirm target={chosen} busy={act.busy} back={() => choose('')} />
                ) : (
                    <Picker socket={socket} question={question} choose={(one) => choose(one.id)} />
                )}
            </Form>
        </Dialog>
    );
}
