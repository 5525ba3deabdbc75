// SPDX-License-Identifier: GPL-3.0-or-later
// The live picture with its controls, and over it the card of whatever state hides the picture.
import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { now } from '../core/clock';
import { formatClock, type Key, t } from '../core/i18n';
import { alertNow, announce } from '../core/live-region';
import type { Room } from '../core/room';
import { Icon, type IconName } from '../ui/icons';
import { CATCH_UP_RATE, startOffered } from './catch-up';
import type { Road } from './ice';
import { fullScreen, handleKey } from './keys';
import { type FellBack, type Gate, LivePlayer } from './live-player';
import { SeekBar } from './seek-bar';
import { StageCard } from './stage-card';

export function forcedVia(): 'whep' | 'hls' | null {
    const via = new URLSearchParams(location.search).get('via');
    return via === 'whep' || via === 'hls' ? via : null;
}

function roadWords(via: string, road: Road | null): string {
    if (via !== 'whep') {
        return t('roadHls');
    }
    return t(road === 'tcp' ? 'roadTcp' : road === 'relay' ? 'roadRelay' : 'roadWhep');
}

/** What the chip says: how late the picture is and by which road it comes. */
function delayWords(via: string, found: Road | null, delayMs: number | null): string {
    const road = roadWords(via, found);
    if (delayMs === null) {
        return road;
    }
    const seconds = Math.round(delayMs / 1000);
    return `${road} · ${seconds < 1 ? t('delayUnderSecond') : t('delaySeconds', { n: seconds })}`;
}

const FELL_BACK: Record<FellBack, Key> = {
    network: 'fellBack',
    full: 'fellBackFull',
    browser: 'fellBackBrowser',
    server: 'fellBackServer',
};

type VideoRef = { current: HTMLVideoElement | null };

function Volume({ video }: { video: VideoRef }) {
    const muted = useSignal(true);
    const level = useSignal(1);
    useEffect(() => {
        const element = video.current;
        const read = () => {
            muted.value = element?.muted ?? true;
            level.value = element?.volume ?? 1;
        };
        element?.addEventListener('volumechange', read);
        read();
        return () => element?.removeEventListener('volumechange', read);
    }, []);
    return (
        <div dir="ltr" class="flex items-center">
            <button
                type="button"
                class="icon-btn"
                data-testid="mute"
                aria-label={muted.value ? t('unmute') : t('mute')}
                onClick={() => {
                    if (video.current) {
                        video.current.muted = !video.current.muted;
                    }
                }}
            >
                <Icon name={muted.value ? 'muted' : 'sound'} />
            </button>
            <input
                type="range"
                class="range w-20 max-sm:hidden"
                min={0}
                max={1}
                step={0.05}
                value={muted.value ? 0 : level.value}
                aria-label={t('volume')}
                onInput={(event) => {
                    if (video.current) {
                        video.current.volume = Number(event.currentTarget.value);
                        video.current.muted = video.current.volume === 0;
                    }
                }}
            />
        </div>
    );
}

function TapForSound({ video, class: place }: { video: VideoRef; class: string }) {
    return (
        <button
            type="button"
            data-testid="tap-for-sound"
            class={`flex w-fit cursor-pointer items-center gap-3 rounded-full bg-aegold-700/95 font-bold text-white shadow-xl hover:bg-aegold-800 ${place}`}
            onClick={() => {
                if (video.current) {
                    video.current.muted = false;
                    video.current.volume = video.current.volume || 1;
                    video.current.play().catch(() => undefined);
                }
            }}
        >
            <Icon name="sound" size={26} />
            {t('tapForSound')}
        </button>
    );
}

/** Isolated, so that the sign stays on its side in Arabic words. */
const SPEED = `\u2066${CATCH_UP_RATE}×\u2069`;

/** For whoever opens the page when the session has begun long ago; once, and not in the way. */
function LateOffer({ liveAt, start }: { liveAt: string; start: () => void }) {
    const minutes = useMemo(() => Math.floor((now.peek() - Date.parse(liveAt)) / 60_000), [liveAt]);
    const closed = useSignal(false);
    if (closed.value || minutes < 1) {
        return null;
    }
    return (
        <div
            class="on-dark flex items-center justify-between gap-2 px-3 py-1.5 text-sm sm:gap-3"
            data-testid="late-offer"
        >
            <span class="min-w-0 flex-1 max-[24rem]:sr-only">
                {t('startedAgo', { n: minutes })}
            </span>
            <button type="button" class="btn btn-small" data-testid="late-start" onClick={start}>
                <Icon name="start" size={16} />
                {t('fromStart')}
            </button>
            <button
                type="button"
                class="icon-btn size-9! shrink-0"
                aria-label={t('close')}
                onClick={() => {
                    closed.value = true;
                }}
            >
                <Icon name="cross" size={16} />
            </button>
        </div>
    );
}

