// SPDX-License-Identifier: GPL-3.0-or-later
// The icon, from one description: SVG for tabs, PNG for home screens, and the web manifest that
// names them. Drawn here, so that no picture lies in the repository and no library is needed.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const GROUND = [0x7c, 0x5e, 0x24];
const INK = [0xff, 0xff, 0xff];
const SIDE = 64;
const CORNER = 14;
const RING = { x: 32, y: 32, radius: 18, width: 4, length: 94 };
const PLAY = [
    [28, 24.5],
    [28, 39.5],
    [40, 32],
];

const hex = (rgb) => `#${rgb.map((one) => one.toString(16).padStart(2, '0')).join('')}`;

export function iconSvg() {
    const { x, y, radius, width, length } = RING;
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}">`,
        '<!-- SPDX-License-Identifier: GPL-3.0-or-later -->',
        `<rect width="${SIDE}" height="${SIDE}" rx="${CORNER}" fill="${hex(GROUND)}"/>`,
        `<circle cx="${x}" cy="${y}" r="${radius}" fill="none" stroke="${hex(INK)}" stroke-width="${width}"`,
        ` stroke-dasharray="${length} 200" stroke-linecap="round" transform="rotate(-90 ${x} ${y})"/>`,
        `<path d="M${PLAY.map((point) => point.join(' ')).join('L')}z" fill="${hex(INK)}"/></svg>`,
    ].join('');
}

// Distances to the edges of the shapes, in units of the icon; inside they are negative.

function fromSquare(x, y) {
    const half = SIDE / 2;
    const [a, b] = [Math.abs(x - half) - half + CORNER, Math.abs(y - half) - half + CORNER];
    return Math.hypot(Math.max(a, 0), Math.max(b, 0)) + Math.min(Math.max(a, b), 0) - CORNER;
}

function fromRing(x, y) {
    const { radius, width, length } = RING;
    const [dx, dy] = [x - RING.x, y - RING.y];
    const turn = (Math.atan2(dy, dx) + 2.5 * Math.PI) % (2 * Math.PI); // clockwise from the top
    const end = length / radius;
    if (turn <= end) {
        return Math.abs(Math.hypot(dx, dy) - radius) - width / 2;
    }
    const cap = (at) => Math.hypot(dx - radius * Math.sin(at), dy + radius * Math.cos(at));
    return Math.min(cap(0), cap(end)) - width / 2;
}

function fromPlay(x, y) {
    return Math.max(
        ...PLAY.map(([ax, ay], i) => {
            const [bx, by] = PLAY[(i + 1) % PLAY.length];
            const [ex, ey] = [bx - ax, by - ay];
            return ((y - ay) * ex - (x - ax) * ey) / Math.hypot(ex, ey);
        }),
    );
}

function crc(bytes) {
    let sum = 0xffffffff;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) {
            sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
        }
    }
    return (sum ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [before, after] = [Buffer.alloc(4), Buffer.alloc(4)];
    before.writeUInt32BE(data.length);
    after.writeUInt32BE(crc(body));
    return Buffer.concat([before, body, after]);
}

/** `whole`: up to the corners, for systems that cut the icon to their own shape. */
export function iconPng(size, whole) {
    const rows = Buffer.alloc(size * (1 + 4 * size)); // each row begins with its filter, none
    const cover = (distance) => Math.min(1, Math.max(0, 0.5 - (distance * size) / SIDE));
    for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
            const x = ((column + 0.5) * SIDE) / size;
            const y = ((row + 0.5) * SIDE) / size;
            const ink = cover(Math.min(fromRing(x, y), fromPlay(x, y)));
            const at = row * (1 + 4 * size) + 1 + 4 * column;
            for (let i = 0; i < 3; i++) {
                rows[at + i] = Math.round(GROUND[i] + ink * (INK[i] - GROUND[i]));
            }
            rows[at + 3] = whole ? 255 : Math.round(255 * cover(fromSquare(x, y)));
        }
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(size, 0);
    head.writeUInt32BE(size, 4);
    head.set([8, 6, 0, 0, 0], 8); // 8 bits a sample, RGBA
    return Buffer.concat([
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
        chunk('IHDR', head),
        chunk('IDAT', deflateSync(rows, { level: 9 })),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

/** What the build writes: name and content, names as the server's cache rules want them. */
export function iconFiles() {
    const hashed = (name, type, source) => {
        const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
        return { fileName: `assets/${name}-${hash}.${type}`, source };
    };
    const touch = hashed('touch-icon', 'png', iconPng(180, true));
    const small = hashed('icon-192', 'png', iconPng(192, false));
    const large = hashed('icon-512', 'png', iconPng(512, false));
    const masked = hashed('icon-masked', 'png', iconPng(512, true));
    const png = ({ fileName }, sizes, purpose) => ({
        src: `/${fileName}`,
        sizes,
        type: 'image/png',
        purpose,
    });
    const manifest = hashed(
        'manifest',
        'webmanifest',
        JSON.stringify({
            name: '60 دقيقة اتصال',
            short_name: '60 دقيقة',
            lang: 'ar',
            dir: 'rtl',
            start_url: '/',
            display: 'minimal-ui',
            theme_color: hex(GROUND),
            background_color: hex(INK),
            icons: [
                { src: '/favicon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
                png(small, '192x192', 'any'),
                png(large, '512x512', 'any'),
                png(masked, '512x512', 'maskable'),
            ],
        }),
    );
    const favicon = { fileName: 'favicon.svg', source: iconSvg() };
    return { favicon, touch, small, large, masked, manifest };
}

/** Vite's plugin: the files, and their links in the shell. */
export function icons() {
    const files = iconFiles();
    const link = (rel, { fileName }, more = {}) => ({
        tag: 'link',
        attrs: { rel, href: `/${fileName}`, ...more },
        injectTo: 'head',
    });
    return {
        name: 'icons',
        apply: 'build',
        generateBundle() {
            for (const { fileName, source } of Object.values(files)) {
                this.emitFile({ type: 'asset', fileName, source });
            }
        },
        transformIndexHtml: () => [
            link('icon', files.favicon, { type: 'image/svg+xml' }),
            link('icon', files.small, { type: 'image/png', sizes: '192x192' }),
            link('apple-touch-icon', files.touch),
            link('manifest', files.manifest),
        ],
    };
}
