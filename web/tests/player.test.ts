// SPDX-License-Identifier: GPL-3.0-or-later
// The player's pure parts: what the chip says, the session's history, renditions, choices, keys.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { handleKey } from '../src/media/controls/keys';
import { endOf, parseHistory, positionAt } from '../src/media/hls/history';
import { firstVariant, renditionName, renditions } from '../src/media/hls/variants';
import { type ChipInput, chipWords } from '../src/media/live/delay-words';
import { keepPrefs, readPrefs } from '../src/media/prefs';

describe('the delay chip', () => {
    const live: ChipInput = {
        onAir: true,
        state: 'playing',
        via: 'whep',
        mode: 'live',
        why: 'back',
        paused: false,
        held: false,
        delayMs: 150,
        fellBack: null,
        silenceMs: 200,
    };
    const say = (change: Partial<ChipInput>) => {
        const words = chipWords({ ...live, ...change });
        return words && [words.kind, words.key, words.ms];
    };
    test('WebRTC', () => {
        expect(say({})).toEqual(['live', 'chipLive', 150]);
        expect(say({ delayMs: 4200 })).toEqual(['behind', 'chipBehind', 4200]);
        expect(say({ delayMs: null })).toBeNull();
        expect(say({ onAir: false })).toEqual(['preview', 'preview', null]); // the desk's, in the lobby
    });
    test('HLS, with the reason that is known', () => {
        const hls = { via: 'hls', delayMs: 7000, fellBack: 'network' } as const;
        expect(say(hls)).toEqual(['behind', 'chipNetwork', 7000]);
        expect(say({ ...hls, fellBack: 'full' })).toEqual(['behind', 'chipSlower', 7000]);
        expect(say({ ...hls, delayMs: null })).toEqual(['behind', 'chipSlowNetwork', null]);
        expect(say({ ...hls, delayMs: 900 })).toEqual(['behind', 'chipNetwork', 900]);
    });
    test('by wish', () => {
        const back = { mode: 'back', via: 'hls', delayMs: 12_000 } as const;
        expect(say({ ...back, why: 'back' })).toEqual(['behind', 'chipBack', 12_000]);
        expect(say({ ...back, why: 'paused' })).toEqual(['behind', 'chipAfterPause', 12_000]);
        expect(say({ ...back, why: 'start' })).toEqual(['behind', 'chipFromStart', 12_000]);
        expect(say({ ...back, delayMs: null })).toBeNull();
    });
    test.each(['whep', 'hls'] as const)(
        'over %s never live while paused or without frames',
        (via) => {
            expect(say({ via, paused: true })).toEqual(['paused', 'chipPaused', null]);
            expect(say({ via, state: 'reconnecting', silenceMs: 12_000 })).toEqual([
                'lost',
                'chipLost',
                12_000,
            ]);
            expect(say({ via, silenceMs: 3500 })).toEqual(['lost', 'chipLost', 3500]);
            for (const state of ['idle', 'connecting', 'denied', 'unable'] as const) {
                expect(say({ via, state })).toBeNull();
            }
        },
    );
    test('a picture that the server holds back is no lost connection', () => {
        expect(say({ held: true, silenceMs: 9000, delayMs: null })).toBeNull();
    });
});

const EVENT = [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-MAP:URI="1/v720p/init.mp4"',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:00:00.000Z',
    '#EXTINF:2.00000,',
    '1/v720p/1.m4s',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:00:02.000Z',
    '#EXTINF:1.50000,',
    '1/v720p/2.m4s',
    '#EXT-X-DISCONTINUITY',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:05:00.000Z',
    '#EXT-X-GAP',
    '#EXTINF:2.00000,',
    '1/v720p/3.m4s',
    '#EXTINF:2.00000,',
    '1/v720p/4.m4s',
    '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T10:05:04.000Z',
    '#EXT-X-PART:DURATION=0.50000,URI="1/v720p/5.0.m4s"',
    '',
].join('\r\n');

