// SPDX-License-Identifier: GPL-3.0-or-later
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../src/core/api';

interface FakeWhep {
    frames: number;
    videoPackets: number;
    audioPackets: number;
    answer(): void;
    refuse?: Error;
    closed: boolean;
    restarts: number;
    path(state: 'up' | 'shaky' | 'lost'): void;
}
interface FakeHls {
    url: string;
    kind: string;
    startAt: number;
    end: { at: number; segment: number } | null;
    failed(status: number): void;
    closed: boolean;
}
const world = vi.hoisted(() => ({
    wheps: [] as FakeWhep[],
    hlses: [] as FakeHls[],
    refusals: [] as (Error | undefined)[],
    path: 404, // of media-path: the status of a refusal, 200: signed, 0: not reached
    slow: false, // WHEP answers when it is told to
}));

vi.mock('../src/media/whep', () => ({
    VideoRefused: class extends Error {},
    WhepSession: class {
        frames = 0;
        videoPackets = 0;
        audioPackets = 0;
        answer: () => void = () => undefined;
        closed = false;
        restarts = 0;
        refuse = world.refusals.shift();
        path: FakeWhep['path'];
        constructor(_url: string, events: { path: FakeWhep['path'] }) {
            this.path = events.path;
            world.wheps.push(this);
        }
        async start() {
            if (this.refuse) {
                throw this.refuse;
            }
            if (world.slow) {
                await new Promise<void>((done) => {
                    this.answer = done;
                });
            }
        }
        async restartIce() {
            this.restarts++;
        }
        async measure() {
            const { frames, videoPackets, audioPackets } = this;
            return { frames, videoPackets, audioPackets, delayMs: 120, road: 'tcp' };
        }
        close() {
            this.closed = true;
        }
    },
}));
vi.mock('../src/media/hls', () => ({
    audioOnly: async (url: string) => url.replace('.m3u8', '.audio.m3u8'),
    attachHls: (_video: unknown, url: string, kind: string, events: FakeHls, startAt = -1) => {
        const handle = {
            url,
            kind,
            startAt,
            end: null as { at: number; segment: number } | null,
            edge: () => handle.end,
            failed: events.failed,
            closed: false,
            latencyMs: () => 2000,
            toLive: () => undefined,
            close() {
                handle.closed = true;
            },
        };
        world.hlses.push(handle);
        return handle;
    },
}));

const { LivePlayer } = await import('../src/media/live-player');
const { VideoRefused } = await import('../src/media/whep');

let player: InstanceType<typeof LivePlayer>;
const video = {
    paused: true,
    frames: 0,
    srcObject: null,
    currentTime: 0,
    playbackRate: 1,
    readyState: 4,
    play: async () => undefined,
    getVideoPlaybackQuality() {
        return { totalVideoFrames: this.frames };
    },
};

