// SPDX-License-Identifier: GPL-3.0-or-later
// Publishers of foreign make over WHIP: GStreamer's webrtcbin as broadcast programs use it, by a key. In pictures and real time.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { Api, type Health } from '../lib/api';
import { root, Server } from '../lib/server';
import { patience, until, wait } from '../lib/time';

test.describe.configure({ mode: 'serial' });

let server: Server;
let staff: Api;
let key: string;

const address = () => `${server.url}/sessions/${server.session}/whip/speaker`;
const programme = async () =>
    (await staff.json<Health>('GET', '/api/v1/health')).sessions[0]?.programme;

/** Publishes for so long; what the publisher says of it. */
async function publisher(codec: string, seconds: number, bearer = key): Promise<string> {
    const words = [address(), '--token', bearer, '--publish', codec, '--seconds', String(seconds)];
    const peer = join(root, 'build/tests/peers/whep-peer');
    const { stdout, stderr } = await promisify(execFile)(peer, words, {
        timeout: patience(60_000),
    }).catch((error: { stdout: string; stderr: string }) => error);
    return stdout + stderr;
}

test.beforeAll(async () => {
    server = await Server.start({ source: 'whip:speaker' });
    staff = await Api.signIn(server.staff);
    const at = `/api/v1/sessions/${server.session}/inputs/speaker/key`;
    key = (await staff.json<{ key: string }>('PUT', at)).key;
});
test.afterAll(async () => {
    expect(await server?.stop()).toBe(0);
});

for (const codec of ['h264', 'h264-mode0', 'vp8']) {
    test(`webrtcbin: ${codec}, without candidates and trickle @plain`, async () => {
        const over = publisher(codec, 12);
        const seen = await until('it plays, with sound', patience(12_000), async () => {
            const now = await programme();
            return now?.state === 'playing' && (now.levels?.[0] ?? -120) > -30 ? now : undefined;
        });
        const begun = Date.now();
        await wait(3000);
        const later = await programme();
        const fps = ((later?.frames ?? 0) - (seen.frames ?? 0)) / ((Date.now() - begun) / 1000);
        const input = later?.inputs?.find((one) => one.input === 'speaker');
        console.log(
            `printed: WHIP ${codec}: ${fps.toFixed(1)} pictures a second, ${input?.packets} packets, ${input?.dropped} without room`,
        );
        expect(later?.state).toBe('playing');
        expect(later?.text).toBeNull();
        expect(input?.dropped).toBe(0);
        expect(await over).toContain('"published":true');
        await until('the slate is on', patience(10_000), async () => {
            return (await programme())?.code === 'source-not-published';
        });
    });
}

test('a key that was made up publishes nothing @plain', async () => {
    expect(await publisher('h264', 3, `k-${'A'.repeat(43)}`)).toContain('POST: 401');
});
