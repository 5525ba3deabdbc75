// SPDX-License-Identifier: GPL-3.0-or-later
// A series' colour, languages and reminders while they are written. Pure.
import { refusal } from '../core/api';
import { wholeNumber } from '../core/digits';
import type { Lang, Series } from '../core/types';

/** As the server takes them. */
const MOST_REMINDERS = 5;
const LEAST_AHEAD = 5;
const MOST_AHEAD = 14 * 24 * 60;
const LEAST_CONTRAST = 4.5;
/** What the choice begins with. */
export const FIRST_COLOUR = '#1f4e79';

export interface Look {
    /** Empty: none. */
    colour: string;
    languages: Lang[];
    /** The series has a plan of its own. */
    planned: boolean;
    /** As people separate them. */
    reminders: string;
}

export const lookOf = (series: Series | null): Look => ({
    colour: series?.colour ?? '',
    languages: series?.languages ?? ['ar', 'en'],
    planned: !!series?.reminders,
    reminders: (series?.reminders ?? []).join('، '),
});

/** One byte of sRGB (WCAG 2.2, relative luminance). */
function linear(byte: number): number {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Of white text on the colour, "#rrggbb". */
export function contrastOf(colour: string): number {
    const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(colour.slice(at, at + 2), 16)));
    return 1.05 / (0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0) + 0.05);
}

const parts = (text: string) =>
    text
        .split(/[,،;؛\s]+/)
        .filter(Boolean)
        .map(wholeNumber);

/** Each once; null: one of them is no number. */
export function remindersOf(text: string): number[] | null {
    const numbers = parts(text);
    return numbers.includes(null) ? null : [...new Set(numbers as number[])];
}

export function lookFault({ colour, languages, planned, reminders }: Look) {
    if (colour && contrastOf(colour) < LEAST_CONTRAST) {
        return refusal('colour-too-light', 'colour');
    }
    if (languages.length === 0) {
        return refusal('required', 'languages');
    }
    const minutes = planned ? remindersOf(reminders) : [];
    if (!minutes || minutes.some((one) => one < LEAST_AHEAD || one > MOST_AHEAD)) {
        return refusal('out-of-range', 'reminders', { min: LEAST_AHEAD, max: MOST_AHEAD });
    }
    return minutes.length > MOST_REMINDERS
        ? refusal('too-many-items', 'reminders', { max: MOST_REMINDERS })
        : null;
}

export const lookBody = ({ colour, languages, planned, reminders }: Look) => ({
    colour: colour || null,
    languages,
    reminders: planned ? (remindersOf(reminders) ?? []) : null,
});
