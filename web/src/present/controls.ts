// SPDX-License-Identifier: GPL-3.0-or-later
// The presenter's actions, by key or button, and their undo.
import { type ReadonlySignal, type Signal, useComputed, useSignal } from '@preact/signals';
import { Problem } from '../core/api';
import { approvedQueue } from '../core/session/questions';
import type { SessionSocket } from '../core/session/session-socket';
import { isOver } from '../core/session/state';
import type { Moderate, Question } from '../core/types';
import { useRequest } from '../ui/hooks/use-request';

const UNDO_MS = 10000;

export interface Controls {
    /** On air; null after the end, too. */
    current: ReadonlySignal<Question | null>;
    /** Which may be put on air, the next one first; none after the end. */
    waiting: ReadonlySignal<Question[]>;
    next: () => void;
    answered: () => void;
    undo: () => void;
    acknowledge: () => void;
    canUndo: ReadonlySignal<boolean>;
    problem: Signal<Problem | null>;
}

interface Act {
    question: string;
    act: string;
    at: number;
}

/** The acts of the last ten seconds, which may be undone. */
function useRecentActs() {
    const acts = useSignal<Act[]>([]);
    const keep = (wanted: (act: Act) => boolean) => {
        acts.value = acts.value.filter(wanted);
    };
    const forgetOld = () => keep((act) => performance.now() - act.at < UNDO_MS);
    return {
        any: useComputed(() => acts.value.length > 0),
        last: () => {
            forgetOld();
            return acts.value.at(-1);
        },
        add: (question: string, act: string) => {
            acts.value = [...acts.value, { question, act, at: performance.now() }];
            setTimeout(forgetOld, UNDO_MS + 50);
        },
        drop: (act: Act) => keep((one) => one !== act),
    };
}

export function useControls(socket: SessionSocket): Controls {
    const acts = useRecentActs();
    const over = useComputed(() => isOver(socket.session.value?.state));
    const current = useComputed(() => (over.value ? null : socket.questions.onAir.value));
    const waiting = useComputed(() =>
        over.value ? [] : approvedQueue(socket.questions.list.value),
    );
    const { busy, problem, run } = useRequest();
    /** One at a time, and only while connected: nothing happens later, to the surprise of a speaker. */
    const runNow = (work: () => Promise<unknown>) =>
        run(async () => {
            if (socket.link.value !== 'open') {
                throw new Problem(0, 'offline', '', '', '');
            }
            await work();
        });
    const move = (question: string | undefined, to: Moderate['to']) => {
        if (question) {
            void runNow(async () => {
                const act = await socket.moderate({ op: 'moderate', question, to });
                if (act) {
                    acts.add(question, act);
                }
            });
        }
    };
    const undo = async (last: Act) => {
        const { question, act } = last;
        await runNow(() => socket.moderate({ op: 'undo', question, act }));
        if (problem.value?.status !== 0) {
            acts.drop(last); // without an answer it may be tried again
        }
    };
    return {
        current,
        waiting,
        canUndo: acts.any,
        problem,
        answered: () => move(current.value?.id, 'answered'),
        next: () => move(waiting.value[0]?.id, 'on_air'),
        undo: () => {
            const last = acts.last();
            if (last && !busy.value) {
                void undo(last);
            }
        },
        acknowledge: () => {
            const message = socket.message.value;
            if (message && !message.acknowledged_at) {
                void runNow(() => socket.acknowledge(message.id));
            }
        },
    };
}