/** A button of the controls: its words beside it where there is room for them. */
function IconWord({
    icon,
    label,
    testId,
    pressed,
    onClick,
}: {
    icon: IconName;
    label: string;
    testId: string;
    pressed?: boolean;
    onClick: () => void;
}) {
    return (
        <button
            type="button"
            class="icon-btn w-auto! gap-1.5 px-2.5 text-sm font-bold"
            data-testid={testId}
            aria-label={label}
            aria-pressed={pressed}
            onClick={onClick}
        >
            <Icon name={icon} />
            <span class="max-sm:hidden" dir="auto">
                {label}
            </span>
        </button>
    );
}

/** Drawn by themselves, so that the moving position draws nothing else anew. */
function StartBar({ player }: { player: LivePlayer }) {
    const [at, edge] = [player.position.value, player.edge.value];
    return (
        <div class="flex basis-full items-center gap-2 ps-2">
            <SeekBar
                class="flex-1"
                testId="seek"
                value={at}
                max={edge}
                label={t('seekLive')}
                onSeek={(seconds) => player.seek(seconds)}
            />
            <span class="digits px-1 text-sm max-sm:hidden">
                {formatClock(at * 1000)} / {formatClock(edge * 1000)}
            </span>
        </div>
    );
}

function Behind({ player }: { player: LivePlayer }) {
    const behindMs = Math.max(0, player.edge.value - player.position.value) * 1000;
    return (
        <span class="chip bg-black/70! text-white!" data-testid="chip-behind">
            <bdi>{t('behindBy', { time: formatClock(behindMs) })}</bdi>
        </span>
    );
}

