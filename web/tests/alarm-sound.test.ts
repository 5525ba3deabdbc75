// SPDX-License-Identifier: GPL-3.0-or-later
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { muteAlarm, soundAlarm } from '../src/desk/health/alarm-sound';

let tones = 0;
const node = () => ({
    frequency: {},
    gain: { setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() },
    connect: (next: unknown) => next,
    start: () => {
        tones++;
    },
    stop: vi.fn(),
});

beforeEach(() => {
    tones = 0;
    vi.useFakeTimers();
    vi.stubGlobal(
        'AudioContext',
        class {
            state = 'running';
            currentTime = 0;
            resume = async () => undefined;
            close = async () => undefined;
            createOscillator = node;
            createGain = node;
        },
    );
});
afterEach(() => {
    muteAlarm(false);
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('two tones every four seconds, however often the health is told', async () => {
    const health = signal(0);
    const wrong = signal(true);
    const end = soundAlarm(() => health.value >= 0 && wrong.value);
    for (let second = 0; second < 9; second++) {
        health.value++;
        await vi.advanceTimersByTimeAsync(1000);
    }
    expect(tones).toBe(6);
    muteAlarm(true);
    await vi.advanceTimersByTimeAsync(8000);
    expect(tones).toBe(6);
    muteAlarm(false);
    wrong.value = false;
    await vi.advanceTimersByTimeAsync(8000);
    end();
    expect(tones).toBe(8); // once at the end of the mute
});
