// SPDX-License-Identifier: GPL-3.0-or-later
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Heard, Live, OLD_MS } from '../src/core/age';
import { serverNow } from '../src/core/clock';
import { loadDeskWords, loadLanguage } from '../src/core/i18n';
import { silenceWords } from '../src/ui/aged';

// One fake clock for the file: the module's own ticks begin with the first value.
beforeAll(() => {
    vi.useFakeTimers();
});
afterAll(() => {
    vi.useRealTimers();
});

test('a value is fresh for three seconds, then old, and fresh again once heard', () => {
    const heard = new Heard();
    vi.advanceTimersByTime(OLD_MS - 500);
    expect(heard.old.value).toBe(false);
    expect(heard.silence.value).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(heard.old.value).toBe(true);
    expect(heard.silence.value).toBe(3);
    vi.advanceTimersByTime(9000);
    expect(heard.silence.value).toBe(12);
    heard.heard();
    expect(heard.old.value).toBe(false);
});

test('what is heard each second never gets old', () => {
    const heard = new Heard();
    for (let i = 0; i < 20; i++) {
        vi.advanceTimersByTime(1000);
        heard.heard();
        expect(heard.old.value).toBe(false);
    }
});

test('a wall clock that leaps makes nothing old, and moves no clock', () => {
    const heard = new Heard();
    const before = heard.now();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1000);
    expect(heard.old.value).toBe(false);
    expect(heard.now() - before).toBe(1000);
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(3000);
    expect(heard.old.value).toBe(true);
});

test('a clock stands still while the value is old, and catches up', () => {
    const heard = new Heard();
    const start = serverNow();
    vi.advanceTimersByTime(2000);
    expect(heard.now() - start).toBe(2000);
    vi.advanceTimersByTime(20_000);
    expect(heard.now() - start).toBe(OLD_MS);
    heard.heard();
    expect(heard.now() - start).toBe(22_000);
});

test('a live value is what was heard last', () => {
    const live = new Live<number>();
    expect(live.value.value).toBeNull();
    vi.advanceTimersByTime(5000);
    live.take(7);
    expect(live.value.value).toBe(7);
    expect(live.age()).toBe(0);
});

test('the words of a silence', async () => {
    await loadLanguage('en');
    await loadDeskWords();
    expect(silenceWords(12)).toBe('not heard for 12\u00a0s');
    expect(silenceWords(200)).toBe('not heard for 3\u00a0min');
    await loadLanguage('ar');
    expect(silenceWords(12)).toBe('لا تحديث منذ 12\u00a0ثانية');
    expect(silenceWords(5)).toBe('لا تحديث منذ 5\u00a0ثوانٍ');
});
