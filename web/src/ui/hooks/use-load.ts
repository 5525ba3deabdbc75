// SPDX-License-Identifier: GPL-3.0-or-later
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, type Problem } from '../../core/api';

export interface Loaded<T> {
    value: Signal<T | null>;
    problem: Signal<Problem | null>;
    again: () => void;
    /** What is known otherwise; a load under way does not undo it. */
    set: (value: T) => void;
}

/** Loads once per `key`; a failure is kept for an ErrorBox with its retry. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
    const value = useSignal<T | null>(null);
    const problem = useSignal<Problem | null>(null);
    const turn = useRef(0);
    const again = () => {
        const mine = ++turn.current; // an earlier load that comes late changes nothing
        problem.value = null;
        load().then(
            (result) => {
                if (mine === turn.current) {
                    value.value = result;
                }
            },
            (error) => {
                if (mine === turn.current) {
                    problem.value = asProblem(error);
                }
            },
        );
    };
    const set = (known: T) => {
        turn.current++;
        value.value = known;
    };
    useEffect(again, [key]);
    useEffect(() => {
        const online = () => problem.value?.status === 0 && again();
        addEventListener('online', online);
        return () => removeEventListener('online', online);
    }, [key]);
    return { value, problem, again, set };
}
