// SPDX-License-Identifier: GPL-3.0-or-later
// Small files of each type that can be uploaded, and how one is sent.
import { deflateSync } from 'node:zlib';
import type { Api } from './api';

/** CRC-32, as PNG and ZIP have it; node:zlib's own is younger than our oldest Node. */
function crcOf(bytes: Buffer): number {
    let crc = -1;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) {
            crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc >>> 0;
}

const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crcOf(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};

/** A square of one colour. */
export function png(red = 180, green = 140, blue = 60, size = 8): Buffer {
    const head = Buffer.from([0, 0, 0, size, 0, 0, 0, size, 8, 2, 0, 0, 0]);
    const line = Buffer.concat([
        Buffer.from([0]),
        ...Array.from({ length: size }, () => Buffer.from([red, green, blue])),
    ]);
    const lines = Buffer.concat(Array.from({ length: size }, () => line));
    return Buffer.concat([
        Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
        chunk('IHDR', head),
        chunk('IDAT', deflateSync(lines)),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

/** Its segments, with no picture that could be decoded. */
export const jpeg = Buffer.from(
    'ffd8ffe000104a46494600010100000100010000ffda0002123456ffd9',
    'hex',
);
export const webp = Buffer.from(`RIFF\x10\0\0\0WEBPVP8 ${'\0'.repeat(8)}`, 'latin1');
export const pdf = Buffer.from('%PDF-1.4\ntrailer\n%%EOF\n');

/** ZIP with stored members. */
export function zip(members: [string, string][]): Buffer {
    const [files, entries]: [Buffer[], Buffer[]] = [[], []];
    let at = 0;
    for (const [name, text] of members) {
        const [called, data] = [Buffer.from(name), Buffer.from(text)];
        const head = Buffer.alloc(26);
        head.writeUInt16LE(20, 0);
        head.writeUInt32LE(crcOf(data), 10);
        head.writeUInt32LE(data.length, 14);
        head.writeUInt32LE(data.length, 18);
        head.writeUInt16LE(called.length, 22);
        const entry = Buffer.alloc(46);
        entry.write('PK\x01\x02', 'latin1');
        entry.writeUInt16LE(20, 4);
        head.copy(entry, 6);
        entry.writeUInt32LE(at, 42);
        const file = Buffer.concat([Buffer.from('PK\x03\x04'), head, called, data]);
        files.push(file);
        entries.push(entry, called);
        at += file.length;
    }
    const directory = Buffer.concat(entries);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(members.length, 8);
    end.writeUInt16LE(members.length, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(at, 16);
    return Buffer.concat([...files, directory, end]);
}

const ODP = 'application/vnd.oasis.opendocument.presentation';
export const odp = zip([
    ['mimetype', ODP],
    ['content.xml', '<x/>'],
]);
export const pptx = zip([
    ['[Content_Types].xml', '<x/>'],
    ['ppt/presentation.xml', '<x/>'],
]);
export const withMacros = zip([
    ['[Content_Types].xml', '<x/>'],
    ['ppt/presentation.xml', '<x/>'],
    ['ppt/vbaProject.bin', 'x'],
]);

/** `type` says nothing: the content decides. */
export const send = (
    api: Api,
    method: string,
    path: string,
    content: Buffer | string,
    type = 'application/octet-stream',
): Promise<Response> =>
    fetch(api.url + path, {
        method,
        headers: { ...api.headers, 'Content-Type': type },
        body: typeof content === 'string' ? content : new Uint8Array(content),
    });

export async function sendWell<T>(...sent: Parameters<typeof send>): Promise<T> {
    const answer = await send(...sent);
    if (!answer.ok) {
        throw new Error(`${sent[1]} ${sent[2]}: ${answer.status} ${await answer.text()}`);
    }
    return (await answer.json()) as T;
}
