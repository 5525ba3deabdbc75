// SPDX-License-Identifier: GPL-3.0-or-later
import { t } from '../../core/i18n';
import { href } from '../../core/router';

export function SignInCard() {
    return (
        <div
            class="card mx-auto grid max-w-xl justify-items-center gap-4 p-8 text-center"
            data-testid="state-card"
            data-card="signed-out"
        >
            <h1 class="text-2xl">{t('signedOutTitle')}</h1>
            <p>{t('signedOutText')}</p>
            <a class="btn btn-main" href={href('sign-in')}>
                {t('signIn')}
            </a>
        </div>
    );
}
