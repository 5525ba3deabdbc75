// SPDX-License-Identifier: GPL-3.0-or-later
// The player page in a frame on another site: where [server] embed lists the site, live and then the recording; no other
// page, and no other site.

import { createServer, type Server as Site } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { Server } from '../lib/server';
import { patience, until } from '../lib/time';

/** A site at http://localhost, which frames what its query names. The server is at another address, so another origin. */
function startSite(): Promise<Site> {
    const site = createServer((asked, answer) => {
        const src = new URL(asked.url ?? '/', 'http://localhost').searchParams.get('src') ?? '';
        answer.writeHead(200, { 'Content-Type': 'text/html' });
        answer.end(
            `<!doctype html><title>site</title><iframe src="${src.replaceAll('"', '')}" width="640" height="360" allow="autoplay; fullscreen"></iframe>`,
        );
    });
    return new Promise((done) => site.listen(0, 'localhost', () => done(site)));
}
const origin = (site: Site) => `http://localhost:${(site.address() as AddressInfo).port}`;

let friend: Site;
let stranger: Site;
let server: Server;
test.beforeAll(async () => {
    [friend, stranger] = [await startSite(), await startSite()];
    const conf = { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: 'small' } };
    server = await Server.start({
        conf: { ...conf, server: { embed: `https://*.example.ae, ${origin(friend)}` } },
    });
});
test.afterAll(async () => {
    friend?.close();
    stranger?.close();
    expect(await server.stop()).toBe(0);
});

const show = (page: Page, site: Site, src: string) =>
    page.goto(`${origin(site)}/?src=${encodeURIComponent(server.url + src)}`);

test('the player page in frames: the listed site, live and recorded, and nothing else @plain', async ({
    page,
}) => {
    const [staff, attendee] = [await Api.signIn(server.staff), await Api.signIn(server.attend)];
    const { embed } = await attendee.json<{ embed: string }>(
        'GET',
        `/api/v1/sessions/${server.session}/media-path?minutes=60`,
    );
    const video = page.frameLocator('iframe').getByTestId('video');
    const clock = () => video.evaluate((element) => (element as HTMLVideoElement).currentTime);
    const expectPlays = async () => {
        await expect.poll(clock, { timeout: patience(10_000) }).toBeGreaterThan(0);
        const begun = await clock();
        await expect.poll(clock, { timeout: patience(10_000) }).toBeGreaterThan(begun + 1);
        await expect(page.frameLocator('iframe').getByTestId('state-card')).toHaveCount(0);
    };

    await show(page, friend, embed);
    await expectPlays();
    const policy = async (path: string) =>
        (await fetch(server.url + path)).headers.get('content-security-policy') ?? '';
    expect(await policy(`/en/embed/${server.session}`)).toContain(
        `frame-ancestors https://*.example.ae ${origin(friend)}`,
    );
    expect(await policy(`/en/s/${server.session}`)).toContain("frame-ancestors 'none'");
    for (const [site, src] of [
        [stranger, embed],
        [friend, `/ar/s/${server.session}`],
    ] as const) {
        const blocked = page.waitForEvent('console', (message) =>
            /frame-ancestors/.test(message.text()),
        );
        await show(page, site, src);
        await blocked;
    }

    await show(
        page,
        friend,
        embed.replace(/^\/ar\//, '/en/').replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    );
    await expect(page.frameLocator('iframe').getByTestId('state-card')).toContainText(
        'This link is not valid any more',
    );

    await show(page, friend, embed);
    await expectPlays();
    await staff.state(server.session, 'ended');
    await until(
        'it is published',
        20_000,
        async () => (await attendee.ask('GET', `/recordings/${server.session}/main.m3u8`)).ok,
    );
    await show(page, friend, embed);
    await expectPlays();
    expect(
        await video.evaluate((element) => Number.isFinite((element as HTMLVideoElement).duration)),
    ).toBe(true);
});

test('before the session, when it is cancelled, and when its recording is gone: its title, not a bare card', async ({
    page,
}) => {
    const staff = await Api.signIn(server.staff);
    const made = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title: { ar: 'إحاطة الغد', en: 'The briefing of tomorrow' },
        speakers: [{ name: { ar: 'متحدثة', en: 'A speaker' } }],
        starts_at: new Date(Date.now() + 86_400_000).toISOString(),
        duration_minutes: 30,
        access: 'open',
    });
    const address = async (id: string) => {
        const { embed } = await staff.json<{ embed: string }>(
            'GET',
            `/api/v1/sessions/${id}/media-path?minutes=60`,
        );
        return embed.replace(/^\/ar\//, '/en/');
    };
    const frame = page.frameLocator('iframe');
    const card = frame.getByTestId('state-card');
    await show(page, friend, await address(made.id));
    await expect(card).toContainText('The briefing of tomorrow');
    await expect(card).toContainText('A speaker');
    await expect(frame.getByTestId('poster').locator('time')).toBeVisible();
    await staff.json('PATCH', `/api/v1/sessions/${made.id}`, {
        title: { ar: 'إحاطة الأحد', en: 'The briefing of Sunday' },
    });
    await expect(card).toContainText('The briefing of Sunday', { timeout: patience(30_000) });
    await staff.json('POST', `/api/v1/sessions/${made.id}/state`, { to: 'cancelled' });
    await expect(card).toHaveAttribute('data-card', 'cancelled', { timeout: patience(30_000) });

    const demo = await staff.json<{ state: string }>('GET', `/api/v1/sessions/${server.session}`);
    if (demo.state === 'live') {
        await staff.state(server.session, 'ended');
    }
    const recording = `/api/v1/recordings/${server.session}`;
    await until(
        'the recording can be deleted',
        30_000,
        async () => (await staff.ask('DELETE', recording, { reason: 'a test' })).ok,
    );
    await show(page, friend, await address(server.session));
    await expect(card).toHaveAttribute('data-card', 'gone', { timeout: patience(30_000) });
    await expect(frame.getByTestId('poster')).toContainText('Government communication');
});
