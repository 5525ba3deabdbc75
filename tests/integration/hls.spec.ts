// SPDX-License-Identifier: GPL-3.0-or-later
// The live media as players that we did not write see it: signed paths, compression, the whole session so far.
import { expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Api, until } from '../lib/api';
import * as media from '../lib/media';
import { Server, slow } from '../lib/server';

interface MediaPath {
  path: string;
  expires_at: string;
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Staff of a `majlis serve`, by the link that the command line prints. */
async function staffOf(server: Server): Promise<Api> {
  const words = ['user', 'add', '--name', 'Staff', '--data', server.data, '--config', join(server.data, 'test.conf')];
  const link = execFileSync(server.process.spawnfile, words).toString().trim();
  return Api.signIn(server.url + new URL(link).pathname);
}

async function create(staff: Api): Promise<string> {
  const made = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
    title: { ar: 'جلسة اختبار', en: 'A test session' },
    starts_at: new Date().toISOString(),
    duration_minutes: 30,
    access: 'invited',
    speakers: [],
  });
  return made.id;
}

function mediaPath(api: Api, session: string, query = ''): Promise<MediaPath> {
  return api.json<MediaPath>('GET', `/api/v1/sessions/${session}/media-path${query}`);
}

test.describe('a demo, watched through signed paths', () => {
  let server: Server;
  let staff: Api;
  let attendee: Api;
  let nobody: Api;
  let path: string;

  test.beforeAll(async () => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    attendee = await Api.signIn(server.attend);
    nobody = new Api(server.url);
    path = (await mediaPath(attendee, server.session)).path;
    await until('media', 20_000 * slow, async () => (await nobody.ask('GET', `${path}v360p.m3u8`)).status === 200);
  });
  test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test('a player without cookie or header gets everything that the playlists name', async () => {
    const main = await nobody.ask('GET', `${path}main.m3u8`);
    expect(main.status).toBe(200);
    expect(main.headers.get('cache-control')).toBe('public, no-cache');
    expect(await main.text()).toContain('\nv360p.m3u8\n');
    const list = await (await nobody.ask('GET', `${path}v360p.m3u8`)).text();
    const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(list)?.[1];
    const part = /#EXT-X-PART:[^\n]*URI="([^"]+)"/.exec(list)?.[1];
    for (const name of [init, part]) {
      const answer = await nobody.ask('GET', path + name);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toMatch(/^public, max-age=\d+, immutable$/);
    }
    const blocking = await nobody.ask('GET', `${path}v360p.m3u8?_HLS_msn=0`);
    expect(blocking.headers.get('cache-control')).toBe('public, max-age=1');
    const names = media.probe(`${server.url}${path}main.m3u8`).streams.map((stream) => stream.codec_name);
    expect(names).toContain('h264');
    expect(names).toContain('aac');
  });

  test('with a cookie or header the media stays private to the one who asked', async () => {
    const list = await attendee.ask('GET', `/sessions/${server.session}/hls/v360p.m3u8`);
    expect(list.headers.get('cache-control')).toBe('private, no-cache');
    expect((await nobody.ask('GET', `/sessions/${server.session}/hls/v360p.m3u8`)).status).toBe(401);
  });

  test('the check for a cache in front tells yes or no, and for how long', async () => {
    const yes = await nobody.ask('GET', `${path}check`);
    expect(yes.status).toBe(204);
    expect(yes.headers.get('cache-control')).toBe('public, max-age=5');
    expect(yes.headers.get('x-majlis-audience')).toBe('public');
    const all = await nobody.ask('GET', `${(await mediaPath(staff, server.session)).path}check`);
    expect(all.headers.get('x-majlis-audience')).toBe('privileged');
    const wrong = path.slice(0, -3) + (path.at(-3) === 'A' ? 'B' : 'A') + path.slice(-2);
    for (const name of ['check', 'main.m3u8', 'v360p.m3u8']) {
      // a cookie or header does not help a path that is no more
      expect((await nobody.ask('GET', wrong + name)).status).toBe(403);
      expect((await staff.ask('GET', wrong + name)).status).toBe(403);
    }
    const elsewhere = path.replace(server.session, 'othersession');
    expect((await nobody.ask('GET', `${elsewhere}main.m3u8`)).status).toBe(403);
  });

  test('a path lives for the minutes asked for, at most eight hours', async () => {
    const short = Date.parse((await mediaPath(attendee, server.session)).expires_at) - Date.now();
    expect(short / 60_000).toBeGreaterThan(4.5);
    expect(short / 60_000).toBeLessThan(5.5);
    const long = Date.parse((await mediaPath(attendee, server.session, '?minutes=480')).expires_at) - Date.now();
    expect(long / 60_000).toBeGreaterThan(479);
    for (const bad of ['0', '481', '-1', 'x', '', '1e3', '99999999999999999999']) {
      expect((await attendee.ask('GET', `/api/v1/sessions/${server.session}/media-path?minutes=${bad}`)).status).toBe(400);
    }
    expect((await nobody.ask('GET', `/api/v1/sessions/${server.session}/media-path`)).status).toBe(401);
  });

  test('who is revoked or signs out loses the path at once, and no token is in the log', async () => {
    const guest = await Api.signIn(await staff.invite(server.session, 'attendee', 'Guest'));
    const theirs = (await mediaPath(guest, server.session, '?minutes=60')).path;
    expect((await nobody.ask('GET', `${theirs}main.m3u8`)).status).toBe(200);
    await guest.ask('POST', '/api/v1/sign-out', {});
    expect((await nobody.ask('GET', `${theirs}main.m3u8`)).status).toBe(403);
    const other = await Api.signIn(await staff.invite(server.session, 'attendee', 'Other'));
    const more = (await mediaPath(other, server.session, '?minutes=60')).path;
    const list = await staff.json<{ items: { id: string; name: string }[] }>('GET', `/api/v1/sessions/${server.session}/invitations`);
    const invitation = list.items.find((item) => item.name === 'Other')?.id;
    expect((await staff.ask('DELETE', `/api/v1/sessions/${server.session}/invitations/${invitation}`)).status).toBe(204);
    expect((await nobody.ask('GET', `${more}v360p.m3u8`)).status).toBe(403);
    await nobody.ask('GET', `${path}nosuch.m3u8`);
    await nobody.ask('GET', `${path}v360p.m3u8?_HLS_msn=x`);
    await nobody.ask('POST', `${path}main.m3u8`);
    for (const one of [path, theirs, more]) {
      const token = one.split('/')[4];
      expect(token.length).toBe(98);
      expect(server.log).not.toContain(token);
      expect(server.log).not.toContain(token.slice(2, 20));
    }
  });
});
