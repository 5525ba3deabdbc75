// SPDX-License-Identifier: GPL-3.0-or-later
// What a stranger or a bad viewer can do to the whole server over HTTP and raw UDP (rows 8 to 11 of the threats; one
// peer's part of them, on a fake clock, is in unit/rtc/test-attacks.c).

import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { long, root, Server } from '../lib/server';
import { allow, patience, slow, until, wait } from '../lib/time';

/** A socket on loopback that keeps what it hears. */
class Ear {
    heard: Buffer[] = [];
    private constructor(readonly socket: Socket) {
        socket.on('message', (bytes) => this.heard.push(bytes));
    }
    static async open(): Promise<Ear> {
        const socket = createSocket('udp4');
        await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
        return new Ear(socket);
    }
    get port() {
        return this.socket.address().port;
    }
    send(bytes: Buffer, port: number): Promise<void> {
        return new Promise((done, fail) =>
            this.socket.send(bytes, port, '127.0.0.1', (error) => (error ? fail(error) : done())),
        );
    }
}

function crc32(bytes: Buffer): number {
    let crc = ~0;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) {
            crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
        }
    }
    return ~crc >>> 0;
}

function attribute(type: number, value: Buffer, claimed = value.length): Buffer {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type);
    head.writeUInt16BE(claimed, 2);
    return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

/** A binding request; what is left out is what a forger lacks. */
function check(
    username: string,
    password: string | null,
    more: Buffer[] = [],
    fingerprint = true,
): Buffer {
    const head = Buffer.alloc(8);
    head.writeUInt16BE(1);
    head.writeUInt32BE(0x2112a442, 4);
    let message = Buffer.concat([
        head,
        randomBytes(12),
        attribute(6, Buffer.from(username)),
        attribute(0x24, Buffer.from([0x6e, 0, 1, 0xff])),
        attribute(0x25, Buffer.alloc(0)),
        ...more,
    ]);
    const claim = (extra: number) => message.writeUInt16BE(message.length - 20 + extra, 2);
    if (password !== null) {
        claim(24);
        message = Buffer.concat([
            message,
            attribute(8, createHmac('sha1', password).update(message).digest()),
        ]);
    }
    if (fingerprint) {
        claim(8);
        const crc = Buffer.alloc(4);
        crc.writeUInt32BE((crc32(message) ^ 0x5354554e) >>> 0);
        message = Buffer.concat([message, attribute(0x8028, crc)]);
    } else {
        claim(0);
    }
    return message;
}

const fingerprint = Array(32).fill('AB').join(':');
const offer = (candidate = '') =>
    `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 ${fingerprint}\r\na=setup:actpass\r\na=rtpmap:111 opus/48000/2\r\n${candidate}`;

