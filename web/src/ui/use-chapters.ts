// SPDX-License-Identifier: GPL-3.0-or-later
// A session's chapters from the API, and what staff may do with them.
import { useSignal } from '@preact/signals';
import { asProblem, get, type Problem, patch, post, remove } from '../core/api';
import type { Bilingual, Chapter, List } from '../core/types';
import { useLoad } from './load';

const path = (session: string) => `sessions/${encodeURIComponent(session)}/chapters`;

/** Only the languages that were written. */
export function titleOf(ar: string, en: string): Bilingual {
    return { ...(ar.trim() && { ar: ar.trim() }), ...(en.trim() && { en: en.trim() }) };
}

export function useChapters(session: string, key: string) {
    const list = useLoad(`${session} ${key}`, () => get<List<Chapter>>(path(session)));
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    /** True: done. */
    const run = async (work: () => Promise<unknown>): Promise<boolean> => {
        busy.value = true;
        problem.value = null;
        try {
            await work();
            list.again();
            return true;
        } catch (error) {
            problem.value = asProblem(error);
            return false;
        } finally {
            busy.value = false;
        }
    };
    return {
        items: list.value.value?.items,
        loading: list,
        problem,
        busy,
        mark: (title: Bilingual, mediaMs?: number) =>
            run(() =>
                post(path(session), {
                    title,
                    ...(mediaMs === undefined ? {} : { media_ms: Math.round(mediaMs) }),
                }),
            ),
        rename: (id: string, title: Bilingual) =>
            run(() => patch(`${path(session)}/${encodeURIComponent(id)}`, { title })),
        drop: (id: string) => run(() => remove(`${path(session)}/${encodeURIComponent(id)}`)),
    };
}

export type Chapters = ReturnType<typeof useChapters>;
