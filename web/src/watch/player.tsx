// SPDX-License-Identifier: GPL-3.0-or-later
// The player of a recording: HLS with full seek, speeds, keys, chapters' marks, seek pictures.
import { signal, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, Problem } from '../core/api';
import { formatClock, pick, t } from '../core/i18n';
import type { Session } from '../core/types';
import { momentOf, type Placed } from '../media/chapters';
import type { HlsHandle } from '../media/hls';
import { fullScreen, handleKey } from '../media/keys';
import { SeekBar } from '../media/seek-bar';
import { parseThumbnails, type Thumb } from '../media/thumbnails';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const AGAIN_MS = 3000;

/** Where the player is, for the parts of the page beside it. Seconds of the recording. */
export class Playhead {
    readonly time = signal(0);
    readonly length = signal(0);
    seek: (seconds: number) => void = () => undefined;
    /** Seeks and plays: what a click on a chapter means. */
    jump: (seconds: number) => void = () => undefined;
}

const key = (id: string) => `majlis.playhead.${id}`;

/** After the recording's start moved, the remembered place means nothing. */
export function forget(id: string): void {
    sessionStorage.removeItem(key(id));
}

/** A file of the recording. */
export function fileOf({ id }: Session, name: string): string {
    return `/recordings/${encodeURIComponent(id)}/${name}`;
}

function startOf(id: string): number {
    return momentOf(location.hash) ?? (Number(sessionStorage.getItem(key(id))) || -1);
}

async function loadThumbs(folder: string): Promise<Thumb[]> {
    const response = await fetch(`${folder}/thumbnails.vtt`, { credentials: 'same-origin' });
    if (!response.ok) {
        throw new Error(String(response.status));
    }
    return parseThumbnails(await response.text(), `${folder}/thumbnails.vtt`);
}

