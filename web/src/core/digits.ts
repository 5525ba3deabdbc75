// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as people type them: Arabic (٠-٩) and Persian (۰-۹) digits wherever a digit is typed.

/** The text with western digits, and with "." for the Arabic decimal separator. */
export function western(text: string): string {
    return text
        .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
        .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
        .replace(/٫/g, '.');
}

/** A whole number without sign, or null. */
export function wholeNumber(text: string): number | null {
    const digits = western(text.trim());
    return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}
