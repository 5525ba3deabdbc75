// SPDX-License-Identifier: GPL-3.0-or-later
// A page as a person's eyes see it: the time mark in the picture, who may be reached.
import { type BrowserContext, expect, type Page } from '@playwright/test';
import { decode, type Luma, MARK_CELLS } from '../browser/mark';
import { patience, until } from './time';

export interface Seen {
    mark: number | null; // ms of the timeline, from the pixels
    wall: number; // when it was shown, ms since 1970
}

/** In the page: the next frame that the video shows, as the brightness of each cell of its strip. */
export function readStrip(
    element: Element,
    count: number,
): Promise<{ cells: number[]; wall: number }> {
    return new Promise((done) => {
        const video = element as HTMLVideoElement;
        const read = (shown: number) => {
            const canvas = document.createElement('canvas');
            canvas.width = count * 10;
            canvas.height = 20;
            const context = canvas.getContext('2d') as CanvasRenderingContext2D;
            const height = video.videoHeight / 12;
            context.drawImage(
                video,
                0,
                video.videoHeight - height,
                video.videoWidth,
                height,
                0,
                0,
                canvas.width,
                canvas.height,
            );
            const cells = Array.from({ length: count }, (_, i) => {
                const { data } = context.getImageData(i * 10 + 3, 7, 4, 6);
                let sum = 0;
                for (let at = 0; at < data.length; at += 4) {
                    sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
                }
                return sum / (data.length / 4);
            });
            done({ cells, wall: performance.timeOrigin + shown });
        };
        if (video.paused || video.ended) {
            read(performance.now());
        } else {
            video.requestVideoFrameCallback((_, about) => read(about.expectedDisplayTime));
            setTimeout(() => read(performance.now()), 2000); // no frame comes: what stands there
        }
    });
}

/** The time that a strip of such cells tells. */
export function markOf(cells: number[]): number | null {
    const image: Luma = {
        width: MARK_CELLS * 10,
        height: 120,
        data: new Uint8Array(MARK_CELLS * 10 * 120),
    };
    const data = image.data as Uint8Array;
    for (let i = 0; i < data.length; i++) {
        data[i] = cells[Math.floor((i % image.width) / 10)];
    }
    return decode(image);
}

export async function look(page: Page): Promise<Seen> {
    const video = page.locator('video').first();
    const { cells, wall } = await video.evaluate(readStrip, MARK_CELLS, {
        timeout: patience(5000),
    });
    return { mark: markOf(cells), wall };
}

/** Waits until the picture shows marks that move on as the clock does; a player that just joined may jump to the
 * live edge first. */
export async function expectAdvancing(page: Page, ms = 20_000): Promise<void> {
    let seen = '';
    const step = async () => {
        const first = await look(page);
        await page.waitForTimeout(1500);
        const second = await look(page);
        if (first.mark === null || second.mark === null) {
            return 'no time mark is seen';
        }
        const off = second.mark - first.mark - (second.wall - first.wall);
        return Math.abs(off) < 400 ? 'advances' : `off by ${off.toFixed(0)} ms in 1.5 s`;
    };
    await until('the picture advances', ms, async () => {
        seen = await step();
        return seen === 'advances';
    }).catch(async (error) => {
        const shown = await page.locator('body').innerText({ timeout: 1000 });
        throw new Error(`${error.message}; at last ${seen}; the page says: ${shown}`);
    });
}

/** Median of the time from picture to screen over `count` frames, ms. */
export async function delay(page: Page, epoch: string, count = 15): Promise<number> {
    const zero = Date.parse(epoch);
    const found: number[] = [];
    for (let tries = 0; found.length < count && tries < 4 * count; tries++) {
        const seen = await look(page);
        if (seen.mark !== null) {
            found.push(seen.wall - zero - seen.mark);
        }
        await page.waitForTimeout(100);
    }
    expect(found.length).toBe(count);
    return found.sort((a, b) => a - b)[Math.floor(count / 2)];
}

/** While a button is pressed that wants to be held: until it has been long enough, also on a busy machine. */
export async function held(page: Page, id: string): Promise<void> {
    await page.waitForTimeout(900); // 700 are needed
    await expect(page.locator(`[data-testid=${id}][data-holding=true]`)).toHaveCount(0);
}

/** Is the mouse down on it? One that is gone has had its effect. */
const isPressed = (page: Page, id: string) =>
    page.evaluate((name) => {
        const button = document.querySelector(`[data-testid="${name}"]`);
        return !button || button.matches(':active');
    }, id);

