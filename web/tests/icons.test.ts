// SPDX-License-Identifier: GPL-3.0-or-later
// @vitest-environment node
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { iconFiles, iconPng } from '../scripts/icons.mjs';

/** The pixel at a share of the width and the height. */
function pixels(png: Uint8Array) {
    const file = Buffer.from(png);
    const size = file.readUInt32BE(16);
    const idat = file.indexOf('IDAT', 0, 'latin1');
    const rows = inflateSync(file.subarray(idat + 4, idat + 4 + file.readUInt32BE(idat - 4)));
    return {
        size,
        at: (x: number, y: number) => {
            const at = Math.floor(y * size) * (1 + 4 * size) + 1 + 4 * Math.floor(x * size);
            return [...rows.subarray(at, at + 4)];
        },
    };
}

test('the PNG is the icon: ring with a gap, arrow, corners cut or whole', () => {
    const cut = pixels(iconPng(64, false));
    expect(cut.size).toBe(64);
    expect(cut.at(0, 0)[3]).toBe(0);
    expect(pixels(iconPng(64, true)).at(0, 0)).toEqual([0x7c, 0x5e, 0x24, 255]);
    const white = [255, 255, 255, 255];
    const ground = [0x7c, 0x5e, 0x24, 255];
    expect(cut.at(32.5 / 64, 32.5 / 64)).toEqual(white); // arrow
    expect(cut.at(50.5 / 64, 32.5 / 64)).toEqual(white); // ring
    expect(cut.at(23.5 / 64, 17.5 / 64)).toEqual(ground); // its gap
    expect(cut.at(32.5 / 64, 44.5 / 64)).toEqual(ground);
});

test('the manifest names files that the build writes, with their sizes', () => {
    const files = iconFiles();
    const written = new Map<string, string | Uint8Array>(
        Object.values(files).map((file) => [`/${file.fileName}`, file.source] as const),
    );
    const manifest = JSON.parse(String(files.manifest.source)) as {
        icons: { src: string; sizes: string; type: string }[];
    };
    expect(manifest.icons.length).toBe(4);
    for (const { src, sizes, type } of manifest.icons) {
        const source = written.get(src);
        expect(source, src).toBeDefined();
        if (type === 'image/png') {
            expect(sizes).toBe(`${pixels(source as Uint8Array).size}x${sizes.split('x')[1]}`);
        }
    }
});
