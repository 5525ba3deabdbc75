// SPDX-License-Identifier: GPL-3.0-or-later
// Sound of a player: on, off, how loud. Where there is room, with a range.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../../core/i18n';
import type { Prefs } from '../prefs';
import { IconButton } from './icon-button';

type Keep = (prefs: Partial<Prefs>) => void;

export function toggleMute(video: HTMLVideoElement, keep?: Keep): void {
    video.muted = !video.muted;
    keep?.({ muted: video.muted });
}

/** `keep`: called with what a person chose. */
export function Volume({ video, keep }: { video: HTMLVideoElement; keep?: Keep }) {
    const muted = useSignal(video.muted);
    const level = useSignal(video.volume);
    useEffect(() => {
        const read = () => {
            muted.value = video.muted;
            level.value = video.volume;
        };
        video.addEventListener('volumechange', read);
        read();
        return () => video.removeEventListener('volumechange', read);
    }, [video]);
    const heard = muted.value ? 0 : level.value;
    return (
        <div class="flex items-center">
            <IconButton
                icon={muted.value ? 'muted' : 'sound'}
                label={muted.value ? t('unmute') : t('mute')}
                testId="mute"
                onClick={() => toggleMute(video, keep)}
            />
            <input
                type="range"
                class="range hidden w-20 @md:block"
                data-keys="own"
                data-testid="volume"
                min={0}
                max={1}
                step={0.05}
                value={heard}
                aria-label={t('volume')}
                aria-valuetext={`${Math.round(100 * heard)}%`}
                onInput={(event) => {
                    video.volume = Number(event.currentTarget.value);
                    video.muted = video.volume === 0;
                    keep?.({ muted: video.muted, volume: video.volume || 1 });
                }}
            />
        </div>
    );
}
