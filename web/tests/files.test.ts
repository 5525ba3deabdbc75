// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures and materials: how files are named and sent, their words; and the times of an agenda.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { agendaTimes } from '../src/attend/agenda-times';
import { Problem } from '../src/core/api';
import { kindOf, nameOf, sendFile } from '../src/files/send';
import { type FilesKey, filesWords } from '../src/files/words';

describe('a material', () => {
    test('is called as its file, without the ending', () => {
        expect(nameOf('العرض التقديمي.pptx')).toBe('العرض التقديمي');
        expect(nameOf('v1.2 final.PDF')).toBe('v1.2 final');
        expect(nameOf('notes')).toBe('notes');
        expect(nameOf('.pdf')).toBe('.pdf');
    });

    test('says what it is: its type, or where a link leads', () => {
        expect(kindOf({ type: 'application/pdf', url: '/api/v1/x' })).toBe('PDF');
        expect(kindOf({ type: 'image/unknown', url: '/api/v1/x' })).toBe('');
        expect(kindOf({ type: null, url: 'https://guide.example/a' })).toBe('guide.example');
        expect(kindOf({ type: null, url: 'no address' })).toBe('');
    });
});

/** Stands in for the browser's. */
class FakeRequest {
    static last: FakeRequest;
    upload: { onprogress?: (event: { loaded: number }) => void } = {};
    onload = () => {};
    onerror = () => {};
    onabort = () => {};
    status = 0;
    responseText = '';
    sent: unknown;
    address = '';
    constructor() {
        FakeRequest.last = this;
    }
    open(method: string, path: string) {
        this.address = `${method} ${path}`;
    }
    setRequestHeader() {}
    getResponseHeader = () => 'r1';
    send(body: unknown) {
        this.sent = body;
    }
    abort() {
        this.onabort();
    }
    answer(status: number, text: string) {
        this.status = status;
        this.responseText = text;
        this.onload();
    }
}

describe('sending', () => {
    afterEach(() => {
        vi.unstubAllGlobals();
    });
    const begin = () => {
        vi.stubGlobal('XMLHttpRequest', FakeRequest);
        const heard: number[] = [];
        const stop = new AbortController();
        const file = new Blob(['12345678']);
        const sent = sendFile<{ id: string }>(
            'POST',
            'x?name=y',
            file,
            (part) => heard.push(part),
            stop.signal,
        );
        return { sent, heard, stop, file, request: FakeRequest.last };
    };

    test('tells how much has gone, and what the server said', async () => {
        const { sent, heard, file, request } = begin();
        expect([request.address, request.sent]).toEqual(['POST /api/v1/x?name=y', file]);
        request.upload.onprogress?.({ loaded: 2 });
        request.upload.onprogress?.({ loaded: 8 });
        request.answer(201, '{"id":"m1"}');
        expect(await sent).toEqual({ id: 'm1' });
        expect(heard).toEqual([0.25, 1]);
    });

    test('rejects with the refusal, also of a proxy that speaks no JSON', async () => {
        const refused = begin();
        refused.request.answer(400, '{"code":"file-type","params":{"allowed":"PNG"}}');
        await expect(refused.sent).rejects.toMatchObject({
            status: 400,
            code: 'file-type',
            requestId: 'r1',
            params: { allowed: 'PNG' },
        });
        const proxied = begin();
        proxied.request.answer(413, '<html>');
        await expect(proxied.sent).rejects.toMatchObject({ status: 413, code: '' });
    });

    test('ends when it is stopped, or the line breaks', async () => {
        const stopped = begin();
        stopped.stop.abort();
        await expect(stopped.sent).rejects.toBeInstanceOf(Problem);
        const broken = begin();
        broken.request.onerror();
        await expect(broken.sent).rejects.toMatchObject({ type: 'offline' });
    });
});

describe('the times of an agenda', () => {
    const item = (minutes?: number) => ({ title: { ar: 'بند', en: '' }, minutes });
    const AT = '2030-01-01T07:00:00Z';
    const minutesAfter = (times: (number | null)[]) =>
        times.map((one) => one && (one - Date.parse(AT)) / 60_000);

    test('follow from the start and the lengths', () => {
        expect(agendaTimes(AT, [])).toEqual([]);
        const times = agendaTimes(AT, [item(40), item(20), item(5)]);
        expect(times[0]).toBe(Date.parse(AT));
        expect(minutesAfter(times)).toEqual([0, 40, 60]);
    });

    test('end behind an item without a length; without any there are none', () => {
        expect(minutesAfter(agendaTimes(AT, [item(40), item(), item(5)]))).toEqual([0, 40, null]);
        expect(agendaTimes(AT, [item(), item()])).toEqual([null, null]);
    });
});

test('the words are in both languages, with the punctuation of each', () => {
    for (const key of Object.keys(filesWords.en) as FilesKey[]) {
        const [ar, en] = [filesWords.ar[key], filesWords.en[key]];
        expect(ar, key).toMatch(/[\u0621-\u064a]/);
        expect(ar, key).not.toMatch(/[,;?]/);
        const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
        expect(values(ar), key).toEqual(values(en));
    }
});