describe('the session so far', () => {
    const history = parseHistory(EVENT);
    const at = (time: string) => positionAt(history, Date.parse(`2026-01-01T${time}Z`));
    test('length, without what is not whole yet', () => {
        expect(history.length).toBe(7.5);
        expect(history.spans.length).toBe(2);
        expect(endOf(history)).toBe(Date.parse('2026-01-01T10:05:04Z'));
    });
    test('a wall time is a position; in a pause, where it went on', () => {
        expect(at('09:59:00')).toBe(0);
        expect(at('10:00:03')).toBe(3);
        expect(at('10:02:00')).toBe(3.5);
        expect(at('10:05:01')).toBe(4.5);
        expect(at('10:05:06')).toBe(9.5);
    });
    test('nothing, and nonsense, are empty', () => {
        for (const text of ['', '#EXTM3U', '#EXTINF:x,\n1', '#EXTINF:-3,\n1', '#EXTINF:2,\n1']) {
            expect(endOf(parseHistory(text))).toBeNull();
        }
        expect(positionAt(parseHistory(''), 1)).toBe(0);
    });
});

test('renditions: by the names that exist, largest first', () => {
    const text = [
        '#EXTM3U',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",URI="aar.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42c01e,mp4a.40.2",RESOLUTION=640x360,AUDIO="sound"',
        'v360p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=2,CODECS="avc1.42c01f,mp4a.40.2",RESOLUTION=1280x720,AUDIO="sound"',
        'v720p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.2",AUDIO="sound"',
        'aar.m3u8',
    ].join('\n');
    const base = 'http://localhost/sessions/s/hls/main.m3u8';
    expect(renditions(text, base).map(({ name, height }) => [name, height])).toEqual([
        ['720p', 720],
        ['360p', 360],
    ]);
    expect(firstVariant(text, base)).toBe('http://localhost/sessions/s/hls/aar.m3u8');
    expect(renditionName('http://x/hls/v360p.event.m3u8')).toBe('360p');
    expect(renditionName('http://x/hls/aar.m3u8')).toBeNull();
});

describe('choices', () => {
    afterEach(() => localStorage.clear());
    test('are kept one by one', () => {
        expect(readPrefs()).toEqual({ muted: true, volume: 1, quality: 'auto' });
        keepPrefs({ muted: false, volume: 0.4 });
        keepPrefs({ quality: '360p' });
        expect(readPrefs()).toEqual({ muted: false, volume: 0.4, quality: '360p' });
    });
    test.each(['no JSON', '{"volume":7,"quality":"<b>","muted":"x"}', 'null', '[]'])(
        'nonsense in the storage (%s) chooses nothing',
        (text) => {
            localStorage.setItem('majlis.player', text);
            expect(readPrefs()).toEqual({ muted: true, volume: 1, quality: 'auto' });
        },
    );
});

describe('keys', () => {
    const press = (key: string, html: string, code = '') => {
        document.body.innerHTML = html;
        const target = document.querySelector('[data-at]') ?? document.body;
        const done = vi.fn();
        const event = new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true });
        let took = false;
        const listener = (e: Event) => {
            took = handleKey(e as KeyboardEvent, { seek: done, help: done, toggle: done });
        };
        addEventListener('keydown', listener);
        target.dispatchEvent(event);
        removeEventListener('keydown', listener);
        return took ? (done.mock.calls[0] ?? null) : false;
    };
    test('J and L by their place on the keyboard, ? in both scripts', () => {
        expect(press('ت', '<p data-at></p>', 'KeyJ')).toEqual([-10]);
        expect(press('l', '<p data-at></p>', 'KeyL')).toEqual([10]);
        expect(press('?', '<p data-at></p>', 'Slash')).toEqual([]);
        expect(press('؟', '<p data-at></p>', 'Slash')).toEqual([]);
    });
    test('off while typing, in a dialog, and for controls with arrows of their own', () => {
        expect(press('?', '<textarea data-at></textarea>')).toBe(false);
        expect(press('k', '<dialog open><button data-at></button></dialog>', 'KeyK')).toBe(false);
        const volume = '<input type="range" data-at data-keys="own">';
        expect(press('ArrowLeft', volume)).toBe(false);
        expect(press('j', volume, 'KeyJ')).toEqual([-10]);
        expect(press('ArrowLeft', '<input type="range" data-at>')).toEqual([-5]);
        for (const type of ['checkbox', 'radio']) {
            expect(press(' ', `<input type="${type}" data-at>`)).toBe(false);
            expect(press('ArrowLeft', `<input type="${type}" data-at>`)).toBe(false);
        }
        expect(press(' ', '<input type="range" data-at>')).toEqual([]);
    });
});
