// SPDX-License-Identifier: GPL-3.0-or-later

/** Delay before attempt n (0, 1, …): doubling, with half of it random, so that a hall full of
 *  viewers does not come back in one instant. */
export function backoff(attempt: number, base = 500, most = 15000, random = Math.random): number {
    const full = Math.min(most, base * 2 ** Math.min(attempt, 10));
    return full / 2 + random() * (full / 2);
}
