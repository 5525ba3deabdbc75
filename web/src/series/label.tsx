// SPDX-License-Identifier: GPL-3.0-or-later
// Where a session stands in its series: "Session 7 · 60 Minutes of Communication".
import { pick, t } from '../core/i18n';
import type { Session } from '../core/types';

export function SeriesLine({ session }: { session: Pick<Session, 'series' | 'number'> }) {
    const { series, number } = session;
    if (!series) {
        return null;
    }
    return (
        <p class="user-text text-sm text-soft" data-testid="series-line">
            {number !== null && <b>{t('sessionNumber', { n: number })} · </b>}
            <bdi class="wrap-anywhere">{pick(series.name)}</bdi>
        </p>
    );
}
