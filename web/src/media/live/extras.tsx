// SPDX-License-Identifier: GPL-3.0-or-later
// What the stage fetches after the player: over the picture the controls, the delay and cards; below
// it offers and notes; announcements and keys.
import { useComputed } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { now } from '../../core/clock';
import { type Key, t } from '../../core/i18n';
import { alertNow, announce } from '../../core/live-region';
import { Icon } from '../../ui/icons';
import { fullScreen } from '../controls/keys';
import KeysHelp from '../controls/keys-help';
import { useShortcuts } from '../controls/use-shortcuts';
import { toggleMute } from '../controls/volume';
import { keepPrefs } from '../prefs';
import { startOffered } from './catch-up';
import { DelayChip } from './delay-chip';
import { LateOffer } from './late-offer';
import { LiveControls } from './live-controls';
import type { LivePlayer } from './live-player';
import type { StageParts } from './stage';
import type { FellBack } from './state';
import { TapForSound } from './tap-for-sound';

const FELL_BACK: Record<FellBack, Key> = {
    network: 'fellBack',
    full: 'fellBackFull',
    browser: 'fellBackBrowser',
    server: 'fellBackServer',
};

// An ICE restart needs it when the network fails and could not fetch it any more.
import('../whep/restart').catch(() => undefined);

/** To watch from the start is offered. */
function useOffered({ socket }: StageParts) {
    return useComputed(() => {
        const session = socket.session.value;
        return startOffered(session?.state ?? '', session?.live_at, now.value);
    });
}

function startFrom({ player, fromStart }: StageParts): void {
    fromStart.value = true;
    player.fromStart();
}

function AudioOnlyCard({ muted }: { muted: boolean }) {
    return (
        <div
            class="stage-card pointer-events-none absolute inset-0 grid place-content-center justify-items-center gap-2"
            data-testid="audio-only-card"
        >
            {!muted && (
                <>
                    <Icon name="ears" size={48} />
                    <p class="text-lg font-bold">{t('audioOnly')}</p>
                </>
            )}
        </div>
    );
}

/** The server holds the picture back; the sound goes on. */
function HeldCard({ player, video, muted, compact }: StageParts) {
    return (
        <div
            class="absolute inset-0 grid content-center justify-items-center gap-3 bg-black/75 p-4 pb-14 text-center"
            data-testid="picture-held"
        >
            <p class="text-sm font-bold sm:text-lg">{t('pictureHeld')}</p>
            <div class="flex flex-wrap justify-center gap-2">
                {muted.value && !compact && <TapForSound video={video} class="h-11 px-4" />}
                <button
                    type="button"
                    class="btn min-h-11"
                    data-testid="picture-again"
                    onClick={() => player.tryAgain()}
                >
                    {t('pictureAgain')}
                </button>
            </div>
        </div>
    );
}

export function Over(parts: StageParts) {
    const { socket, player, video, box, gate, compact, onAir, muted, paused, help } = parts;
    const { state, mode, pictureHeld } = player.shown;
    const open = gate === 'open';
    const offered = useOffered(parts);
    return (
        <>
            {player.audioOnly.value && state.value === 'playing' && (
                <AudioOnlyCard muted={muted.value} />
            )}
            {pictureHeld.value && <HeldCard {...parts} />}
            <LiveControls
                player={player}
                video={video}
                box={box}
                session={socket.id}
                compact={compact}
                fromStart={offered.value && open ? () => startFrom(parts) : null}
                help={() => {
                    help.value = true;
                }}
            />
            {(open || mode.value === 'back') && (
                <DelayChip {...{ player, onAir }} paused={paused.value} />
            )}
        </>
    );
}

function useAnnouncements(player: LivePlayer, open: boolean): void {
    const { state, fellBack, pictureHeld, cameBack } = player.shown;
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
        if (pictureHeld.value) {
            announce(t('pictureHeld'));
        }
    }, [pictureHeld.value]);
    useEffect(() => {
        if (cameBack.value) {
            announce(t(cameBack.value === 'failed' ? 'fromStartFailed' : 'caughtUp'));
        }
    }, [cameBack.value]);
}

function Note({ testId, words }: { testId: string; words: Key }) {
    return (
        <p class="px-3 py-1.5 text-center text-xs text-whitely-500 sm:text-sm" data-testid={testId}>
            {t(words)}
        </p>
    );
}

/** The keys of the player. Without a broadcast there is nothing to move, and those stay the
 *  browser's. */
function Shortcuts({ player, video, box, gate, help, onAsk }: StageParts) {
    const on = gate === 'open' || player.shown.mode.value === 'back';
    useShortcuts({
        toggle: on ? () => player.toggle() : undefined,
        mute: () => toggleMute(video, keepPrefs),
        full: () => fullScreen(box),
        live: on ? () => player.toLive() : undefined,
        seek: on ? (seconds) => player.seekBy(seconds) : undefined,
        ask: onAsk,
        help: () => {
            help.value = true;
        },
    });
    return null;
}

export function Below(parts: StageParts & { covered: boolean }) {
    const { socket, player, gate, compact, help, fromStart, covered } = parts;
    const { fellBack, via, mode, cameBack } = player.shown;
    const open = gate === 'open';
    const offered = useOffered(parts);
    const late = useMemo(() => offered.peek(), [socket]);
    useAnnouncements(player, open);
    return (
        <>
            {!compact && <Shortcuts {...parts} />}
            {late && offered.value && open && !compact && !fromStart.value && !covered && (
                <LateOffer
                    liveAt={socket.session.value?.live_at ?? ''}
                    start={() => startFrom(parts)}
                />
            )}
            {cameBack.value === 'failed' && !covered && (
                <Note testId="note-from-start" words="fromStartFailed" />
            )}
            {fellBack.value && via.value === 'hls' && mode.value === 'live' && !covered && (
                <Note testId="note-fallback" words={FELL_BACK[fellBack.value]} />
            )}
            {help.value && (
                <KeysHelp
                    player="live"
                    onClose={() => {
                        help.value = false;
                    }}
                />
            )}
        </>
    );
}
