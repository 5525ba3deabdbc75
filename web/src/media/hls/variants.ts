// SPDX-License-Identifier: GPL-3.0-or-later
// What a multivariant playlist offers: the renditions of the picture, and sound alone.

export interface Rendition {
    /** As the server calls it: "720p". */
    name: string;
    height: number;
    url: string;
}

interface Variant {
    attributes: string;
    url: string;
}

function variants(text: string, base: string): Variant[] {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    const found: Variant[] = [];
    for (const [i, line] of lines.entries()) {
        const address = lines.slice(i + 1).find((next) => next && !next.startsWith('#'));
        if (line.startsWith('#EXT-X-STREAM-INF:') && address) {
            found.push({ attributes: line.slice(17), url: new URL(address, base).href });
        }
    }
    return found;
}

/** The name of the rendition behind a variant's address: ".../v720p.event.m3u8" is "720p". */
export function renditionName(url: string): string | null {
    return /\/v([^/?.]+)(?:\.event)?\.m3u8(?:\?|$)/.exec(url)?.[1] ?? null;
}

/** Largest first. */
export function renditions(text: string, base: string): Rendition[] {
    return variants(text, base)
        .flatMap(({ attributes, url }) => {
            const height = /[:,]RESOLUTION=\d+x(\d+)/.exec(attributes)?.[1];
            const name = renditionName(url);
            return height && name ? [{ name, height: Number(height), url }] : [];
        })
        .sort((a, b) => b.height - a.height);
}

/** The audio-only variant: it has neither a resolution nor a codec of pictures. Null: there is
 *  none. */
export function audioVariant(text: string, base: string): string | null {
    const sound = variants(text, base).find(({ attributes }) => {
        const codecs = /[:,]CODECS="([^"]+)"/.exec(attributes)?.[1]?.split(',') ?? ['none'];
        return (
            !/[:,]RESOLUTION=/.test(attributes) &&
            codecs.every((codec) => /^\s*(mp4a|opus|ac-3|fLaC)/i.test(codec))
        );
    });
    return sound?.url ?? null;
}

/** Any media playlist: all of them have the same times. */
export function firstVariant(text: string, base: string): string | null {
    return variants(text, base).at(-1)?.url ?? null;
}
