// SPDX-License-Identifier: GPL-3.0-or-later
// What a person chose in a player, kept in this browser for the next session.

export interface Prefs {
    /** Sound was switched on, or off, by hand. */
    muted: boolean;
    volume: number;
    /** 'auto', 'sound', or a rendition's name. */
    quality: string;
}

const KEY = 'majlis.player';
const NONE: Prefs = { muted: true, volume: 1, quality: 'auto' };

export function readPrefs(): Prefs {
    try {
        const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Prefs>;
        const volume = Number(kept.volume ?? 1);
        return {
            muted: kept.muted !== false,
            volume: volume >= 0 && volume <= 1 ? volume : 1,
            quality: /^[\w-]{1,16}$/.test(kept.quality ?? '') ? (kept.quality as string) : 'auto',
        };
    } catch {
        return { ...NONE }; // no storage, or something else wrote there
    }
}

export function keepPrefs(some: Partial<Prefs>): void {
    try {
        localStorage.setItem(KEY, JSON.stringify({ ...readPrefs(), ...some }));
    } catch {
        // Without storage the choice holds for this page.
    }
}
