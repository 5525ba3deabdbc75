// SPDX-License-Identifier: GPL-3.0-or-later
// The pictures of a seek bar: a WebVTT whose cues name an image each.

export interface Thumb {
    start: number;
    end: number;
    url: string;
}

function seconds(stamp: string): number {
    const match = /^(?:(\d+):)?([0-5]?\d):([0-5]?\d)\.(\d{3})$/.exec(stamp);
    return match
        ? Number(match[1] ?? 0) * 3600 + Number(match[2]) * 60 + Number(`${match[3]}.${match[4]}`)
        : Number.NaN;
}

/** Cues that cannot be read, or that name something outside of `base`'s origin, are left out. */
export function parseThumbnails(text: string, base: string): Thumb[] {
    const home = new URL(base, location.href);
    const thumbs: Thumb[] = [];
    for (const block of text.replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
        const lines = block.split('\n');
        const at = lines.findIndex((line) => line.includes('-->'));
        const [from = '', to = ''] = (lines[at] ?? '').split('-->').map((part) => part.trim());
        const name = lines[at + 1]?.trim();
        const start = seconds(from);
        const end = seconds(to.split(/\s/)[0] ?? '');
        if (at < 0 || !name || !(end > start) || !URL.canParse(name, home)) {
            continue;
        }
        const url = new URL(name, home);
        if (url.origin === home.origin) {
            thumbs.push({ start, end, url: url.pathname + url.search });
        }
    }
    return thumbs.sort((a, b) => a.start - b.start);
}

/** The picture at a time: the last that begins by then, else the first. */
export function thumbAt(thumbs: readonly Thumb[], at: number): Thumb | null {
    let low = 0;
    let high = thumbs.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((thumbs[middle] as Thumb).start <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return thumbs[Math.max(0, low - 1)] ?? null;
}
