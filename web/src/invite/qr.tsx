// SPDX-License-Identifier: GPL-3.0-or-later
// A link as a QR code: black on white in every theme, with its quiet zone.
import { encode } from 'uqr';

/** One path of the dark modules, a run of each row at a time. */
export function pathOf(rows: boolean[][]): string {
    let path = '';
    rows.forEach((row, y) => {
        for (let x = 0; x < row.length; x++) {
            const start = x;
            while (row[x]) {
                x++;
            }
            path += x > start ? `M${start} ${y}h${x - start}v1h${start - x}z` : '';
        }
    });
    return path;
}

export function Qr({ text, label }: { text: string; label: string }) {
    const { data, size } = encode(text, { ecc: 'M', border: 4 });
    return (
        <svg
            viewBox={`0 0 ${size} ${size}`}
            class="qr"
            role="img"
            aria-label={label}
            shape-rendering="crispEdges"
        >
            <rect width={size} height={size} fill="#fff" />
            <path d={pathOf(data)} fill="#000" />
        </svg>
    );
}
