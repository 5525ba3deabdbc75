// SPDX-License-Identifier: GPL-3.0-or-later
// Turns, shows and chooses a session's slides. The page asked for last counts: one request at a time.
import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, type Problem, patch } from '../core/api';
import type { Session, Slides, SlidesChange, SlidesShown } from '../core/types';

export const SHOWN: SlidesShown[] = ['off', 'full', 'corner'];

export interface SlidesActs {
    /** As asked for, before the server has answered. */
    page: ReadonlySignal<number>;
    shown: ReadonlySignal<SlidesShown>;
    problem: ReadonlySignal<Problem | null>;
    turn: (page: number) => void;
    show: (shown: SlidesShown) => void;
    choose: (material: string | null) => void;
}

export function useSlides(session: Session, slides: Slides): SlidesActs {
    const told = useSignal(slides);
    const wanted = useSignal<SlidesChange>({});
    const problem = useSignal<Problem | null>(null);
    const sending = useRef(false);
    useEffect(() => {
        told.value = slides;
    }, [slides]);
    const send = async () => {
        sending.current = true;
        try {
            let asked: SlidesChange;
            do {
                asked = wanted.value;
                told.value = await patch<Slides>(`sessions/${session.id}/slides`, asked);
            } while (wanted.value !== asked);
            problem.value = null;
        } catch (error) {
            problem.value = asProblem(error);
        } finally {
            wanted.value = {};
            sending.current = false;
        }
    };
    const ask = (change: SlidesChange) => {
        wanted.value = { ...wanted.value, ...change };
        if (!sending.current) {
            void send();
        }
    };
    const page = useComputed(() => wanted.value.page ?? told.value.page);
    return {
        page,
        shown: useComputed(() => wanted.value.shown ?? told.value.shown),
        problem,
        turn: (to) => {
            const next = Math.min(Math.max(to, 1), told.value.pages);
            if (next !== page.value) {
                ask({ page: next });
            }
        },
        show: (shown) => ask({ shown }),
        choose: (material) => ask({ material }),
    };
}
