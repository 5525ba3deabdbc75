// SPDX-License-Identifier: GPL-3.0-or-later
// The position of a recording's player, shared with the parts of the page beside it and remembered for
// the next visit of the tab.
import { signal } from '@preact/signals';
import { momentOf } from '../media/chapters';

/** Seconds of the recording. */
export class Playhead {
    readonly time = signal(0);
    readonly length = signal(0);
    seek: (seconds: number) => void = () => undefined;
    /** Seeks and plays: what a click on a chapter means. */
    jump: (seconds: number) => void = () => undefined;
}

const key = (id: string) => `majlis.playhead.${id}`;

export function remember(id: string, seconds: number): void {
    sessionStorage.setItem(key(id), String(seconds));
}

/** After the recording's start moved, the remembered place means nothing. */
export function forget(id: string): void {
    sessionStorage.removeItem(key(id));
}

/** Where to begin: the moment in the address, else the remembered place; -1: neither. */
export function startOf(id: string): number {
    return momentOf(location.hash) ?? (Number(sessionStorage.getItem(key(id))) || -1);
}
