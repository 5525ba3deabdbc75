// SPDX-License-Identifier: GPL-3.0-or-later
// The live picture with its controls, and over it the card of whatever state hides the picture.
import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { alertNow, announce } from '../core/live-region';
import type { Room } from '../core/room';
import { Icon } from '../ui/icons';
import { fullScreen, handleKey } from './keys';
import { type Gate, LivePlayer } from './live-player';

export function forcedVia(): 'whep' | 'hls' | null {
    const via = new URLSearchParams(location.search).get('via');
    return via === 'whep' || via === 'hls' ? via : null;
}

/** What the chip says: how late the picture is and by which road it comes. */
function delayWords(via: string, delayMs: number | null): string {
    const road = t(via === 'whep' ? 'roadWhep' : 'roadHls');
    if (delayMs === null) {
        return road;
    }
    const seconds = Math.round(delayMs / 1000);
    return `${road} · ${seconds < 1 ? t('delayUnderSecond') : t('delaySeconds', { n: seconds })}`;
}

function Volume({ video }: { video: { current: HTMLVideoElement | null } }) {
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
    const delay = useComputed(() => ready.value?.delayMs.value ?? null);
    const fellBack = useComputed(() => ready.value?.fellBack.value ?? false);
    const behind = useComputed(() => ready.value?.behind.value ?? false);

    useEffect(() => {
        if (open && state.value === 'reconnecting') {
            alertNow(t('reconnecting'));
        }
    }, [state.value, open]);
    useEffect(() => {
        if (fellBack.value) {
            announce(t('fellBack'));
        }
    }, [fellBack.value]);

    const toggle = () => {
        const element = video.current;
        if (element?.paused) {
            holder.player?.toLive();
        } else {
            element?.pause();
        }
    };
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
                ask: onAsk,
            });
        addEventListener('keydown', onKey);
        return () => removeEventListener('keydown', onKey);
    }, [compact, onAsk]);

    const showCard =
        card ??
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
                        {open && state.value === 'connecting' && (
                            <p class="absolute inset-0 grid place-items-center text-sm">
                                {t('connecting')}
                            </p>
                        )}
                        {muted.value && state.value === 'playing' && !compact && (
                            <button
                                type="button"
                                data-testid="tap-for-sound"
                                class="absolute inset-0 m-auto flex h-16 w-fit cursor-pointer items-center gap-3 rounded-full bg-aegold-700/95 px-7 text-lg font-bold text-white shadow-xl hover:bg-aegold-800"
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
                        )}
                        <div
                            dir="ltr"
                            class="controls absolute inset-x-0 bottom-0 flex items-center gap-0.5 bg-linear-to-t from-black/85 to-transparent px-2 pt-8 pb-1"
                        >
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
                            {(behind.value || (paused.value && state.value === 'playing')) && (
                                <button
                                    type="button"
                                    data-testid="back-to-live"
                                    class="btn btn-small border-0! bg-aered-700! text-white!"
                                    onClick={() => holder.player?.toLive()}
                                >
                                    {t('backToLive')}
                                </button>
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
                                    class="chip bg-black/70! text-white!"
                                    data-testid="chip-delay"
                                    data-delay-ms={Math.round(delay.value ?? -1)}
                                >
                                    <bdi>{delayWords(via.value, delay.value)}</bdi>
                                </span>
                            </div>
                        )}
                    </>
                )}
            </div>
            {fellBack.value && via.value === 'hls' && !showCard && (
                <p
                    class="px-3 py-1.5 text-center text-xs text-whitely-500 sm:text-sm"
                    data-testid="note-fallback"
                >
                    {t('fellBack')}
                </p>
            )}
        </div>
    );
}

export function StageCard({
    kind,
    title,
    text,
    children,
}: {
    kind: string;
    title: string;
    text?: string;
    children?: ComponentChildren;
}) {
    return (
        <div
            class="stage-card grid place-content-center justify-items-center gap-2 overflow-auto p-4 text-center sm:gap-4 sm:p-8"
            data-testid="state-card"
            data-card={kind}
        >
            <p class="font-heading text-lg leading-relaxed font-bold sm:text-3xl">{title}</p>
            {text && <p class="max-w-prose text-sm text-whitely-400 sm:text-lg">{text}</p>}
            {children}
        </div>
    );
}
