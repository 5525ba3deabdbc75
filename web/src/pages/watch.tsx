// SPDX-License-Identifier: GPL-3.0-or-later
// A recording: HLS with full seek, speeds, keys, and the file to take along.
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, get, Problem } from '../core/api';
import { formatClock, pick, t } from '../core/i18n';
import { whoAmI } from '../core/me';
import type { Session } from '../core/types';
import type { HlsHandle } from '../media/hls';
import { fullScreen, handleKey } from '../media/keys';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { ErrorBox, Skeleton } from '../ui/parts';
import { SpeakerLine, Title, When } from '../ui/session-card';
import { Shell, useTitle } from '../ui/shell';
import { SignInCard } from './home';

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

function remembered(id: string): number {
    return Number(sessionStorage.getItem(`majlis.playhead.${id}`)) || -1;
}

function Player({ session }: { session: Session }) {
    const video = useRef<HTMLVideoElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const time = useSignal(0);
    const length = useSignal(0);
    const playing = useSignal(false);
    const muted = useSignal(false);
    const speed = useSignal(1);
    const problem = useSignal<Problem | null>(null);
    const attempt = useSignal(0);
    const id = session.id;

    useEffect(() => {
        const element = video.current;
        let handle: HlsHandle | null = null;
        let gone = false;
        problem.value = null;
        void import('../media/hls').then((module) => {
            if (element && !gone) {
                handle = module.attachHls(
                    element,
                    `/recordings/${encodeURIComponent(id)}/main.m3u8`,
                    false,
                    {
                        failed: (status) => {
                            problem.value = new Problem(status, 'recording', '', '', '');
                        },
                    },
                    remembered(id),
                );
                if (!handle) {
                    problem.value = asProblem('unable');
                }
            }
        });
        return () => {
            gone = true;
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
            video.current.currentTime = Math.min(Math.max(0, at), length.value);
        }
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
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
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
                    data-state={problem.value ? 'failed' : playing.value ? 'playing' : 'paused'}
                    playsinline
                    preload="metadata"
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
                        sessionStorage.setItem(`majlis.playhead.${id}`, String(time.value));
                    }}
                />
                <div
                    dir="ltr"
                    class="flex flex-wrap items-center gap-x-1 bg-ink px-2 py-1 text-white sm:px-3"
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
                    <input
                        type="range"
                        class="range order-last min-w-0 basis-full sm:order-none sm:flex-1 sm:basis-0"
                        data-testid="seek"
                        min={0}
                        max={Math.max(1, length.value)}
                        step={0.1}
                        value={time.value}
                        aria-label={t('seek')}
                        aria-valuetext={formatClock(time.value * 1000)}
                        onInput={(event) => seekTo(Number(event.currentTarget.value))}
                    />
                    <span class="digits px-2 text-sm">
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

function Download({ session }: { session: Session }) {
    const steps = session.recording;
    if (steps?.mp4 === 'ready') {
        return (
            <a
                class="btn btn-main"
                data-testid="download"
                href={`/recordings/${encodeURIComponent(session.id)}/recording.mp4`}
                download={`${session.id}.mp4`}
            >
                <Icon name="down" />
                {t('download')}
            </a>
        );
    }
    return steps?.mp4 === 'failed' ? null : (
        <p class="chip chip-gold" role="status">
            {t('fileSoon')}
        </p>
    );
}

export default function Watch({ id }: { id: string }) {
    const loaded = useLoad(id, async () =>
        (await whoAmI()) ? await get<Session>(`sessions/${encodeURIComponent(id)}`) : 'nobody',
    );
    const session = loaded.value.value;
    useTitle(session && session !== 'nobody' ? pick(session.title) : t('recordings'));
    // The file follows the playlist by some seconds: look again until it is there.
    const waiting =
        session &&
        session !== 'nobody' &&
        !['ready', 'failed'].includes(session.recording?.mp4 ?? '');
    useEffect(() => {
        if (!waiting) {
            return undefined;
        }
        const timer = setInterval(loaded.again, 5000);
        return () => clearInterval(timer);
    }, [waiting]);
    return (
        <Shell session={session === 'nobody' ? null : session}>
            <div class="page max-w-5xl! py-5 sm:py-8">
                {session === 'nobody' ? (
                    <SignInCard />
                ) : session ? (
                    <>
                        <Player session={session} />
                        <div class="mt-5 flex flex-wrap items-start justify-between gap-4">
                            <div class="grid gap-1.5">
                                <h1 class="text-xl sm:text-2xl">
                                    <Title title={session.title} />
                                </h1>
                                <SpeakerLine speakers={session.speakers} />
                                <When at={session.starts_at} />
                            </div>
                            <Download session={session} />
                        </div>
                        <p class="mt-6 text-sm text-aeblack-600 max-sm:hidden">{t('watchKeys')}</p>
                    </>
                ) : loaded.problem.value ? (
                    <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
                ) : (
                    <Skeleton />
                )}
            </div>
        </Shell>
    );
}
