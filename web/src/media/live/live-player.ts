// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps one <video> fed for the whole life of a session: sends reduce() what happens and performs
// the effects that it returns.
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Heard } from '../../core/age';
import { asProblem, NO_PLACE } from '../../core/api';
import { serverNow } from '../../core/clock';
import type { HlsHandle } from '../hls/hls';
import { takeEarly, whepUrl } from '../whep/early';
import { VideoRefused, type WhepEvents, WhepSession } from '../whep/whep';
import { FIRST_FRAME_MS, whepFrames } from './look';
import { needsHistory, reduce } from './reduce';
import {
    type Effect,
    type ElementLook,
    type Gate,
    initialState,
    type LiveEvent,
    type LiveState,
    type Refusal,
    SHOWN,
    type TimerName,
} from './state';

const LOOK_MS = 500;
const NEXT_MS = 100;
const MAX_DELAY_MS = 600_000;

type Shown = (typeof SHOWN)[number];
type Do<D extends Effect['do']> = Extract<Effect, { do: D }>;

export interface LivePlayerOptions {
    session: string;
    force?: 'whep' | 'hls' | null;
    /** 'auto', 'sound', or a rendition's name. */
    quality?: string;
}

function refusalOf(error: unknown): Refusal {
    const { status, type, retryMs } = asProblem(error);
    return { status, full: type === NO_PLACE, noVideo: error instanceof VideoRefused, retryMs };
}

export class LivePlayer {
    /** The state's fields of that name. */
    readonly shown: { readonly [K in Shown]: ReadonlySignal<LiveState[K]> };
    readonly audioOnly = computed(() => this.shown.quality.value === 'sound');
    /** Heard at each look that finds new frames (or, without a picture, new sound). */
    readonly picture = new Heard();
    /** From the capture of the picture to the screen; undefined where the browser does not know it. */
    glassToGlassMs: number | undefined;

    private state: LiveState;
    private readonly events: LiveEvent[] = [];
    private busy = false;
    private readonly over = new AbortController();
    private readonly timers = new Map<TimerName, ReturnType<typeof setTimeout>>();
    private readonly sessions = new Map<number, WhepSession>();
    private hlsModule: typeof import('../hls/hls') | null = null;
    private hls: HlsHandle | null = null;
    private measuring: Promise<void> | null = null;

    constructor(
        private readonly video: HTMLVideoElement,
        private readonly options: LivePlayerOptions,
    ) {
        const { force = null, quality = 'auto' } = options;
        const webrtc = typeof RTCPeerConnection !== 'undefined';
        this.state = initialState({ force, webrtc, quality });
        const signals = SHOWN.map((key) => [key, signal(this.state[key])]);
        this.shown = Object.fromEntries(signals);
        this.listen();
    }

    // By the element's events, since a headset or the system may pause too.
    private listen(): void {
        const { signal } = this.over;
        const { video } = this;
        const timer = setInterval(() => void this.look(), LOOK_MS);
        signal.addEventListener('abort', () => clearInterval(timer));
        const on = (target: EventTarget, name: string, send: (event: Event) => void) =>
            target.addEventListener(name, send, { signal });
        on(video, 'pause', () => this.send({ type: 'paused', ended: video.ended }));
        on(video, 'play', () => this.send({ type: 'played' }));
        on(window, 'pagehide', () => this.send({ type: 'left' }));
        on(window, 'pageshow', (event) => {
            if ((event as PageTransitionEvent).persisted) {
                this.send({ type: 'returned' });
            }
        });
        on(window, 'online', () => this.send({ type: 'online' }));
    }

    setGate(gate: Gate): void {
        this.send({ type: 'gate', gate });
    }

    toLive(): void {
        this.send({ type: 'to-live' });
    }

    toggle(): void {
        if (this.video.paused) {
            this.play();
        } else {
            this.video.pause();
        }
    }

    /** Asks for a picture that the server holds back. */
    tryAgain(): void {
        this.send({ type: 'try-again' });
    }

    /** Only while the gate is open. */
    fromStart(): void {
        this.send({ type: 'from-start' });
    }

    seek(seconds: number): void {
        this.send({ type: 'seek', seconds });
    }

    seekBy(seconds: number): void {
        this.send({ type: 'seek-by', seconds, currentTime: this.video.currentTime });
    }

