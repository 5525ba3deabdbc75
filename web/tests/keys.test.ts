// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, expect, test, vi } from 'vitest';
import { fullScreen } from '../src/media/controls/keys';

afterEach(() => {
    document.body.replaceChildren();
});

function player(): { box: HTMLElement; video: HTMLVideoElement } {
    const box = document.createElement('div');
    const video = document.createElement('video');
    box.append(video);
    document.body.append(box);
    return { box, video };
}

test('full screen takes the player with its controls', () => {
    const { box, video } = player();
    const asked = vi.fn(async () => undefined);
    const alone = vi.fn();
    Object.assign(box, { requestFullscreen: asked });
    Object.assign(video, { webkitEnterFullscreen: alone });
    fullScreen(box);
    expect([asked.mock.calls.length, alone.mock.calls.length]).toEqual([1, 0]);
});

test('an iPhone has full screen for a video alone', () => {
    const { box, video } = player();
    const alone = vi.fn();
    Object.assign(box, { requestFullscreen: undefined });
    Object.assign(video, { webkitEnterFullscreen: alone });
    fullScreen(box);
    expect(alone).toHaveBeenCalledTimes(1);
    fullScreen(null); // and nothing happens without a player
});
