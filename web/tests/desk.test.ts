// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import type { DiskHealth, SoundAlarm } from '../src/core/types';
import { plotLine } from '../src/desk/health/plots';
import { type Judged, rates, SILENT_MS, troubles, type Vital } from '../src/desk/health/vitals';
import { earlyMinutes } from '../src/desk/run';
import { health } from './samples';

const disk = (change: Partial<DiskHealth> = {}): DiskHealth => ({
    free_bytes: 9e11,
    minimum_bytes: 1e9,
    low: false,
    minutes_left: 900,
    ...change,
});
const good: Vital = {
    programme: { state: 'playing', levels: [-20, -22] },
    recording: { state: 'recording', stored_ms_ago: 400 },
    disk: disk(),
};
const judged = (change: Partial<Judged> = {}, health: Vital = {}): Judged => ({
    state: 'live',
    health: { ...good, ...health },
    silentMs: 0,
    unheard: 0,
    refused: false,
    ...change,
});
const found = (change: Partial<Judged>, health: Vital = {}) =>
    troubles(judged(change, health)).map((one) => `${one.cell}:${one.what}${one.alarm ? '!' : ''}`);

test('all is well, and before the lobby or after the end nothing is judged', () => {
    expect(found({})).toEqual([]);
    expect(found({ state: 'ended' }, { programme: { state: 'failed' } })).toEqual([]);
    expect(found({ state: 'scheduled', health: {} })).toEqual([]);
    expect(found({ health: null })).toEqual([]);
});

test('a source that fails is an alarm; one that is only late is one on air', () => {
    expect(found({}, { programme: { state: 'failed' } })).toEqual(['source:alarmSource!']);
    expect(found({ state: 'lobby' }, { programme: { state: 'failed' } })).toEqual([
        'source:alarmSource!',
    ]);
    expect(found({ state: 'paused' }, { programme: { state: 'failed' } })).toEqual([
        'source:alarmSource',
    ]);
    expect(found({}, { programme: { state: 'waiting' } })).toEqual(['source:alarmWaiting!']);
    expect(found({ state: 'lobby' }, { programme: { state: 'waiting' } })).toEqual([
        'source:alarmWaiting',
    ]);
    expect(found({}, { programme: { state: 'ended' } })).toEqual(['source:alarmEnded!']);
    expect(found({}, { programme: undefined })).toEqual(['source:alarmSource!']);
    expect(found({ state: 'lobby' }, { programme: undefined })).toEqual([]);
});

test('silence counts after some seconds, and sounds only on air', () => {
    expect(found({ silentMs: SILENT_MS - 1 })).toEqual([]);
    expect(found({ silentMs: SILENT_MS })).toEqual(['sound:alarmSilent!']);
    expect(found({ silentMs: 60_000, state: 'lobby' })).toEqual(['sound:alarmSilent']);
    expect(found({ silentMs: 60_000 }, { programme: { state: 'failed' } })).toEqual([
        'source:alarmSource!',
    ]);
});

test('the server hears clipping and a silent side; silence before the desk has counted it', () => {
    const heard = (alarm: SoundAlarm | null): Vital => ({
        programme: {
            state: 'playing',
            sound: { loudness: -23, short_term: -24, gain_db: 2, alarm },
        },
    });
    expect(found({}, heard(null))).toEqual([]);
    expect(found({}, heard('silent'))).toEqual(['sound:alarmSilent!']);
    expect(found({}, heard('clipping'))).toEqual(['sound:alarmClipping!']);
    expect(found({ state: 'lobby' }, heard('left_only'))).toEqual(['sound:alarmLeftOnly']);
    expect(found({}, heard('right_only'))).toEqual(['sound:alarmRightOnly!']);
    expect(found({ silentMs: 20_000 }, heard('clipping'))).toEqual(['sound:alarmSilent!']);
    expect(troubles(judged({}, heard('silent')))[0]?.values).toEqual({ n: 10 });
    expect(troubles(judged({ silentMs: 20_000 }))[0]?.values).toEqual({ n: 20 });
});

test('what is not stored, a second copy that fails, a disk that fills', () => {
    expect(found({}, { recording: { state: 'failing' } })).toEqual(['recording:alarmRecording!']);
    expect(found({}, { recording: { state: 'recording', stored_ms_ago: 30_000 } })).toEqual([
        'recording:alarmStored!',
    ]);
    expect(found({}, { recording: { state: 'recording', second: 'failing' } })).toEqual([
        'second:alarmSecond',
    ]);
    expect(found({}, { disk: disk({ minutes_left: 7 }) })).toEqual(['disk:alarmDisk!']);
    expect(found({}, { disk: disk({ low: true, minutes_left: 300 }) })).toEqual(['disk:diskLow']);
    // Alarms come before warnings.
    expect(
        found({ silentMs: 9000 }, { recording: { state: 'recording', second: 'failing' } }),
    ).toEqual(['sound:alarmSilent!', 'second:alarmSecond']);
});

test('a server that is not heard hides all else; one that refuses is not called silent', () => {
    expect(found({ unheard: 4 }, { programme: { state: 'failed' } })).toEqual(['link:alarmLink!']);
    expect(found({ unheard: 4, refused: true })).toEqual(['link:alarmRefused!']);
});

test('rates go by the server’s clock, and are unknown over a restart', () => {
    const at = (clock_ms: number, frames: number, bytes: number, packets = 0, resent = 0) => ({
        clock_ms,
        programme: { state: 'playing' as const, frames, bytes },
        rtc: { ...health().rtc, packets, resent },
    });
    expect(rates(at(1000, 30, 1e6, 1000, 0), at(3000, 90, 1.5e6, 2000, 50))).toEqual({
        fps: 30,
        mbps: 2,
        loss: 5,
    });
    expect(rates(null, at(1000, 0, 0))).toEqual({ fps: null, mbps: null, loss: null });
    expect(rates(at(9000, 900, 1e7), at(1000, 3, 100))).toEqual({
        fps: null,
        mbps: null,
        loss: null,
    });
    expect(rates(at(1000, 0, 0), at(2000, 0, 0)).loss).toBeNull(); // nobody watches
});

test('a plot breaks where nothing is known and ends at its right edge', () => {
    expect(plotLine([], 300, 10)).toEqual([]);
    expect(plotLine([10, null, 0, 5], 4, 10)).toEqual(['0.0,0.0', '200.0,40.0 300.0,20.0']);
});

test('only a start well before its time is asked about', () => {
    const at = '2026-11-28T11:00:00Z';
    expect(earlyMinutes(at, Date.parse('2026-11-28T10:20:00Z'))).toBe(40);
    expect(earlyMinutes(at, Date.parse('2026-11-28T10:56:00Z'))).toBe(0);
    expect(earlyMinutes(at, Date.parse('2026-11-28T12:00:00Z'))).toBe(0);
});
