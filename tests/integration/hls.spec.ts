// SPDX-License-Identifier: GPL-3.0-or-later
// The live media as players that we did not write see it: signed paths, compression, the whole session so far.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type MediaPath } from '../lib/api';
import * as media from '../lib/media';
import { dial, long, Server, staffLink, temporaryFolder } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

function mediaPath(api: Api, session: string, query = ''): Promise<MediaPath> {
    return api.json<MediaPath>('GET', `/api/v1/sessions/${session}/media-path${query}`);
}

test.describe('a demo, watched through signed paths', () => {
    test.describe.configure({ mode: 'default' }); // one server
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
        await until(
            'media',
            20_000 * slow,
            async () => (await nobody.ask('GET', `${path}v360p.m3u8`)).status === 200,
        );
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
        const names = media
            .probe(`${server.url}${path}main.m3u8`)
            .streams.map((stream) => stream.codec_name);
        expect(names).toContain('h264');
        expect(names).toContain('aac');
    });

    test('with a cookie or header the media stays private to the one who asked', async () => {
        const list = await attendee.ask('GET', `/sessions/${server.session}/hls/v360p.m3u8`);
        expect(list.headers.get('cache-control')).toBe('private, no-cache');
        expect((await nobody.ask('GET', `/sessions/${server.session}/hls/v360p.m3u8`)).status).toBe(
            401,
        );
    });

    test('the check for a cache in front tells yes or no, and for how long', async () => {
        const yes = await nobody.ask('GET', `${path}check`);
        expect(yes.status).toBe(204);
        expect(yes.headers.get('cache-control')).toBe('public, max-age=4');
        expect(yes.headers.get('x-majlis-audience')).toBe('public');
        const all = await nobody.ask(
            'GET',
            `${(await mediaPath(staff, server.session)).path}check`,
        );
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
        const short =
            Date.parse((await mediaPath(attendee, server.session)).expires_at) - Date.now();
        expect(short / 60_000).toBeGreaterThan(4.5);
        expect(short / 60_000).toBeLessThan(5.5);
        const long =
            Date.parse((await mediaPath(attendee, server.session, '?minutes=480')).expires_at) -
            Date.now();
        expect(long / 60_000).toBeGreaterThan(479);
        for (const bad of ['0', '481', '-1', 'x', '', '1e3', '99999999999999999999']) {
            expect(
                (
                    await attendee.ask(
                        'GET',
                        `/api/v1/sessions/${server.session}/media-path?minutes=${bad}`,
                    )
                ).status,
            ).toBe(400);
        }
        expect(
            (await nobody.ask('GET', `/api/v1/sessions/${server.session}/media-path`)).status,
        ).toBe(401);
    });

    test('who is revoked or signs out loses the path at once, and no token is in the log', async () => {
        const guest = await Api.signIn(await staff.invite(server.session, 'attendee', 'Guest'));
        const theirs = (await mediaPath(guest, server.session, '?minutes=60')).path;
        expect((await nobody.ask('GET', `${theirs}main.m3u8`)).status).toBe(200);
        await guest.ask('POST', '/api/v1/sign-out', {});
        expect((await nobody.ask('GET', `${theirs}main.m3u8`)).status).toBe(403);
        const other = await Api.signIn(await staff.invite(server.session, 'attendee', 'Other'));
        const more = (await mediaPath(other, server.session, '?minutes=60')).path;
        const list = await staff.json<{ items: { id: string; name: string }[] }>(
            'GET',
            `/api/v1/sessions/${server.session}/invitations`,
        );
        const invitation = list.items.find((item) => item.name === 'Other')?.id;
        expect(
            (
                await staff.ask(
                    'DELETE',
                    `/api/v1/sessions/${server.session}/invitations/${invitation}`,
                )
            ).status,
        ).toBe(204);
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

interface Listed {
    uri: string;
    gap: boolean;
    discontinuity: boolean;
    date: string;
    seconds: number;
}

/** The whole segments that a media playlist names. */
function segments(text: string): Listed[] {
    const found: Listed[] = [];
    let next = { gap: false, discontinuity: false, date: '', seconds: 0 };
    for (const line of text.split('\n')) {
        next.gap ||= line === '#EXT-X-GAP';
        next.discontinuity ||= line === '#EXT-X-DISCONTINUITY';
        next.date = /^#EXT-X-PROGRAM-DATE-TIME:(.*)/.exec(line)?.[1] ?? next.date;
        next.seconds = Number(/^#EXTINF:([\d.]+),/.exec(line)?.[1] ?? next.seconds);
        if (line !== '' && !line.startsWith('#')) {
            found.push({ uri: line, ...next });
            next = { gap: false, discontinuity: false, date: '', seconds: 0 };
        }
    }
    return found;
}

const maps = (text: string) =>
    [...text.matchAll(/#EXT-X-MAP:URI="([^"]+)"/g)].map((match) => match[1]);
const sequence = (text: string) => Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);

test.describe('the whole session so far, with little of it in memory', () => {
    // 13 s in memory: twice the window and a segment
    const conf = {
        programme: { encoder: long ? 'software-fast' : 'small', keyframe_ms: '1000' },
        hls: { segment_ms: '1000', window: '6' },
        rtc: { listen: '127.0.0.1:0' },
    };
    const keys = [...(long ? ['v720p'] : []), 'v360p', 'aar'];

    test('compressed for those who take it, the same text, and a cache is told', async () => {
        const server = await Server.start({ conf });
        try {
            const api = await Api.signIn(server.attend);
            const hls = `/sessions/${server.session}/hls/`;
            await until(
                'three segments',
                20_000 * slow,
                async () =>
                    segments(await (await api.ask('GET', `${hls}v360p.event.m3u8`)).text())
                        .length >= 3,
            );
            for (const name of [
                'v360p.m3u8?_HLS_msn=0',
                'v360p.event.m3u8?_HLS_msn=0',
                'v360p.m3u8?_HLS_msn=0&_HLS_skip=YES',
            ]) {
                // within one part of the programme both are the same
                await until(`${name} twice within a part`, 10_000, async () => {
                    const plain = await api.ask('GET', hls + name, undefined, {
                        'Accept-Encoding': 'identity',
                    });
                    const packed = await api.ask('GET', hls + name, undefined, {
                        'Accept-Encoding': 'gzip',
                    });
                    expect(plain.headers.get('content-encoding')).toBeNull();
                    expect(packed.headers.get('content-encoding')).toBe('gzip');
                    for (const answer of [plain, packed]) {
                        expect(answer.headers.get('vary')).toBe('Accept-Encoding');
                    }
                    const text = await plain.text();
                    expect(Number(packed.headers.get('content-length'))).toBeLessThan(
                        text.length / 2,
                    );
                    return text === (await packed.text());
                });
            }
            const refused = await api.ask('GET', `${hls}v360p.m3u8`, undefined, {
                'Accept-Encoding': 'br, gzip;q=0',
            });
            expect(refused.headers.get('content-encoding')).toBeNull();
        } finally {
            expect(await server.stop()).toBe(0);
        }
    });

    test('kill -9 and start again: both runs are listed, and all of it is there and decodes @plain', async () => {
        test.setTimeout(patience(180_000));
        const begun = Date.now();
        let server = await Server.start({ conf });
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const id = server.session;
        const lists = async () =>
            Promise.all(
                keys.map(async (key) =>
                    (await attendee.ask('GET', `/sessions/${id}/hls/${key}.event.m3u8`)).text(),
                ),
            );
        const long = async (seconds: number) => {
            const all = await lists();
            return (
                all.every(
                    (text) => segments(text).reduce((sum, one) => sum + one.seconds, 0) > seconds,
                ) && all
            );
        };
        try {
            const before = await until('16 s of media', 60_000 * slow, () => long(16));
            await server.kill();
            server = await Server.start({ data: server.data, conf });
            for (const api of [staff, attendee]) {
                api.url = server.url;
            }
            expect(server.session).toBe(id);
            const count = segments(before[0]).length;
            await until('16 s more', 60_000 * slow, () => long(16 + 16));

            const path = (await mediaPath(attendee, id, '?minutes=60')).path;
            const nobody = new Api(server.url);
            // the live lists first: what they begin with is in the whole ones, however slow the machine
            const lives = await Promise.all(
                keys.map(async (key) =>
                    (await attendee.ask('GET', `/sessions/${id}/hls/${key}.m3u8`)).text(),
                ),
            );
            const all = await lists();
            for (const [i, text] of all.entries()) {
                const now = segments(text);
                expect(text).toContain('#EXT-X-PLAYLIST-TYPE:EVENT\n');
                expect(sequence(text)).toBe(0);
                expect(maps(text)).toEqual([`1/${keys[i]}/init.mp4`, `2/${keys[i]}/init.mp4`]);
                expect(now.filter((one) => one.discontinuity).length).toBe(1);
                // what was told before the kill has the same place now, but for what never came to the disk
                for (const [n, one] of segments(before[i])
                    .slice(0, count - 1)
                    .entries()) {
                    expect(now[n].uri).toBe(one.uri);
                    expect(now[n].date).toBe(one.date);
                    expect(now[n].gap).toBe(false);
                }
                // a busy machine stores late
                expect(now.filter((one) => one.gap).length).toBeLessThanOrEqual(allow(1, begun));
                const first = segments(lives[i])[0].uri;
                expect(sequence(lives[i])).toBe(now.findIndex((one) => one.uri === first));
                let bytes = 0;
                for (const name of [
                    ...maps(text),
                    ...now.filter((one) => !one.gap).map((one) => one.uri),
                ]) {
                    const answer = await nobody.ask('GET', path + name);
                    expect(answer.status, name).toBe(200);
                    expect(answer.headers.get('cache-control')).toMatch(
                        /^public, max-age=\d+, immutable$/,
                    );
                    expect(answer.headers.get('content-type')).toBe(
                        keys[i].startsWith('v') ? 'video/mp4' : 'audio/mp4',
                    );
                    bytes += (await answer.arrayBuffer()).byteLength;
                }
                expect(bytes).toBeGreaterThan(100_000);
                // from disk too: ranges, and HEAD
                const part = await nobody.ask('GET', path + now[0].uri, undefined, {
                    Range: 'bytes=4-7',
                });
                expect(part.status).toBe(206);
                expect((await part.arrayBuffer()).byteLength).toBe(4);
                expect(
                    (
                        await nobody.ask('GET', path + now[0].uri, undefined, {
                            Range: 'bytes=9223372036854775809-9223372036854775812',
                        })
                    ).status,
                ).toBe(416);
                expect((await nobody.ask('HEAD', path + now[0].uri)).status).toBe(200);
            }
            await staff.state(id, 'ended');
            await until('the end is told', 10_000 * slow, async () =>
                (await lists()).every((text) => text.endsWith('#EXT-X-ENDLIST\n')),
            );
            // (this ffmpeg does not know EXT-X-GAP: it asks for what is lost, gets 404 and goes on)
            const log = execFileSync(
                'ffmpeg',
                [
                    '-hide_banner',
                    '-v',
                    'fatal',
                    '-i',
                    `${server.url}${path}event.m3u8`,
                    '-map',
                    '0:v:0',
                    '-map',
                    '0:a:0',
                    '-f',
                    'null',
                    '-progress',
                    'pipe:1',
                    '-',
                ],
                { timeout: 120_000 },
            ).toString();
            const frames = Number([...log.matchAll(/^frame=(\d+)$/gm)].pop()?.[1]);
            expect(frames).toBeGreaterThan(31 * 30);
            const main = await (await nobody.ask('GET', `${path}event.m3u8`)).text();
            expect(main).toMatch(/CODECS="mp4a[^"]*",AUDIO="sound"\naar\.event\.m3u8\n$/);
        } finally {
            await server.stop();
        }
    });

    test('attendees never get the lobby or a pause from disk, staff neither @plain', async () => {
        test.setTimeout(patience(180_000));
        const server = await Server.start({ command: 'serve', conf });
        try {
            const staff = await Api.signIn(staffLink(server));
            const id = await staff.create();
            const attendee = await Api.signIn(await staff.invite(id, 'attendee', 'حاضر'));
            const hls = `/sessions/${id}/hls/`;
            const seen = async (api: Api, name: string) =>
                segments(await (await api.ask('GET', hls + name)).text()).map((one) => one.uri);
            const hidden = new Set<string>();
            const collect = async () => {
                for (const uri of await seen(staff, 'v360p.m3u8')) {
                    hidden.add(uri);
                }
            };
            await staff.state(id, 'lobby');
            await until(
                'the lobby',
                20_000 * slow,
                async () => (await staff.ask('GET', `${hls}v360p.m3u8`)).status === 200,
            );
            await wait(5000);
            await collect();
            expect((await attendee.ask('GET', `${hls}event.m3u8`)).status).toBe(200);
            // nothing public yet: held for three target durations, then told to come again
            for (const name of ['v360p.m3u8', 'v360p.event.m3u8']) {
                const begun = Date.now();
                const answer = await attendee.ask('GET', hls + name);
                expect(answer.status).toBe(503);
                expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
                expect(Date.now() - begun).toBeGreaterThan(2900);
                expect(Date.now() - begun).toBeLessThan(allow(5000, begun));
            }
            await staff.state(id, 'live');
            await wait(5000);
            await staff.state(id, 'paused');
            await wait(5000);
            await collect();
            await staff.state(id, 'live');
            for (let i = 0; i < 12; i++) {
                await wait(2000);
                await collect();
            }
            const shown = new Set(await seen(attendee, 'v360p.event.m3u8'));
            expect(shown.size).toBeGreaterThan(10);
            const secret = [...hidden].filter((uri) => !shown.has(uri)).slice(0, 4);
            expect(secret.length).toBe(4);
            const file = join(server.data, 'recordings', id, secret[0]);
            expect(execFileSync('stat', ['-c', '%s', file]).toString().trim()).not.toBe('0'); // it is there
            const path = (await mediaPath(attendee, id)).path;
            for (const uri of secret) {
                expect((await attendee.ask('GET', hls + uri)).status, uri).toBe(404);
                expect((await attendee.ask('GET', path + uri)).status).toBe(404);
                expect((await staff.ask('GET', hls + uri)).status).toBe(404);
            }
            // the pause is a break, and nothing of it is named
            const list = segments(
                await (await attendee.ask('GET', `${hls}v360p.event.m3u8`)).text(),
            );
            expect(list.filter((one) => one.discontinuity).length).toBe(1);
            expect(list.some((one) => one.gap)).toBe(false);
            for (const uri of [list[0].uri, list[1].uri]) {
                expect((await attendee.ask('GET', hls + uri)).status).toBe(200); // old, and public
            }
            for (const bad of [
                '1/v360p/../../journal',
                '..%2f..%2fjournal',
                '1/v360p/0.m4s/',
                '01/v360p/0.m4s',
            ]) {
                expect([400, 404]).toContain((await attendee.ask('GET', hls + bad)).status);
            }
            await staff.state(id, 'ended');
            expect(await server.stop()).toBe(0);
        } finally {
            await server.stop();
        }
    });

    test('what a full disk lost is a gap once it is out of memory; all else that is named is there @plain', async () => {
        test.setTimeout(patience(180_000));
        const data = temporaryFolder();
        const archive = join(data, 'archive');
        mkdirSync(archive);
        const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', archive], {
            encoding: 'utf8',
        });
        test.skip(mounted.status !== 0, 'a file system of its own needs root');
        let server: Server | undefined;
        try {
            server = await Server.start({
                data,
                conf: { ...conf, archive: { directory: archive, minimum_free: '0' } },
            });
            const api = await Api.signIn(server.attend);
            const hls = `/sessions/${server.session}/hls/`;
            const list = async (key: string) =>
                segments(await (await api.ask('GET', `${hls}${key}.event.m3u8`)).text());
            await until(
                'some segments',
                30_000 * slow,
                async () => (await list('v360p')).length >= 4,
            );
            const filler = join(archive, 'filler');
            spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'status=none']);
            await wait(4000);
            rmSync(filler);
            expect((await list('v360p')).some((one) => one.gap)).toBe(false); // in memory they are all there
            const count = (await list('v360p')).length;
            await until(
                'that time is out of memory',
                60_000 * slow,
                async () => (await list('v360p')).length > count + 16,
            );
            for (const key of keys) {
                const now = await list(key);
                const gaps = now.filter((one) => one.gap).length;
                expect(gaps).toBeGreaterThanOrEqual(2);
                expect(gaps).toBeLessThan(10);
                expect(now[0].gap).toBe(false);
                for (const one of now) {
                    expect(
                        (await api.ask('GET', hls + one.uri)).status,
                        `${one.uri} ${one.gap}`,
                    ).toBe(one.gap ? 404 : 200);
                }
            }
        } finally {
            await server?.stop();
            spawnSync('umount', [archive]);
            rmSync(data, { recursive: true, force: true });
        }
    });
});

