// SPDX-License-Identifier: GPL-3.0-or-later
// The wall clock leaps under a running server, by libfaketime; the monotonic clock does not. GStreamer's encoders in
// the child do not bear libfaketime, so what the child does is not looked at here.
import { expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api, until } from '../lib/api';
import { Server, slow, temporaryFolder } from '../lib/server';

test('a day forward and an hour back: the demo stays live, and who signed in stays so', async () => {
  test.setTimeout(90_000 * slow);
  const data = temporaryFolder();
  const clock = join(data, 'clock');
  writeFileSync(clock, '+0\n');
  const server = await Server.start({
    data,
    env: {
      LD_PRELOAD: execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1'], { encoding: 'utf8' }).trim(),
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  try {
    const attendee = await Api.signIn(server.attend);
    const aheadS = async () => {
      const answer = await fetch(`${server.url}/healthz`);
      return (Date.parse(answer.headers.get('date') ?? '') - Date.now()) / 1000;
    };
    for (const leap of [86400, -3600]) {
      writeFileSync(clock, `${leap < 0 ? '' : '+'}${leap}\n`);
      await until(`the leap of ${leap} s`, 20_000 * slow, async () => Math.abs((await aheadS()) - leap) < 60);
      await new Promise((done) => setTimeout(done, 2000)); // the server looks twice a second
      const shown = await attendee.json<{ state: string }>('GET', `/api/v1/sessions/${server.session}`);
      expect(shown.state).toBe('live');
    }
    expect((await fetch(`${server.url}/api/v1/me`, { headers: attendee.headers })).status).toBe(200);
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
