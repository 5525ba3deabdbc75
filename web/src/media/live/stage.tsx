// SPDX-License-Identifier: GPL-3.0-or-later
// The live picture, and over it the card of a state that hides it. Controls and everything else that
// the first picture does not need are fetched after it (extras.tsx).
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../core/i18n';
import type { SessionSocket } from '../../core/session/session-socket';
import { readPrefs } from '../prefs';
import { StageCard } from '../stage-card';
import { LivePlayer } from './live-player';
import type { Gate } from './state';
import { TapForSound } from './tap-for-sound';

/** What the extras share with the stage. */
export interface StageParts {
    socket: SessionSocket;
    player: LivePlayer;
    video: HTMLVideoElement;
    box: HTMLElement;
    gate: Gate;
    compact: boolean;
    onAir: boolean;
    muted: Signal<boolean>;
    paused: Signal<boolean>;
    /** The list of keys is shown. */
    help: Signal<boolean>;
    /** Playback was started from the start of the broadcast. */
    fromStart: Signal<boolean>;
    onAsk?: () => void;
}

export function forcedVia(): 'whep' | 'hls' | null {
    const via = new URLSearchParams(location.search).get('via');
    return via === 'whep' || via === 'hls' ? via : null;
}

type Extras = typeof import('./extras');

/** Null until they are fetched; the player does not wait for them. */
function useExtras(): Extras | null {
    const extras = useSignal<Extras | null>(null);
    useEffect(() => {
        let gone = false;
        import('./extras').then(
            (module) => {
                if (!gone) {
                    extras.value = module;
                }
            },
            () => undefined,
        );
        return () => {
            gone = true;
        };
    }, []);
    return extras.value;
}

function useLivePlayer(
    video: RefObject<HTMLVideoElement | null>,
    socket: SessionSocket,
    gate: Gate,
    compact: boolean,
): LivePlayer | null {
    const ready = useSignal<LivePlayer | null>(null);
    useEffect(() => {
        const element = video.current;
        if (!element) {
            return undefined;
        }
        const kept = readPrefs();
        element.volume = kept.volume;
        element.muted = compact || kept.muted;
        const player = new LivePlayer(element, {
            session: socket.id,
            force: forcedVia(),
            quality: compact ? 'auto' : kept.quality,
        });
        const { state, via, road } = player.shown;
        ready.value = player;
        socket.where = () => ({
            via: state.value === 'playing' ? via.value : 'none',
            road: road.value ?? undefined,
            delay_ms: player.glassToGlassMs,
        });
        return () => player.close();
    }, [socket]);
    useEffect(() => {
        ready.value?.setGate(gate);
    }, [gate, ready.value]);
    return ready.value;
}

function Video({
    element,
    player,
    label,
    muted,
    paused,
}: {
    element: RefObject<HTMLVideoElement | null>;
    player: LivePlayer | null;
    label: string;
    muted: Signal<boolean>;
    paused: Signal<boolean>;
}) {
    const shown = player?.shown;
    return (
        <video
            ref={element}
            class="block aspect-video w-full bg-black [:fullscreen_&]:max-h-dvh"
            data-testid="video"
            data-via={shown?.via.value ?? 'none'}
            data-state={shown?.state.value ?? 'idle'}
            data-road={shown?.road.value ?? 'none'}
            data-quality={shown?.quality.value ?? 'auto'}
            data-mode={shown?.mode.value ?? 'live'}
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
    );
}

/** The state of the connection, over the picture. */
function Status({ player, gate }: { player: LivePlayer; gate: Gate }) {
    const state = player.shown.state.value;
    const open = gate === 'open';
    if (open && state === 'reconnecting') {
        return (
            <div
                class="absolute inset-0 grid place-items-center bg-black/70 p-4 pb-16 text-center"
                data-testid="state-card"
                data-card="interrupted"
            >
                <p class="grid justify-items-center gap-3 font-bold">
                    <span class="pulse size-4" aria-hidden="true" />
                    {t('reconnecting')}
                </p>
            </div>
        );
    }
    return state === 'connecting' && (open || player.shown.mode.value === 'back') ? (
        <p class="absolute inset-0 grid place-items-center pb-16 text-sm">{t('connecting')}</p>
    ) : null;
}

/** The card in the place of the picture; null: the picture is shown. */
function coverOf(player: LivePlayer | null, gate: Gate, card: ComponentChildren) {
    const state = player?.shown.state.value;
    // A pause covers the live picture alone; the broadcast before it may be watched meanwhile.
    if (card && !(player?.shown.mode.value === 'back' && gate !== 'off')) {
        return card;
    }
    if (gate === 'open' && state === 'denied') {
        return <StageCard kind="denied" title={t('noPermission')} text={t('noPermissionText')} />;
    }
    if (gate === 'open' && state === 'full') {
        return <StageCard kind="full" title={t('fullTitle')} text={t('fullText')} />;
    }
    if (gate === 'open' && state === 'unable') {
        return <StageCard kind="old" title={t('oldTitle')} text={t('oldText')} />;
    }
    return null;
}

export interface StageProps {
    socket: SessionSocket;
    gate: Gate;
    /** Covers the picture. */
    card?: ComponentChildren;
    label: string;
    onAsk?: () => void;
    compact?: boolean;
    /** False: a preview, which attendees do not see. */
    onAir?: boolean;
}

export function Stage(props: StageProps) {
    const { socket, gate, card, label, onAsk, compact = false, onAir = true } = props;
    const video = useRef<HTMLVideoElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const [muted, paused] = [useSignal(true), useSignal(false)];
    const [help, fromStart] = [useSignal(false), useSignal(false)];
    const player = useLivePlayer(video, socket, gate, compact);
    const extras = useExtras();
    const cover = coverOf(player, gate, card);
    const parts: StageParts | null =
        player && video.current && box.current
            ? {
                  socket,
                  player,
                  video: video.current,
                  box: box.current,
                  gate,
                  compact,
                  onAir,
                  muted,
                  paused,
                  help,
                  fromStart,
                  onAsk,
              }
            : null;
    return (
        <div class="overflow-hidden bg-ink text-white sm:rounded-2xl">
            <div
                ref={box}
                data-paused={paused.value}
                class="on-dark group @container relative overflow-hidden bg-black [&:fullscreen]:grid [&:fullscreen]:place-items-center"
            >
                <Video {...{ player, label, muted, paused }} element={video} />
                {cover && <div class="absolute inset-0 grid">{cover}</div>}
                {!cover && player && (
                    <>
                        <Status player={player} gate={gate} />
                        {muted.value &&
                            player.shown.state.value === 'playing' &&
                            !compact &&
                            !(extras && player.shown.pictureHeld.value) && (
                                <TapForSound
                                    video={video.current}
                                    class="absolute inset-x-0 top-[24%] z-10 mx-auto h-12 px-5 @lg:inset-0 @lg:m-auto @lg:h-16 @lg:px-7 @lg:text-lg"
                                />
                            )}
                        {extras && parts && <extras.Over {...parts} />}
                    </>
                )}
            </div>
            {extras && parts && <extras.Below {...parts} covered={!!cover} />}
        </div>
    );
}
