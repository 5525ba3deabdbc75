// SPDX-License-Identifier: GPL-3.0-or-later
// How loud a microphone is, ten times a second.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const EVERY_MS = 100;
const FLOOR_DB = -60;

/** The peak of samples from -1 to 1 as a share: 0 at -60 dB and below, 1 at full scale. Pure. */
export function levelOf(samples: ArrayLike<number>): number {
    let peak = 0;
    for (let i = 0; i < samples.length; i++) {
        peak = Math.max(peak, Math.abs(samples[i] ?? 0));
    }
    return peak > 0 ? Math.max(0, 1 - (20 * Math.log10(peak)) / FLOOR_DB) : 0;
}

export function useLevel(stream: MediaStream | null): Signal<number> {
    const level = useSignal(0);
    useEffect(() => {
        level.value = 0;
        if (!stream || stream.getAudioTracks().length === 0) {
            return;
        }
        const context = new AudioContext();
        const analyser = context.createAnalyser();
        const samples = new Float32Array(analyser.fftSize);
        context.createMediaStreamSource(stream).connect(analyser);
        void context.resume();
        const timer = setInterval(() => {
            analyser.getFloatTimeDomainData(samples);
            level.value = levelOf(samples);
        }, EVERY_MS);
        return () => {
            clearInterval(timer);
            void context.close();
        };
    }, [stream]);
    return level;
}
