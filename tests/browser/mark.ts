// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the time mark that the test source draws: a strip at the bottom of the picture, one twelfth
// of its height, 32 equal cells across the whole width:
//
//   white | black | 26 Gray-coded bits of the timeline in ms, MSB first | 4 check bits
//
// The check bits are the XOR of the Gray bits' nibbles (seven, the last one filled with zeros).

export const MARK_CELLS = 32;
export const MARK_BITS = 26;

export interface Luma {
    width: number;
    height: number;
    /** One byte a pixel, row by row. */
    data: ArrayLike<number>;
}

/** Canvas pixels (RGBA) to luma, by BT.601's weights. */
export function lumaOf(image: { width: number; height: number; data: ArrayLike<number> }): Luma {
    const data = new Uint8Array(image.width * image.height);
    for (let i = 0; i < data.length; i++) {
        const [r, g, b] = [image.data[4 * i], image.data[4 * i + 1], image.data[4 * i + 2]];
        data[i] = ((r ?? 0) * 299 + (g ?? 0) * 587 + (b ?? 0) * 114) / 1000;
    }
    return { width: image.width, height: image.height, data };
}

export function grayOf(value: number): number {
    return value ^ (value >>> 1);
}

export function fromGray(gray: number): number {
    let value = gray;
    for (let shift = 1; shift < 32; shift <<= 1) {
        value ^= value >>> shift;
    }
    return value >>> 0;
}

export function checkOf(gray: number): number {
    const padded = gray * 4; // 28 bits: seven whole nibbles
    let check = 0;
    for (let i = 0; i < 7; i++) {
        check ^= (padded >>> (4 * i)) & 15;
    }
    return check;
}

/** Mean of the middle of a cell: its edges are smeared by scaling and by the codec. */
function cell(image: Luma, index: number): number {
    const width = image.width / MARK_CELLS;
    const height = image.height / 12;
    const left = Math.floor(width * (index + 0.3));
    const right = Math.max(left + 1, Math.ceil(width * (index + 0.7)));
    const top = Math.floor(image.height - height * 0.7);
    const bottom = Math.max(top + 1, Math.ceil(image.height - height * 0.3));
    let sum = 0;
    for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
            sum += image.data[y * image.width + x] ?? 0;
        }
    }
    return sum / ((right - left) * (bottom - top));
}

/** Milliseconds on the timeline, or null where no whole mark is seen. */
export function decode(image: Luma): number | null {
    const white = cell(image, 0);
    const black = cell(image, 1);
    if (white - black < 60) {
        return null;
    }
    const middle = (white + black) / 2;
    const read = (from: number, count: number) => {
        let bits = 0;
        for (let i = 0; i < count; i++) {
            bits = bits * 2 + (cell(image, from + i) > middle ? 1 : 0);
        }
        return bits;
    };
    const gray = read(2, MARK_BITS);
    return read(2 + MARK_BITS, 4) === checkOf(gray) ? fromGray(gray) : null;
}

/** Draws a mark, for the decoder's own test. */
export function encode(ms: number, width: number, height: number): Luma {
    const gray = grayOf(ms);
    const check = checkOf(gray);
    const bits = [1, 0];
    for (let i = MARK_BITS - 1; i >= 0; i--) {
        bits.push((gray >>> i) & 1);
    }
    for (let i = 3; i >= 0; i--) {
        bits.push((check >>> i) & 1);
    }
    const data = new Uint8Array(width * height).fill(90);
    for (let y = Math.floor((height * 11) / 12); y < height; y++) {
        for (let x = 0; x < width; x++) {
            data[y * width + x] = bits[Math.floor((x * MARK_CELLS) / width)] ? 235 : 16;
        }
    }
    return { width, height, data };
}
