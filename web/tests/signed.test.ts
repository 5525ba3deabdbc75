// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, expect, test, vi } from 'vitest';
import { findMedia } from '../src/media/hls/signed';

afterEach(() => vi.unstubAllGlobals());

const answers = (live: number, recording: number) => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (url: string) => {
        asked.push(url);
        const status = url.includes('/hls/') ? live : recording;
        if (status === 0) {
            throw new TypeError('no network');
        }
        return { status };
    });
    return asked;
};

test.each([
    [200, 404, { kind: 'live', url: '/sessions/s%201/hls/t-abc/main.m3u8' }],
    [503, 404, { kind: 'soon' }],
    [403, 200, { kind: 'refused' }],
    [0, 0, { kind: 'away' }],
    [502, 502, { kind: 'away' }],
    [404, 200, { kind: 'recording', url: '/recordings/s%201/t-abc/main.m3u8' }],
    [404, 503, { kind: 'soon' }],
    [404, 404, { kind: 'soon' }],
    [404, 403, { kind: 'over' }],
    [404, 410, { kind: 'gone' }],
    [404, 0, { kind: 'away' }],
])('live answers %i, the recording %i', async (live, recording, found) => {
    const asked = answers(live, recording);
    expect(await findMedia('s 1', 't-abc')).toEqual(found);
    expect(asked.length).toBe(live === 404 ? 2 : 1);
});

test.each(['', 'nothing'])(
    'a link without a token ("%s") is refused, and nothing is asked',
    async (token) => {
        const asked = answers(404, 404);
        expect(await findMedia('s 1', token)).toEqual({ kind: 'refused' });
        expect(asked).toEqual([]);
    },
);
