// SPDX-License-Identifier: GPL-3.0-or-later
// Many small requests over few connections, at a fraction of what fetch() costs.
import { Agent, request as begin, type IncomingMessage } from 'node:http';
import { wait } from '../time';

export interface Sent {
    method: string;
    headers: Record<string, string>;
    body?: string;
}

export interface Answer {
    status: number;
    headers: IncomingMessage['headers'];
    text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

function once(url: string, { method, headers, body }: Sent): Promise<Answer> {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    return new Promise((done, fail) => {
        const asked = begin(
            url,
            { agent, method, headers: { ...headers, ...length } },
            (answer) => {
                let text = '';
                answer.setEncoding('latin1');
                answer.on('data', (more) => {
                    text += more;
                });
                answer.on('end', () =>
                    done({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
                );
                answer.on('error', fail);
            },
        );
        asked.on('error', fail);
        asked.end(body);
    });
}

/** Again where a kept connection was closed meanwhile. */
async function sure(url: string, sent: Sent): Promise<Answer> {
    return once(url, sent).catch((error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' || error.code === 'EPIPE'
            ? once(url, sent)
            : Promise.reject(error),
    );
}

/** Asks again where it was too often or too early, which says nothing about rights. */
export async function request(url: string, sent: Sent): Promise<Answer> {
    for (let left = 40; ; left--) {
        const answer = await sure(url, sent);
        const early = answer.status === 409 && answer.text.includes('"busy"');
        if ((answer.status !== 429 && !early) || left === 0) {
            return answer;
        }
        await wait(250);
    }
}