test('more players wait than the server holds: the rest are told at once to come again @plain', async () => {
    test.setTimeout(patience(120_000));
    // three target durations of 10 s are long enough to open that many connections
    const server = await Server.start({
        command: 'serve',
        conf: {
            hls: { segment_ms: '10000' },
            rtc: { listen: '127.0.0.1:0' },
        },
    });
    const sockets: Socket[] = [];
    try {
        const staff = await Api.signIn(staffLink(server));
        const id = await staff.create();
        await staff.state(id, 'lobby');
        const paths: string[] = []; // sixteen may wait of each sign-in, and a person has twenty
        for (let person = 0; person < 13; person++) {
            const link = await staff.invite(id, 'attendee', `حاضر ${person}`);
            for (let n = 0; n < 20; n++) {
                paths.push((await mediaPath(await Api.signIn(link), id)).path);
            }
        }
        await until(
            'the lobby',
            30_000 * slow,
            async () => (await staff.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)).status === 200,
        );
        const at = new URL(server.url);
        const answers = new Map<string, number>();
        const begun = Date.now();
        for (let i = 0; i < 4100; i++) {
            const socket = dial(server.url);
            sockets.push(socket);
            socket.on('error', (error) =>
                answers.set(error.message, (answers.get(error.message) ?? 0) + 1),
            );
            let head = '';
            socket.on('data', (text) => {
                const before = head.includes('\r\n\r\n');
                head += text.toString('latin1');
                if (!before && head.includes('\r\n\r\n')) {
                    const status =
                        head.slice(9, 12) + (/\r\nretry-after: \d/i.test(head) ? ' later' : '');
                    answers.set(status, (answers.get(status) ?? 0) + 1);
                }
            });
            socket.write(
                `GET ${paths[i % paths.length]}v360p.m3u8 HTTP/1.1\r\nHost: ${at.host}\r\n\r\n`,
            );
            if (i % 100 === 99) {
                await wait(1);
            }
        }
        const count = () => [...answers.values()].reduce((sum, n) => sum + n, 0);
        await until('what is too many', 30_000, async () => count() >= 100);
        expect(
            Date.now() - begun,
            'too busy to open 4,100 connections in three target durations',
        ).toBeLessThan(30_000);
        expect([...answers.keys()]).toEqual(['503 later']);
        expect(count()).toBe(100);
        expect((await staff.ask('GET', `/sessions/${id}/hls/v360p.m3u8`)).status).toBe(200);
    } finally {
        for (const socket of sockets) {
            socket.destroy();
        }
        await server.stop();
    }
});

