// SPDX-License-Identifier: GPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { themeCookie } from '../src/core/theme';

type Colours = Record<string, string>;

/** The colours of one block of style/theme.css that begins after `opening`. */
function colours(opening: RegExp): Colours {
    const css = readFileSync('src/style/theme.css', 'utf8');
    const block = css.slice(css.search(opening));
    const found: Colours = {};
    for (const [, name = '', value = ''] of block
        .slice(0, block.indexOf('}'))
        .matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)) {
        found[name] ??= value;
    }
    return found;
}

function luminance(hex: string): number {
    const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, '$&$&') : hex;
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
        const value = Number.parseInt(full.slice(at, at + 2), 16) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a = '', b = ''): number {
    const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
}

const themes = { light: colours(/:root \{\s*color-scheme/), dark: colours(/@variant dark \{/) };
const grounds = ['ground', 'surface', 'surface-2', 'accent-soft'];

describe.each(Object.entries(themes))('the colours of the %s theme', (_, palette) => {
    it('have AA contrast for words', () => {
        for (const [word, on] of [
            ...['text', 'text-soft', 'accent', 'bad', 'good', 'info'].flatMap((name) =>
                grounds.map((ground) => [name, ground]),
            ),
            ['text', 'surface-3'],
            ['text', 'warn-soft'],
            ['accent', 'warn-soft'],
            ['bad', 'bad-soft'],
            ['text', 'bad-soft'],
            ['text-soft', 'bad-soft'],
            ['good', 'good-soft'],
            ['text', 'good-soft'],
            ['on-accent', 'accent-fill'],
            ['on-accent', 'accent-fill-hover'],
        ] as const) {
            const found = contrast(palette[word as string], palette[on as string]);
            expect(found, `${word} on ${on}`).toBeGreaterThanOrEqual(4.5);
        }
        expect(contrast('#fff', palette['bad-fill'])).toBeGreaterThanOrEqual(4.5);
    });

    it('have 3:1 for edges of controls and for the focus', () => {
        for (const edge of ['line-strong', 'accent-line', 'focus']) {
            for (const ground of ['ground', 'surface', 'surface-2']) {
                const found = contrast(palette[edge], palette[ground]);
                expect(found, `${edge} on ${ground}`).toBeGreaterThanOrEqual(3);
            }
        }
    });
});

describe('the choice of a theme', () => {
    it('names the same colours in both', () => {
        const light = new Set(Object.keys(themes.light));
        expect(Object.keys(themes.dark).filter((name) => !light.has(name))).toEqual([]);
        expect([...light].filter((name) => !(name in themes.dark))).toEqual([]);
        expect(light.size).toBeGreaterThan(15);
    });

    it('is kept as a cookie that "as the device" removes', () => {
        expect(themeCookie('dark', true)).toBe(
            'majlis-theme=dark; Path=/; Max-Age=31536000; SameSite=Lax; Secure',
        );
        expect(themeCookie('auto', false)).toBe(
            'majlis-theme=auto; Path=/; Max-Age=0; SameSite=Lax',
        );
    });
});

it('no utility needs !important: utilities stand in a later layer than components', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
    const forced = files
        .filter((name) => name.endsWith('.tsx'))
        .flatMap((name) =>
            [
                ...readFileSync(`src/${name}`, 'utf8').matchAll(
                    /(?<=class(?:=|Class=|Name=)?[^\n]*[ '"`])[\w:/.()[\]%,#-]*[\w)\]]!(?=[ '"`])/g,
                ),
            ].map(([word]) => `${name}: ${word}`),
        );
    expect(forced).toEqual([]);
});