function start(force: 'whep' | 'hls' | null = null) {
    player = new LivePlayer(video as unknown as HTMLVideoElement, { session: 's1', force });
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const refusal = (status: number) => new Problem(status, 'x', '', '', '');

beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('RTCPeerConnection', class {});
    vi.stubGlobal('fetch', async () => {
        if (world.path === 0) {
            throw new TypeError('the network is away');
        }
        return Response.json({ path: '/sessions/s1/hls/t-abc/' }, { status: world.path });
    });
    world.path = 404;
    world.slow = false;
    world.wheps.length = 0;
    world.hlses.length = 0;
    world.refusals.length = 0;
    video.frames = 0;
    video.paused = true;
    video.currentTime = 0;
    video.playbackRate = 1;
});
afterEach(() => {
    player.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

test('WebRTC first, and it stays where frames come', async () => {
    start();
    player.setGate('open');
    await pass(100);
    for (let i = 0; i < 20; i++) {
        (world.wheps[0] as FakeWhep).frames += 15;
        await pass(500);
    }
    expect([player.via.value, player.state.value]).toEqual(['whep', 'playing']);
    expect([world.wheps.length, world.hlses.length]).toEqual([1, 0]);
});

test('no frame in 4 s: LL-HLS by itself, with a note', async () => {
    start();
    player.setGate('open');
    await pass(3500);
    expect(world.hlses.length).toBe(0);
    await pass(1600);
    expect(world.wheps[0]?.closed).toBe(true);
    expect([player.via.value, player.fellBack.value]).toEqual(['hls', 'network']);
    video.frames = 30;
    await pass(600);
    expect([player.via.value, player.state.value]).toEqual(['hls', 'playing']);
});

test.each([400, 404, 500])('WHEP answers %i: LL-HLS at once', async (status) => {
    world.refusals.push(refusal(status));
    start();
    player.setGate('open');
    await pass(300);
    expect([player.via.value, player.fellBack.value]).toEqual(['hls', 'server']);
});

const full = () => new Problem(503, 'urn:majlis:problem:no-place', '', '', '', 30_000);

test('all places are taken: HLS at once with the true cause, and a place is asked for later', async () => {
    world.refusals.push(full(), full());
    start();
    player.setGate('open');
    await pass(300);
    expect([player.via.value, player.fellBack.value]).toEqual(['hls', 'full']);
    const hls = world.hlses[0] as FakeHls;
    const watch = async (ms: number) => {
        for (let at = 0; at < ms && world.wheps.length < 3; at += 500) {
            video.frames += 15;
            await pass(500);
        }
    };
    await watch(29_000);
    expect(world.wheps.length).toBe(1);
    await watch(32_000); // 30 to 60 s after the refusal
    expect([world.wheps.length, hls.closed, player.state.value]).toEqual([2, false, 'playing']);
    await watch(61_000);
    expect([world.wheps.length, hls.closed, player.via.value]).toEqual([3, true, 'whep']);
    (world.wheps[2] as FakeWhep).frames = 20;
    await pass(600);
    expect([player.state.value, player.fellBack.value]).toEqual(['playing', null]);
    expect(world.wheps.slice(0, 2).every((whep) => whep.closed)).toBe(true);
});

test('in a full lobby a place is asked for when the server said, and when the gate opens', async () => {
    world.refusals.push(full(), full(), full());
    start();
    player.setGate('closed');
    await pass(29_000);
    expect(world.wheps.length).toBe(1);
    await pass(32_000);
    expect([world.wheps.length, player.state.value]).toEqual([2, 'idle']);
    player.setGate('open');
    await pass(300);
    expect([world.wheps.length, player.via.value]).toEqual([3, 'hls']);
});

test('WHEP lost on its way: once more, then LL-HLS', async () => {
    world.refusals.push(refusal(0), refusal(0));
    start();
    player.setGate('open');
    await pass(300);
    expect([world.wheps.length, player.via.value]).toEqual([2, 'hls']);
});

test('a network that is away is waited for, and WebRTC is back with it', async () => {
    world.refusals.push(...Array.from({ length: 100 }, () => refusal(0)));
    world.path = 0;
    start();
    player.setGate('open');
    await pass(60_000);
    const tries = world.wheps.length;
    expect([tries > 3, world.hlses.length]).toEqual([true, 0]);
    world.path = 404;
    world.refusals.length = 0;
    for (let ms = 0; ms < 16_000 && player.state.value !== 'playing'; ms += 500) {
        for (const whep of world.wheps.slice(tries)) {
            whep.frames += 15;
        }
        await pass(500);
    }
    expect([player.state.value, player.via.value, world.hlses.length]).toEqual([
        'playing',
        'whep',
        0,
    ]);
});

test('while the answer is on its way no road is judged', async () => {
    world.slow = true;
    start();
    player.setGate('open');
    await pass(6000);
    expect([world.wheps.length, world.hlses.length]).toEqual([1, 0]);
    world.wheps[0]?.answer();
    await pass(3500);
    expect(world.hlses.length).toBe(0);
    await pass(1600);
    expect(player.via.value).toBe('hls');
});

test('a first frame that is slow in coming is waited for, and not for ever', async () => {
    start();
    player.setGate('open');
    await pass(100);
    const whep = world.wheps[0] as FakeWhep;
    for (let ms = 0; ms < 7000; ms += 500) {
        whep.videoPackets += 5;
        await pass(500);
    }
    expect([player.via.value, world.hlses.length]).toEqual(['whep', 0]);
    for (let ms = 0; ms < 2000; ms += 500) {
        whep.videoPackets += 5;
        await pass(500);
    }
    expect(player.via.value).toBe('hls');
});

/** A WebRTC session whose picture moves for a second. */
async function moving(): Promise<FakeWhep> {
    video.paused = false;
    start();
    player.setGate('open');
    await pass(100);
    const whep = world.wheps[0] as FakeWhep;
    for (let ms = 0; ms < 1000; ms += 500) {
        whep.frames += 15;
        whep.videoPackets += 100;
        whep.audioPackets += 25;
        await pass(500);
    }
    expect([player.state.value, player.road.value]).toEqual(['playing', 'tcp']);
    return whep;
}

test('a picture that the server holds back is no stall: the sound goes on, and it is said', async () => {
    const whep = await moving();
    for (let ms = 0; ms < 60_000; ms += 500) {
        whep.audioPackets += 25;
        await pass(500);
        expect(player.state.value).toBe('playing');
    }
    expect([player.pictureHeld.value, world.wheps.length, world.hlses.length]).toEqual([
        true,
        1,
        0,
    ]);
    whep.frames += 15;
    whep.videoPackets += 100;
    await pass(600);
    expect([player.pictureHeld.value, player.state.value]).toEqual([false, 'playing']);
});

test('a held picture whose path was mended: its sound goes on, and it is left alone', async () => {
    const whep = await moving();
    const hear = async (most: number) => {
        for (let ms = 0; ms < most; ms += 500) {
            whep.audioPackets += 25;
            await pass(500);
        }
    };
    await hear(3000);
    expect(player.pictureHeld.value).toBe(true);
    whep.path('lost');
    await pass(2000);
    whep.path('up');
    await hear(6000);
    expect([whep.restarts, whep.closed, player.state.value]).toEqual([1, false, 'playing']);
    expect(player.pictureHeld.value).toBe(true);
});

test('a held picture may be asked for again', async () => {
    const whep = await moving();
    for (let ms = 0; ms < 5000; ms += 500) {
        whep.audioPackets += 25;
        await pass(500);
    }
    player.tryAgain();
    await pass(100);
    expect([whep.closed, world.wheps.length, player.pictureHeld.value]).toEqual([true, 2, false]);
});

test('packets of video and no whole frame is a stall, whatever the sound does', async () => {
    const whep = await moving();
    for (let ms = 0; ms < 8000; ms += 500) {
        whep.audioPackets += 25;
        whep.videoPackets += 100;
        await pass(500);
    }
    expect([whep.closed, player.pictureHeld.value]).toEqual([true, false]);
    expect(world.wheps.length).toBe(2);
});

test('nothing at all is a stall', async () => {
    const whep = await moving();
    await pass(3000);
    expect([player.state.value, player.pictureHeld.value]).toEqual(['reconnecting', false]);
    await pass(5000);
    expect(whep.closed).toBe(true);
});

test('a path that comes back by itself is left alone', async () => {
    const whep = await moving();
    whep.path('shaky');
    await pass(1000);
    whep.path('up');
    for (let ms = 0; ms < 3000; ms += 500) {
        whep.frames += 15;
        await pass(500);
    }
    expect([whep.restarts, whep.closed, player.state.value]).toEqual([0, false, 'playing']);
    whep.path('shaky');
    await pass(5000);
    expect([whep.restarts, whep.closed]).toEqual([1, false]);
    whep.frames += 15; // it was mended, and may be once more
    await pass(4000);
    whep.path('up');
    whep.frames += 15;
    await pass(600);
    whep.path('shaky');
    await pass(2100);
    expect([whep.restarts, whep.closed]).toEqual([2, false]);
});

test('a rejected video line: LL-HLS at once', async () => {
    world.refusals.push(new VideoRefused());
    start();
    player.setGate('open');
    await pass(300);
    expect([player.via.value, player.fellBack.value]).toEqual(['hls', 'browser']);
});

test('a browser without WebRTC: LL-HLS', async () => {
    vi.stubGlobal('RTCPeerConnection', undefined);
    start();
    player.setGate('open');
    await pass(300);
    expect([player.via.value, world.wheps.length]).toEqual(['hls', 0]);
});

test('forced to WebRTC it never falls back', async () => {
    start('whep');
    player.setGate('open');
    await pass(20000);
    expect(world.hlses.length).toBe(0);
    expect(world.wheps.length).toBeGreaterThan(1);
});

test('in the lobby 503 is only too early, and silence is no fault', async () => {
    world.refusals.push(refusal(503), refusal(503));
    start();
    player.setGate('closed');
    await pass(30000);
    expect(world.wheps.length).toBe(3);
    expect(world.wheps[2]?.closed).toBe(false);
    expect([world.hlses.length, player.state.value]).toEqual([0, 'idle']);
    player.setGate('open');
    expect(world.wheps.length).toBe(3);
    (world.wheps[2] as FakeWhep).frames = 10;
    await pass(600);
    expect(player.state.value).toBe('playing');
});

test('a proxy without its server is waited for: HLS would pass through it too', async () => {
    world.refusals.push(refusal(502), refusal(502), refusal(504));
    start();
    player.setGate('open');
    await pass(3000);
    expect(world.hlses.length).toBe(0);
    await pass(9000);
    expect(world.wheps.length).toBeGreaterThan(3);
});

test('not permitted is said, and not tried again', async () => {
    world.refusals.push(refusal(403));
    start();
    player.setGate('open');
    await pass(30000);
    expect([player.state.value, world.wheps.length]).toEqual(['denied', 1]);
});

test('a lost path: one ICE restart, then a new connection', async () => {
    start();
    player.setGate('open');
    await pass(100);
    const first = world.wheps[0] as FakeWhep;
    first.frames = 100;
    await pass(600);
    first.path('lost');
    await pass(100);
    expect([first.restarts, player.state.value]).toEqual([1, 'reconnecting']);
    await pass(5500);
    expect(first.closed).toBe(true);
    expect(world.wheps.length).toBe(2);
});

test('after a failure of LL-HLS the next try is WebRTC again', async () => {
    world.refusals.push(refusal(500));
    start();
    player.setGate('open');
    await pass(300);
    video.frames = 10;
    await pass(600);
    world.hlses[0]?.failed(0);
    expect(player.state.value).toBe('reconnecting');
    await pass(1000);
    expect([world.wheps.length, player.via.value]).toEqual([2, 'whep']);
    (world.wheps[1] as FakeWhep).frames = 5;
    await pass(600);
    expect([player.state.value, player.fellBack.value]).toEqual(['playing', null]);
});

test('at the end everything is let go', async () => {
    start();
    player.setGate('open');
    await pass(100);
    player.setGate('off');
    expect([world.wheps[0]?.closed, player.via.value]).toEqual([true, 'none']);
    await pass(20000);
    expect(world.wheps.length).toBe(1);
});

async function live() {
    start();
    player.setGate('open');
    await pass(100);
    (world.wheps[0] as FakeWhep).frames = 100;
    await pass(600);
    expect(player.state.value).toBe('playing');
}

async function fromStart(edge: number): Promise<FakeHls> {
    player.fromStart();
    await pass(100);
    const hls = world.hlses.at(-1) as FakeHls;
    hls.end = { at: edge, segment: 4 };
    video.frames = 10;
    await pass(600);
    return hls;
}

test('HLS by a signed path; one that is refused is asked for again, and no path is no right', async () => {
    world.path = 200;
    start('hls');
    player.setGate('open');
    await pass(100);
    const first = world.hlses[0] as FakeHls;
    expect(first.url).toBe('/sessions/s1/hls/t-abc/main.m3u8');
    first.failed(403);
    await pass(10_000);
    expect([world.hlses.length > 1, player.state.value !== 'denied']).toEqual([true, true]);
    world.path = 403;
    (world.hlses.at(-1) as FakeHls).failed(403);
    await pass(30_000);
    expect(player.state.value).toBe('denied');
});

test('from the start: the event at 1.25 times, and live again by itself', async () => {
    await live();
    const hls = await fromStart(600);
    expect(world.wheps[0]?.closed).toBe(true);
    expect([hls.url, hls.kind, hls.startAt]).toEqual(['/sessions/s1/hls/event.m3u8', 'event', 0]);
    expect([player.mode.value, player.state.value, video.playbackRate]).toEqual([
        'start',
        'playing',
        1.25,
    ]);
    expect([player.position.value, player.edge.value]).toEqual([0, 600]);
    video.currentTime = 590;
    await pass(600);
    expect(player.mode.value).toBe('start');
    video.currentTime = 595;
    await pass(600);
    expect([player.mode.value, player.cameBack.value]).toEqual(['live', 'caught-up']);
    expect([hls.closed, video.playbackRate, player.via.value]).toEqual([true, 1, 'whep']);
});

test('back to live is always there, and a seek stays within what there is', async () => {
    await live();
    const hls = await fromStart(300);
    player.seek(1000);
    expect(video.currentTime).toBe(300);
    player.seek(-5);
    expect(video.currentTime).toBe(0);
    player.toLive();
    await pass(100);
    expect([player.mode.value, player.cameBack.value, hls.closed]).toEqual(['live', null, true]);
    expect(world.wheps.length).toBe(2);
});

test('a pause of the session leaves a latecomer at what was before it', async () => {
    await live();
    const hls = await fromStart(300);
    player.setGate('closed');
    await pass(3000);
    expect([player.mode.value, hls.closed]).toEqual(['start', false]);
    player.setGate('off');
    expect([player.mode.value, hls.closed, player.via.value]).toEqual(['live', true, 'none']);
});

test('a broken event playlist is tried again where it was, then live is back', async () => {
    await live();
    let hls = await fromStart(300);
    video.currentTime = 40;
    await pass(600);
    for (let i = 0; i < 3; i++) {
        hls.failed(500);
        await pass(5000);
        expect(player.mode.value).toBe('start');
        hls = world.hlses.at(-1) as FakeHls;
        expect(hls.startAt).toBe(40);
    }
    hls.failed(500);
    await pass(100);
    expect([player.mode.value, player.cameBack.value]).toEqual(['live', 'failed']);
});

test('sound alone: the audio variant, counted by its clock', async () => {
    start('hls');
    player.setGate('open');
    await pass(300);
    video.frames = 30;
    await pass(600);
    player.setAudioOnly(true);
    await pass(100);
    const hls = world.hlses.at(-1) as FakeHls;
    expect([world.hlses.length, hls.url]).toEqual([2, '/sessions/s1/hls/main.audio.m3u8']);
    for (let i = 0; i < 20; i++) {
        video.currentTime += 0.5;
        await pass(500);
    }
    expect([player.state.value, world.hlses.length]).toEqual(['playing', 2]);
});
