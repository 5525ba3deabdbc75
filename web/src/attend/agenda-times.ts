// SPDX-License-Identifier: GPL-3.0-or-later
// When each item of an agenda begins by the plan. Pure.
import type { AgendaItem } from '../core/types';

const MINUTE_MS = 60_000;

/** Wall times in ms; null for items behind one whose length is not planned. */
export function agendaTimes(starts_at: string, agenda: readonly AgendaItem[]): (number | null)[] {
    let at: number | null = Date.parse(starts_at);
    // Without any length there is no plan, only an order.
    if (!agenda.some(({ minutes }) => minutes)) {
        return agenda.map(() => null);
    }
    return agenda.map(({ minutes }) => {
        const begins = at;
        at = at === null || !minutes ? null : at + minutes * MINUTE_MS;
        return begins;
    });
}
