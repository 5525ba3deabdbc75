// SPDX-License-Identifier: GPL-3.0-or-later
// Publishing over WHIP from a page of Chromium: its fake camera, or a canvas that shows the wall clock in black and white,
// which a viewer's page reads again.
import type { Page } from '@playwright/test';
import { BROWSER_ARGS } from './browser-args';

/** For launchOptions: a camera and a microphone that beeps. */
export const FAKE_DEVICES = [
    ...BROWSER_ARGS,
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
];

export interface Published {
    status: number;
    /** Of the resource; '' where it was refused. */
    place: string;
    /** The answer, or the refusal. */
    text: string;
}

interface Options {
    picture?: 'camera' | 'clock';
    /** The only codec of the offer's video. */
    codec?: string;
}

/** Bits of the picture's clock, which counts 4 ms. */
const BITS = 16;

/** Publishes from `page` to the WHIP address. */
export function publish(
    page: Page,
    url: string,
    token: string,
    options: Options = {},
): Promise<Published> {
    return page.evaluate(
        async ({ to, bearer, picture, codec, bits }) => {
            const drawn = () => {
                const canvas = document.createElement('canvas');
                canvas.width = 1280;
                canvas.height = 720;
                const context = canvas.getContext('2d') as CanvasRenderingContext2D;
                const width = canvas.width / bits;
                setInterval(() => {
                    const clock = Math.floor(Date.now() / 4);
                    for (let bit = 0; bit < bits; bit++) {
                        context.fillStyle = (clock >> bit) & 1 ? '#fff' : '#000';
                        context.fillRect(bit * width, 0, width, canvas.height);
                    }
                }, 15);
                return canvas.captureStream(30);
            };
            const stream = await navigator.mediaDevices.getUserMedia({
                video: picture === 'camera' && { width: 1280, height: 720, frameRate: 30 },
                audio: true,
            });
            if (picture === 'clock') {
                for (const track of drawn().getTracks()) {
                    stream.addTrack(track);
                }
            }
            const peer = new RTCPeerConnection();
            for (const track of stream.getTracks()) {
                const way = peer.addTransceiver(track, {
                    direction: 'sendonly',
                    streams: [stream],
                });
                if (codec && track.kind === 'video') {
                    const all = RTCRtpSender.getCapabilities('video')?.codecs ?? [];
                    way.setCodecPreferences(all.filter(({ mimeType }) => mimeType === codec));
                }
            }
            await peer.setLocalDescription();
            const answer = await fetch(to, {
                method: 'POST',
                headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${bearer}` },
                body: peer.localDescription?.sdp,
            });
            const text = await answer.text();
            if (answer.status === 201) {
                await peer.setRemoteDescription({ type: 'answer', sdp: text });
                (window as unknown as { publisher: RTCPeerConnection }).publisher = peer;
            } else {
                peer.close();
            }
            return {
                status: answer.status,
                place: answer.headers.get('Location') ?? '',
                text,
            };
        },
        { to: url, bearer: token, picture: 'camera', codec: '', bits: BITS, ...options },
    );
}

/** How old the clock is that the viewer's video shows now, ms; null: none can be read. */
export function age(page: Page): Promise<number | null> {
    return page.evaluate((bits) => {
        const video = document.querySelector('video');
        if (!video || video.videoWidth === 0) {
            return null;
        }
        const canvas = document.createElement('canvas');
        canvas.width = bits * 8;
        canvas.height = 8;
        const context = canvas.getContext('2d') as CanvasRenderingContext2D;
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        const now = Math.floor(Date.now() / 4);
        let clock = 0;
        for (let bit = 0; bit < bits; bit++) {
            const [light = 0] = context.getImageData(bit * 8 + 4, 4, 1, 1).data;
            if (light > 90 && light < 160) {
                return null; // neither black nor white
            }
            clock |= light > 125 ? 1 << bit : 0;
        }
        return 4 * ((now - clock) & ((1 << bits) - 1));
    }, BITS);
}
