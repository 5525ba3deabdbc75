// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { LEAST_PX, largest, press, type Size, shownPx, wantedPx } from '../src/present/fit';

describe('the largest size that fits', () => {
    test.each([
        [12, 72, 40],
        [12, 72, 12],
        [12, 72, 72],
        [12, 72, 500],
    ])('between %i and %i, where %i px fit', (least, most, limit) => {
        const asked: number[] = [];
        const px = largest(least, most, (size) => {
            asked.push(size);
            return size <= limit;
        });
        expect(px).toBe(Math.min(most, limit));
        expect(asked.length).toBeLessThanOrEqual(7); // measured in layout: few times
    });

    test('the least where nothing fits', () => {
        expect(largest(12, 72, () => false)).toBe(12);
    });
});

describe('+ and −', () => {
    const usual = 72;
    /** What is shown after these presses, where a text fits up to `limit`. */
    const play = (presses: string, limit: number) => {
        let size: Size = { level: 0, beyond: 0 };
        const shown: number[] = [];
        const fit = () => Math.min(limit, wantedPx(usual, size));
        for (const key of presses) {
            size = press(size, key === '+' ? 1 : -1, usual, fit());
            shown.push(shownPx(fit(), size));
        }
        return { shown, size };
    };

    test('a short question grows and shrinks', () => {
        expect(play('+-', 500).shown).toEqual([86, 72]);
        expect(play('-', 500).shown[0]).toBeLessThan(72);
    });

    test('each press on a long one is seen at once, in both directions', () => {
        expect(play('-', 38).shown[0]).toBeLessThan(38);
        expect(play('-', 38).shown[0]).toBeGreaterThan(38 / 1.5);
        const { shown, size } = play('++', 38);
        expect(shown).toEqual([46, 55]); // beyond what fits: it scrolls
        expect(size).toEqual({ level: 0, beyond: 2 });
        expect(play('++--', 38).shown[3]).toBe(38);
    });

    test('it ends somewhere', () => {
        expect(play('+'.repeat(50), 500).shown.pop()).toBeLessThan(500);
        expect(play('-'.repeat(50), 38).shown.pop()).toBeGreaterThanOrEqual(LEAST_PX);
        expect(play('-'.repeat(50), 500).shown.pop()).toBeGreaterThanOrEqual(LEAST_PX);
    });
});
