// SPDX-License-Identifier: GPL-3.0-or-later
// The player of a recording: HLS with full seek, speeds, keys, chapters' marks, seek pictures.
import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Problem } from '../core/api';
import { type Key, pick, t } from '../core/i18n';
import { problemWords } from '../core/problem';
import type { Session } from '../core/types';
import { momentOf, type Placed, plays } from '../media/chapters';
import { fullScreen } from '../media/controls/keys';
import { useKeysHelp } from '../media/controls/keys-help-on-demand';
import { useShortcuts } from '../media/controls/use-shortcuts';
import { toggleMute } from '../media/controls/volume';
import { Poster } from '../media/poster';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { PlayerControls } from './player-controls';
import { type Playhead, remember } from './playhead';
import { type Away, fileOf, useSource } from './use-source';

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

type VideoRef = RefObject<HTMLVideoElement | null>;

function toggle(video: HTMLVideoElement | null): void {
    if (video) {
        void (video.paused ? video.play() : video.pause());
    }
}

/** Lets `playhead` seek in `video`, and follows a moment that the address names. */
function useSeeking(video: VideoRef, playhead: Playhead): void {
    playhead.seek = (at) => {
        if (video.current) {
            const { value: length } = playhead.length;
            video.current.currentTime = Math.min(Math.max(0, at), length || at);
        }
    };
    playhead.jump = (at) => {
        playhead.seek(at);
        void video.current?.play().catch(() => undefined);
    };
    useEffect(() => {
        const onHash = () => {
            const moment = momentOf(location.hash);
            if (moment !== null) {
                playhead.seek(moment);
            }
        };
        addEventListener('hashchange', onHash);
        return () => removeEventListener('hashchange', onHash);
    }, []);
}

/** Begins by itself where the address says so, and the browser allows it. */
function useStart(video: VideoRef): void {
    useEffect(() => {
        const start = () => void video.current?.play().catch(() => undefined);
        if (plays(location.hash)) {
            video.current?.addEventListener('loadedmetadata', start, { once: true });
        }
        return () => video.current?.removeEventListener('loadedmetadata', start);
    }, []);
}

/** The playback rate. `step` stays within SPEEDS, `faster` begins again after the last. */
function useSpeed(video: VideoRef) {
    const speed = useSignal(1);
    useSignalEffect(() => {
        const rate = speed.value;
        if (video.current) {
            video.current.playbackRate = rate;
        }
    });
    const step = (by: 1 | -1) => {
        const next = SPEEDS.indexOf(speed.value) + by;
        speed.value = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, next))] ?? 1;
    };
    const faster = () => {
        if (speed.value === SPEEDS.at(-1)) {
            speed.value = SPEEDS[0] ?? 1;
        } else {
            step(1);
        }
    };
    return { speed, step, faster };
}

/** Over the picture until it plays for the first time. */
function StartCard({ session, play }: { session: Session; play: () => void }) {
    return (
        <div class="poster pointer-events-none absolute inset-0 grid place-content-center place-items-center gap-3 p-4 text-center">
            <Poster session={session} />
            <button
                type="button"
                class="pointer-events-auto grid size-14 cursor-pointer place-items-center rounded-full bg-aegold-700 hover:bg-aegold-800 @xl:size-20 low:size-12"
                data-testid="poster-play"
                aria-label={t('play')}
                onClick={play}
            >
                <Icon name="play" size={32} />
            </button>
        </div>
    );
}

function AwayCard({ why, refused }: { why: Away; refused: Problem | null }) {
    const { title, meaning } =
        why === 'busy' && refused
            ? problemWords(refused)
            : { title: t(`${why}Title` as Key), meaning: t(`${why}Text` as Key) };
    return (
        <div
            class="stage-card absolute inset-0 grid place-content-center justify-items-center gap-2 overflow-auto p-3 text-center sm:gap-3"
            role="status"
            data-testid="state-card"
            data-card={why}
        >
            <span class="pulse size-4 text-aegold-200" aria-hidden="true" />
            <p class="font-heading text-lg font-bold sm:text-2xl">{title}</p>
            <p class="text-sm text-whitely-400 sm:text-base">{meaning}</p>
        </div>
    );
}

