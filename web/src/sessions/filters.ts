// SPDX-License-Identifier: GPL-3.0-or-later
// What narrows a list of sessions or recordings down, and the address that asks for it. Pure.
import type { SessionState } from '../core/types';

/** Empty: any. */
export interface Filters {
    words: string;
    series: string;
    speaker: string;
    state: string;
    year: string;
}

export const NO_FILTERS: Filters = { words: '', series: '', speaker: '', state: '', year: '' };

export const isNarrowed = (filters: Filters) =>
    Object.values(filters).some((value) => value.trim() !== '');

/** Parameters of a list. `state` and the span are the list's own: lists differ in them. */
export function parametersOf(filters: Filters, more: Record<string, string> = {}): URLSearchParams {
    const all = {
        q: filters.words.trim(),
        series: filters.series,
        speaker: filters.speaker,
        ...(filters.year && {
            from: `${filters.year}-01-01T00:00:00+04:00`,
            to: `${Number(filters.year) + 1}-01-01T00:00:00+04:00`,
        }),
        ...more,
    };
    return new URLSearchParams(Object.entries(all).filter(([, value]) => value));
}

export const COMING: SessionState[] = ['scheduled', 'lobby', 'live', 'paused'];
export const OVER: SessionState[] = ['ended', 'published', 'cancelled'];

/** Those of a group that a chosen state leaves; empty: the group is not shown. */
export function statesOf(group: SessionState[], state: string): SessionState[] {
    return state ? group.filter((one) => one === state) : group;
}
