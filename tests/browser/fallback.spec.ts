// SPDX-License-Identifier: GPL-3.0-or-later
// An office whose firewall lets no UDP through: a network namespace of this test's own, in which nftables
// drops it. Nothing in page or browser is overridden; WHEP answers 201, and the page turns to HLS by itself.
import { chromium, expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAdvancing } from '../lib/page';
import { Server, temporaryFolder } from '../lib/server';

const space = `majlis-${process.pid}`;
const address = '10.77.0.1'; // of an interface in there: Chromium takes no candidates from a loopback

function ip(...words: string[]): void {
  execFileSync('ip', words);
}

test.beforeAll(() => {
  ip('netns', 'add', space);
  for (const words of ['link set lo up', 'link add office type veth peer name cable', 'link set cable up', `addr add ${address}/24 dev office`, 'link set office up']) {
    ip('netns', 'exec', space, 'ip', ...words.split(' '));
  }
  const rules = 'table inet office {\nchain in {\ntype filter hook input priority 0;\nmeta l4proto udp counter drop\n}\n}\n';
  execFileSync('ip', ['netns', 'exec', space, 'nft', '-f', '-'], { input: rules });
});
test.afterAll(() => ip('netns', 'del', space));

test('with UDP dropped the page falls back to LL-HLS by itself', async ({}, info) => {
  const wrapper = join(temporaryFolder(), 'chromium');
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${space} /usr/bin/chromium "$@"\n`);
  chmodSync(wrapper, 0o755);
  const server = await Server.start({
    wrap: ['ip', 'netns', 'exec', space],
    listen: `${address}:0`,
    conf: { rtc: { listen: `${address}:0` } },
  });
  const browser = await chromium.launch({ ...info.project.use.launchOptions, executablePath: wrapper });
  try {
    const page = await (await browser.newContext()).newPage();
    const answers: number[] = [];
    page.on('response', (answer) => {
      if (answer.request().method() === 'POST' && answer.url().endsWith('/whep')) {
        answers.push(answer.status());
      }
    });
    const opened = Date.now();
    await page.goto(server.attend);
    await expectAdvancing(page, 30_000);
    console.log(`printed: UDP dropped: LL-HLS moving ${Date.now() - opened - 2000} ms after the page was opened`);
    await expect(page.getByTestId('video')).toHaveAttribute('data-via', 'hls');
    expect(answers[0]).toBe(201);
    const dropped = execFileSync('ip', ['netns', 'exec', space, 'nft', 'list', 'table', 'inet', 'office']).toString();
    expect(Number(/packets (\d+)/.exec(dropped)?.[1])).toBeGreaterThan(0);
  } finally {
    await browser.close();
    await server.stop();
  }
});