export function Player({
    session,
    playhead,
    chapters,
    lookAgain,
}: {
    session: Session;
    playhead: Playhead;
    chapters: Placed[];
    /** Something about the recording has changed. */
    lookAgain: () => void;
}) {
    const video = useRef<HTMLVideoElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const { time, length } = playhead;
    const playing = useSignal(false);
    const muted = useSignal(false);
    const speed = useSignal(1);
    const problem = useSignal<Problem | null>(null);
    /** The files are being made anew: asked again until they are there. */
    const remaking = useSignal(false);
    const attempt = useSignal(0);
    const id = session.id;
    const folder = `/recordings/${encodeURIComponent(id)}`;
    const pictures = session.recording?.steps?.find((step) => step.step === 'pictures');
    const preparing = useRef(false);
    preparing.current = session.recording?.playlist === false;
    const away = remaking.value || (preparing.current && !problem.value);

    useEffect(() => {
        const element = video.current;
        let handle: HlsHandle | null = null;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let gone = false;
        problem.value = null;
        const failed = (status: number) => {
            if (status === 503 || (status === 404 && preparing.current)) {
                remaking.value = true;
                timer ??= setTimeout(() => attempt.value++, AGAIN_MS);
            } else {
                remaking.value = false;
                problem.value = new Problem(status, 'recording', '', '', '');
            }
            lookAgain();
        };
        const started = () => {
            remaking.value = false;
        };
        import('../media/hls').then(
            (module) => {
                if (element && !gone) {
                    handle = module.attachHls(
                        element,
                        `${folder}/main.m3u8`,
                        'recording',
                        { failed, started },
                        startOf(id),
                    );
                    if (!handle) {
                        problem.value = asProblem('unable');
                    }
                }
            },
            (error) => {
                problem.value = asProblem(error);
            },
        );
        return () => {
            gone = true;
            clearTimeout(timer);
            handle?.close();
        };
    }, [id, attempt.value]);

    const toggle = () => {
        const element = video.current;
        if (element) {
            void (element.paused ? element.play() : element.pause());
        }
    };
    const seekTo = (at: number) => {
        if (video.current) {
            video.current.currentTime = Math.min(Math.max(0, at), length.value || at);
        }
    };
    playhead.seek = seekTo;
    playhead.jump = (at) => {
        seekTo(at);
        void video.current?.play().catch(() => undefined);
    };
    const step = (by: 1 | -1) => {
        const next = SPEEDS.indexOf(speed.value) + by;
        speed.value = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, next))] ?? 1;
    };
    useSignalEffect(() => {
        const rate = speed.value;
        if (video.current) {
            video.current.playbackRate = rate;
        }
    });
    useEffect(() => {
        const onKey = (event: KeyboardEvent) =>
            handleKey(event, {
                toggle,
                mute: () => {
                    if (video.current) {
                        video.current.muted = !video.current.muted;
                    }
                },
                full: () => fullScreen(box.current),
                seek: (seconds) => seekTo((video.current?.currentTime ?? 0) + seconds),
                speed: step,
            });
        const onHash = () => {
            const moment = momentOf(location.hash);
            if (moment !== null) {
                seekTo(moment);
            }
        };
        addEventListener('keydown', onKey);
        addEventListener('hashchange', onHash);
        return () => {
            removeEventListener('keydown', onKey);
            removeEventListener('hashchange', onHash);
        };
    }, []);

    return (
        <>
            <div
                ref={box}
                class="on-dark relative overflow-hidden rounded-2xl bg-black [&:fullscreen]:flex [&:fullscreen]:flex-col [&:fullscreen]:rounded-none"
            >
                <video
                    ref={video}
                    class="block aspect-video min-h-0 w-full flex-1 bg-black"
                    data-testid="video"
                    data-via="hls"
                    data-state={
                        problem.value
                            ? 'failed'
                            : away
                              ? 'remaking'
                              : playing.value
                                ? 'playing'
                                : 'paused'
                    }
                    playsinline
                    preload="metadata"
                    poster={pictures?.state === 'ready' ? fileOf(session, 'poster.jpg') : undefined}
                    aria-label={pick(session.title)}
                    onClick={toggle}
                    onPlay={() => {
                        playing.value = true;
                        if (video.current) {
                            video.current.playbackRate = speed.value;
                        }
                    }}
                    onPause={() => {
                        playing.value = false;
                    }}
                    onVolumeChange={(event) => {
                        muted.value = event.currentTarget.muted;
                    }}
                    onDurationChange={(event) => {
                        const duration = event.currentTarget.duration;
                        length.value = Number.isFinite(duration) ? duration : 0;
                    }}
                    onTimeUpdate={(event) => {
                        time.value = event.currentTarget.currentTime;
                        if (event.currentTarget.readyState > 0) {
                            sessionStorage.setItem(key(id), String(time.value));
                        }
                    }}
                />
                {away && (
                    <div
                        class="stage-card absolute inset-0 grid place-content-center justify-items-center gap-3 p-4 text-center"
                        role="status"
                        data-testid="state-card"
                        data-card="remaking"
                    >
                        <span class="pulse size-4! text-aegold-200" aria-hidden="true" />
                        <p class="font-heading text-lg font-bold sm:text-2xl">
                            {t('remakingTitle')}
                        </p>
                        <p class="text-whitely-400">{t('remakingText')}</p>
                    </div>
                )}
                <div
                    dir="ltr"
                    class="relative flex flex-wrap items-center bg-ink px-1 py-1 text-white max-[22rem]:[&_.icon-btn]:w-10 sm:gap-x-1 sm:px-3"
                >
                    <button
                        type="button"
                        class="icon-btn"
                        data-testid="play"
                        aria-label={playing.value ? t('pause') : t('play')}
                        onClick={toggle}
                    >
                        <Icon name={playing.value ? 'pause' : 'play'} />
                    </button>
                    <SeekBar
                        class="order-last basis-full max-sm:[--seek-lift:3.25rem] sm:order-none sm:flex-1 sm:basis-0"
                        value={time.value}
                        max={length.value}
                        label={t('seek')}
                        marks={chapters}
                        thumbs={() => loadThumbs(folder)}
                        onSeek={seekTo}
                    />
                    <span class="digits px-1 text-sm max-[22rem]:text-xs sm:px-2">
                        {formatClock(time.value * 1000)} / {formatClock(length.value * 1000)}
                    </span>
                    <span class="flex-1 sm:hidden" />
                    <button
                        type="button"
                        class="icon-btn"
                        aria-label={muted.value ? t('unmute') : t('mute')}
                        onClick={() => {
                            if (video.current) {
                                video.current.muted = !video.current.muted;
                            }
                        }}
                    >
                        <Icon name={muted.value ? 'muted' : 'sound'} />
                    </button>
                    <button
                        type="button"
                        class="icon-btn digits w-auto! px-2 text-sm font-bold"
                        data-testid="speed"
                        aria-label={`${t('speed')} ${speed.value}×`}
                        onClick={() => {
                            if (speed.value === SPEEDS.at(-1)) {
                                speed.value = SPEEDS[0] ?? 1;
                            } else {
                                step(1);
                            }
                        }}
                    >
                        {speed.value}×
                    </button>
                    <button
                        type="button"
                        class="icon-btn"
                        aria-label={t('fullScreen')}
                        onClick={() => fullScreen(box.current)}
                    >
                        <Icon name="full" />
                    </button>
                </div>
            </div>
            {problem.value && (
                <div class="mt-4">
                    <ErrorBox problem={problem.value} retry={() => attempt.value++} />
                </div>
            )}
        </>
    );
}
