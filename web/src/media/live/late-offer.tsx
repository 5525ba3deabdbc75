// SPDX-License-Identifier: GPL-3.0-or-later
// Offers a latecomer to watch from the start, below the picture.
import { useComputed, useSignal } from '@preact/signals';
import { now } from '../../core/clock';
import { t } from '../../core/i18n';
import { Icon } from '../../ui/icons';

export function LateOffer({ liveAt, start }: { liveAt: string; start: () => void }) {
    const begun = useComputed(() => Math.floor((now.value - Date.parse(liveAt)) / 60_000));
    const minutes = begun.value; // drawn anew each minute
    const closed = useSignal(false);
    if (closed.value || minutes < 1) {
        return null;
    }
    return (
        <div
            class="on-dark flex flex-wrap items-center justify-between gap-2 px-3 py-1.5 text-sm sm:gap-3"
            data-testid="late-offer"
        >
            <span class="min-w-24 flex-1">{t('startedAgo', { n: minutes })}</span>
            <button type="button" class="btn btn-small" data-testid="late-start" onClick={start}>
                <Icon name="start" size={16} />
                {t('fromStart')}
            </button>
            <button
                type="button"
                class="icon-btn size-9 shrink-0"
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
