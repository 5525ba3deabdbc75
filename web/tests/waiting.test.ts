// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it, vi } from 'vitest';
import { loadLanguage } from '../src/core/i18n';
import type { Recording } from '../src/core/types';
import { lineWords, measureLine, roadWords } from '../src/waiting/check';
import { recordingWords } from '../src/waiting/cover';
import { timeHere } from '../src/waiting/time-here';
import { type WaitingKey, w, waitingWords } from '../src/waiting/words';
import { session } from './samples';

describe('the page before a session', () => {
    it('shows the time here only where the clock there shows another', async () => {
        await loadLanguage('en');
        const at = '2026-12-01T07:00:00Z';
        expect(timeHere(at, 'Asia/Dubai')).toBeNull();
        expect(timeHere(at, 'Asia/Muscat')).toBeNull();
        expect(timeHere(at, 'Europe/London')).toMatch(/Tuesday.*7:00/);
        expect(timeHere(at, 'Pacific/Honolulu')).toMatch(/Monday/);
    });

    it('has the same place-holders in both languages', () => {
        const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
        for (const key of Object.keys(waitingWords.en) as WaitingKey[]) {
            expect(holes(waitingWords.ar[key]), key).toEqual(holes(waitingWords.en[key]));
        }
        expect(w('opensAt', { time: '11:00' })).toContain('11:00');
    });

    it('says of the network only what was measured', () => {
        expect(lineWords(null)).toBe('lineBad');
        expect(lineWords({ mbps: 8, rttMs: 20 })).toBe('lineHd');
        expect(lineWords({ mbps: 2, rttMs: 20 })).toBe('lineLow');
        expect(lineWords({ mbps: 0.3, rttMs: 20 })).toBe('linePoor');
        expect(roadWords('none', 'none', true)).toBe('roadLater');
        expect(roadWords('whep', 'none', true)).toBe('roadLater');
        expect(roadWords('whep', 'udp', true)).toBe('roadUdp');
        expect(roadWords('whep', 'relay', true)).toBe('roadTcp');
        expect(roadWords('hls', 'none', true)).toBe('roadHls');
        expect(roadWords('none', 'none', false)).toBe('roadNone');
    });

    it('measures a line that brings no whole file in time, and does not call it unreachable', async () => {
        vi.stubGlobal('fetch', async (url: string, { signal }: RequestInit) => {
            if (url === '/healthz') {
                return new Response('ok');
            }
            const body = new ReadableStream<Uint8Array>({
                start(stream) {
                    const timer = setInterval(() => stream.enqueue(new Uint8Array(2500)), 200);
                    signal?.addEventListener('abort', () => {
                        clearInterval(timer);
                        stream.error(new DOMException('', 'TimeoutError'));
                    });
                },
            });
            return new Response(body);
        });
        const line = await measureLine();
        expect(line?.mbps).toBeGreaterThan(0.1);
        expect(lineWords(line)).toBe('linePoor');
        vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('away')));
        expect(await measureLine()).toBeNull();
        vi.unstubAllGlobals();
    }, 10_000);

    it('says what becomes of the recording', () => {
        const words = (mp4: Recording['mp4']) => recordingWords({ ...session().recording, mp4 });
        expect(words('none')).toBe('recordingNone');
        expect(words('working')).toBe('recordingPrepares');
        expect(words('failed')).toBe('recordingFailed');
        expect(words('ready')).toBe('recordingWaits');
    });
});
