// SPDX-License-Identifier: GPL-3.0-or-later
// Asks as one types, after a pause; an earlier answer that comes late changes nothing. The query is
// in the address, so that the way back from a recording leads to the hits.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, get, type Problem } from '../core/api';
import { announce } from '../core/live-region';
import type { Hit, HitList } from '../core/types';
import { w } from './words';

const PAUSE_MS = 200;

export interface Found {
    query: string;
    hits: Hit[];
    next: string | null;
}

export const queryOf = (search: string) => new URLSearchParams(search).get('q') ?? '';

export const FILTERS = ['kind', 'series', 'speaker', 'year'] as const;
/** Empty: any. */
export type Filters = Record<(typeof FILTERS)[number], string>;

export function filtersOf(search: string): Filters {
    const parameters = new URLSearchParams(search);
    const of = (name: string) => parameters.get(name) ?? '';
    return { kind: of('kind'), series: of('series'), speaker: of('speaker'), year: of('year') };
}

const chosen = (filters: Filters) => Object.entries(filters).filter(([, value]) => value);

function keep(query: string, filters: Filters): void {
    const parameters = new URLSearchParams(location.search);
    for (const [name, value] of [['q', query] as const, ...Object.entries(filters)]) {
        if (query && value) {
            parameters.set(name, value);
        } else {
            parameters.delete(name);
        }
    }
    const search = parameters.size > 0 ? `?${parameters}` : '';
    history.replaceState(history.state, '', location.pathname + search + location.hash);
}

export interface Search {
    query: Signal<string>;
    filters: Signal<Filters>;
    found: Signal<Found | null>;
    problem: Signal<Problem | null>;
    waiting: Signal<boolean>;
    /** At once. */
    ask: () => void;
    more: () => void;
}

function address(words: string, filters: Filters, cursor: string | null): string {
    const more = cursor ? [['cursor', cursor]] : [];
    return `search?${new URLSearchParams([['q', words], ...chosen(filters), ...more])}`;
}

export function useSearch(): Search {
    const query = useSignal(queryOf(location.search));
    const filters = useSignal(filtersOf(location.search));
    const found = useSignal<Found | null>(null);
    const problem = useSignal<Problem | null>(null);
    const waiting = useSignal(false);
    const under = useRef<AbortController>(undefined);
    const fetchPage = async (cursor: string | null) => {
        const words = query.value.trim();
        under.current?.abort();
        const mine = new AbortController();
        under.current = mine;
        waiting.value = true;
        try {
            const at = address(words, filters.value, cursor);
            const { items, next } = await get<HitList>(at, mine.signal);
            if (mine.signal.aborted) {
                return;
            }
            const hits = cursor ? [...(found.value?.hits ?? []), ...items] : items;
            found.value = { query: words, hits, next };
            announce(w('found', { n: hits.length }));
        } catch (error) {
            if (!mine.signal.aborted) {
                found.value = null;
                problem.value = asProblem(error);
            }
        }
        if (under.current === mine) {
            waiting.value = false;
        }
    };
    const ask = () => {
        problem.value = null;
        keep(query.value.trim(), filters.value);
        if (query.value.trim()) {
            void fetchPage(null);
        } else {
            under.current?.abort();
            found.value = null;
            waiting.value = false;
        }
    };
    const first = useRef(true);
    useEffect(() => {
        const timer = setTimeout(ask, first.current ? 0 : PAUSE_MS);
        first.current = false;
        return () => clearTimeout(timer);
    }, [query.value, filters.value]);
    useEffect(() => () => under.current?.abort(), []);
    return {
        query,
        filters,
        found,
        problem,
        waiting,
        ask,
        more: () => fetchPage(found.value?.next ?? null),
    };
}
