// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps one <video> fed for the whole life of a session. WebRTC first; LL-HLS by itself when no
// frame came in time or WebRTC cannot be; WebRTC again at the next reconnect.
import { signal } from '@preact/signals';
import { asProblem, get, type Problem } from '../core/api';
import { backoff } from '../core/backoff';
import { CATCH_UP_RATE, caughtUp } from './catch-up';
import type { HlsHandle } from './hls';
import type { Road } from './ice';
import { type Measured, VideoRefused, WhepSession } from './whep';

export type Via = 'whep' | 'hls' | 'none';
export type PlayState = 'idle' | 'connecting' | 'playing' | 'reconnecting' | 'denied' | 'unable';

/** start: a latecomer watches the session from its beginning. */
export type Mode = 'live' | 'start';
export type Gate = 'off' | 'closed' | 'open';
/** Why the picture comes by HLS. network: WebRTC was tried and brought nothing. full: all of
 *  the server's places are taken. browser: it cannot play what WebRTC brings. server: it refused. */
export type FellBack = 'network' | 'full' | 'browser' | 'server';

const NO_PLACE = 'urn:majlis:problem:no-place';
const PLACE_MS = 30_000; // where the server does not say when to ask for a place again

export const FIRST_FRAME_MS = 4000;
/** Media come, if slowly: a key frame on a thin line takes a while, and HLS would take longer. */
const SLOW_FIRST_FRAME_MS = 8000;
const SILENT_MS = 1500; // no packet for so long: none is coming
const STALL_MS = 6000;
const RESTART_MS = 4000;
const WATCH_MS = 500;
const START_TRIES = 3;
const HTTP_MS = 4000; // a small request without an answer: the network is away
const PATH_MINUTES = 480; // no session is longer; who is revoked loses it at once all the same

export interface LivePlayerOptions {
    session: string;
    force?: 'whep' | 'hls' | null;
}

export class LivePlayer {
    readonly via = signal<Via>('none');
    readonly state = signal<PlayState>('idle');
    readonly delayMs = signal<number | null>(null);
    /** HLS is used for want of WebRTC: the page says so, politely. */
    readonly fellBack = signal<FellBack | null>(null);
    readonly behind = signal(false);
    /** The road that WebRTC has found. */
    readonly road = signal<Road | null>(null);
    /** Sound comes, and the server holds the picture back until the line can carry it. */
    readonly pictureHeld = signal(false);
    readonly mode = signal<Mode>('live');
    /** In mode `start`: where the picture is and how much there is, in seconds of the session. */
    readonly position = signal(0);
    readonly edge = signal(0);
    /** Why the mode went back to `live` by itself. */
    readonly cameBack = signal<'caught-up' | 'failed' | null>(null);
    readonly audioOnly = signal(false);

    private whep: WhepSession | null = null;
    private hls: HlsHandle | null = null;
    private gate: Gate = 'off';
    /** No frame was seen since the gate moved or the connection began. */
    private fresh = true;
    private attempt = 0;
    private frames = 0;
    private frameAt = 0;
    private waitingSince = 0;
    private videoPackets = 0;
    private videoAt = 0;
    private audioPackets = 0;
    private audioAt = 0;
    private restarted = false;
    private down = false; // the path to the server is not up
    private mending = false; // and pathChanged() is at work on it
    private pending = false; // WHEP's answer is on its way
    private unanswered = false; // WHEP's last request never reached the server or came back
    private asked = false; // and was made again since the server could be reached
    private signed = false; // the path that HLS plays
    private generation = 0;
    private retry: ReturnType<typeof setTimeout> | undefined;
    private placeTimer: ReturnType<typeof setTimeout> | undefined;
    private placeMs = PLACE_MS;
    private readonly watch: ReturnType<typeof setInterval>;
    private closed = false;

    constructor(
        private readonly video: HTMLVideoElement,
        private readonly options: LivePlayerOptions,
    ) {
        this.watch = setInterval(() => void this.look(), WATCH_MS);
        addEventListener('pagehide', this.leave);
        addEventListener('pageshow', this.comeBack);
        addEventListener('online', this.online);
    }