/** Presses a button that wants to be held, by the mouse and long enough; again where the page moved it away. */
export async function hold(page: Page, id: string): Promise<void> {
    const button = page.getByTestId(id);
    for (let tries = 0; tries < 5; tries++) {
        await button.hover();
        await page.mouse.down();
        const pressed = await isPressed(page, id);
        if (pressed) {
            await held(page, id);
        }
        await page.mouse.up();
        if (pressed) {
            return;
        }
    }
    throw new Error(`"${id}" moves away from the mouse`);
}

/** Fails the test when a page of this context asks another origin for anything. */
export function watchOrigins(context: BrowserContext, origin: string): string[] {
    const foreign: string[] = [];
    context.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http') && url.origin !== origin) {
            foreign.push(request.url());
        }
    });
    return foreign;
}

interface Watched {
    peers?: RTCPeerConnection[];
}

/** Lets `transport` and `freezes` ask the page's peer connections; they work as they do without. */
export async function recordPeers(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
        const peers: RTCPeerConnection[] = [];
        (window as Watched).peers = peers;
        window.RTCPeerConnection = class extends RTCPeerConnection {
            constructor(...words: [RTCConfiguration?]) {
                super(...words);
                peers.push(this);
            }
        };
    });
}

type Report = Record<string, string & number>;

/** Reports of the page's newest peer connection; none where it has closed them all. */
async function reports(page: Page): Promise<Report[]> {
    return page.evaluate(async () => {
        const peer = (window as Watched).peers
            ?.filter((one) => one.connectionState !== 'closed')
            .pop();
        return peer
            ? [...((await peer.getStats()) as unknown as Map<string, Report>).values()]
            : [];
    });
}

/** How many peer connections the page has had. */
export function peersMade(page: Page): Promise<number> {
    return page.evaluate(() => (window as Watched).peers?.length ?? 0);
}

/** The candidate pair in use, as this side sees it. */
export async function transport(
    page: Page,
): Promise<{ type: string; protocol: string; relay?: string; port: number } | null> {
    const all = await reports(page);
    const named = (id: string | undefined) => all.find((report) => report.id === id);
    const pair = named(all.find((report) => report.type === 'transport')?.selectedCandidatePairId);
    const local = named(pair?.localCandidateId);
    return local
        ? {
              type: local.candidateType,
              protocol: local.protocol,
              relay: local.relayProtocol,
              port: named(pair?.remoteCandidateId)?.port ?? 0,
          }
        : null;
}

export interface Freezes {
    ms: number;
    frames: number;
    /** By webrtc-stats' rule for a freeze: a gap above the greater of 3 times the mean and the mean + 150 ms. */
    frozenMs: number;
    largestGapMs: number;
    freezes: number;
    lost: number;
    nacks: number;
}

/** Watches for `ms` when frames are shown. */
export async function freezes(page: Page, ms: number): Promise<Freezes> {
    const inbound = async () =>
        (await reports(page)).find(
            (report) => report.type === 'inbound-rtp' && report.kind === 'video',
        );
    const before = await inbound();
    const shown = await page.evaluate(
        (wait) =>
            new Promise<number[]>((done) => {
                const video = document.querySelector('video') as HTMLVideoElement;
                const times: number[] = [performance.now()];
                const note = (now: number) => {
                    times.push(now);
                    video.requestVideoFrameCallback(note);
                };
                video.requestVideoFrameCallback(note);
                setTimeout(() => done([...times, performance.now()]), wait);
            }),
        ms,
    );
    const after = await inbound();
    const gaps = shown.slice(1).map((at, i) => at - shown[i]);
    const whole = shown[shown.length - 1] - shown[0];
    const mean = whole / Math.max(1, gaps.length);
    const frozen = gaps.filter((gap) => gap > Math.max(3 * mean, mean + 150));
    const grown = (key: string) => Number(after?.[key] ?? 0) - Number(before?.[key] ?? 0);
    return {
        ms: Math.round(whole),
        frames: shown.length - 2,
        frozenMs: Math.round(frozen.reduce((sum, gap) => sum + gap, 0)),
        largestGapMs: Math.round(Math.max(...gaps)),
        freezes: grown('freezeCount'),
        lost: grown('packetsLost'),
        nacks: grown('nackCount'),
    };
}
