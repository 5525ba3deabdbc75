// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the attendee's list, which holds still while somebody reads or points at it.
import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import { hold, order, type Sort } from '../core/session/questions';
import type { SessionSocket } from '../core/session/session-socket';
import type { Question } from '../core/types';

/** While `free`, the list follows the wished order; else it keeps the order on the screen and counts
 *  the new questions, which a screen reader is told. */
export function useHeldOrder(socket: SessionSocket, sort: Sort) {
    const shown = useSignal<string[]>([]);
    const free = useSignal(true);
    const wanted = order(socket.questions.list.value, sort);
    const wantedKey = wanted.map((q) => q.id).join();
    const result = free.value
        ? { ids: wanted.map((q) => q.id), news: 0 }
        : hold(shown.value, wanted);
    useEffect(() => {
        shown.value = result.ids;
    }, [wantedKey, free.value, sort]);
    useEffect(() => {
        if (result.news > 0) {
            announce(t('newQuestions', { n: result.news }));
        }
    }, [result.news]);
    const all = socket.questions.all.value;
    return {
        free,
        news: result.news,
        items: result.ids.map((id) => all.get(id)).filter((q): q is Question => !!q),
        show: () => {
            shown.value = wanted.map((q) => q.id);
        },
    };
}

/** `free` while the list's top (`sentinel`) is in view and no mouse is over it. */
export function useFreeAtTop(free: Signal<boolean>, sentinel: RefObject<HTMLElement | null>) {
    const atTop = useSignal(true);
    const over = useSignal(false);
    useEffect(() => {
        const observer = new IntersectionObserver(([entry]) => {
            atTop.value = entry?.isIntersecting ?? true;
        });
        if (sentinel.current) {
            observer.observe(sentinel.current);
        }
        return () => observer.disconnect();
    }, []);
    useEffect(() => {
        free.value = atTop.value && !over.value;
    }, [atTop.value, over.value]);
    return {
        onPointerEnter: (event: PointerEvent) => {
            over.value = event.pointerType === 'mouse';
        },
        onPointerLeave: () => {
            over.value = false;
        },
    };
}
