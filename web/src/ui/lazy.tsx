// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a page that is fetched when it is first shown.
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';
import { ErrorBox, Skeleton } from './parts';

export function lazy<P extends object>(
    load: () => Promise<{ default: ComponentType<P> }>,
    lines = 2,
): ComponentType<P> {
    return function Lazy(props: P) {
        const part = useSignal<{ Part: ComponentType<P> } | null>(null);
        const problem = useSignal<Problem | null>(null);
        const fetchIt = () => {
            problem.value = null;
            load().then(
                (module) => {
                    part.value = { Part: module.default };
                },
                (error) => {
                    problem.value = asProblem(error);
                },
            );
        };
        useEffect(fetchIt, []);
        if (problem.value) {
            return <ErrorBox problem={problem.value} retry={fetchIt} />;
        }
        const Part = part.value?.Part;
        return Part ? <Part {...props} /> : <Skeleton lines={lines} />;
    };
}
