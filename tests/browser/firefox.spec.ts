// SPDX-License-Identifier: GPL-3.0-or-later
// Debian's Firefox, which has no H.264 in WebRTC: the answer rejects the picture, the sound comes over WebRTC all
// the same, and the page turns to LL-HLS by itself.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { markOf, readStrip } from '../lib/page';
import { Server, temporaryFolder } from '../lib/server';
import { patience, wait } from '../lib/time';
import { MARK_CELLS } from './mark';

const ADDRESS = '10.77.3.1'; // Firefox takes no candidates from a loopback
const cable = `majlis${process.pid}`;
const folder = temporaryFolder(); // its home
let server: Server;
let firefox: Browser;

test.beforeAll(async () => {
    execFileSync('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', `${cable}p`]);
    execFileSync('ip', ['addr', 'add', `${ADDRESS}/24`, 'dev', cable]);
    execFileSync('ip', ['link', 'set', cable, 'up']);
    execFileSync('ip', ['link', 'set', `${cable}p`, 'up']);
    [server, firefox] = await Promise.all([
        Server.start({ listen: `${ADDRESS}:0`, conf: { rtc: { listen: `${ADDRESS}:0` } } }),
        puppeteer.launch({
            browser: 'firefox',
            executablePath: '/usr/bin/firefox-esr',
            headless: true,
            env: { ...process.env, HOME: folder },
            extraPrefsFirefox: { 'media.autoplay.default': 0 },
        }),
    ]);
});
test.afterAll(async () => {
    await firefox?.close();
    const status = await server?.stop();
    execFileSync('ip', ['link', 'del', cable]);
    rmSync(folder, { recursive: true, force: true });
    expect(status).toBe(0);
});

async function mark(page: Page): Promise<{ mark: number | null; wall: number }> {
    const { cells, wall } = await page.$eval('video', readStrip, MARK_CELLS);
    return { mark: markOf(cells), wall };
}

/** How far the picture's time has run beside the clock's in a second and a half. */
async function drift(page: Page): Promise<number> {
    const first = await mark(page);
    await wait(1500);
    const second = await mark(page);
    return first.mark === null || second.mark === null
        ? Number.POSITIVE_INFINITY
        : second.mark - first.mark - (second.wall - first.wall);
}

test('Firefox: sound over WebRTC, the picture over LL-HLS', async () => {
    const opened = Date.now();
    const page = await firefox.newPage();
    await page.goto(server.attend);
    await page.waitForSelector('video[data-state="playing"]', { timeout: patience(30_000) });
    const moving = Date.now() - opened;
    await expect
        .poll(async () => Math.abs(await drift(page)), {
            timeout: patience(20_000),
            intervals: [100],
        })
        .toBeLessThan(400);
    expect(await page.$eval('video', (video) => video.dataset.via)).toBe('hls');
    expect(await page.$('[data-testid="note-fallback"]')).not.toBeNull();

    const heard = await page.evaluate(async () => {
        const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
        peer.addTransceiver('video', { direction: 'recvonly' });
        peer.addTransceiver('audio', { direction: 'recvonly' });
        const offer = await peer.createOffer();
        const answer = await fetch(`/sessions/${location.pathname.split('/').pop()}/whep`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/sdp' },
            body: offer.sdp,
        });
        const sdp = await answer.text();
        await peer.setLocalDescription(offer);
        await peer.setRemoteDescription({ type: 'answer', sdp });
        let [packets, energy] = [0, 0];
        for (let tries = 0; tries < 100 && (packets < 50 || energy === 0); tries++) {
            await new Promise((done) => setTimeout(done, 100)); // in the page
            for (const report of (await peer.getStats()).values()) {
                if (report.type === 'inbound-rtp' && report.kind === 'audio') {
                    [packets, energy] = [report.packetsReceived, report.totalAudioEnergy];
                }
            }
        }
        peer.close();
        await fetch(answer.headers.get('location') ?? '', { method: 'DELETE' });
        return { offer: offer.sdp ?? '', sdp, packets, energy };
    });
    expect(heard.offer).not.toMatch(/H264/i); // a Firefox that has it would have no need to fall back
    expect(heard.sdp).toMatch(/^m=video 0 /m);
    expect(heard.packets).toBeGreaterThanOrEqual(50);
    expect(heard.energy).toBeGreaterThan(0);
    console.log(
        `printed: ${await firefox.version()}: LL-HLS playing ${moving} ms after the page was opened; ${heard.packets} packets of sound over WebRTC`,
    );
});
