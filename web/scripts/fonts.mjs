// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts the packages' fonts to the letters that Arabic and English text uses, headings to one weight: a cold open loads a
// third of the whole files. A step of Vite's build; the cut files lie where src/style/fonts.css names them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import subsetFont from 'subset-font';

const packages = new URL('../node_modules/', import.meta.url);
const cut = new URL('.fonts/', packages);

const range = (from, to = from) =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join('');
// With the letters of names from Iran and South Asia; marks, digits, punctuation.
const ARABIC = [
    ...[range(0x60c), range(0x61b), range(0x61f), range(0x621, 0x63a), range(0x640, 0x655)],
    ...[range(0x660, 0x66d), range(0x670), 'پچژڤکگی', range(0x200c, 0x200f)],
].join('');
const LATIN = [
    ...[range(0x20, 0x7e), range(0xa0, 0xff), range(0x2010, 0x2026), range(0x202f)],
    ...[range(0x2039, 0x203a), range(0x2044), range(0x20ac), range(0x2212)],
].join('');

const kufi = (part) => `@fontsource/noto-kufi-arabic/files/noto-kufi-arabic-${part}-normal.woff2`;
const variable = (name, part) =>
    `@fontsource-variable/${name}/files/${name}-${part}-wght-normal.woff2`;
const roboto = (weight) => `@fontsource/roboto/files/roboto-latin-${weight}-normal.woff2`;
const FONTS = [
    ['kufi-arabic-400', kufi('arabic-400'), ARABIC],
    ['kufi-arabic-700', kufi('arabic-700'), ARABIC],
    ['kufi-latin-400', kufi('latin-400'), LATIN],
    ['kufi-latin-700', kufi('latin-700'), LATIN],
    ['alexandria-arabic-700', variable('alexandria', 'arabic'), ARABIC, 700],
    ['alexandria-latin-700', variable('alexandria', 'latin'), LATIN, 700],
    ['inter-latin-700', variable('inter', 'latin'), LATIN, 700],
    ['roboto-latin-400', roboto(400), LATIN],
    ['roboto-latin-700', roboto(700), LATIN],
];
// What shaping needs, and digits of one width for clocks; no alternates that no style asks for.
const FEATURES = [
    ...['ccmp', 'locl', 'calt', 'liga', 'clig', 'rlig', 'rclt', 'isol', 'init', 'medi', 'fina'],
    ...['kern', 'mark', 'mkmk', 'curs', 'dist', 'tnum'],
];

export async function cutFonts() {
    mkdirSync(cut, { recursive: true });
    for (const [name, source, letters, wght] of FONTS) {
        const font = await subsetFont(readFileSync(new URL(source, packages)), letters, {
            targetFormat: 'woff2',
            keepFeatures: FEATURES,
            ...(wght && { variationAxes: { wght } }),
        });
        writeFileSync(new URL(`${name}.woff2`, cut), font);
    }
}
