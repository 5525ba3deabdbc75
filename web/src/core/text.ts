// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of text that people type, judged as the server does (src/base/text.h), so that a form
// refuses a text that the server would refuse.
import { type Problem, refusal } from './api';

/** Combining marks on one letter; more would cover the lines around them. */
export const MAX_MARKS = 4;

// U+2800 is a braille pattern without dots, U+FFFC a place without its object.
const VISIBLE = /(?![\p{DI}\u2800\ufffc])[\p{L}\p{N}\p{P}\p{S}]/u;
const MARKS = new RegExp(`(?:(?!\\p{DI})[\\p{Mn}\\p{Me}]\\p{DI}*){${MAX_MARKS + 1}}`, 'u');

/** Nothing of it can be seen: spaces, ignorable characters, marks without a letter. */
export function isBlank(text: string): boolean {
    return !VISIBLE.test(text);
}

export function hasTooManyMarks(text: string): boolean {
    return MARKS.test(text);
}

/** Code points, as the server counts them. */
export function lengthOf(text: string): number {
    return [...text].length;
}

/** The server's refusal of a required text; null where it would take it. */
export function textProblem(text: string, field: string, max: number): Problem | null {
    if (isBlank(text)) {
        return refusal(text.trim() === '' ? 'required' : 'blank', field);
    }
    if (lengthOf(text.trim()) > max) {
        return refusal('too-long', field, { max });
    }
    return hasTooManyMarks(text) ? refusal('too-many-marks', field, { max: MAX_MARKS }) : null;
}
