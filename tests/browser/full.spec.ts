// SPDX-License-Identifier: GPL-3.0-or-later
// All places for WebRTC are taken: viewers watch over LL-HLS and are told why, staff and speaker need no place.
import { type Browser, expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { Server } from '../lib/server';
import { patience } from '../lib/time';

let server: Server;
test.beforeAll(async () => {
    server = await Server.start({
        conf: { rtc: { listen: '127.0.0.1:0', max_viewers: '1' }, programme: { encoder: 'small' } },
    });
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

async function open(browser: Browser, link: string, path = ''): Promise<Page> {
    const page = await (
        await browser.newContext({ viewport: { width: 1280, height: 800 } })
    ).newPage();
    await page.goto(link);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
    if (path) {
        await page.goto(server.url + path);
    }
    await expect(page.getByTestId('video')).toHaveAttribute('data-state', 'playing', {
        timeout: patience(10_000),
    });
    return page;
}

test('a full server says so to viewers, and staff and speaker watch on @plain', async ({
    browser,
}) => {
    const staffApi = await Api.signIn(server.staff);
    const first = await open(browser, server.attend);
    await expect(first.getByTestId('video')).toHaveAttribute('data-via', 'whep');
    const link = await staffApi.invite(server.session, 'attendee', 'Second');
    const second = await open(browser, link, `/en/s/${server.session}`);
    await expect(second.getByTestId('video')).toHaveAttribute('data-via', 'hls');
    await expect(second.getByTestId('note-fallback')).toContainText(
        'All places for the direct path are taken',
    );
    await second.goto(`${server.url}/ar/s/${server.session}`);
    await expect(second.getByTestId('note-fallback')).toContainText(
        'جميع أماكن المسار المباشر مشغولة',
    );

    const guest = await Api.signIn(link);
    const refused = await second.evaluate(async (session) => {
        const peer = new RTCPeerConnection();
        peer.addTransceiver('video', { direction: 'recvonly' });
        const answer = await fetch(`/sessions/${session}/whep`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/sdp' },
            body: (await peer.createOffer()).sdp,
        });
        return {
            status: answer.status,
            retry: answer.headers.get('retry-after'),
            type: (await answer.json()).type,
        };
    }, guest.session);
    expect(refused).toEqual({ status: 503, retry: '30', type: 'urn:majlis:problem:no-place' });

    for (const [who, path] of [
        [server.staff, `/en/desk/${server.session}`],
        [server.present, `/en/s/${server.session}`],
    ]) {
        const page = await open(browser, who, path);
        await expect(page.getByTestId('video')).toHaveAttribute('data-via', 'whep');
        await expect(page.getByTestId('note-fallback')).toHaveCount(0);
    }
});
