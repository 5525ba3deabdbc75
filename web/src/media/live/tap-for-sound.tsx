// SPDX-License-Identifier: GPL-3.0-or-later
// The button over a muted picture.
import { t } from '../../core/i18n';
import { Icon } from '../../ui/icons';
import { keepPrefs } from '../prefs';

export function TapForSound({
    video,
    class: place,
}: {
    video: HTMLVideoElement | null;
    class: string;
}) {
    return (
        <button
            type="button"
            data-testid="tap-for-sound"
            class={`flex w-fit max-w-full cursor-pointer items-center gap-3 rounded-full bg-aegold-700/95 font-bold text-white shadow-xl hover:bg-aegold-800 ${place}`}
            onClick={() => {
                if (video) {
                    video.muted = false;
                    video.volume = video.volume || 1;
                    keepPrefs({ muted: false });
                    video.play().catch(() => undefined);
                }
            }}
        >
            <Icon name="sound" size={26} />
            {t('tapForSound')}
        </button>
    );
}
