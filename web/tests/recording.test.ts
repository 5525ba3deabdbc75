// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import type { Chapter } from '../src/core/types';
import { currentOf, momentHash, momentOf, placed } from '../src/media/chapters';
import { audioVariant } from '../src/media/hls/variants';
import { caughtUp, startOffered } from '../src/media/live/catch-up';
import { parseThumbnails, thumbAt } from '../src/media/thumbnails';
import { clockWithTenths, parseClock, toPublished, toTimeline } from '../src/media/timeline';

describe('timeline and published time', () => {
    // Broadcast from 60 s on, paused for 30 s, cut at 240 s.
    const stretches = [
        { start_ms: 60_000, end_ms: 120_000 },
        { start_ms: 150_000, end_ms: 240_000 },
    ];
    test.each([
        [0, 60_000],
        [59_999, 119_999],
        [60_000, 150_000],
        [100_000, 190_000],
        [150_000, 240_000],
        [999_000, 240_000],
        [-5, 60_000],
    ])('%i ms of the player is %i ms of the session', (at, media) => {
        expect(toTimeline(stretches, at)).toBe(media);
    });
    test.each([
        [59_999, null],
        [60_000, 0],
        [119_999, 59_999],
        [120_000, null],
        [149_999, null],
        [150_000, 60_000],
        [240_000, 150_000],
        [240_001, null],
    ])('%i ms of the session is %s ms of the player', (media, at) => {
        expect(toPublished(stretches, media)).toBe(at);
    });
    test('there and back', () => {
        for (let at = 0; at < 150_000; at += 777) {
            expect(toPublished(stretches, toTimeline(stretches, at) as number)).toBe(at);
        }
    });
    test('nothing published', () => {
        expect([toTimeline([], 5), toPublished([], 5)]).toEqual([null, null]);
    });
});

describe('clocks typed by hand', () => {
    test.each([
        ['1:30', 90_000],
        ['0:00.7', 700],
        ['0:00,25', 250],
        ['1:02:03.4', 3_723_400],
        ['75', 75_000],
        [' 5:00 ', 300_000],
        ['90:00', 5_400_000],
    ])('%s', (text, ms) => {
        expect(parseClock(text)).toBe(ms);
    });
    test.each(['', 'x', '1:60', '1:2:3:4', '1:', ':30', '-1:00', '1.5:00', '1:75:00', '1e3'])(
        '%s is none',
        (text) => {
            expect(parseClock(text)).toBeNull();
        },
    );
    test('what is written is read back', () => {
        for (const ms of [0, 700, 59_900, 60_000, 3_599_900, 3_600_000, 7_384_200]) {
            expect(parseClock(clockWithTenths(ms))).toBe(ms);
        }
        expect([clockWithTenths(59_960), clockWithTenths(3_723_400)]).toEqual([
            '1:00.0',
            '1:02:03.4',
        ]);
    });
});

describe('thumbnails', () => {
    const base = 'http://localhost:3000/recordings/s1/thumbnails.vtt';
    const vtt = [
        'WEBVTT',
        '',
        'NOTE pictures',
        '',
        '00:00:10.000 --> 00:00:20.000',
        'thumbs/70000.jpg',
        '',
        '1',
        '00:00.000 --> 00:10.000 align:start',
        'thumbs/60000.jpg',
        '',
        '00:30.000 --> 00:20.000',
        'thumbs/backwards.jpg',
        '',
        '01:00:00.500 --> 01:00:10.000',
        'http://elsewhere.example/x.jpg',
        '',
        '01:00:00.500 --> 01:00:10.000',
        'thumbs/3660500.jpg',
    ].join('\r\n');
    const thumbs = parseThumbnails(vtt, base);
    test('in order, without what is broken or foreign', () => {
        expect(thumbs).toEqual([
            { start: 0, end: 10, url: '/recordings/s1/thumbs/60000.jpg' },
            { start: 10, end: 20, url: '/recordings/s1/thumbs/70000.jpg' },
            { start: 3600.5, end: 3610, url: '/recordings/s1/thumbs/3660500.jpg' },
        ]);
    });
    test.each([
        [0, 0],
        [9.99, 0],
        [10, 1],
        [1800, 1],
        [3600.5, 2],
        [9999, 2],
    ])('at %d s', (at, index) => {
        expect(thumbAt(thumbs, at)).toBe(thumbs[index]);
    });
    test('none', () => {
        expect(thumbAt(parseThumbnails('', base), 3)).toBeNull();
        expect(parseThumbnails('<html>', base)).toEqual([]);
    });
});

test('chapters: those of the recording, in order, and the one that runs', () => {
    const chapter = (id: string, at_ms: number | null): Chapter => ({
        id,
        kind: 'agenda',
        title: { ar: id, en: '' },
        media_ms: 0,
        at_ms,
    });
    const list = placed([chapter('b', 9000), chapter('cut', null), chapter('a', 1000)]);
    expect(list.map((one) => one.id)).toEqual(['a', 'b']);
    expect([0, 1000, 8999, 9000, 99_000].map((at) => currentOf(list, at)?.id)).toEqual([
        undefined,
        'a',
        'a',
        'b',
        'b',
    ]);
});

test.each([
    ['#t=90', 90],
    ['#t=1:30', 90],
    ['#t=1:00:05', 3605],
    ['#t=12.5', 12.5],
    ['#x=1&t=7', 7],
    ['#t=', null],
    ['#t=abc', null],
    ['#main', null],
    ['', null],
    [momentHash(61.9), 61],
])('a moment in the address: %s', (hash, at) => {
    expect(momentOf(hash)).toBe(at);
});

describe('catching up', () => {
    const now = Date.parse('2026-11-25T10:10:00Z');
    test('offered once there is a start worth going back to', () => {
        expect(startOffered('live', '2026-11-25T10:08:59Z', now)).toBe(true);
        expect(startOffered('live', '2026-11-25T10:09:01Z', now)).toBe(false);
        expect(startOffered('paused', '2026-11-25T10:00:00Z', now)).toBe(false);
        expect(startOffered('live', null, now)).toBe(false);
    });
    test('reached one and a half segments from the end, two seconds at the least', () => {
        expect(caughtUp(593.9, 600, 4)).toBe(false);
        expect(caughtUp(594, 600, 4)).toBe(true);
        expect(caughtUp(610, 600, 4)).toBe(true);
        expect(caughtUp(98.2, 100, 1)).toBe(true);
        expect(caughtUp(0, 0, 4)).toBe(false);
    });
    const base = 'http://localhost:3000/sessions/s/hls/event.m3u8';
    test('the audio-only variant', () => {
        const text = [
            '#EXTM3U',
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="ar.m3u8"',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42c015,mp4a.40.2",RESOLUTION=480x270',
            'video.m3u8',
            '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a",CODECS="mp4a.40.2"',
            'audio.event.m3u8',
        ].join('\n');
        expect(audioVariant(text, base)).toBe(
            'http://localhost:3000/sessions/s/hls/audio.event.m3u8',
        );
        expect(audioVariant(text.replaceAll('"mp4a.40.2"', '"avc1.42c015"'), base)).toBeNull();
        expect(audioVariant('#EXTM3U', base)).toBeNull();
    });
});
