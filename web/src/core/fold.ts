// SPDX-License-Identifier: GPL-3.0-or-later
// Text as a search compares it: letters that people write in more than one way are one.

const SAME: Record<string, string> = {
    ٱ: 'ا',
    ى: 'ي',
    ی: 'ي',
    ة: 'ه',
    ک: 'ك',
};

/** Without vowel signs, hamza, tatweel and invisible characters; digits are Latin, letters small. */
export function fold(text: string): string {
    return text
        .normalize('NFKD')
        .replace(/[\p{Mn}\p{Me}\p{DI}\u0640]/gu, '')
        .replace(/[ٱىیةک]/g, (letter) => SAME[letter] ?? letter)
        .replace(/[٠-٩۰-۹]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf))
        .toLowerCase();
}

export function wordsOf(text: string): string[] {
    return fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Every word of the query is somewhere in the text. */
export function matches(query: string, text: string): boolean {
    const folded = fold(text);
    return wordsOf(query).every((word) => folded.includes(word));
}

/** How many words of three letters or more two texts share. */
export function likeness(a: string, b: string): number {
    const long = (text: string) => new Set(wordsOf(text).filter((word) => word.length > 2));
    const other = long(b);
    return [...long(a)].filter((word) => other.has(word)).length;
}
