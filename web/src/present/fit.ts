// SPDX-License-Identifier: GPL-3.0-or-later
// The size of a text that must fit into its box: as large as fits, up to the size that is wanted.

export const LEAST_PX = 12;
const STEP = 1.2;
const MOST_LEVEL = 4;
const MOST_BEYOND = 4;

export interface Size {
    /** Steps from the usual size. Kept for the next questions. */
    level: number;
    /** Steps beyond what fits, for this question; it scrolls then. */
    beyond: number;
}

/** The largest whole number from `least` to `most` that fits, or `least`. */
export function largest(least: number, most: number, fits: (px: number) => boolean): number {
    let low = Math.floor(least);
    let high = Math.floor(most);
    while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (fits(middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

export function wantedPx(usual: number, size: Size): number {
    return Math.max(LEAST_PX, Math.floor(usual * STEP ** size.level));
}

/** The size shown, where `fit` is the largest size that fits. */
export function shownPx(fit: number, size: Size): number {
    return Math.round(fit * STEP ** size.beyond);
}

/** + or −: always a visible step, until the ends. `fit` is at most wantedPx(). */
export function press(size: Size, step: 1 | -1, usual: number, fit: number): Size {
    const limited = fit < wantedPx(usual, size);
    if (step > 0) {
        return limited
            ? { ...size, beyond: Math.min(MOST_BEYOND, size.beyond + 1) }
            : { level: Math.min(MOST_LEVEL, size.level + 1), beyond: 0 };
    }
    if (size.beyond > 0) {
        return { ...size, beyond: size.beyond - 1 };
    }
    const under = Math.ceil(Math.log(fit / usual) / Math.log(STEP)) - 1;
    const level = limited ? under : size.level - 1;
    return fit <= LEAST_PX ? size : { level, beyond: 0 };
}