function Picture({
    video,
    session,
    playhead,
    state,
    speed,
    playing,
}: {
    video: VideoRef;
    session: Session;
    playhead: Playhead;
    state: string;
    speed: Signal<number>;
    playing: Signal<boolean>;
}) {
    const pictures = session.recording.steps.find((step) => step.step === 'pictures');
    return (
        <video
            ref={video}
            class="block aspect-video w-full bg-black low:max-h-[calc(100dvh-10rem)] in-[:fullscreen]:h-full in-[:fullscreen]:max-h-none in-[:fullscreen]:aspect-auto"
            data-testid="video"
            data-via="hls"
            data-state={state}
            playsinline
            preload="metadata"
            poster={pictures?.state === 'ready' ? fileOf(session, 'poster.jpg') : undefined}
            aria-label={pick(session.title)}
            onClick={() => toggle(video.current)}
            onPlay={(event) => {
                playing.value = true;
                event.currentTarget.playbackRate = speed.value;
            }}
            onPause={() => {
                playing.value = false;
            }}
            onDurationChange={({ currentTarget: { duration } }) => {
                playhead.length.value = Number.isFinite(duration) ? duration : 0;
            }}
            onTimeUpdate={({ currentTarget: { currentTime, readyState } }) => {
                playhead.time.value = currentTime;
                if (readyState > 0) {
                    remember(session.id, currentTime);
                }
            }}
        />
    );
}

function KeysButton({ open }: { open: () => void }) {
    return (
        <button
            type="button"
            class="btn btn-small btn-quiet mt-2 max-sm:hidden"
            data-testid="keys"
            onClick={open}
        >
            <Icon name="list" size={16} />
            {t('keysTitle')}
        </button>
    );
}

export interface PlayerProps {
    session: Session;
    playhead: Playhead;
    chapters: Placed[];
    /** Something about the recording has changed. */
    lookAgain: () => void;
}

export function Player({ session, playhead, chapters, lookAgain }: PlayerProps) {
    const video = useRef<HTMLVideoElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const drawn = useSignal<HTMLVideoElement | null>(null);
    const playing = useSignal(false);
    const begun = useRef(false);
    begun.current ||= playing.value;
    const { speed, step, faster } = useSpeed(video);
    const { problem, away, refused, retry } = useSource(video, session, lookAgain);
    const keysHelp = useKeysHelp('recording');
    const play = () => toggle(video.current);
    const full = () => fullScreen(box.current);
    useSeeking(video, playhead);
    useStart(video);
    useShortcuts({
        toggle: play,
        mute: () => video.current && toggleMute(video.current),
        full,
        seek: (seconds) => playhead.seek((video.current?.currentTime ?? 0) + seconds),
        speed: step,
        help: keysHelp.open,
    });
    useLayoutEffect(() => {
        drawn.value = video.current;
    }, []);
    const state = problem ? 'failed' : away ? away : playing.value ? 'playing' : 'paused';
    return (
        <>
            <div
                ref={box}
                class="on-dark @container relative overflow-hidden rounded-2xl bg-black [&:fullscreen]:flex [&:fullscreen]:flex-col [&:fullscreen]:rounded-none"
            >
                <div class="relative min-h-0 flex-1">
                    <Picture {...{ video, session, playhead, state, speed, playing }} />
                    {!begun.current && !away && !problem && (
                        <StartCard session={session} play={play} />
                    )}
                    {away && <AwayCard why={away} refused={refused} />}
                </div>
                <PlayerControls
                    {...{ session, playhead, chapters, faster, full }}
                    video={drawn.value}
                    playing={playing.value}
                    speed={speed.value}
                    toggle={play}
                />
            </div>
            <KeysButton open={keysHelp.open} />
            {keysHelp.dialog}
            {problem && (
                <div class="mt-4">
                    <ErrorBox problem={problem} retry={retry} />
                </div>
            )}
        </>
    );
}