test.describe.configure({ mode: 'default' });
test.describe('attacks on the media path', () => {
    let server: Server;
    let staff: Api;

    test.beforeAll(async () => {
        server = await Server.start();
        staff = await Api.signIn(server.staff);
    });
    test.afterAll(async () => {
        expect((await staff.ask('GET', '/healthz')).status).toBe(200);
        expect(await server.stop()).toBe(0);
        expect(server.log).not.toMatch(/critical/i);
    });

    const guest = async () => Api.signIn(await staff.invite(server.session, 'attendee', 'Guest'));
    const post = (api: Api, body: string) =>
        fetch(`${server.url}/sessions/${server.session}/whep`, {
            method: 'POST',
            headers: { ...api.headers, 'Content-Type': 'application/sdp' },
            body,
        });
    const patch = (api: Api, place: string) =>
        fetch(server.url + place, {
            method: 'PATCH',
            headers: { ...api.headers, 'Content-Type': 'application/trickle-ice-sdpfrag' },
            body: 'a=end-of-candidates\r\n',
        });
    async function join(api: Api, candidate = '') {
        const answer = await until('the programme has tracks', 20_000 * slow, async () => {
            const got = await post(api, offer(candidate));
            return got.status === 503 ? undefined : got;
        });
        expect(answer.status).toBe(201);
        const sdp = await answer.text();
        const value = (name: string) =>
            new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1].trim() ?? '';
        return {
            place: answer.headers.get('location') ?? '',
            ufrag: value('ice-ufrag'),
            pwd: value('ice-pwd'),
            port: Number(/ udp \d+ \S+ (\d+) typ host/.exec(sdp)?.[1]),
        };
    }

    test('a guessed resource, or one of another session, is not found and stays as it was', async () => {
        const owner = await guest();
        const { place } = await join(owner);
        expect(/\/whep\/(\w{26,})\.([0-9a-f]{32})$/.test(place)).toBe(true); // 128 bits, twice
        const turned = place.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
        const unsigned = place.replace(/\.\w+$/, '');
        const nobody = new Api(server.url);
        for (const method of ['PATCH', 'DELETE']) {
            const ask = (api: Api, at: string) =>
                fetch(server.url + at, {
                    method,
                    headers: { ...api.headers, 'Content-Type': 'application/trickle-ice-sdpfrag' },
                    body:
                        method === 'PATCH'
                            ? 'a=ice-ufrag:evil\r\na=ice-pwd:evilevilevilevilevilevil\r\n'
                            : undefined,
                });
            for (const guess of [turned, unsigned, place.replace(server.session, 'another')]) {
                for (const api of [owner, staff, nobody]) {
                    expect((await ask(api, guess)).status).toBe(404);
                }
            }
        }
        expect((await patch(owner, place)).status).toBe(204); // still there, and no restart happened
    });

    test('a flood of offers: eight are taken of one person, others are served, all are forgotten', async () => {
        test.setTimeout(patience(60_000));
        const [flooder, other] = [await guest(), await guest()];
        const { place } = await join(flooder);
        const answers = await Promise.all(Array.from({ length: 60 }, () => post(flooder, offer())));
        expect(answers.filter((answer) => answer.status === 201).length).toBe(7);
        expect(answers.filter((answer) => answer.status === 429).length).toBe(53);
        await join(other);
        if (long) {
            // on a fake clock in the unit tests
            await wait(16_500);
            expect((await patch(flooder, place)).status).toBe(404);
            await join(flooder);
        }
    });

    test('forged checks are not answered, nothing goes to an offered candidate, and the session is as it was', async () => {
        const [sink, foe, ear] = [await Ear.open(), await Ear.open(), await Ear.open()];
        const { ufrag, pwd, port, place } = await join(
            staff,
            `a=candidate:1 1 udp 2130706431 127.0.0.1 ${sink.port} typ host\r\n`,
        );
        const name = `${ufrag}:abcd`;
        const good = check(name, pwd);
        const forged = [
            check(`zzzzzzzz:abcd`, pwd),
            check(`${ufrag}:evil`, pwd),
            check(ufrag, pwd),
            check(name, 'wrongwrongwrongwrongwrong'),
            check(name, null), // no MESSAGE-INTEGRITY
            check(name, pwd, [], false), // no FINGERPRINT
            check(name, pwd, [attribute(0x8022, Buffer.from('long'), 0xffff)]), // a length past the end
            check(name, pwd, [attribute(0x8022, Buffer.alloc(1300))]), // a huge one
            Buffer.concat([good, Buffer.from([0])]),
            good.subarray(0, 20),
            ...Array.from({ length: good.length }, (_, size) => good.subarray(0, size)),
        ];
        for (const bytes of forged) {
            await foe.send(bytes, port);
        }
        await foe.send(
            Buffer.from([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0]),
            port,
        ); // a hello from nowhere
        await wait(300 * slow);
        expect(foe.heard.length).toBe(0);
        await ear.send(good, port);
        await expect.poll(() => ear.heard.length, { timeout: patience(5000) }).toBeGreaterThan(0);
        expect(ear.heard[0].readUInt16BE()).toBe(0x0101);
        expect(ear.heard[0].length).toBeLessThanOrEqual(1.5 * good.length);
        await ear.send(check(name, pwd, [attribute(0x7001, Buffer.alloc(4))]), port); // 420, no larger either
        await expect
            .poll(() => ear.heard.filter((bytes) => bytes.readUInt16BE() === 0x0111).length, {
                timeout: patience(5000),
            })
            .toBe(1);
        await wait(200 * slow);
        expect(sink.heard.length + foe.heard.length).toBe(0);
        expect((await patch(staff, place)).status).toBe(204);
        for (const one of [sink, foe, ear]) {
            one.socket.close();
        }
    });

    test('50,000 junk packets a second: no reply, and a viewer watches on @plain', async () => {
        test.setTimeout(patience(60_000));
        const viewer = await guest();
        const { port } = await join(viewer);
        const peer = spawn(path(root, 'build/tests/peers/whep-peer'), [
            `${server.url}/sessions/${server.session}/whep`,
            '--token',
            viewer.token,
            '--seconds',
            '9',
        ]);
        let said = '';
        peer.stdout.on('data', (text) => {
            said += text;
        });
        const ended = new Promise<number | null>((done) => peer.once('exit', done));
        await wait(4000); // it plays, and has been playing for a second
        const ticks = () => {
            const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8')
                .split(') ')[1]
                .split(' ');
            return Number(fields[11]) + Number(fields[12]);
        };
        const before = ticks();
        const flooded = Date.now();
        const stranger = spawn(path(root, 'build/tests/bench/strangers'), [
            ...['--url', server.url, '--udp', String(port), '--junk', '50000', '--seconds', '4.5'],
        ]);
        let told = '';
        stranger.stdout.on('data', (text) => {
            told += text;
        });
        await new Promise((done) => stranger.once('exit', done));
        const cpu = (ticks() - before) * 10;
        const junk = JSON.parse(told) as { junk: number; replies: number; seconds: number };
        expect(await ended).toBe(0);
        const seen = JSON.parse(said) as { video_frames: number; longest_gap_ms: number };
        console.log(
            `junk: ${Math.round(junk.junk / junk.seconds)} packets/s, ${junk.replies} replies; the server used ${cpu} ms of CPU in ${Math.round(1000 * junk.seconds)} ms; the viewer's longest gap ${seen.longest_gap_ms} ms`,
        );
        expect(junk.junk).toBeGreaterThan(50_000);
        expect(junk.replies).toBe(0);
        expect(seen.video_frames).toBeGreaterThan(100);
        expect(seen.longest_gap_ms).toBeLessThan(allow(500, flooded));
    });
});
