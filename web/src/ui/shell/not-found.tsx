// SPDX-License-Identifier: GPL-3.0-or-later
import { t } from '../../core/i18n';
import { href } from '../../core/router';
import { Shell, useTitle } from './shell';

export function NotFound() {
    useTitle(t('notFoundTitle'));
    return (
        <Shell>
            <div class="page grid max-w-2xl justify-items-center gap-4 py-24 text-center">
                <h1 class="text-3xl">{t('notFoundTitle')}</h1>
                <p>{t('notFoundText')}</p>
                <a class="btn btn-main" href={href('')}>
                    {t('toHome')}
                </a>
            </div>
        </Shell>
    );
}

export function OldBrowser() {
    return (
        <Shell>
            <div class="page max-w-2xl py-24 text-center" data-testid="state-card" data-card="old">
                <h1 class="mb-4 text-3xl">{t('oldTitle')}</h1>
                <p>{t('oldText')}</p>
            </div>
        </Shell>
    );
}
