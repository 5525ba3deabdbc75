// SPDX-License-Identifier: GPL-3.0-or-later
// The age of values on the page. A live value that the server did not confirm for OLD_MS is old: it
// is shown grey, with the time since, and clocks that follow it stand still. Ages are measured on
// the monotonic clock, so a wall clock that leaps makes nothing old or fresh.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { serverNow } from './clock';

export const OLD_MS = 3000;
const TICK_MS = 250;

const ticks = signal(0);
let ticking = false;

function startTicking(): void {
    if (!ticking) {
        ticking = true;
        setInterval(() => {
            ticks.value = performance.now();
        }, TICK_MS);
    }
}

/** When the server last confirmed a group of values. */
export class Heard {
    private readonly at = signal(performance.now());
    /** Whole seconds since the last confirmation; 0 while fresh. Components re-render each second. */
    readonly silence: ReadonlySignal<number> = computed(() => {
        const ms = Math.max(ticks.value, this.at.value) - this.at.value;
        return ms > OLD_MS ? Math.floor(ms / 1000) : 0;
    });
    readonly old: ReadonlySignal<boolean> = computed(() => this.silence.value > 0);

    /** The server's time in whole seconds, as now(): reading it renders once a second. */
    readonly clock: ReadonlySignal<number> = computed(() => {
        void ticks.value;
        void this.at.value;
        return 1000 * Math.floor(this.now() / 1000);
    });

    constructor() {
        startTicking();
    }

    heard(): void {
        this.at.value = performance.now();
    }

    /** Milliseconds since the last confirmation, or since the page asked first. */
    age(): number {
        return performance.now() - this.at.peek();
    }

    /** The server's time; stands still while old. For clocks that count by the server's facts. */
    now(): number {
        return serverNow() - Math.max(0, this.age() - OLD_MS);
    }
}

/** A value and when it was last heard. Null: not heard yet. */
export class Live<T> extends Heard {
    readonly value = signal<T | null>(null);

    take(value: T): void {
        this.value.value = value;
        this.heard();
    }
}
