// SPDX-License-Identifier: GPL-3.0-or-later
// A session's chapters from the API, and the changes that staff make to them.
import { get, patch, post, remove } from '../../core/api';
import type { BilingualNew, ChapterList } from '../../core/types';
import { useLoad } from './use-load';
import { useRequest } from './use-request';

const path = (session: string) => `sessions/${encodeURIComponent(session)}/chapters`;

/** Only the languages that were written. */
export function titleOf(ar: string, en: string): BilingualNew {
    return { ...(ar.trim() && { ar: ar.trim() }), ...(en.trim() && { en: en.trim() }) };
}

export function useChapters(session: string, key: string) {
    const list = useLoad(`${session} ${key}`, () => get<ChapterList>(path(session)));
    const { busy, problem, run } = useRequest();
    const changed = async (work: Promise<unknown>) => {
        await work;
        list.again();
    };
    return {
        items: list.value.value?.items,
        loading: list,
        /** For buttons, whose refusals stand with the list; a form has useAct(). */
        problem,
        busy,
        run,
        /** These three throw the server's refusal. */
        mark: (title: BilingualNew, mediaMs?: number) =>
            changed(
                post(path(session), {
                    title,
                    ...(mediaMs === undefined ? {} : { media_ms: Math.round(mediaMs) }),
                }),
            ),
        rename: (id: string, title: BilingualNew) =>
            changed(patch(`${path(session)}/${encodeURIComponent(id)}`, { title })),
        drop: (id: string) => changed(remove(`${path(session)}/${encodeURIComponent(id)}`)),
    };
}

export type Chapters = ReturnType<typeof useChapters>;
