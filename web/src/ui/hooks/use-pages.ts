// SPDX-License-Identifier: GPL-3.0-or-later
// A list that comes page by page: asked for anew, after a pause, when its address changes. An earlier
// answer that comes late changes nothing.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, get, type Problem } from '../../core/api';

const PAUSE_MS = 200;

interface Page {
    items: unknown[];
    next: string | null;
}

export interface Pages<P extends Page> {
    /** The pages so far as one. Null before the first, and after it failed. */
    found: Signal<P | null>;
    /** Of the first page, or beside `found` of a further one. */
    problem: Signal<Problem | null>;
    /** `found` is that of an earlier address, or a page is under way. */
    waiting: Signal<boolean>;
    again: () => void;
    more: () => void;
}

const withCursor = (path: string, cursor: string) =>
    `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;

/** `path`: without a cursor; empty: nothing is asked. `told`: of each page that came. */
export function usePages<P extends Page>(
    path: string,
    told: (found: P, further: boolean) => void = () => undefined,
): Pages<P> {
    const found = useSignal<P | null>(null);
    const problem = useSignal<Problem | null>(null);
    const waiting = useSignal(true);
    const under = useRef<AbortController>(undefined);
    const fetchPage = async (cursor: string | null) => {
        under.current?.abort();
        const mine = new AbortController();
        under.current = mine;
        waiting.value = true;
        problem.value = null;
        try {
            const page = await get<P>(cursor ? withCursor(path, cursor) : path, mine.signal);
            if (mine.signal.aborted) {
                return;
            }
            const before = cursor ? (found.value?.items ?? []) : [];
            found.value = { ...page, items: [...before, ...page.items] };
            told(found.value, cursor !== null);
        } catch (error) {
            if (mine.signal.aborted) {
                return;
            }
            found.value = cursor ? found.value : null;
            problem.value = asProblem(error);
        }
        waiting.value = false;
    };
    const again = () => {
        if (path) {
            void fetchPage(null);
        } else {
            found.value = null;
            waiting.value = false;
        }
    };
    const first = useRef(true);
    useEffect(() => {
        under.current?.abort();
        waiting.value = true;
        const timer = setTimeout(again, first.current ? 0 : PAUSE_MS);
        first.current = false;
        return () => clearTimeout(timer);
    }, [path]);
    useEffect(() => () => under.current?.abort(), []);
    const more = () => void fetchPage(found.value?.next ?? null);
    return { found, problem, waiting, again, more };
}
