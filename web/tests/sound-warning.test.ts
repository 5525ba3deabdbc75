// SPDX-License-Identifier: GPL-3.0-or-later
// What the speaker reads of the sound, and when.
import { signal } from '@preact/signals';
import { h, render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, test } from 'vitest';
import { Heard } from '../src/core/age';
import { loadLanguage } from '../src/core/i18n';
import type { SessionSocket } from '../src/core/session/session-socket';
import type { Session, SessionState, SoundAlarm } from '../src/core/types';
import { SoundWarning } from '../src/present/sound';

const root = document.createElement('div');

async function shown(state: SessionState, alarm: SoundAlarm | null): Promise<string | null> {
    const heard = new Heard();
    heard.heard();
    const socket = {
        heard,
        sound: signal(alarm),
        session: signal({ state } as Session),
    } as unknown as SessionSocket;
    await act(async () => render(h(SoundWarning, { socket }), root));
    return root.querySelector('[data-testid=sound-alarm]')?.textContent ?? null;
}

test.each([
    ['en', 'silent', /No sound.*microphone/],
    ['en', 'clipping', /Too loud.*softly/],
    ['en', 'left_only', /one side only/],
    ['en', 'right_only', /one side only/],
    ['ar', 'silent', /لا يُسمع.*الميكروفون/],
    ['ar', 'clipping', /مرتفع.*خفض/],
    ['ar', 'left_only', /جهة واحدة/],
] as const)('%s: %s is said in the lobby and on air', async (language, alarm, words) => {
    await loadLanguage(language);
    expect(await shown('live', alarm)).toMatch(words);
    expect(await shown('lobby', alarm)).toMatch(words);
    for (const state of ['scheduled', 'paused', 'ended', 'published', 'cancelled'] as const) {
        expect(await shown(state, alarm)).toBeNull();
    }
    expect(await shown('live', null)).toBeNull();
});
