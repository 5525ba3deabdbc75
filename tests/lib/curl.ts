// SPDX-License-Identifier: GPL-3.0-or-later
// Requests by curl, for what fetch() does not do: HTTP/2, and certificates that no authority signed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Answer {
    status: number;
    version: string;
    headers: Record<string, string>;
    body: string;
    seconds: number;
}

/** By curl, over HTTP/2; `words` are further options of it. */
export async function get(url: string, ...words: string[]): Promise<Answer> {
    const form = '\n%{http_code} %{http_version} %{time_total}';
    const options = ['-sk', '--http2', '-D', '-', '-w', form, ...words, url];
    const { stdout } = await promisify(execFile)('curl', options, {
        encoding: 'latin1',
        maxBuffer: 64 << 20,
    });
    const [head, rest] = [
        stdout.slice(0, stdout.indexOf('\r\n\r\n')),
        stdout.slice(stdout.indexOf('\r\n\r\n') + 4),
    ];
    const at = rest.lastIndexOf('\n');
    const [status, version, seconds] = rest.slice(at + 1).split(' ');
    const headers = Object.fromEntries(
        head
            .split('\r\n')
            .slice(1)
            .map((line) => [
                line.slice(0, line.indexOf(':')).toLowerCase(),
                line.slice(line.indexOf(':') + 1).trim(),
            ]),
    );
    return {
        status: Number(status),
        version,
        headers,
        body: rest.slice(0, at),
        seconds: Number(seconds),
    };
}
