// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP requests as foreign tools and attackers write them, byte by byte, and their answers.
import { expect, test } from '@playwright/test';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dial, root, Server, slow } from '../lib/server';

let server: Server;
let host = '';

test.describe.configure({ mode: 'default' }); // one server
test.beforeAll(async () => {
  server = await Server.start();
  host = new URL(server.url).host;
});
test.afterAll(async () => {
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200); // it went on
  expect(await server.stop()).toBe(0);
  expect(server.log).not.toMatch(/critical/i);
});

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Says `text` and hears what comes until the server closes. */
function talk(text: string | Buffer): Promise<Buffer> {
  return new Promise((done, fail) => {
    const heard: Buffer[] = [];
    const socket = dial(server.url, () => socket.write(text));
    socket.setTimeout(10_000 * slow, () => socket.destroy(new Error(`still open after ${Buffer.concat(heard)}`)));
    socket.on('data', (data) => heard.push(data));
    socket.on('error', fail);
    socket.on('close', (failed) => failed || done(Buffer.concat(heard)));
  });
}

/** A request that ends its connection: `lines` follow the request line and Host. */
async function ask(request: string, lines: string[] = [], body: string | Buffer = ''): Promise<Answer> {
  const head = [`${request} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...lines, '', ''].join('\r\n');
  return parse(await talk(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body as string)])));
}

function parse(heard: Buffer): Answer {
  const end = heard.indexOf('\r\n\r\n');
  const [line, ...fields] = heard.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
  return { status: Number(/^HTTP\/1\.[01] (\d{3}) /.exec(line)?.[1] ?? 0), headers, body: heard.subarray(end + 4) };
}

function largestAsset(): { path: string; size: number } {
  const folder = join(root, 'web/dist/assets');
  const sizes = readdirSync(folder).map((name) => ({ path: `/assets/${name}`, size: statSync(join(folder, name)).size }));
  return sizes.sort((a, b) => b.size - a.size)[0];
}

/** The most memory that the server ever had, in bytes. */
function peakMemory(): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

test('ranges of a page file: all of it, however many are asked for @plain', async () => {
  const { path, size } = largestAsset();
  const before = peakMemory();
  for (const range of ['0-99999999', Array(2600).fill('0-').join(), Array.from({ length: 1500 }, (_, i) => `${i}-`).join()]) {
    const answer = await ask(`GET ${path}`, [`Range: bytes=${range}`]);
    expect(answer.status).toBe(200);
    expect(answer.body.length).toBe(size);
  }
  expect(peakMemory() - before).toBeLessThan(100e6);
});