    /** off: there is no programme. closed: there is, and nothing of it may be seen yet. open: the
     *  gate lets pictures through, so their absence is a fault. */
    setGate(gate: Gate): void {
        if (gate === this.gate) {
            return;
        }
        this.gate = gate;
        if (gate === 'closed' && this.mode.value === 'start') {
            return; // a pause hides the live picture, not what was broadcast before it
        }
        if (gate === 'off') {
            this.mode.value = 'live';
        }
        this.attempt = 0;
        this.fresh = true;
        this.waitingSince = performance.now();
        this.frameAt = performance.now();
        if (gate === 'off' || (gate === 'closed' && this.hls)) {
            // HLS lists nothing while the gate is closed; WebRTC waits at no cost.
            this.stop();
        }
        this.state.value = gate === 'open' ? 'connecting' : 'idle';
        if (gate !== 'off' && !this.whep && !this.hls) {
            this.again(0);
        }
    }

    private get open(): boolean {
        return this.gate === 'open';
    }

    toLive(): void {
        if (this.mode.value === 'start') {
            this.cameBack.value = null;
            this.leaveStart();
            return;
        }
        this.hls?.toLive();
        this.video.play().catch(() => undefined);
    }

    /** A picture that is held back: the line may be better than the server thinks. */
    tryAgain(): void {
        this.pictureHeld.value = false;
        this.state.value = 'connecting';
        this.again(0);
    }

    /** Only while the gate is open. */
    fromStart(): void {
        if (!this.open || this.mode.value === 'start') {
            return;
        }
        this.mode.value = 'start';
        this.cameBack.value = null;
        this.position.value = 0;
        this.edge.value = 0;
        this.attempt = 0;
        this.state.value = 'connecting';
        this.again(0);
    }

    seek(seconds: number): void {
        if (this.mode.value === 'start') {
            this.position.value = Math.min(Math.max(0, seconds), this.edge.value);
            this.video.currentTime = this.position.value;
        }
    }

    /** Sound alone, where HLS plays; what plays goes on from where it is. */
    setAudioOnly(on: boolean): void {
        this.audioOnly.value = on;
        if (this.hls) {
            this.stop();
            this.state.value = 'connecting';
            void this.startHls();
        }
    }

    private leaveStart(): void {
        this.mode.value = 'live';
        this.attempt = 0;
        this.state.value = this.open ? 'connecting' : 'idle';
        this.again(0);
        this.video.play().catch(() => undefined);
    }

    close(): void {
        this.closed = true;
        clearInterval(this.watch);
        clearTimeout(this.retry);
        removeEventListener('pagehide', this.leave);
        removeEventListener('pageshow', this.comeBack);
        removeEventListener('online', this.online);
        this.stop();
    }

    private readonly leave = () => this.stop();
    private readonly comeBack = (event: PageTransitionEvent) => {
        if (event.persisted) {
            this.again(0);
        }
    };
    private readonly online = () => {
        if (this.state.value === 'reconnecting') {
            this.attempt = 0;
            this.again(0);
        }
    };

    private stop(): void {
        this.generation++;
        clearTimeout(this.retry);
        clearTimeout(this.placeTimer);
        this.whep?.close();
        this.whep = null;
        this.hls?.close();
        this.hls = null;
        this.video.srcObject = null;
        this.video.playbackRate = 1;
        this.delayMs.value = null;
        this.behind.value = false;
        this.road.value = null;
        this.pictureHeld.value = false;
        this.pending = false;
        this.mending = false;
        this.via.value = 'none';
    }

    private again(delay: number): void {
        this.stop();
        if (this.closed || this.gate === 'off') {
            return;
        }
        this.retry = setTimeout(() => void this.connect(), delay);
    }

    private reconnect(): void {
        if (this.mode.value === 'start' && this.attempt >= START_TRIES) {
            this.cameBack.value = 'failed';
            this.leaveStart();
            return;
        }
        if (this.state.value !== 'connecting' || this.attempt > 0) {
            this.state.value = 'reconnecting';
        }
        this.again(backoff(this.attempt++));
    }