    setQuality(name: string): void {
        this.send({ type: 'quality', name });
    }

    /** Finds out how long the broadcast is so far, before a seek in it. */
    measureHistory(): Promise<void> {
        if (!needsHistory(this.state)) {
            return Promise.resolve();
        }
        this.measuring ??= this.readHistory().finally(() => {
            this.measuring = null;
        });
        return this.measuring;
    }

    close(): void {
        this.send({ type: 'left' });
        this.over.abort();
    }

    /** Events that an effect sends wait until the effects before them are performed. */
    private send(event: LiveEvent): void {
        this.events.push(event);
        if (this.busy || this.over.signal.aborted) {
            return;
        }
        this.busy = true;
        try {
            for (let next = this.events.shift(); next; next = this.events.shift()) {
                this.step(next);
            }
        } finally {
            this.busy = false;
        }
    }

    private step(event: LiveEvent): void {
        const now = { mono: performance.now(), wall: serverNow(), random: Math.random() };
        const [state, effects] = reduce(this.state, event, now);
        this.state = state;
        this.video.autoplay = !state.halted; // a reconnect must not end a pause
        batch(() => {
            for (const key of SHOWN) {
                (this.shown[key] as Signal<unknown>).value = state[key];
            }
        });
        for (const effect of effects) {
            (this.perform[effect.do] as (effect: Effect) => void)(effect);
        }
    }

    private readonly perform: { [D in Effect['do']]: (effect: Do<D>) => void } = {
        stop: ({ keep }) => this.stop(keep),
        timer: (effect) => this.startTimer(effect),
        whep: (effect) => void this.startWhep(effect),
        drop: ({ id }) => this.drop(id),
        replace: (effect) => this.replace(effect),
        show: (effect) => this.show(effect),
        'restart-ice': ({ id }) => this.restartIce(id),
        'hls-open': ({ id }) => void this.openHls(id),
        'hls-find': (effect) => void this.findHls(effect),
        'hls-attach': (effect) => this.attachHls(effect),
        'hls-quality': ({ name }) => this.hls?.setQuality(name),
        'hls-to-live': () => this.hls?.toLive(),
        play: () => this.play(),
        seek: ({ seconds }) => {
            this.video.currentTime = seconds;
        },
        rate: ({ rate }) => {
            this.video.playbackRate = rate;
        },
        heard: () => this.picture.heard(),
    };

    private stop(keep?: number): void {
        for (const timer of this.timers.values()) {
            clearTimeout(timer);
        }
        for (const id of [...this.sessions.keys()].filter((one) => one !== keep)) {
            this.drop(id);
        }
        this.hls?.close();
        this.hls = null;
        this.video.srcObject = null;
        this.video.playbackRate = 1;
    }

    private startTimer({ name, ms }: Do<'timer'>): void {
        clearTimeout(this.timers.get(name));
        this.timers.set(
            name,
            setTimeout(() => this.send({ type: 'timer', name }), ms),
        );
    }

    /** Sound that the browser does not allow before a gesture is switched off again. */
    private play(): void {
        this.video.play().catch((error) => {
            if ((error as Error)?.name === 'NotAllowedError' && !this.video.muted) {
                this.video.muted = true;
                this.video.play().catch(() => undefined);
            }
        });
    }

    private async startWhep({ id, quality, as }: Do<'whep'>): Promise<void> {
        const url = whepUrl(this.options.session, quality);
        const sound = quality === 'sound';
        const events: WhepEvents = {
            stream: () => this.send({ type: 'stream', id }),
            path: (path) => this.send({ type: 'path', id, path }),
        };
        const early = as === 'main' && !sound ? takeEarly(url) : null;
        const whep = early?.whep ?? new WhepSession(url, events, sound);
        this.sessions.set(id, whep);
        early?.whep.tell(events);
        const refusal = await (early?.started ?? whep.start()).then(() => null, refusalOf);
        if (as === 'next') {
            this.send({ type: 'next', id, moves: !refusal && (await this.moves(id, whep)) });
        } else if (as === 'place') {
            this.send({ type: 'place', id, refusal });
        } else {
            this.send(refusal ? { type: 'refused', id, refusal } : { type: 'answered', id });
        }
    }

