// SPDX-License-Identifier: GPL-3.0-or-later
// A network camera (RTSP, with a password, by a foreign server): on, lost, back by itself; its password nowhere.
import { expect, test } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Api } from '../lib/api';
import { ffmpeg } from '../lib/media';
import { root, Server } from '../lib/server';
import { patience, slow, until } from '../lib/time';

interface Health {
  programme: { state: string; text?: string; levels: number[]; pid: number };
}

function camera(port: number): Promise<ChildProcess> {
  return new Promise((done, fail) => {
    const child = spawn(join(root, 'tests/peers/rtsp-camera'), [String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => done(child));
    child.once('exit', (code) => fail(new Error(`the camera ended with ${code}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

/** Mean brightness of the newest picture over HLS, 0 to 255; NaN while there is none. */
async function brightness(server: Server, token: string): Promise<number> {
  await new Promise((done) => setTimeout(done, 500)); // a decoder at a time is enough
  try {
    return ffmpeg('-headers', `Authorization: Bearer ${token}\r\n`, '-live_start_index', '-1', '-i', `${server.url}/sessions/${server.session}/hls/v360p.m3u8`, '-frames:v', '1', '-vf', 'scale=1:1:flags=area,format=gray', '-f', 'rawvideo', '-')[0];
  } catch {
    return Number.NaN;
  }
}

test('rtsp: the camera is on, is lost, comes back by itself, and its password is told to nobody @plain', async () => {
  test.setTimeout(patience(120_000));
  const port = await freePort();
  let device = await camera(port);
  const server = await Server.start({
    conf: { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: slow > 1 ? 'small' : 'software-fast', source: `rtsp://officer:secret-word@127.0.0.1:${port}/main` } },
  });
  try {
    const staff = await Api.signIn(server.staff);
    const health = async () => (await staff.json<Health>('GET', '/api/v1/health')).programme;
    await until('the camera is on', 20_000 * slow, async () => (await health()).state === 'playing');
    await until('its picture and sound are on the programme', 20_000 * slow, async () => (await health()).levels[0] > -40 && (await brightness(server, staff.token)) > 150);

    device.kill('SIGKILL');
    await until('its loss is told', 10_000 * slow, async () => (await health()).state !== 'playing');
    await until('slate and silence are on', 10_000 * slow, async () => (await health()).levels[0] < -60 && (await brightness(server, staff.token)) < 90);
    const said = JSON.stringify(await health());

    device = await camera(port);
    await until('it is back', 15_000 * slow, async () => (await health()).state === 'playing' && (await brightness(server, staff.token)) > 150);

    expect(said + server.log).not.toContain('secret-word');
    expect(readFileSync(`/proc/${(await health()).pid}/cmdline`, 'utf8')).not.toContain('secret-word');
    const shown = await staff.ask('GET', `/api/v1/sessions/${server.session}`);
    expect(await shown.text()).not.toContain('secret-word');
  } finally {
    device.kill('SIGKILL');
    await server.stop();
  }
});