    /** What is known of a connection that only begins. */
    private begin(): void {
        this.restarted = false;
        this.down = false;
        this.frames = 0;
        this.videoPackets = 0;
        this.audioPackets = 0;
        this.videoAt = Number.NEGATIVE_INFINITY;
        this.audioAt = Number.NEGATIVE_INFINITY;
        this.fresh = true;
        this.waitingSince = performance.now();
        this.frameAt = performance.now();
    }

    private async connect(): Promise<void> {
        this.begin();
        const start = this.mode.value === 'start';
        if (
            start ||
            this.audioOnly.value ||
            this.options.force === 'hls' ||
            typeof RTCPeerConnection === 'undefined'
        ) {
            if (this.open || start) {
                await this.startHls();
            }
            return;
        }
        await this.startWhep();
    }

    private newWhep(): WhepSession {
        const url = `/sessions/${encodeURIComponent(this.options.session)}/whep`;
        const whep: WhepSession = new WhepSession(url, {
            stream: () => this.show(whep),
            path: (path) => {
                if (this.whep === whep) {
                    void this.pathChanged(path);
                }
            },
        });
        return whep;
    }

    private show(whep: WhepSession): void {
        if (this.whep === whep && this.video.srcObject !== whep.stream) {
            this.video.srcObject = whep.stream;
            this.video.play().catch(() => undefined);
        }
    }

    private async startWhep(): Promise<void> {
        const generation = this.generation;
        const whep = this.newWhep();
        this.whep = whep;
        this.via.value = 'whep';
        this.pending = true;
        try {
            await whep.start();
            if (generation !== this.generation) {
                return;
            }
            this.pending = false;
            this.unanswered = false;
            this.asked = false;
            this.waitingSince = performance.now(); // the road is looked for from now on
        } catch (error) {
            if (generation !== this.generation) {
                return;
            }
            this.refused(error);
        }
    }

    /** While HLS plays: asks for a place again, and moves over when there is one. */
    private async askForPlace(): Promise<void> {
        const generation = this.generation;
        const whep = this.newWhep();
        const got = await whep.start().then(
            () => true,
            (error) => {
                this.notePlace(asProblem(error));
                return false;
            },
        );
        if (generation !== this.generation || !got) {
            whep.close();
            if (generation === this.generation) {
                this.waitForPlace();
            }
            return;
        }
        this.stop();
        this.begin();
        this.whep = whep;
        this.via.value = 'whep';
        this.show(whep);
    }

    private notePlace(problem: Problem): void {
        this.placeMs = problem.retryMs || PLACE_MS;
    }

    private waitForPlace(): void {
        if (this.fellBack.value !== 'full' && this.fellBack.value !== 'server') {
            return;
        }
        // up to twice as long, so that all who wait do not come at once
        const delay = this.placeMs * (1 + Math.random());
        this.placeTimer = setTimeout(() => {
            if (this.mode.value === 'live' && !this.audioOnly.value && this.open) {
                void this.askForPlace();
            }
        }, delay);
    }

    private refused(error: unknown): void {
        const problem = asProblem(error);
        const { status } = problem;
        const full = problem.type === NO_PLACE;
        // A proxy says that the server is away: HLS passes through it too, so it would not help.
        const away = status === 502 || status === 504;
        this.whep?.close();
        this.whep = null;
        this.pending = false;
        this.unanswered = status === 0 && !(error instanceof VideoRefused);
        if (status === 401 || status === 403) {
            this.stop();
            this.state.value = 'denied';
        } else if (full) {
            this.notePlace(problem);
            if (this.open) {
                this.fallBack('full');
            } else {
                this.again(this.placeMs * (1 + Math.random())); // the gate's opening asks at once
            }
        } else if (error instanceof VideoRefused) {
            this.fallBack('browser');
        } else if (status !== 503 && !away && this.open) {
            this.fallBack(status === 0 ? 'network' : 'server');
        } else if (this.open && this.attempt > (away ? 5 : 1)) {
            this.fallBack('server');
        } else {
            // No tracks yet, or the lobby: nothing is wrong, it only is too early.
            this.again(backoff(this.attempt++, 500, status === 503 || away ? 4000 : 15000));
        }
    }

