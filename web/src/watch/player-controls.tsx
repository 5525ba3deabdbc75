// SPDX-License-Identifier: GPL-3.0-or-later
// The controls below a recording's picture.
import { formatClock, t } from '../core/i18n';
import type { Session } from '../core/types';
import type { Placed } from '../media/chapters';
import { IconButton } from '../media/controls/icon-button';
import { SeekBar } from '../media/controls/seek-bar';
import { Volume } from '../media/controls/volume';
import { parseThumbnails, type Thumb } from '../media/thumbnails';
import type { Playhead } from './playhead';
import { folderOf } from './use-source';

async function loadThumbs(folder: string): Promise<Thumb[]> {
    const response = await fetch(`${folder}/thumbnails.vtt`, { credentials: 'same-origin' });
    if (!response.ok) {
        throw new Error(String(response.status));
    }
    return parseThumbnails(await response.text(), `${folder}/thumbnails.vtt`);
}

export interface PlayerControlsProps {
    session: Session;
    /** Null until it is drawn. */
    video: HTMLVideoElement | null;
    playhead: Playhead;
    chapters: Placed[];
    playing: boolean;
    speed: number;
    toggle: () => void;
    /** To the next speed; after the last, to the first. */
    faster: () => void;
    full: () => void;
}

export function PlayerControls(props: PlayerControlsProps) {
    const { session, video, playhead, chapters, playing, speed } = props;
    const [time, length] = [playhead.time.value, playhead.length.value];
    return (
        <div
            dir="ltr"
            class="relative flex flex-wrap items-center bg-ink px-1 py-1 text-white max-[22rem]:[&_.icon-btn]:w-10 sm:gap-x-1 sm:px-3"
        >
            <IconButton
                icon={playing ? 'pause' : 'play'}
                label={playing ? t('pause') : t('play')}
                testId="play"
                onClick={props.toggle}
            />
            <SeekBar
                class="order-last basis-full max-sm:[--seek-lift:3.25rem] sm:order-none sm:flex-1 sm:basis-0"
                value={time}
                max={length}
                label={t('seek')}
                marks={chapters}
                thumbs={() => loadThumbs(folderOf(session))}
                onSeek={playhead.seek}
            />
            <span class="digits px-1 text-sm max-[22rem]:text-xs sm:px-2">
                {formatClock(time * 1000)} / {formatClock(length * 1000)}
            </span>
            <span class="flex-1 sm:hidden" />
            {video && <Volume video={video} />}
            <button
                type="button"
                class="icon-btn digits w-auto px-2 text-sm font-bold"
                data-testid="speed"
                aria-label={`${t('speed')} ${speed}×`}
                onClick={props.faster}
            >
                {speed}×
            </button>
            <IconButton icon="full" label={t('fullScreen')} onClick={props.full} />
        </div>
    );
}
