// SPDX-License-Identifier: GPL-3.0-or-later
// Which keys of the configuration the page shows, in which group, how their values read, and what is
// sent of what an admin types. Pure.
import { western } from '../core/digits';
import type { Setting } from '../core/types';

/** The keys that admins change on the page. */
export const ON_PAGE = [
    'mail.from_name',
    'mail.reply_to',
    'mail.reminders',
    'mail.follow_ups',
    'mail.per_minute',
    'archive.keep_days',
] as const;

/** Those of the file alone. */
export const GROUPS = {
    mail: ['mail.relay', 'mail.security', 'mail.from'],
    recordings: ['archive.directory', 'archive.second_directory', 'archive.minimum_free'],
    limits: ['server.max_viewers', 'rtc.max_viewers', 'server.max_load', 'server.min_memory'],
    access: ['server.public_url', 'server.public_feeds', 'server.embed'],
    programme: ['programme.source', 'programme.encoder'],
} as const;

export type Group = keyof typeof GROUPS;
export type PageName = (typeof ON_PAGE)[number];
export type SettingName = (typeof GROUPS)[Group][number] | PageName;

/** The settings of `names` that the server has, in their order. */
export function settingsOf<N extends SettingName>(
    items: Setting[],
    names: readonly N[],
): [N, Setting][] {
    return names.flatMap((key): [N, Setting][] => {
        const found = items.find(({ section, name }) => `${section}.${name}` === key);
        return found ? [[key, found]] : [];
    });
}

const UNITS = { K: 1, M: 2, G: 3 } as const;

/** Bytes of a size as "500M"; null: it is none. */
export function bytesOf(text: string): number | null {
    const [, digits, unit] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
    if (digits === undefined) {
        return null;
    }
    return Number(digits) * 1024 ** (unit ? UNITS[unit as keyof typeof UNITS] : 0);
}

/** 0 says "without limit" here. */
const ZERO_IS_NONE: SettingName[] = [
    'archive.keep_days',
    'server.max_viewers',
    'server.max_load',
    'server.min_memory',
];

export type Reading =
    | { kind: 'empty' | 'none' | 'yes' | 'no' }
    | { kind: 'bytes'; bytes: number }
    | { kind: 'number' | 'text'; text: string };

/** What a value says. */
export function readingOf(name: SettingName, value: string): Reading {
    if (value === '') {
        return { kind: 'empty' };
    }
    if (value === '0' && ZERO_IS_NONE.includes(name)) {
        return { kind: 'none' };
    }
    if (value === 'yes' || value === 'no') {
        return { kind: value };
    }
    const bytes = name.endsWith('free') || name.endsWith('memory') ? bytesOf(value) : null;
    if (bytes !== null) {
        return { kind: 'bytes', bytes };
    }
    return { kind: /^\d+$/.test(value) ? 'number' : 'text', text: value };
}

export type Origin = 'default' | 'file' | 'page';

export const originOf = ({ changed, set }: Setting): Origin =>
    changed ? 'page' : set ? 'file' : 'default';

export const FOLLOW_UPS = ['live', 'recording', 'answers'] as const;
export type FollowUp = (typeof FOLLOW_UPS)[number];

export const followUpsOf = (value: string): FollowUp[] =>
    FOLLOW_UPS.filter((one) => value.split(/[\s,;]+/).includes(one));

/** What was typed, in the file's notation: western digits and commas. A name stays as it is. */
export function written(name: PageName, text: string): string {
    const line = text.replace(/\s+/g, ' ').trim();
    return name === 'mail.from_name' ? line : western(line).replace(/[،؛]/g, ',');
}

/** A body of changeSettings; null: back to the file. */
export function changeOf(name: PageName, value: string | null): Record<string, object> {
    const [section = '', key = ''] = name.split('.');
    return { [section]: { [key]: value } };
}

/** The days that recordings are kept, if `to` keeps them shorter than `from`; else null. */
export function shortened(name: PageName, from: string, to: string): number | null {
    const days = Number(to);
    const shorter = days > 0 && (from === '0' || days < Number(from));
    return name === 'archive.keep_days' && shorter ? days : null;
}
