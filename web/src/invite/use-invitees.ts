// SPDX-License-Identifier: GPL-3.0-or-later
// The list of invitations, page by page, of one kind and by words; and what is selected of it.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, get, type Problem } from '../core/api';
import type { InvitationList, InvitationShow } from '../core/types';

const PAUSE_MS = 200;
const PAGE = 100;
const MOST = 200;

export interface Invitees {
    show: Signal<InvitationShow>;
    query: Signal<string>;
    /** Null before the first page, and after it failed. */
    found: Signal<InvitationList | null>;
    problem: Signal<Problem | null>;
    waiting: Signal<boolean>;
    /** Reads again as much as is shown. */
    again: () => void;
    more: () => void;
}

export function useInvitees(path: string): Invitees {
    const show = useSignal<InvitationShow>('all');
    const query = useSignal('');
    const found = useSignal<InvitationList | null>(null);
    const problem = useSignal<Problem | null>(null);
    const waiting = useSignal(true);
    const under = useRef<AbortController>(undefined);
    const read = async (cursor: string | null, limit: number) => {
        under.current?.abort();
        const mine = new AbortController();
        under.current = mine;
        waiting.value = true;
        problem.value = null;
        const words = query.value.trim();
        const parameters = new URLSearchParams({
            show: show.value,
            limit: String(limit),
            ...(words && { q: words }),
            ...(cursor && { cursor }),
        });
        try {
            const page = await get<InvitationList>(`${path}?${parameters}`, mine.signal);
            if (mine.signal.aborted) {
                return;
            }
            const before = cursor ? (found.value?.items ?? []) : [];
            found.value = { ...page, items: [...before, ...page.items] };
        } catch (error) {
            if (mine.signal.aborted) {
                return;
            }
            problem.value = asProblem(error);
        }
        waiting.value = false;
    };
    const again = () =>
        void read(null, Math.min(MOST, Math.max(PAGE, found.value?.items.length ?? 0)));
    const more = () => void read(found.value?.next ?? null, PAGE);
    const first = useRef(true);
    useEffect(() => {
        const timer = setTimeout(again, first.current ? 0 : PAUSE_MS);
        first.current = false;
        return () => clearTimeout(timer);
    }, [path, show.value, query.value]);
    useEffect(() => {
        const online = () => problem.value?.status === 0 && again();
        addEventListener('online', online);
        return () => {
            removeEventListener('online', online);
            under.current?.abort();
        };
    }, [path]);
    return { show, query, found, problem, waiting, again, more };
}