    /** Waits for the first frame of a second session; false: it does not come. */
    private async moves(id: number, whep: WhepSession): Promise<boolean> {
        for (let ms = 0; ms < FIRST_FRAME_MS && this.sessions.has(id); ms += NEXT_MS) {
            const measured = await whep.measure().catch(() => null);
            if (measured && whepFrames(whep.soundOnly, measured) > 0) {
                return true;
            }
            await new Promise((done) => setTimeout(done, NEXT_MS));
        }
        return false;
    }

    private drop(id: number): void {
        this.sessions.get(id)?.close();
        this.sessions.delete(id);
    }

    private replace({ id, from }: Do<'replace'>): void {
        const before = this.sessions.get(from);
        if (before) {
            this.sessions.get(id)?.replace(before);
            this.drop(from);
        }
    }

    private show({ id, play }: Do<'show'>): void {
        const stream = this.sessions.get(id)?.stream;
        if (stream && this.video.srcObject !== stream) {
            this.video.srcObject = stream;
            if (play) {
                this.play();
            }
        }
    }

    private restartIce(id: number): void {
        this.sessions
            .get(id)
            ?.restartIce()
            .then(
                () => this.send({ type: 'restarted', id, done: true }),
                () => this.send({ type: 'restarted', id, done: false }),
            );
    }

    private openHls(id: number): Promise<void> {
        const load = async () => {
            this.hlsModule = await import('../hls/hls');
            return await this.hlsModule.mediaFolder(this.options.session);
        };
        return load().then(
            (found) => this.send({ type: 'hls-folder', id, ...found }),
            (error) => {
                const { status, full, retryMs } = refusalOf(error);
                this.send({ type: 'hls-failed', id, status, ...(full && { retryMs }) });
            },
        );
    }

    private async findHls({ id, main, folder }: Do<'hls-find'>): Promise<void> {
        const { hlsModule } = this;
        const [sound, history] = await Promise.all([
            main ? hlsModule?.audioOnly(main).catch(() => null) : null,
            folder ? hlsModule?.loadHistory(folder).catch(() => null) : null,
        ]);
        const positionAt = history ? (wall: number) => history.positionAt(wall) : null;
        this.send({ type: 'hls-found', id, sound: sound ?? null, positionAt });
    }

    private attachHls({ id, url, back, startAt, quality }: Do<'hls-attach'>): void {
        const events = {
            failed: (status: number) => this.send({ type: 'hls-failed', id, status }),
            started: () => this.send({ type: 'hls-started', id }),
        };
        const kind = back ? 'event' : 'live';
        this.hls =
            this.hlsModule?.attachHls(this.video, url, kind, events, startAt, quality) ?? null;
        this.send({ type: 'hls-attached', id, able: !!this.hls, element: this.element() });
    }

    private async readHistory(): Promise<void> {
        const { mediaFolder, loadHistory } = await import('../hls/hls');
        const { folder } = await mediaFolder(this.options.session);
        const soFar = await loadHistory(folder);
        if (soFar) {
            this.send({ type: 'history', soFar });
        }
    }

    private async look(): Promise<void> {
        const { link } = this.state;
        if (link?.kind === 'whep') {
            const { id } = link;
            const measured = await this.sessions
                .get(id)
                ?.measure()
                .catch(() => null);
            if (measured) {
                this.note(measured.shownAt);
                this.send({ type: 'whep-look', id, measured, paused: this.video.paused });
            }
        } else if (link && this.hls) {
            const { hls } = this;
            const look = {
                edge: hls.edge(),
                shownAt: hls.shownAt(),
                latencyMs: hls.latencyMs(),
            };
            this.note(look.shownAt);
            this.send({ type: 'hls-look', id: link.id, hls: look, element: this.element() });
        }
    }

    private note(shownAt: number | null | undefined): void {
        const delay = serverNow() - (shownAt ?? 0);
        const known = delay >= 0 && delay < MAX_DELAY_MS && this.state.mode === 'live';
        this.glassToGlassMs = known ? Math.round(delay) : undefined;
    }

    private element(): ElementLook {
        const { paused, currentTime, readyState } = this.video;
        const frames = this.video.getVideoPlaybackQuality().totalVideoFrames;
        return { paused, currentTime, readyState, frames };
    }
}