export function Stage({
    room,
    gate,
    card,
    label,
    onAsk,
    compact = false,
}: {
    room: Room;
    gate: Gate;
    /** Covers the picture. */
    card?: ComponentChildren;
    label: string;
    onAsk?: () => void;
    compact?: boolean;
}) {
    const video = useRef<HTMLVideoElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const open = gate === 'open';
    const holder = useMemo(() => ({ player: null as LivePlayer | null }), []);
    const ready = useSignal<LivePlayer | null>(null);
    const muted = useSignal(true);
    const paused = useSignal(false);

    useEffect(() => {
        if (!video.current) {
            return undefined;
        }
        const player = new LivePlayer(video.current, { session: room.id, force: forcedVia() });
        holder.player = player;
        ready.value = player;
        room.where = () => ({
            playhead_ms: (video.current?.currentTime ?? 0) * 1000,
            via: player.state.value === 'playing' ? player.via.value : 'none',
        });
        return () => player.close();
    }, [room]);
    useEffect(() => {
        holder.player?.setGate(gate);
    }, [gate, ready.value]);

    const via = useComputed(() => ready.value?.via.value ?? 'none');
    const state = useComputed(() => ready.value?.state.value ?? 'idle');
    const road = useComputed(() => ready.value?.road.value ?? null);
    const held = useComputed(() => ready.value?.pictureHeld.value ?? false);
    const delay = useComputed(() => ready.value?.delayMs.value ?? null);
    const fellBack = useComputed(() => ready.value?.fellBack.value ?? null);
    const behind = useComputed(() => ready.value?.behind.value ?? false);
    const fromStart = useComputed(() => ready.value?.mode.value === 'start');
    const audioOnly = useComputed(() => ready.value?.audioOnly.value ?? false);
    const cameBack = useComputed(() => ready.value?.cameBack.value ?? null);
    // What was broadcast may be watched while the session pauses; only its live picture is covered.
    const cover = fromStart.value && gate !== 'off' ? undefined : card;
    const offered = useComputed(() =>
        startOffered(room.session.value?.state ?? '', room.session.value?.live_at, now.value),
    );
    const used = useSignal(false);
    const late = useMemo(() => offered.peek(), [room]);
    const fromTheStart = () => {
        used.value = true;
        holder.player?.fromStart();
    };

    useEffect(() => {
        if (open && state.value === 'reconnecting') {
            alertNow(t('reconnecting'));
        }
    }, [state.value, open]);
    useEffect(() => {
        if (fellBack.value) {
            announce(t(FELL_BACK[fellBack.value]));
        }
    }, [fellBack.value]);

    useEffect(() => {
        if (held.value) {
            announce(t('pictureHeld'));
        }
    }, [held.value]);
    useEffect(() => {
        if (cameBack.value) {
            announce(t(cameBack.value === 'failed' ? 'fromStartFailed' : 'caughtUp'));
        }
    }, [cameBack.value]);

    const toggle = () => {
        const element = video.current;
        if (element?.paused && fromStart.value) {
            element.play().catch(() => undefined);
        } else if (element?.paused) {
            holder.player?.toLive();
        } else {
            element?.pause();
        }
    };
    const seekBy = (seconds: number) =>
        holder.player?.seek((holder.player?.position.peek() ?? 0) + seconds);
    useEffect(() => {
        if (compact) {
            return undefined;
        }
        const onKey = (event: KeyboardEvent) =>
            handleKey(event, {
                toggle,
                mute: () => {
                    if (video.current) {
                        video.current.muted = !video.current.muted;
                    }
                },
                full: () => fullScreen(box.current),
                live: () => holder.player?.toLive(),
                // A live picture has nowhere to go; the keys stay the browser's there.
                seek: fromStart.value ? seekBy : undefined,
                ask: onAsk,
            });
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    }, [compact, onAsk, fromStart.value]);

    const showCard =
        cover ??
        (open && state.value === 'denied' ? (
            <StageCard kind="denied" title={t('noPermission')} text={t('noPermissionText')} />
        ) : open && state.value === 'unable' ? (
            <StageCard kind="old" title={t('oldTitle')} text={t('oldText')} />
        ) : null);

    return (
        <div class="overflow-hidden bg-ink text-white sm:rounded-2xl">
            <div
                ref={box}
                data-paused={paused.value}
                class="on-dark group relative overflow-hidden bg-black [&:fullscreen]:grid [&:fullscreen]:place-items-center"
            >
                <video
                    ref={video}
                    class="block aspect-video w-full bg-black"
                    data-testid="video"
                    data-via={via.value}
                    data-state={state.value}
                    data-road={road.value ?? 'none'}
                    playsinline
                    autoplay
                    muted
                    aria-label={label}
                    onVolumeChange={(event) => {
                        muted.value = event.currentTarget.muted;
                    }}
                    onPlay={() => {
                        paused.value = false;
                    }}
                    onPause={() => {
                        paused.value = true;
                    }}
                />
                {showCard ? (
                    <div class="absolute inset-0 grid">{showCard}</div>
                ) : (
                    <>
                        {audioOnly.value && via.value === 'hls' && (
                            <div
                                class="stage-card pointer-events-none absolute inset-0 grid place-content-center justify-items-center gap-2"
                                data-testid="audio-only-card"
                            >
                                {!muted.value && (
                                    <>
                                        <Icon name="ears" size={48} />
                                        <p class="text-lg font-bold">{t('audioOnly')}</p>
                                    </>
                                )}
                            </div>
                        )}
                        {open && state.value === 'reconnecting' && (
                            <div
                                class="absolute inset-0 grid place-items-center bg-black/70 p-4 text-center"
                                data-testid="state-card"
                                data-card="interrupted"
                            >
                                <p class="grid justify-items-center gap-3 font-bold">
                                    <span class="pulse size-4!" aria-hidden="true" />
                                    {t('reconnecting')}
                                </p>
                            </div>
                        )}
                        {(open || fromStart.value) && state.value === 'connecting' && (
                            <p class="absolute inset-0 grid place-items-center text-sm">
                                {t('connecting')}
                            </p>
                        )}
                        {held.value && (
                            <div
                                class="absolute inset-0 grid content-center justify-items-center gap-3 bg-black/75 p-4 pb-14 text-center"
                                data-testid="picture-held"
                            >
                                <p class="text-sm font-bold sm:text-lg">{t('pictureHeld')}</p>
                                <div class="flex flex-wrap justify-center gap-2">
                                    {muted.value && !compact && (
                                        <TapForSound video={video} class="h-11 px-4" />
                                    )}
                                    <button
                                        type="button"
                                        class="btn min-h-11"
                                        data-testid="picture-again"
                                        onClick={() => holder.player?.tryAgain()}
                                    >
                                        {t('pictureAgain')}
                                    </button>
                                </div>
                            </div>
                        )}
                        {muted.value && state.value === 'playing' && !compact && !held.value && (
                            <TapForSound
                                video={video}
                                class="absolute inset-0 m-auto h-12 px-5 sm:h-16 sm:px-7 sm:text-lg"
                            />
                        )}
                        <div
                            dir="ltr"
                            class={`controls absolute inset-x-0 bottom-0 flex flex-wrap items-center gap-0.5 bg-linear-to-t from-black/85 to-transparent px-2 pt-8 pb-1 max-[24rem]:[&_.icon-btn]:w-9 ${fromStart.value ? 'opacity-100!' : ''}`}
                        >
                            {fromStart.value && ready.value && <StartBar player={ready.value} />}
                            <button
                                type="button"
                                class="icon-btn"
                                aria-label={paused.value ? t('play') : t('pause')}
                                onClick={toggle}
                            >
                                <Icon name={paused.value ? 'play' : 'pause'} />
                            </button>
                            <Volume video={video} />
                            <span class="flex-1" />
                            {fromStart.value ||
                            behind.value ||
                            (paused.value && state.value === 'playing') ? (
                                <button
                                    type="button"
                                    data-testid="back-to-live"
                                    class="btn btn-small border-0! bg-aered-700! text-white! max-sm:px-2! max-sm:text-xs!"
                                    onClick={() => holder.player?.toLive()}
                                >
                                    {t('backToLive')}
                                </button>
                            ) : null}
                            {offered.value && open && !compact && !fromStart.value && (
                                <IconWord
                                    testId="from-start"
                                    icon="start"
                                    label={t('fromStart')}
                                    onClick={fromTheStart}
                                />
                            )}
                            {via.value === 'hls' && !compact && (
                                <IconWord
                                    testId="audio-only"
                                    icon="ears"
                                    label={t(audioOnly.value ? 'withPicture' : 'audioOnly')}
                                    pressed={audioOnly.value}
                                    onClick={() => holder.player?.setAudioOnly(!audioOnly.value)}
                                />
                            )}
                            {!compact && 'pictureInPictureEnabled' in document && (
                                <button
                                    type="button"
                                    class="icon-btn max-sm:hidden!"
                                    aria-label={t('pictureInPicture')}
                                    onClick={() =>
                                        void (document.pictureInPictureElement
                                            ? document.exitPictureInPicture()
                                            : video.current
                                                  ?.requestPictureInPicture()
                                                  .catch(() => undefined))
                                    }
                                >
                                    <Icon name="pip" />
                                </button>
                            )}
                            <button
                                type="button"
                                class="icon-btn"
                                aria-label={t('fullScreen')}
                                onClick={() => fullScreen(box.current)}
                            >
                                <Icon name="full" />
                            </button>
                        </div>
                        {state.value === 'playing' && (
                            <div class="absolute inset-x-3 top-3 flex flex-wrap items-start gap-2">
                                <span
                                    class={`chip bg-black/70! text-white! ${fromStart.value ? 'max-sm:hidden!' : ''}`}
                                    data-testid="chip-delay"
                                    data-delay-ms={Math.round(delay.value ?? -1)}
                                >
                                    <bdi>
                                        {fromStart.value
                                            ? t('fromStartChip', { speed: SPEED })
                                            : delayWords(via.value, road.value, delay.value)}
                                    </bdi>
                                </span>
                                {fromStart.value && ready.value && <Behind player={ready.value} />}
                            </div>
                        )}
                    </>
                )}
            </div>
            {late && offered.value && open && !compact && !used.value && !showCard && (
                <LateOffer liveAt={room.session.value?.live_at ?? ''} start={fromTheStart} />
            )}
            {cameBack.value === 'failed' && !showCard && (
                <p
                    class="px-3 py-1.5 text-center text-xs text-whitely-500 sm:text-sm"
                    data-testid="note-from-start"
                >
                    {t('fromStartFailed')}
                </p>
            )}
            {fellBack.value && via.value === 'hls' && !fromStart.value && !showCard && (
                <p
                    class="px-3 py-1.5 text-center text-xs text-whitely-500 sm:text-sm"
                    data-testid="note-fallback"
                >
                    {t(FELL_BACK[fellBack.value])}
                </p>
            )}
        </div>
    );
}
