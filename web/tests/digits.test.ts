// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { western, wholeNumber } from '../src/core/digits';
import type { SessionState } from '../src/core/types';
import { parseClock } from '../src/media/timeline';
import { codeOf } from '../src/pages/sign-in';
import { bodyOf, doubtsOf, faultOf, sessionDraft, uaeLocal, uaeTime } from '../src/staff/draft';
import { FORMS, viewOf } from '../src/ui/hooks/use-view';
import { session as sample } from './samples';

test('Arabic and Persian digits are digits', () => {
    expect(western('٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ ٫ abc')).toBe('0123456789 0123456789 . abc');
    expect(wholeNumber(' ٤٥ ')).toBe(45);
    expect(wholeNumber('۹۰')).toBe(90);
    for (const bad of ['', '-1', '1.5', 'x', '١٢ ٣', '9999999999']) {
        expect(wholeNumber(bad)).toBeNull();
    }
    expect(parseClock('١:٠٢:٠٣٫٥')).toBe(3723500);
    expect(codeOf('https://x/ar/i/ab٢cd/?x#y')).toBe('ab2cd');
});

test('times are those of the UAE, there and back', () => {
    expect(uaeTime('2031-02-01T14:00')).toBe('2031-02-01T10:00:00Z');
    expect(uaeLocal('2031-02-01T22:30:00Z')).toBe('2031-02-02T02:30');
    expect(uaeTime('')).toBeNull();
    expect(uaeTime('soon')).toBeNull();
});

test('an address says which view', () => {
    expect(viewOf('#new', FORMS)).toEqual({ mode: 'new', id: '' });
    expect(viewOf('#edit=a-b_9', FORMS)).toEqual({ mode: 'edit', id: 'a-b_9' });
    expect(viewOf('#t=5', FORMS)).toEqual({ mode: 'list', id: '' });
});

test('a draft is refused, asked about or sent', () => {
    const draft = { ...sessionDraft(null), ar: 'س', starts: '2031-02-01T14:00' };
    expect(faultOf(draft)).toBeNull();
    expect(faultOf({ ...draft, ar: '\u200b' })?.field).toBe('title');
    expect(faultOf({ ...draft, starts: '' })?.code).toBe('required');
    expect(faultOf({ ...draft, minutes: '٤٨١' })?.code).toBe('out-of-range');
    const session = (starts_at: string, state: SessionState = 'scheduled') =>
        sample({ id: starts_at, starts_at, duration_minutes: 60, state });
    const now = Date.parse('2031-01-01T00:00:00Z');
    const clash = session('2031-02-01T10:59:00Z');
    const others = [
        clash,
        session('2031-02-01T11:00:00Z'),
        session('2031-02-01T10:00:00Z', 'ended'),
    ];
    expect(doubtsOf(draft, null, others, now)).toEqual({ past: false, clashes: [clash] });
    expect(doubtsOf(draft, clash, others, now).clashes).toEqual([]); // it moves away from itself
    expect(doubtsOf(draft, null, [], now + 86_400_000 * 60).past).toBe(true);
    const old = session('2031-02-01T10:00:00Z');
    expect(doubtsOf(draft, old, [], now + 86_400_000 * 60).past).toBe(false); // it keeps its start
    const demo = session('2031-02-01T10:00:41.250Z'); // the form shows whole minutes
    expect(bodyOf(sessionDraft(demo), demo)).not.toHaveProperty('starts_at');
    expect(doubtsOf(sessionDraft(demo), demo, [], now + 86_400_000 * 60).past).toBe(false);
    expect(bodyOf({ ...sessionDraft(demo), starts: '2031-02-01T15:00' }, demo).starts_at).toBe(
        '2031-02-01T11:00:00Z',
    );
});
