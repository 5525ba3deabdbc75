// SPDX-License-Identifier: GPL-3.0-or-later
// A full server behind Debian's nginx, whose cache serves most viewers.
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { get } from '../lib/curl';
import { Nginx } from '../lib/nginx';
import { Server } from '../lib/server';
import { patience, slow, until, wait } from '../lib/time';

test('a full server: a viewer whom the cache serves keeps the place', async () => {
    const front = await Nginx.make();
    const full = await Server.start({
        listen: `127.0.0.1:${front.upstream}`,
        conf: {
            server: { ...front.server, max_viewers: '2' },
            rtc: { listen: '127.0.0.1:0' },
            programme: { encoder: 'small' },
        },
    });
    try {
        await front.start();
        const manager = await Api.signIn(full.url + new URL(full.staff).pathname);
        const at = `/api/v1/sessions/${full.session}`;
        const people: Api[] = [];
        for (const name of ['Noura', 'Saeed', 'Huda']) {
            const invitation = { name, role: 'attendee' };
            const { url } = await manager.json<{ url: string }>(
                'POST',
                `${at}/invitations`,
                invitation,
            );
            people.push(await Api.signIn(full.url + new URL(url).pathname));
        }
        const [first, second] = await Promise.all(
            people
                .slice(0, 2)
                .map((one) => one.json<{ path: string }>('GET', `${at}/media-path?minutes=60`)),
        );
        const read = ({ path }: { path: string }, query = '') =>
            get(`${front.url}${path}v360p.m3u8${query}`);
        await until('media', 20_000 * slow, async () =>
            (await read(first)).body.includes('#EXTINF'),
        );
        // 13 s in which majlis hears of the second by the checks alone; begun anew where the machine was so busy that the
        // second came before the first had fetched
        let since = Date.now();
        const end = Date.now() + patience(30_000);
        while (Date.now() < since + 13_000 && Date.now() < end) {
            const { body } = await read(first);
            const begin = Number(/MEDIA-SEQUENCE:(\d+)/.exec(body)?.[1]);
            const query = `?_HLS_msn=${begin + (body.match(/#EXTINF/g)?.length ?? 0)}`;
            const asked = read(first, query);
            await wait(200); // so that this one fetches, and the other gets the copy
            const copy = await read(second, query);
            expect([(await asked).status, copy.status]).toEqual([200, 200]);
            since = copy.headers['x-cache'] === 'HIT' ? since : Date.now();
        }
        expect(Date.now() - since).toBeGreaterThanOrEqual(13_000);
        const health = await manager.json<{ load: { viewers: number } }>('GET', '/api/v1/health');
        expect(health.load.viewers).toBe(2);
        expect((await people[2].ask('GET', `${at}/media-path`)).status).toBe(503);
    } finally {
        await front.stop();
        expect(await full.stop()).toBe(0);
    }
});
