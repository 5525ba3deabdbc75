// SPDX-License-Identifier: GPL-3.0-or-later
// Probable slips in a session's time.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { Title, When } from '../sessions/session-card';
import { Icon } from '../ui/icons';
import type { Doubts } from './draft';

/** Asks about `doubts` before anything is sent. */
export function DoubtsBox({
    doubts,
    busy,
    yes,
    no,
}: {
    doubts: Doubts;
    busy: boolean;
    yes: () => void;
    no: () => void;
}) {
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => box.current?.focus(), []);
    return (
        <div
            ref={box}
            tabIndex={-1}
            role="alertdialog"
            aria-labelledby="doubts-title"
            class="grid gap-3 rounded-xl border border-accent-line bg-warn-soft p-4"
            data-testid="doubts"
        >
            <h3 id="doubts-title" class="flex items-center gap-2 font-bold">
                <Icon name="warn" /> {t('doubtsTitle')}
            </h3>
            {doubts.past && <p data-testid="doubt-past">{t('doubtPast')}</p>}
            {doubts.clashes.map((one) => (
                <div key={one.id} data-testid="doubt-clash">
                    <p>{t('doubtClash')}</p>
                    <p class="font-bold">
                        <Title title={one.title} />
                    </p>
                    <When at={one.starts_at} minutes={one.duration_minutes} />
                </div>
            ))}
            <div class="flex flex-wrap gap-3">
                <button
                    type="button"
                    class="btn btn-main"
                    data-testid="doubts-yes"
                    disabled={busy}
                    onClick={yes}
                >
                    {t('saveAnyway')}
                </button>
                <button type="button" class="btn" data-testid="doubts-no" onClick={no}>
                    {t('goOnEditing')}
                </button>
            </div>
        </div>
    );
}
