// SPDX-License-Identifier: GPL-3.0-or-later
// A month as weeks of days, and where keys lead in it. Days are texts as 2030-01-31, months as 2030-01;
// all of the UAE, which has one offset and no summer time. Pure.

const DAY_MS = 86_400_000;
const UAE_MS = 4 * 3_600_000;
const ZONE = '+04:00';

const textOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const msOf = (day: string) => Date.parse(`${day}T00:00:00Z`);

export const addDays = (day: string, days: number) => textOf(msOf(day) + days * DAY_MS);
export const monthOf = (day: string) => day.slice(0, 7);
/** The day in the UAE of a time. */
export const dayOf = (at: string | number) => textOf(new Date(at).getTime() + UAE_MS);

export function addMonths(month: string, months: number): string {
    const date = new Date(`${month}-01T00:00:00Z`);
    date.setUTCMonth(date.getUTCMonth() + months);
    return date.toISOString().slice(0, 7);
}

/** A month from the address; null: none, or one that no calendar has. */
export function monthFrom(hash: string): string | null {
    const month = /^#month=(\d{4}-(?:0[1-9]|1[0-2]))$/.exec(hash)?.[1];
    return month && month >= '1970-01' && month <= '2999-12' ? month : null;
}

/** 1 is Monday, 7 Sunday, as the locale has it; Monday where the browser does not say. */
export function firstDayOf(locale: string): number {
    interface Weeks {
        firstDay: number;
    }
    const found = new Intl.Locale(locale) as Intl.Locale & {
        getWeekInfo?: () => Weeks;
        weekInfo?: Weeks;
    };
    return (found.getWeekInfo?.() ?? found.weekInfo)?.firstDay ?? 1;
}

/** How far `day` stands from the first day of its week. */
function placeInWeek(day: string, first: number): number {
    return (new Date(msOf(day)).getUTCDay() - first + 7) % 7;
}

/** Whole weeks, from the one with the first of the month to the one with the last. */
export function weeksOf(month: string, first: number): string[][] {
    const begin = `${month}-01`;
    const end = addDays(`${addMonths(month, 1)}-01`, -1);
    const from = addDays(begin, -placeInWeek(begin, first));
    const count = Math.ceil((msOf(end) - msOf(from) + DAY_MS) / (7 * DAY_MS));
    return Array.from({ length: count }, (_, week) =>
        Array.from({ length: 7 }, (_, i) => addDays(from, 7 * week + i)),
    );
}

/** From the first moment of `from` until the day after `to` begins, for a request. */
export function spanOf(from: string, to: string): { from: string; to: string } {
    return { from: `${from}T00:00:00${ZONE}`, to: `${addDays(to, 1)}T00:00:00${ZONE}` };
}

export function byDay<T extends { starts_at: string }>(items: T[]): Map<string, T[]> {
    const days = new Map<string, T[]>();
    for (const item of [...items].sort((a, b) => a.starts_at.localeCompare(b.starts_at))) {
        const day = dayOf(item.starts_at);
        days.set(day, [...(days.get(day) ?? []), item]);
    }
    return days;
}

/** The same day of another month, or its last one. */
function inMonth(day: string, months: number): string {
    const month = addMonths(monthOf(day), months);
    const last = addDays(`${addMonths(month, 1)}-01`, -1);
    const same = `${month}${day.slice(7)}`;
    return same > last ? last : same;
}

/** The day that a key leads to; null: it is not a key of calendars. */
export function dayAfterKey(key: string, day: string, first: number, rtl: boolean): string | null {
    const place = placeInWeek(day, first);
    switch (key) {
        case 'ArrowRight':
            return addDays(day, rtl ? -1 : 1);
        case 'ArrowLeft':
            return addDays(day, rtl ? 1 : -1);
        case 'ArrowDown':
            return addDays(day, 7);
        case 'ArrowUp':
            return addDays(day, -7);
        case 'Home':
            return addDays(day, -place);
        case 'End':
            return addDays(day, 6 - place);
        case 'PageDown':
            return inMonth(day, 1);
        case 'PageUp':
            return inMonth(day, -1);
        default:
            return null;
    }
}
