// SPDX-License-Identifier: GPL-3.0-or-later
// The state of the moderation list: columns, tab, the chosen question, and the acts on it.
import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Problem } from '../../core/api';
import { type Key, t } from '../../core/i18n';
import { announce } from '../../core/live-region';
import { me } from '../../core/me';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Question } from '../../core/types';
import {
    Acts,
    COLUMNS,
    type Column,
    columnOf,
    MOVES,
    type Move,
    mayMerge,
    mergedInto,
} from './acts';

function useActs(socket: SessionSocket) {
    const problem = useSignal<Problem | null>(null);
    const holder = useRef<Acts>(null);
    holder.current ??= new Acts(
        socket,
        (what) => {
            problem.value = what;
        },
        `majlis.acts.${socket.id}.${me.value?.person ?? ''}`,
    );
    return { acts: holder.current, problem };
}

/** Ids of the questions that are chosen, edited and merged; '': none. */
function useSelection() {
    return { chosen: useSignal(''), editing: useSignal(''), merging: useSignal('') };
}

export function useModeration(socket: SessionSocket) {
    const { acts, problem } = useActs(socket);
    const selection = useSelection();
    const tab = useSignal<Column>('pending');
    const columns = useComputed(() => {
        const all = socket.questions.list.value;
        return Object.fromEntries(COLUMNS.map((c) => [c, columnOf(all, c)])) as Record<
            Column,
            Question[]
        >;
    });
    const merged = useComputed(() => mergedInto(socket.questions.list.value));
    return {
        socket,
        acts,
        problem,
        tab,
        columns,
        merged,
        ...selection,
        move: async (question: Question, to: Move) => {
            if (await acts.move(question, to)) {
                announce(t(`qstate_${to}` as Key));
            }
        },
        takeBack: async () => {
            if (await acts.takeBack()) {
                announce(t('undone'));
            }
        },
    };
}

export type ModerationState = ReturnType<typeof useModeration>;

/** The action of each key, by the key's name. */
export function shortcutsOf(state: ModerationState): Record<string, () => void> {
    const { socket, acts, columns, tab, chosen, editing, merging, move, takeBack } = state;
    const ids = () => columns.value[tab.value].map((q) => q.id);
    const walk = (step: number) => () => {
        const list = ids();
        const at = list.indexOf(chosen.value);
        chosen.value = list[Math.min(list.length - 1, Math.max(0, at + step))] ?? '';
    };
    const on = (work: (q: Question) => void) => () => {
        const question = socket.questions.all.value.get(chosen.value);
        if (question) {
            work(question);
        }
    };
    const moveTo = (to: Move) =>
        on((q) => {
            if (!MOVES[q.state].includes(to)) {
                return;
            }
            // The next one takes the place, so a row of new ones is a row of single keys.
            const list = ids();
            const at = list.indexOf(q.id);
            const next = list[at + 1] ?? list[at - 1];
            void move(q, to);
            chosen.value = next ?? q.id;
        });
    return {
        j: walk(1),
        k: walk(-1),
        a: moveTo('approved'),
        r: moveTo('rejected'),
        o: moveTo('on_air'),
        x: moveTo('answered'),
        s: on((q) => void acts.star(q)),
        e: on((q) => {
            editing.value = q.id;
        }),
        m: on((q) => {
            merging.value = mayMerge(q) ? q.id : '';
        }),
        u: () => void takeBack(),
    };
}
