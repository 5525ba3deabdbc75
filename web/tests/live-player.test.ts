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
    url: string;
    soundOnly: boolean;
    replaced: unknown;
    path(state: 'up' | 'shaky' | 'lost'): void;
}
interface FakeHls {
    url: string;
    kind: string;
    startAt: number;
    end: { at: number; segment: number; wall: number | null } | null;
    quality: string;
    failed(status: number): void;
    started(): void;
    closed: boolean;
}
const world = vi.hoisted(() => ({
    wheps: [] as FakeWhep[],
    hlses: [] as FakeHls[],
    refusals: [] as (Error | undefined)[],
    path: 404, // of media-path: the status of a refusal, 200: signed, 0: not reached
    full: false, // media-path refuses for want of a place
    slow: false, // WHEP answers when it is told to
    /** The session's history: an hour that ends at this wall time; null: none. */
    historyEnd: null as number | null,
    histories: 0,
}));

vi.mock('../src/media/whep/whep', () => ({
    VideoRefused: class extends Error {},
    WhepSession: class {
        frames = 0;
        videoPackets = 0;
        audioPackets = 0;
        answer: () => void = () => undefined;
        closed = false;
        restarts = 0;
        refuse = world.refusals.shift();
        replaced: unknown = null;
        path: FakeWhep['path'];
        constructor(
            readonly url: string,
            events: { path: FakeWhep['path'] },
            readonly soundOnly: boolean,
        ) {
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
        replace(before: unknown) {
            this.replaced = before;
        }
        close() {
            this.closed = true;
        }
    },
}));
vi.mock('../src/media/hls/hls', async () => ({
    ...(await import('../src/media/hls/media-path')),
    audioOnly: async (url: string) => url.replace('.m3u8', '.audio.m3u8'),
    loadHistory: async () => {
        world.histories++;
        const end = world.historyEnd;
        return (
            end && {
                length: 3600,
                end,
                positionAt: (wall: number) => 3600 + (wall - end) / 1000,
            }
        );
    },
    attachHls: (
        _video: unknown,
        url: string,
        kind: string,
        events: FakeHls,
        startAt = -1,
        quality = 'auto',
    ) => {
        const handle = {
            url,
            kind,
            startAt,
            end: null as FakeHls['end'],
            quality,
            setQuality(name: string) {
                handle.quality = name;
            },
            shownAt: () => null,
            edge: () => handle.end,
            failed: events.failed,
            started: events.started,
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

const { LivePlayer } = await import('../src/media/live/live-player');
await import('../src/media/hls/hls');
const { VideoRefused } = await import('../src/media/whep/whep');

let player: InstanceType<typeof LivePlayer>;
const video = {
    paused: true,
    frames: 0,
    srcObject: null,
    currentTime: 0,
    playbackRate: 1,
    readyState: 4,
    ended: false,
    muted: true,
    autoplay: true,
    listeners: new Map<string, () => void>(),
    addEventListener(name: string, listener: () => void) {
        this.listeners.set(name, listener);
    },
    removeEventListener(name: string) {
        this.listeners.delete(name);
    },
    async play() {
        this.plays++;
        if (this.follows && this.paused) {
            this.paused = false;
            this.listeners.get('play')?.();
        }
    },
    pause() {
        this.paused = true;
        this.listeners.get('pause')?.();
    },
    plays: 0,
    follows: false, // play() and pause() have their events
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
        if (world.full) {
            const type = 'urn:majlis:problem:no-place';
            return Response.json({ type }, { status: 503, headers: { 'Retry-After': '30' } });
        }
        return Response.json({ path: '/sessions/s1/hls/t-abc/' }, { status: world.path });
    });
    world.path = 404;
    world.full = false;
    world.slow = false;
    world.historyEnd = null;
    world.histories = 0;
    video.plays = 0;
    video.follows = false;
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
    vi.restoreAllMocks();
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
    expect([player.shown.via.value, player.shown.state.value]).toEqual(['whep', 'playing']);
    expect([world.wheps.length, world.hlses.length]).toEqual([1, 0]);
});

test('no frame in 4 s: LL-HLS by itself, with a note', async () => {
    start();
    player.setGate('open');
    await pass(3500);
    expect(world.hlses.length).toBe(0);
    await pass(1600);
    expect(world.wheps[0]?.closed).toBe(true);
    expect([player.shown.via.value, player.shown.fellBack.value]).toEqual(['hls', 'network']);
    video.frames = 30;
    await pass(600);
    expect([player.shown.via.value, player.shown.state.value]).toEqual(['hls', 'playing']);
});

test.each([400, 404, 500])('WHEP answers %i: LL-HLS at once', async (status) => {
    world.refusals.push(refusal(status));
    start();
    player.setGate('open');
    await pass(300);
    expect([player.shown.via.value, player.shown.fellBack.value]).toEqual(['hls', 'server']);
});

const full = () => new Problem(503, 'urn:majlis:problem:no-place', '', '', '', 30_000);

test.each([0, 0.999])(
    'all places are taken: HLS at once with the true cause, and a place is asked for later (%d)',
    async (random) => {
        const away = 30_000 * (1 + random); // 30 to 60 s after each refusal
        vi.spyOn(Math, 'random').mockReturnValue(random);
        world.refusals.push(full(), full());
        start();
        player.setGate('open');
        await pass(300);
        expect([player.shown.via.value, player.shown.fellBack.value]).toEqual(['hls', 'full']);
        const hls = world.hlses[0] as FakeHls;
        const watch = async (ms: number) => {
            for (let at = 0; at < ms; at += 500) {
                video.frames += 15;
                await pass(500);
            }
        };
        await watch(away - 1500);
        expect(world.wheps.length).toBe(1);
        await watch(2500);
        expect([world.wheps.length, hls.closed, player.shown.state.value]).toEqual([
            2,
            false,
            'playing',
        ]);
        await watch(away - 2500);
        expect(world.wheps.length).toBe(2);
        for (let at = 0; at < 3000 && world.wheps.length < 3; at += 500) {
            await watch(500);
        }
        expect([world.wheps.length, hls.closed, player.shown.via.value]).toEqual([3, true, 'whep']);
        (world.wheps[2] as FakeWhep).frames = 20;
        await pass(600);
        expect([player.shown.state.value, player.shown.fellBack.value]).toEqual(['playing', null]);
        expect(world.wheps.slice(0, 2).every((whep) => whep.closed)).toBe(true);
    },
);

test('a full server: the page says so, asks again by itself, and plays once there is a place', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    world.refusals.push(full(), full());
    world.full = true;
    start();
    player.setGate('open');
    await pass(300);
    const shown = () => [world.wheps.length, world.hlses.length, player.shown.state.value];
    expect(shown()).toEqual([1, 0, 'full']);
    await pass(29_000);
    expect(shown()).toEqual([1, 0, 'full']); // it comes not sooner than the server said
    await pass(1500);
    expect(shown()).toEqual([2, 0, 'full']);
    world.full = false;
    await pass(30_500);
    expect(world.wheps.length).toBe(3);
    (world.wheps[2] as FakeWhep).frames = 20;
    await pass(600);
    expect([player.shown.state.value, player.shown.fellBack.value]).toEqual(['playing', null]);
});

test.each([0, 0.999])(
    'in a full lobby a place is asked for when the server said, and when the gate opens (%d)',
    async (random) => {
        const away = 30_000 * (1 + random);
        vi.spyOn(Math, 'random').mockReturnValue(random);
        world.refusals.push(full(), full(), full());
        start();
        player.setGate('closed');
        await pass(away - 500);
        expect(world.wheps.length).toBe(1);
        await pass(1500);
        expect([world.wheps.length, player.shown.state.value]).toEqual([2, 'idle']);
        player.setGate('open');
        await pass(300);
        expect([world.wheps.length, player.shown.via.value]).toEqual([3, 'hls']);
    },
);

test('WHEP lost on its way: once more, then LL-HLS', async () => {
    world.refusals.push(refusal(0), refusal(0));
    start();
    player.setGate('open');
    await pass(300);
    expect([world.wheps.length, player.shown.via.value]).toEqual([2, 'hls']);
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
    for (let ms = 0; ms < 16_000 && player.shown.state.value !== 'playing'; ms += 500) {
        for (const whep of world.wheps.slice(tries)) {
            whep.frames += 15;
        }
        await pass(500);
    }
    expect([player.shown.state.value, player.shown.via.value, world.hlses.length]).toEqual([
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
    expect(player.shown.via.value).toBe('hls');
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
    expect([player.shown.via.value, world.hlses.length]).toEqual(['whep', 0]);
    for (let ms = 0; ms < 2000; ms += 500) {
        whep.videoPackets += 5;
        await pass(500);
    }
    expect(player.shown.via.value).toBe('hls');
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
    expect([player.shown.state.value, player.shown.road.value]).toEqual(['playing', 'tcp']);
    return whep;
}

test('a picture that the server holds back is no stall: the sound goes on, and it is said', async () => {
    const whep = await moving();
    for (let ms = 0; ms < 60_000; ms += 500) {
        whep.audioPackets += 25;
        await pass(500);
        expect(player.shown.state.value).toBe('playing');
    }
    expect([player.shown.pictureHeld.value, world.wheps.length, world.hlses.length]).toEqual([
        true,
        1,
        0,
    ]);
    whep.frames += 15;
    whep.videoPackets += 100;
    await pass(600);
    expect([player.shown.pictureHeld.value, player.shown.state.value]).toEqual([false, 'playing']);
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
    expect(player.shown.pictureHeld.value).toBe(true);
    whep.path('lost');
    await pass(2000);
    whep.path('up');
    await hear(6000);
    expect([whep.restarts, whep.closed, player.shown.state.value]).toEqual([1, false, 'playing']);
    expect(player.shown.pictureHeld.value).toBe(true);
});

test('a held picture may be asked for again', async () => {
    const whep = await moving();
    for (let ms = 0; ms < 5000; ms += 500) {
        whep.audioPackets += 25;
        await pass(500);
    }
    player.tryAgain();
    await pass(100);
    expect([whep.closed, world.wheps.length, player.shown.pictureHeld.value]).toEqual([
        true,
        2,
        false,
    ]);
});

test('packets of video and no whole frame is a stall, whatever the sound does', async () => {
    const whep = await moving();
    for (let ms = 0; ms < 8000; ms += 500) {
        whep.audioPackets += 25;
        whep.videoPackets += 100;
        await pass(500);
    }
    expect([whep.closed, player.shown.pictureHeld.value]).toEqual([true, false]);
    expect(world.wheps.length).toBe(2);
});

test('nothing at all is a stall', async () => {
    const whep = await moving();
    await pass(3000);
    expect([player.shown.state.value, player.shown.pictureHeld.value]).toEqual([
        'reconnecting',
        false,
    ]);
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
    expect([whep.restarts, whep.closed, player.shown.state.value]).toEqual([0, false, 'playing']);
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
    expect([player.shown.via.value, player.shown.fellBack.value]).toEqual(['hls', 'browser']);
});

test('a browser without WebRTC: LL-HLS', async () => {
    vi.stubGlobal('RTCPeerConnection', undefined);
    start();
    player.setGate('open');
    await pass(300);
    expect([player.shown.via.value, world.wheps.length]).toEqual(['hls', 0]);
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
    expect([world.hlses.length, player.shown.state.value]).toEqual([0, 'idle']);
    player.setGate('open');
    expect(world.wheps.length).toBe(3);
    (world.wheps[2] as FakeWhep).frames = 10;
    await pass(600);
    expect(player.shown.state.value).toBe('playing');
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
    expect([player.shown.state.value, world.wheps.length]).toEqual(['denied', 1]);
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
    expect([first.restarts, player.shown.state.value]).toEqual([1, 'reconnecting']);
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
    expect(player.shown.state.value).toBe('reconnecting');
    await pass(1000);
    expect([world.wheps.length, player.shown.via.value]).toEqual([2, 'whep']);
    (world.wheps[1] as FakeWhep).frames = 5;
    await pass(600);
    expect([player.shown.state.value, player.shown.fellBack.value]).toEqual(['playing', null]);
});

test('at the end everything is let go', async () => {
    start();
    player.setGate('open');
    await pass(100);
    player.setGate('off');
    expect([world.wheps[0]?.closed, player.shown.via.value]).toEqual([true, 'none']);
    await pass(20000);
    expect(world.wheps.length).toBe(1);
});

async function live() {
    start();
    player.setGate('open');
    await pass(100);
    (world.wheps[0] as FakeWhep).frames = 100;
    await pass(600);
    expect(player.shown.state.value).toBe('playing');
}

async function fromStart(edge: number): Promise<FakeHls> {
    player.fromStart();
    await pass(100);
    const hls = world.hlses.at(-1) as FakeHls;
    hls.end = { at: edge, segment: 4, wall: null };
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
    expect([world.hlses.length > 1, player.shown.state.value !== 'denied']).toEqual([true, true]);
    world.path = 403;
    (world.hlses.at(-1) as FakeHls).failed(403);
    await pass(30_000);
    expect(player.shown.state.value).toBe('denied');
});

test('from the start: the event at 1.25 times, and live again by itself', async () => {
    await live();
    const hls = await fromStart(600);
    expect(world.wheps[0]?.closed).toBe(true);
    expect([hls.url, hls.kind, hls.startAt]).toEqual(['/sessions/s1/hls/event.m3u8', 'event', 0]);
    expect([player.shown.mode.value, player.shown.state.value, video.playbackRate]).toEqual([
        'back',
        'playing',
        1.25,
    ]);
    expect([player.shown.position.value, player.shown.edge.value]).toEqual([0, 600]);
    video.currentTime = 590;
    await pass(600);
    expect(player.shown.mode.value).toBe('back');
    video.currentTime = 595;
    await pass(600);
    expect([player.shown.mode.value, player.shown.cameBack.value]).toEqual(['live', 'caught-up']);
    expect([hls.closed, video.playbackRate, player.shown.via.value]).toEqual([true, 1, 'whep']);
});

test('back to live is always there, and a seek stays within what there is', async () => {
    await live();
    const hls = await fromStart(300);
    player.seek(200);
    expect(video.currentTime).toBe(200);
    player.seek(-5);
    expect(video.currentTime).toBe(0);
    player.toLive();
    await pass(100);
    expect([player.shown.mode.value, player.shown.cameBack.value, hls.closed]).toEqual([
        'live',
        null,
        true,
    ]);
    expect(world.wheps.length).toBe(2);
});

test('a pause of the session leaves a latecomer at what was before it', async () => {
    await live();
    const hls = await fromStart(300);
    player.setGate('closed');
    await pass(3000);
    expect([player.shown.mode.value, hls.closed]).toEqual(['back', false]);
    player.setGate('off');
    expect([player.shown.mode.value, hls.closed, player.shown.via.value]).toEqual([
        'live',
        true,
        'none',
    ]);
});

test('who stands at what was before stays there when the session goes on', async () => {
    await live();
    const hls = await fromStart(300);
    video.paused = true;
    player.setGate('closed');
    await pass(3000);
    player.setGate('open');
    expect(player.shown.state.value).toBe('playing');
    await pass(20_000);
    expect([player.shown.mode.value, hls.closed, world.hlses.length]).toEqual(['back', false, 1]);
});

test('a broken event playlist is tried again where it was, then live is back', async () => {
    await live();
    let hls = await fromStart(300);
    video.currentTime = 40;
    await pass(600);
    for (let i = 0; i < 3; i++) {
        hls.failed(500);
        await pass(5000);
        expect(player.shown.mode.value).toBe('back');
        hls = world.hlses.at(-1) as FakeHls;
        expect(hls.startAt).toBe(40);
    }
    hls.failed(500);
    await pass(100);
    expect([player.shown.mode.value, player.shown.cameBack.value]).toEqual(['live', 'failed']);
});

test('sound alone: the audio variant, counted by its clock', async () => {
    start('hls');
    player.setGate('open');
    await pass(300);
    video.frames = 30;
    await pass(600);
    player.setQuality('sound');
    await pass(100);
    const hls = world.hlses.at(-1) as FakeHls;
    expect([world.hlses.length, hls.url]).toEqual([2, '/sessions/s1/hls/main.audio.m3u8']);
    for (let i = 0; i < 20; i++) {
        video.currentTime += 0.5;
        await pass(500);
    }
    expect([player.shown.state.value, world.hlses.length]).toEqual(['playing', 2]);
});

/** WebRTC plays, the history reaches to two seconds ago, and the element has its events. */
async function liveWithHistory() {
    await live();
    video.paused = false;
    video.follows = true;
    world.historyEnd = Date.now() - 2000;
}

test('10 s back over WebRTC: the history at that time, and back to WebRTC', async () => {
    await liveWithHistory();
    player.seekBy(-10);
    await pass(300);
    const hls = world.hlses.at(-1) as FakeHls;
    expect([world.wheps[0]?.closed, hls.kind, hls.url]).toEqual([
        true,
        'event',
        '/sessions/s1/hls/event.m3u8',
    ]);
    // 10 s before the picture, which was 120 ms late; the list ended 2 s before that moment.
    expect(hls.startAt).toBeCloseTo(3600 - 8.12, 1);
    hls.end = { at: 3600, segment: 2, wall: world.historyEnd };
    video.currentTime = hls.startAt;
    video.frames = 10;
    await pass(600);
    expect([player.shown.mode.value, player.shown.why.value, video.playbackRate]).toEqual([
        'back',
        'back',
        1,
    ]);
    const behind = player.shown.edge.value - player.shown.position.value;
    expect(behind).toBeGreaterThan(10);
    expect(behind).toBeLessThan(12);
    player.seekBy(10);
    await pass(100);
    expect([player.shown.mode.value, hls.closed, player.shown.via.value]).toEqual([
        'live',
        true,
        'whep',
    ]);
});

test('keys add up while the place is looked for; forward to the end is live', async () => {
    await liveWithHistory();
    for (let i = 0; i < 3; i++) {
        player.seekBy(-10);
    }
    await pass(300);
    expect(world.hlses.at(-1)?.startAt).toBeCloseTo(3600 - 28.12, 1);
    player.toLive();
    await pass(100);
    player.seekBy(-5);
    player.seekBy(10);
    await pass(300);
    expect([player.shown.mode.value, player.shown.via.value]).toEqual(['live', 'whep']);
});

test('the bar knows its length once it is asked for, and a drag goes there', async () => {
    await liveWithHistory();
    expect([player.shown.edge.value, world.histories]).toEqual([0, 0]);
    await player.measureHistory();
    await player.measureHistory();
    expect(world.histories).toBe(1);
    expect(player.shown.edge.value).toBeCloseTo(3602, 0);
    player.seek(3600); // nearly there: stays live
    expect(player.shown.mode.value).toBe('live');
    player.seek(1200);
    player.seek(1300);
    await pass(100);
    expect([player.shown.mode.value, world.hlses.at(-1)?.startAt]).toEqual(['back', 1300]);
});

test('the length is read once, and again after a gap: a pause or a new connection', async () => {
    await liveWithHistory();
    const go = async (ms: number) => {
        for (let at = 0; at < ms; at += 500) {
            (world.wheps.at(-1) as FakeWhep).frames += 15;
            await pass(500);
        }
    };
    await Promise.all([player.measureHistory(), player.measureHistory()]);
    for (let minute = 0; minute < 3; minute++) {
        await go(60_000);
        await player.measureHistory();
    }
    expect(world.histories).toBe(1);
    expect(player.shown.edge.value).toBeCloseTo(3600 + 182, -1);
    player.setGate('closed');
    player.setGate('open');
    await player.measureHistory();
    expect(world.histories).toBe(2);
    const connections = world.wheps.length;
    (world.wheps.at(-1) as FakeWhep).path('lost');
    await pass(10_000); // its ICE restart brings nothing
    await go(5000);
    expect(world.wheps.length).toBeGreaterThan(connections);
    await player.measureHistory();
    expect(world.histories).toBe(3);
});

test('without a history the live picture comes back, and it is said', async () => {
    await live();
    player.seekBy(-10);
    for (let ms = 0; ms < 60_000 && player.shown.mode.value === 'back'; ms += 200) {
        await pass(200);
    }
    await pass(200);
    expect([player.shown.mode.value, player.shown.cameBack.value, player.shown.via.value]).toEqual([
        'live',
        'failed',
        'whep',
    ]);
});

test('a pause at live goes on where it was; a short one stays live', async () => {
    await liveWithHistory();
    video.pause();
    await pass(1500);
    player.toggle();
    expect([player.shown.mode.value, player.shown.pausedAt.value]).toEqual(['live', null]);
    video.pause();
    const at = player.shown.pausedAt.value as number;
    await pass(20_000);
    expect(player.shown.pausedAt.value).toBe(at);
    player.toggle();
    await pass(300);
    expect([player.shown.mode.value, player.shown.why.value]).toEqual(['back', 'paused']);
    const end = world.historyEnd as number;
    expect(world.hlses.at(-1)?.startAt).toBeCloseTo(3600 + (at - end) / 1000, 1);
});

test('paused, then back to live: live at once', async () => {
    await liveWithHistory();
    video.pause();
    await pass(20_000);
    player.toLive();
    await pass(300);
    expect([player.shown.mode.value, player.shown.via.value, world.hlses.length]).toEqual([
        'live',
        'whep',
        0,
    ]);
});

test('a reconnect while paused does not go on by itself', async () => {
    await liveWithHistory();
    video.pause();
    const plays = video.plays;
    (world.wheps[0] as FakeWhep).path('lost');
    await pass(20_000);
    expect(world.wheps.length).toBeGreaterThan(1);
    expect([video.plays, video.paused, video.autoplay]).toEqual([plays, true, false]);
});

test('paused at what was before: another quality and a mend stay paused, without a deadline', async () => {
    await liveWithHistory();
    const hls = await fromStart(300);
    video.paused = false;
    video.pause();
    const plays = video.plays;
    player.setQuality('sound');
    await pass(300);
    const second = world.hlses.at(-1) as FakeHls;
    expect([world.hlses.length, hls.closed]).toEqual([2, true]);
    second.started();
    await pass(60_000);
    expect([video.plays, video.paused, video.autoplay]).toEqual([plays, true, false]);
    expect([player.shown.mode.value, player.shown.state.value, world.hlses.length]).toEqual([
        'back',
        'playing',
        2,
    ]);
    second.failed(500);
    await pass(5000);
    (world.hlses.at(-1) as FakeHls).started();
    expect([world.hlses.length, video.plays, player.shown.mode.value]).toEqual([3, plays, 'back']);
    player.toggle();
    expect([video.paused, video.autoplay]).toEqual([false, true]);
});

test('another quality over WebRTC: a second connection takes over with its first frame', async () => {
    await live();
    const first = world.wheps[0] as FakeWhep;
    expect([first.url, first.soundOnly]).toEqual(['/sessions/s1/whep', false]);
    player.setQuality('360p');
    await pass(500);
    const second = world.wheps[1] as FakeWhep;
    expect([second.url, first.closed, player.shown.state.value]).toEqual([
        '/sessions/s1/whep?max=360p',
        false,
        'playing',
    ]);
    second.frames = 3;
    await pass(200);
    expect([first.closed, second.closed, second.replaced === first]).toEqual([true, false, true]);
    player.setQuality('sound');
    await pass(200);
    const third = world.wheps[2] as FakeWhep;
    third.audioPackets = 5;
    await pass(200);
    expect([third.soundOnly, second.closed]).toEqual([true, true]);
    for (let ms = 0; ms < 10_000; ms += 500) {
        third.audioPackets += 25;
        await pass(500);
    }
    expect([player.shown.state.value, player.shown.pictureHeld.value, world.hlses.length]).toEqual([
        'playing',
        false,
        0,
    ]);
    video.paused = false;
    player.setQuality('auto'); // until its picture is there the sound goes on as it was
    for (let ms = 0; ms < 2000; ms += 500) {
        third.audioPackets += 25;
        await pass(500);
        expect(player.shown.pictureHeld.value).toBe(false);
    }
});

test('no place for a second connection: the first makes room', async () => {
    await live();
    world.refusals.push(full());
    player.setQuality('360p');
    await pass(300);
    expect([world.wheps.map((whep) => whep.closed), player.shown.via.value]).toEqual([
        [true, true, false],
        'whep',
    ]);
    expect(world.wheps[2]?.url).toBe('/sessions/s1/whep?max=360p');
});

test('only the last of several choices counts', async () => {
    await live();
    player.setQuality('360p');
    player.setQuality('720p');
    await pass(100);
    const [first, small, large] = world.wheps as FakeWhep[];
    (small as FakeWhep).frames = 5;
    (large as FakeWhep).frames = 5;
    await pass(300);
    expect([first?.closed, small?.closed, large?.closed]).toEqual([true, true, false]);
    expect(large?.url).toContain('max=720p');
});

test('HLS takes another quality without a new start', async () => {
    start('hls');
    player.setGate('open');
    await pass(300);
    video.frames = 30;
    await pass(600);
    player.setQuality('360p');
    expect([world.hlses.length, world.hlses[0]?.quality]).toEqual([1, '360p']);
});

test('a picture that stands is not measured', async () => {
    await live();
    video.paused = false;
    expect(player.shown.delayMs.value).toBe(120);
    await pass(2100);
    expect(player.shown.delayMs.value).toBeNull();
});

test('sound that the browser forbids is switched off, and the picture plays', async () => {
    video.muted = false;
    const play = vi
        .spyOn(video, 'play')
        .mockRejectedValueOnce(new DOMException('a gesture is needed', 'NotAllowedError'));
    await live();
    player.toLive();
    await pass(10);
    expect([video.muted, play.mock.calls.length]).toEqual([true, 2]);
    play.mockRestore();
});
