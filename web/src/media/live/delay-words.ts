// SPDX-License-Identifier: GPL-3.0-or-later
// What the chip over the live picture says: how late the picture is and why, or that nothing is
// known of it. Pure.
import type { Key } from '../../core/i18n';
import type { FellBack, Mode, PlayState, Via, Why } from './state';

export interface ChipInput {
    state: PlayState;
    via: Via;
    mode: Mode;
    why: Why;
    paused: boolean;
    /** Attendees see this picture. */
    onAir: boolean;
    /** Nothing but sound is expected to move. */
    held: boolean;
    /** Measured; null: not. In mode `back`: behind the live picture. */
    delayMs: number | null;
    fellBack: FellBack | null;
    /** Since a frame was last seen. */
    silenceMs: number;
}

export interface ChipWords {
    kind: 'live' | 'preview' | 'behind' | 'paused' | 'lost';
    /** With {time} where `ms` is a number. */
    key: Key;
    ms: number | null;
}

/** A live picture that is this late is still called live. */
export const LIVE_MS = 2000;
const SILENT_MS = 3000;

const BACK: Record<Why, Key> = {
    back: 'chipBack',
    paused: 'chipAfterPause',
    start: 'chipFromStart',
};

/** Null: there is nothing to say that would be known. */
export function chipWords(input: ChipInput): ChipWords | null {
    const { state, delayMs, silenceMs } = input;
    if (state !== 'playing' && state !== 'reconnecting') {
        return null;
    }
    if (input.paused) {
        return { kind: 'paused', key: 'chipPaused', ms: null };
    }
    if (state === 'reconnecting' || (silenceMs > SILENT_MS && !input.held)) {
        return { kind: 'lost', key: 'chipLost', ms: silenceMs };
    }
    if (input.mode === 'back') {
        return delayMs === null ? null : { kind: 'behind', key: BACK[input.why], ms: delayMs };
    }
    if (input.via === 'hls') {
        const network = input.fellBack === 'network';
        return delayMs === null
            ? { kind: 'behind', key: network ? 'chipSlowNetwork' : 'chipSlow', ms: null }
            : { kind: 'behind', key: network ? 'chipNetwork' : 'chipSlower', ms: delayMs };
    }
    if (delayMs === null) {
        return null;
    }
    if (delayMs < LIVE_MS && !input.onAir) {
        return { kind: 'preview', key: 'preview', ms: null };
    }
    return delayMs < LIVE_MS
        ? { kind: 'live', key: 'chipLive', ms: delayMs }
        : { kind: 'behind', key: 'chipBehind', ms: delayMs };
}