    private async pathChanged(path: 'up' | 'shaky' | 'lost'): Promise<void> {
        this.down = path !== 'up';
        if (!this.down || this.mending) {
            return;
        }
        if (this.restarted) {
            if (path === 'lost') {
                this.reconnect();
            }
            return;
        }
        const generation = this.generation;
        this.mending = true;
        if (path === 'shaky') {
            await new Promise((done) => setTimeout(done, 2000));
        }
        if (generation !== this.generation) {
            return;
        }
        if (this.down && !(await this.restarts())) {
            if (generation === this.generation) {
                this.reconnect();
            }
            return;
        }
        if (generation === this.generation) {
            this.mending = false;
        }
    }

    /** One ICE restart; true: the picture moves again, or there is none to move (but the sound
     *  of a held one comes). */
    private async restarts(): Promise<boolean> {
        this.restarted = true;
        this.state.value = 'reconnecting';
        try {
            await this.whep?.restartIce();
            const before = this.frames;
            await new Promise((done) => setTimeout(done, RESTART_MS));
            const moves = this.frames !== before || this.held(performance.now());
            return !this.open || moves;
        } catch {
            return false;
        }
    }

    private fallBack(why: FellBack): void {
        if (this.options.force === 'whep') {
            this.reconnect();
            return;
        }
        this.stop();
        if (!this.open) {
            // Without a picture to show there is nothing to fall back to: ask again when it opens.
            return;
        }
        this.fellBack.value = why;
        void this.startHls();
    }

    private async startHls(): Promise<void> {
        const generation = this.generation;
        const module = await import('./hls').catch(() => null);
        if (generation !== this.generation) {
            return;
        }
        if (!module) {
            this.reconnect();
            return;
        }
        this.frameAt = performance.now();
        this.waitingSince = performance.now();
        this.frames = 0;
        this.fresh = true;
        this.via.value = 'hls';
        const start = this.mode.value === 'start';
        const folder = await this.mediaFolder().catch((error) => asProblem(error).status);
        if (generation !== this.generation) {
            return;
        }
        if (typeof folder === 'number') {
            this.hlsFailed(folder);
            return;
        }
        if (this.unanswered && !this.asked) {
            // It was the network, which is back: WebRTC deserves another try before HLS.
            this.asked = true;
            this.again(0);
            return;
        }
        let url = `${folder}${start ? 'event' : 'main'}.m3u8`;
        if (this.audioOnly.value) {
            const audio = await module.audioOnly(url).catch(() => null);
            if (generation !== this.generation) {
                return;
            }
            this.audioOnly.value = audio !== null;
            url = audio ?? url;
        }
        this.waitForPlace();
        this.hls = module.attachHls(
            this.video,
            url,
            start ? 'event' : 'live',
            { failed: (status) => this.hlsFailed(status) },
            start ? this.position.value : -1,
        );
        this.frames = this.shown(); // what the element showed before is not this stream's
        if (!this.hls) {
            this.stop();
            this.state.value = 'unable';
        }
    }

    /** A signed path: what is asked for there a cache in front may answer for all. Where the server
     *  hands out none, the session's own, with the cookie. */
    private async mediaFolder(): Promise<string> {
        const id = encodeURIComponent(this.options.session);
        this.signed = true;
        try {
            const address = `sessions/${id}/media-path?minutes=${PATH_MINUTES}`;
            return (await get<{ path: string }>(address, AbortSignal.timeout(HTTP_MS))).path;
        } catch (error) {
            this.signed = false;
            // 0: the server is not reached, and HLS would go the same way.
            if ([0, 401, 403].includes(asProblem(error).status)) {
                throw error;
            }
            return `/sessions/${id}/hls/`;
        }
    }

    private hlsFailed(status: number): void {
        // A signed path that is refused may only be too old: asking for another one tells.
        if ((status === 401 || status === 403) && !this.signed) {
            this.stop();
            this.state.value = 'denied';
        } else {
            this.reconnect();
        }
    }

    /** What counts up while HLS plays. Sound alone has no frames; its clock moves as they would. */
    private shown(): number {
        return this.audioOnly.value
            ? Math.floor(this.video.currentTime * 10)
            : this.video.getVideoPlaybackQuality().totalVideoFrames;
    }

