// SPDX-License-Identifier: GPL-3.0-or-later
// The page "Settings": which keys, and how their values read.
import { expect, test } from 'vitest';
import type { Setting } from '../src/core/types';
import {
    bytesOf,
    changeOf,
    followUpsOf,
    GROUPS,
    ON_PAGE,
    originOf,
    readingOf,
    type SettingName,
    settingsOf,
    shortened,
    written,
} from '../src/settings/groups';

const setting = (section: string, name: string): Setting => ({
    section,
    name,
    value: '1',
    default: '1',
    set: false,
    reloads: false,
    on_page: false,
    changed: null,
});

test('a group has the keys that the server knows, in its own order', () => {
    const items = [setting('archive', 'minimum_free'), setting('archive', 'directory')];
    expect(settingsOf(items, GROUPS.recordings).map(([name]) => name)).toEqual([
        'archive.directory',
        'archive.minimum_free',
    ]);
    expect(settingsOf(items, GROUPS.mail)).toEqual([]);
    const all = [...Object.values(GROUPS).flat(), ...ON_PAGE];
    expect(new Set(all).size).toBe(all.length);
});

test.each<[SettingName, string, object]>([
    ['mail.relay', '', { kind: 'empty' }],
    ['archive.keep_days', '0', { kind: 'none' }],
    ['archive.keep_days', '90', { kind: 'number', text: '90' }],
    ['rtc.max_viewers', '0', { kind: 'number', text: '0' }],
    ['archive.minimum_free', '1G', { kind: 'bytes', bytes: 1 << 30 }],
    ['server.min_memory', '0', { kind: 'none' }],
    ['server.public_feeds', 'yes', { kind: 'yes' }],
    ['mail.from', 'a@b.example', { kind: 'text', text: 'a@b.example' }],
])('%s = %s', (name, value, expected) => {
    expect(readingOf(name, value)).toEqual(expected);
});

test('sizes', () => {
    expect(['500', '2K', '128M', 'x', '1T'].map(bytesOf)).toEqual([
        500,
        2048,
        134217728,
        null,
        null,
    ]);
});

test('where a value comes from', () => {
    const one = setting('mail', 'per_minute');
    expect(originOf(one)).toBe('default');
    expect(originOf({ ...one, set: true })).toBe('file');
    const changed = { by: 'Noura', at: '2030-01-02T08:00:00Z', instead_of: '60' };
    expect(originOf({ ...one, set: true, changed })).toBe('page');
});

test('what is typed is sent in the notation of the file', () => {
    expect(written('mail.reminders', ' ١d، ٣٠m ')).toBe('1d, 30m');
    expect(written('archive.keep_days', '٩٠')).toBe('90');
    expect(written('mail.from_name', ' مجلس،  ٦٠ دقيقة ')).toBe('مجلس، ٦٠ دقيقة');
    expect(changeOf('mail.from_name', null)).toEqual({ mail: { from_name: null } });
    expect(followUpsOf('answers,live; other')).toEqual(['live', 'answers']);
});

test.each<[string, string, number | null]>([
    ['0', '30', 30],
    ['90', '30', 30],
    ['30', '90', null],
    ['30', '0', null],
    ['30', 'soon', null],
])('from %s days to %s', (from, to, days) => {
    expect(shortened('archive.keep_days', from, to)).toBe(days);
    expect(shortened('mail.per_minute', from, to)).toBe(null);
});
