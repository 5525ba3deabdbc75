// SPDX-License-Identifier: GPL-3.0-or-later
// Two short tones, again every few seconds while something is wrong. Muting is remembered.
import { computed, effect, signal } from '@preact/signals';

const KEY = 'majlis.alarm-muted';
const EVERY_MS = 4000;
const TONES_HZ = [880, 660];
const TONE_S = 0.16;

function remembered(): boolean {
    try {
        return localStorage.getItem(KEY) === '1';
    } catch {
        return false;
    }
}

export const alarmMuted = signal(remembered());

export function muteAlarm(on: boolean): void {
    alarmMuted.value = on;
    try {
        localStorage.setItem(KEY, on ? '1' : '0');
    } catch {
        // A browser that keeps nothing: it holds until the page is closed.
    }
}

function beep(context: AudioContext): void {
    TONES_HZ.forEach((hertz, i) => {
        const begin = context.currentTime + i * TONE_S * 1.25;
        const tone = context.createOscillator();
        const volume = context.createGain();
        tone.frequency.value = hertz;
        volume.gain.setValueAtTime(0.0001, begin);
        volume.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0001, begin + TONE_S);
        tone.connect(volume).connect(context.destination);
        tone.start(begin);
        tone.stop(begin + TONE_S);
    });
}

/** Sounds while `wanted()` (it may read signals) and not muted. Returns a function that ends it. */
export function soundAlarm(wanted: () => boolean): () => void {
    let context: AudioContext | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    // A browser lets a page sound only after a click or a key.
    const allow = () => void context?.resume();
    addEventListener('pointerdown', allow);
    addEventListener('keydown', allow);
    // Signals that `wanted` reads may change each second: only its result begins and ends the tones.
    const on = computed(() => wanted() && !alarmMuted.value);
    const end = effect(() => {
        clearInterval(timer);
        if (on.value && 'AudioContext' in window) {
            context ??= new AudioContext();
            const own = context;
            const sound = () => own.state === 'running' && beep(own);
            void own.resume().then(sound, () => undefined);
            timer = setInterval(sound, EVERY_MS);
        }
    });
    return () => {
        end();
        clearInterval(timer);
        removeEventListener('pointerdown', allow);
        removeEventListener('keydown', allow);
        void context?.close();
    };
}