    private async look(): Promise<void> {
        const generation = this.generation;
        let frames = 0;
        if (this.whep) {
            const measured = await this.whep.measure().catch(() => null);
            if (generation !== this.generation || !measured) {
                return;
            }
            frames = measured.frames;
            this.delayMs.value = measured.delayMs;
            this.road.value = measured.road;
            this.notePackets(measured);
        } else if (this.hls) {
            frames = this.shown();
            if (this.mode.value === 'start' && this.followStart(this.hls)) {
                return;
            }
            this.delayMs.value = this.hls.latencyMs();
            this.behind.value = this.mode.value === 'live' && (this.delayMs.value ?? 0) > 8000;
        } else {
            return;
        }
        this.count(frames);
    }

    /** True: it has caught up, and the live picture is on its way. */
    private followStart(hls: HlsHandle): boolean {
        const edge = hls.edge();
        if (!edge || this.video.readyState < 1) {
            return false;
        }
        this.edge.value = edge.at;
        this.position.value = this.video.currentTime;
        this.video.playbackRate = CATCH_UP_RATE; // loading set it back
        if (!caughtUp(this.video.currentTime, edge.at, edge.segment)) {
            return false;
        }
        this.cameBack.value = 'caught-up';
        this.leaveStart();
        return true;
    }

    private notePackets(measured: Measured): void {
        const now = performance.now();
        if (measured.videoPackets > this.videoPackets) {
            this.videoAt = now;
        }
        if (measured.audioPackets > this.audioPackets) {
            this.audioAt = now;
        }
        this.videoPackets = measured.videoPackets;
        this.audioPackets = measured.audioPackets;
    }

    /** The server goes on with the sound and sends nothing of the picture: it found that not even
     *  the smallest one fits the line. A new connection would only cut the sound, and HLS wants
     *  more of the line, not less. */
    private held(now: number): boolean {
        return (
            this.whep !== null &&
            !this.fresh &&
            now - this.audioAt < SILENT_MS &&
            now - this.videoAt >= SILENT_MS
        );
    }

    private count(frames: number): void {
        const now = performance.now();
        const moved = frames > this.frames;
        const first = this.fresh;
        this.frames = frames;
        if (moved) {
            this.frameAt = now;
            this.fresh = false;
            this.pictureHeld.value = false;
            this.restarted &&= this.mending; // a path that goes down again may be mended again
            if (this.open && this.whep) {
                this.fellBack.value = null;
            }
            if (this.open || this.mode.value === 'start') {
                this.attempt = 0;
                this.state.value = 'playing';
            }
            return;
        }
        // Before the first frame a paused element only means that nothing has come to play.
        if (!this.open || (this.video.paused && !this.fresh)) {
            this.frameAt = now;
            this.waitingSince = now;
            this.pictureHeld.value = false;
            return;
        }
        if (this.held(now)) {
            this.frameAt = now;
            this.pictureHeld.value = true;
            this.state.value = 'playing';
            return;
        }
        this.pictureHeld.value = false;
        if (!first && now - this.frameAt > (this.whep ? 2000 : 4000)) {
            this.state.value = 'reconnecting'; // said at once; what to do about it comes later
        }
        if (first && now - this.waitingSince > this.patience(now)) {
            this.noFrame();
        } else if (!first && now - this.frameAt > STALL_MS && !this.mending) {
            // (While a path is being mended pathChanged() says what comes next.)
            this.frameAt = now;
            this.reconnect();
        }
    }

    /** How long the first frame may take. Without the server's answer there is no road yet to be
     *  judged; that request has a time of its own. */
    private patience(now: number): number {
        if (this.pending) {
            return Number.POSITIVE_INFINITY;
        }
        if (this.whep && now - this.videoAt < SILENT_MS) {
            return SLOW_FIRST_FRAME_MS;
        }
        return FIRST_FRAME_MS;
    }

    private noFrame(): void {
        this.waitingSince = performance.now();
        if (this.whep) {
            this.fallBack('network');
        } else if (this.hls && performance.now() - this.frameAt > 3 * FIRST_FRAME_MS) {
            this.reconnect();
        }
    }
}
