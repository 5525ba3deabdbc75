// SPDX-License-Identifier: GPL-3.0-or-later
// The sign-in ended while somebody watches: says so and how to come back, over a page that stays. The
// picture goes on as long as the server lets it, and typed text is kept.
import { useSignal } from '@preact/signals';
import { t } from '../../core/i18n';
import { href } from '../../core/router';
import { Dialog } from '../dialog';
import { Icon } from '../icons';

function Back() {
    return (
        <a class="btn btn-main w-fit" href={href('sign-in')} data-testid="sign-in-again">
            {t('signIn')}
        </a>
    );
}

export default function SignInLost() {
    const open = useSignal(true);
    return open.value ? (
        <Dialog
            title={t('error_signedOut_title')}
            closeLabel={t('close')}
            testId="sign-in-lost"
            onClose={() => {
                open.value = false;
            }}
        >
            <p>{t('error_signedOut_meaning')}</p>
            <p>{t('signInLostText')}</p>
            <Back />
        </Dialog>
    ) : (
        <div
            class="flex flex-wrap items-center gap-x-4 gap-y-2 bg-warn-soft px-4 py-2 text-sm"
            role="alert"
            data-testid="sign-in-lost-note"
        >
            <Icon name="warn" size={18} />
            <span class="min-w-0 flex-1 basis-60">{t('error_signedOut_meaning')}</span>
            <Back />
        </div>
    );
}
