// SPDX-License-Identifier: GPL-3.0-or-later
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';

export interface Loaded<T> {
    value: Signal<T | null>;
    problem: Signal<Problem | null>;
    again: () => void;
}

/** Loads once per `key`; a failure is kept for an ErrorBox with its retry. */
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
    const value = useSignal<T | null>(null);
    const problem = useSignal<Problem | null>(null);
    const again = () => {
        problem.value = null;
        load().then(
            (result) => {
                value.value = result;
            },
            (error) => {
                problem.value = asProblem(error);
            },
        );
    };
    useEffect(again, [key]);
    return { value, problem, again };
}
