// SPDX-License-Identifier: GPL-3.0-or-later
// The controls under a live picture: back and forth in the session so far, sound, quality. Laid out
// by the picture's own width.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatClock, t } from '../../core/i18n';
import { Icon } from '../../ui/icons';
import { IconButton } from '../controls/icon-button';
import { fullScreen } from '../controls/keys';
import { SeekBar } from '../controls/seek-bar';
import { Volume } from '../controls/volume';
import { keepPrefs } from '../prefs';
import type { LivePlayer } from './live-player';
import { Settings } from './settings';

export interface LiveControlsProps {
    player: LivePlayer;
    video: HTMLVideoElement;
    box: HTMLElement;
    session: string;
    compact: boolean;
    /** Watching from the start is offered. */
    fromStart: (() => void) | null;
    help: () => void;
}

/** Drawn by itself, so that the moving position draws nothing else anew. */
function Bar({ player }: { player: LivePlayer }) {
    const { shown } = player;
    const [at, edge] = [shown.position.value, shown.edge.value];
    const live = shown.mode.value === 'live';
    const behind = Math.max(0, edge - at) * 1000;
    const words = live
        ? t('state_live')
        : t('seekLiveWords', {
              at: formatClock(at * 1000),
              length: formatClock(edge * 1000),
              behind: formatClock(behind),
          });
    const seek = (seconds: number) => {
        if (shown.edge.value > 0) {
            player.seek(seconds);
        } else {
            // Moved before its length was known: the bar is one second long, so this is a share.
            void player
                .measureHistory()
                .then(() => shown.edge.value > 0 && player.seek(seconds * shown.edge.value))
                .catch(() => undefined);
        }
    };
    return (
        <div class="flex basis-full items-center gap-2 px-2">
            <SeekBar
                class="flex-1"
                testId="seek"
                value={edge === 0 ? 1 : live && shown.pausedAt.value === null ? edge : at}
                max={edge || 1}
                label={t('seekLive')}
                valueText={words}
                preview={edge > 0}
                onUse={() => void player.measureHistory().catch(() => undefined)}
                onSeek={seek}
            />
            {!live && (
                <span class="digits hidden px-1 text-sm @md:inline">
                    {formatClock(at * 1000)} / {formatClock(edge * 1000)}
                </span>
            )}
        </div>
    );
}

function togglePip(video: HTMLVideoElement): void {
    if (document.pictureInPictureElement) {
        void document.exitPictureInPicture();
    } else {
        video.requestPictureInPicture().catch(() => undefined);
    }
}

function BackToLive({ player }: { player: LivePlayer }) {
    return (
        <button
            type="button"
            data-testid="back-to-live"
            class="btn btn-small min-h-11 border-0 bg-aered-700 px-2 text-xs text-white @md:px-3 @md:text-sm"
            aria-label={t('backToLive')}
            onClick={() => player.toLive()}
        >
            <span class="@md:hidden">{t('state_live')}</span>
            <span class="hidden @md:inline">{t('backToLive')}</span>
        </button>
    );
}

/** Whether an element stands still. */
function usePaused(video: HTMLVideoElement): boolean {
    const paused = useSignal(video.paused);
    useEffect(() => {
        const over = new AbortController();
        const read = () => {
            paused.value = video.paused;
        };
        for (const name of ['play', 'pause', 'emptied']) {
            video.addEventListener(name, read, { signal: over.signal });
        }
        read();
        return () => over.abort();
    }, [video]);
    return paused.value;
}

function FromStart({ start }: { start: () => void }) {
    return (
        <button
            type="button"
            class="icon-btn hidden w-auto gap-1.5 px-2.5 text-sm font-bold @md:inline-flex"
            data-testid="from-start"
            aria-label={t('fromStart')}
            title={t('fromStart')}
            onClick={start}
        >
            <Icon name="start" />
            <span class="hidden @xl:inline" dir="auto">
                {t('fromStart')}
            </span>
        </button>
    );
}

/** The buttons at the end of the row. */
function Tools(props: LiveControlsProps) {
    const { player, video, box, session, compact, fromStart, help } = props;
    const start = player.shown.mode.value === 'back' ? null : fromStart;
    return (
        <>
            {start && !compact && <FromStart start={start} />}
            {!compact && (
                <Settings
                    player={player}
                    video={video}
                    session={session}
                    help={help}
                    fromStart={start}
                />
            )}
            {!compact && document.pictureInPictureEnabled && (
                <IconButton
                    icon="pip"
                    label={t('pictureInPicture')}
                    testId="pip"
                    class="hidden @md:inline-flex"
                    onClick={() => togglePip(video)}
                />
            )}
            <IconButton
                icon="full"
                label={t('fullScreen')}
                testId="full-screen"
                onClick={() => fullScreen(box)}
            />
        </>
    );
}

export function LiveControls(props: LiveControlsProps) {
    const { player, video, compact } = props;
    const paused = usePaused(video);
    const { mode, behind, pausedAt } = player.shown;
    const back = mode.value === 'back';
    const away = back || behind.value || pausedAt.value !== null;
    return (
        <div
            dir="ltr"
            data-testid="controls"
            class={`controls pointer-events-none absolute inset-x-0 bottom-0 flex *:pointer-events-auto flex-wrap items-center gap-x-0.5 bg-linear-to-t from-black/85 to-transparent px-1 pt-8 pb-1 @md:px-2 ${back ? 'opacity-100' : ''}`}
        >
            {!compact && <Bar player={player} />}
            <IconButton
                icon={paused ? 'play' : 'pause'}
                label={paused ? t('play') : t('pause')}
                testId="play"
                onClick={() => player.toggle()}
            />
            {!compact && (
                <IconButton
                    icon="back10"
                    label={t('keyBack10')}
                    testId="back-10"
                    onClick={() => player.seekBy(-10)}
                />
            )}
            <Volume video={video} keep={keepPrefs} />
            <span class="flex-1" />
            {away && <BackToLive player={player} />}
            <Tools {...props} />
        </div>
    );
}
