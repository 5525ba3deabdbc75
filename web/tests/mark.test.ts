// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { checkOf, decode, encode, fromGray, grayOf, type Luma } from '../../tests/browser/mark';

test('Gray code there and back', () => {
    for (const ms of [0, 1, 2, 3, 1000, 3_600_000, 2 ** 26 - 1]) {
        expect(fromGray(grayOf(ms))).toBe(ms);
    }
});

test('check bits by hand: 26 bits, the last nibble filled with zeros', () => {
    // 1 is Gray 1: the last of 26 bits, so the last nibble is 01 00.
    expect(checkOf(1)).toBe(0b0100);
    expect(checkOf(0b11_1100)).toBe(0b1111);
});

test.each([
    [1280, 720],
    [640, 360],
    [427, 240],
])('a mark is read back at %ix%i', (width, height) => {
    for (const ms of [0, 40, 12_345, 3_599_960, 2 ** 26 - 1]) {
        expect(decode(encode(ms, width, height))).toBe(ms);
    }
});

test('noise and low contrast are survived', () => {
    const image = encode(754_320, 640, 360);
    const noisy = Array.from(image.data, (v, i) => 60 + v * 0.5 + ((i * 7919) % 31));
    expect(decode({ ...image, data: noisy })).toBe(754_320);
});

test('a broken bit and a picture without a mark are nothing', () => {
    const image = encode(754_320, 640, 360);
    const data = Uint8Array.from(image.data as Uint8Array);
    for (let y = 330; y < 360; y++) {
        for (let x = 200; x < 220; x++) {
            data[y * 640 + x] = 255 - (data[y * 640 + x] ?? 0);
        }
    }
    expect(decode({ ...image, data })).toBeNull();
    const flat: Luma = { width: 640, height: 360, data: new Uint8Array(640 * 360).fill(120) };
    expect(decode(flat)).toBeNull();
});