test('a stop with players that wait, on connections that had a page or not, ends well', async () => {
    test.setTimeout(patience(60_000));
    const server = await Server.start({
        conf: { metrics: { listen: '127.0.0.1:0' }, hls: { segment_ms: '6000' } },
        env: { MALLOC_PERTURB_: '165' }, // what is freed is not read
    });
    const sockets: Socket[] = []; // as many as one sign-in may have wait
    try {
        const api = await Api.signIn(server.attend);
        const path = (await mediaPath(api, server.session)).path;
        const playlist = async () => (await api.ask('GET', `${path}v360p.m3u8`)).text();
        const list = await until('parts', 20_000 * slow, async () => {
            const text = await playlist();
            return text.includes('#EXT-X-PART:') && text;
        });
        const next = sequence(list) + list.split('#EXTINF').length; // after the one in the making
        const host = `Host: ${new URL(server.url).host}\r\n\r\n`;
        let served = 0;
        for (let i = 0; i < 16; i++) {
            const socket = dial(server.url);
            sockets.push(socket);
            socket.on('error', () => {});
            socket.on('data', (bytes) => {
                served += Number(String(bytes).startsWith('HTTP/1.1 200'));
            });
            if (i < 12) {
                socket.write(`GET /healthz HTTP/1.1\r\n${host}`); // libsoup answers
            }
        }
        await until('all are answered', 10_000 * slow, async () => served === 12);
        for (const socket of sockets) {
            socket.write(`GET ${path}v360p.m3u8?_HLS_msn=${next} HTTP/1.1\r\n${host}`);
        }
        const metrics = /metrics are served on (http:\S+)/.exec(server.log)?.[1] as string;
        await until('all wait', 10_000 * slow, async () =>
            (await (await fetch(metrics)).text()).includes('\nmajlis_hls_waiting_requests 16\n'),
        );
    } finally {
        expect(await server.stop()).toBe(0);
        for (const socket of sockets) {
            socket.destroy();
        }
    }
});
