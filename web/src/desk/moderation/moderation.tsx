// SPDX-License-Identifier: GPL-3.0-or-later
// The questions by state, worked by keys: J K move, A approve, R reject, S star, O on air, X
// answered, E edit, M merge, U undo.
import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { formatNumber, type Key, t } from '../../core/i18n';
import { announce } from '../../core/live-region';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Question } from '../../core/types';
import { Icon } from '../../ui/icons';
import { lazy } from '../../ui/lazy';
import { ErrorBox } from '../../ui/parts';
import { TabList } from '../../ui/tabs';
import { COLUMNS, type Column } from './acts';
import { Card } from './question-card';
import { type ModerationState, shortcutsOf, useModeration } from './use-moderation';
import { useShortcuts } from './use-shortcuts';

const MergeDialog = lazy(() => import('./merge'));

function tabOf(column: Column, count: number) {
    return {
        name: column,
        label: (
            <>
                {t(`column_${column}` as Key)}
                <span
                    class={`digits rounded-full px-2 text-xs ${
                        column === 'pending' && count > 0
                            ? 'bg-bad-fill text-white'
                            : 'bg-surface-3 text-main'
                    }`}
                >
                    {formatNumber(count)}
                </span>
            </>
        ),
    };
}

/** A tab for each state, and undo. */
function Bar({ state: { tab, chosen, columns, acts, takeBack } }: { state: ModerationState }) {
    return (
        <div class="mb-3 flex flex-wrap-reverse items-center gap-x-2 border-b border-line">
            <TabList
                label={t('moderation')}
                value={tab.value}
                controls="moderation-list"
                select={(name) => {
                    tab.value = name as Column;
                    chosen.value = '';
                }}
                items={COLUMNS.map((column) => tabOf(column, columns.value[column].length))}
            />
            <span class="flex-1" />
            <button
                type="button"
                class="btn btn-small btn-quiet self-center"
                data-testid="undo"
                aria-keyshortcuts="U"
                disabled={acts.done.value.length === 0}
                onClick={() => void takeBack()}
            >
                <Icon name="undo" size={16} /> {t('undo')}
            </button>
        </div>
    );
}

function QuestionItem({ question, state }: { question: Question; state: ModerationState }) {
    const { acts, merged, chosen, editing, merging, move } = state;
    return (
        <Card
            question={question}
            merged={merged.value.get(question.id) ?? []}
            acts={acts}
            chosen={chosen.value === question.id}
            editing={editing.value === question.id}
            choose={() => {
                chosen.value = question.id;
            }}
            edit={(open) => {
                editing.value = open ? question.id : '';
            }}
            merge={() => {
                merging.value = question.id;
            }}
            move={(to) => void move(question, to)}
        />
    );
}

/** The questions of the tab, below the one that is on air. */
function Questions({
    state,
    panel,
}: {
    state: ModerationState;
    panel: RefObject<HTMLDivElement | null>;
}) {
    const { columns, tab } = state;
    const item = (question: Question) => (
        <QuestionItem key={question.id} question={question} state={state} />
    );
    return (
        <div
            ref={panel}
            id="moderation-list"
            role="tabpanel"
            tabIndex={-1}
            aria-labelledby={`tab-${tab.value}`}
            class="grid min-h-40 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-4 overflow-y-auto p-1"
        >
            {columns.value.on_air.length > 0 && tab.value !== 'on_air' && (
                <ul
                    class="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-2xl bg-warn-soft p-2"
                    aria-label={t('onAirNow')}
                >
                    {columns.value.on_air.map(item)}
                </ul>
            )}
            {columns.value[tab.value].length === 0 ? (
                <p class="py-12 text-center text-soft">{t(`empty_${tab.value}` as Key)}</p>
            ) : (
                <ul
                    class="grid grid-cols-[minmax(0,1fr)] gap-2.5 2xl:grid-cols-[repeat(2,minmax(0,1fr))]"
                    data-testid={`list-${tab.value}`}
                >
                    {columns.value[tab.value].map(item)}
                </ul>
            )}
        </div>
    );
}

export function Moderation({ socket }: { socket: SessionSocket }) {
    const state = useModeration(socket);
    const { acts, problem, merging } = state;
    const panel = useRef<HTMLDivElement>(null);
    useShortcuts(shortcutsOf(state), panel);
    const toMerge = socket.questions.all.value.get(merging.value);
    return (
        <section
            class="flex min-h-0 min-w-0 flex-col"
            aria-label={t('moderation')}
            data-testid="moderation"
        >
            {problem.value && (
                <div class="mb-3">
                    <ErrorBox problem={problem.value} />
                </div>
            )}
            <Bar state={state} />
            <Questions state={state} panel={panel} />
            <p class="pt-2 text-xs text-soft max-lg:hidden">{t('moderationKeys')}</p>
            {toMerge && (
                <MergeDialog
                    socket={socket}
                    acts={acts}
                    question={toMerge}
                    close={(done) => {
                        merging.value = '';
                        if (done) {
                            announce(t('qstate_merged'));
                            panel.current?.focus(); // its button is gone
                        }
                    }}
                />
            )}
        </section>
    );
}
