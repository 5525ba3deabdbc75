// @vitest-environment node
// SPDX-License-Identifier: GPL-3.0-or-later
// A server whose wall clock is set while a session is live.
import { expect, test } from 'vitest';
import { serverNow, setServerTime } from '../src/core/clock';
import { leapOf } from '../src/core/session/leap';
import { timeLeft } from '../src/present/head';
import { originOf, wholeOf } from '../src/watch/marks';
import { session } from './samples';

const HOUR = 3600_000;
const LIVE = Date.parse('2030-01-15T09:00:00Z');
const LENGTH = 3600_000;
const live = session({ state: 'live', live_at: new Date(LIVE).toISOString(), live_ms: 300_000 });
const tell = (at: number, media: number | null) => setServerTime(new Date(at).toISOString(), media);

test('without media nothing is known; slewing and messages on their way are no leap', () => {
    tell(LIVE, null);
    expect(leapOf(live)).toBe(0);
    tell(LIVE + 604_000, 900_000);
    expect(leapOf(live)).toBe(0);
    expect(leapOf(session({ live_at: null, live_ms: null }))).toBe(0);
});

// the page follows a clock that is set back only after a while: the time left does not wait for it
test.each([24 * HOUR, -HOUR])("set by %d ms: the time left is the timeline's", (by) => {
    tell(LIVE + 600_000 + by, 900_000);
    const left = timeLeft(live, serverNow() - leapOf(live)) ?? Number.NaN;
    expect(Math.abs(left - (LENGTH - 600_000))).toBeLessThan(5000);
});

test('a recording begins and ends on the timeline, whatever the wall clock said', () => {
    const over = session({ ended_at: live.live_at, live_ms: 300_000, ended_ms: 900_000 });
    expect([originOf(over), wholeOf(over)]).toEqual([300_000, 600_000]);
    expect(wholeOf({ ...live, ended_ms: null })).toBeNaN();
});
