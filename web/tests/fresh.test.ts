// SPDX-License-Identifier: GPL-3.0-or-later
// What a page shows is read again when somebody comes back to it, and not more often than it may.
import { type FunctionComponent, h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useFresh } from '../src/ui/hooks/use-fresh';
import { type Loaded, useLoad } from '../src/ui/hooks/use-load';

let hidden = false;

const place = document.createElement('div');
const show = (part: FunctionComponent) => act(() => render(h(part, null), place));

beforeEach(() => {
    vi.useFakeTimers();
    hidden = false;
    vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
});
afterEach(async () => {
    await act(() => render(null, place));
    vi.useRealTimers();
    vi.restoreAllMocks();
});

const back = () => {
    document.dispatchEvent(new Event('visibilitychange'));
    dispatchEvent(new Event('focus'));
};

test('once for each return, at most every ten seconds', async () => {
    let reads = 0;
    await show(() => {
        useFresh(() => reads++);
        return null;
    });
    back(); // it was loaded just now
    expect(reads).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(reads).toBe(0); // nobody came
    hidden = true;
    back();
    expect(reads).toBe(0);
    hidden = false;
    back();
    back();
    expect(reads).toBe(1);
    await act(() => render(null, place));
    vi.advanceTimersByTime(60_000);
    back();
    expect(reads).toBe(1);
});

test('again and again only while it is looked at', async () => {
    let reads = 0;
    await show(() => {
        useFresh(() => reads++, 30_000);
        return null;
    });
    vi.advanceTimersByTime(90_000);
    expect(reads).toBe(3);
    hidden = true;
    vi.advanceTimersByTime(90_000);
    expect(reads).toBe(3);
});

test('a load under way does not undo what is known since', async () => {
    const answers: ((text: string) => void)[] = [];
    let loaded: Loaded<string> | undefined;
    await show(() => {
        loaded = useLoad('one', () => new Promise<string>((done) => answers.push(done)));
        return null;
    });
    loaded?.set('chosen');
    answers[0]?.('before');
    await act(async () => {});
    expect(loaded?.value.value).toBe('chosen');
});
