// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { refusal } from '../core/api';
import { western } from '../core/digits';
import { t } from '../core/i18n';
import { Form, useAct } from '../ui/form';
import { Shell, useTitle } from '../ui/shell/shell';
import { TextField } from '../ui/text-field';
import { signInBy } from './invitation';

/** People paste the whole link as often as the code, and some keyboards write Arabic digits. */
export function codeOf(text: string): string {
    return (
        western(text)
            .trim()
            .replace(/[?#].*$/, '')
            .replace(/\/+$/, '')
            .split('/')
            .pop() ?? ''
    );
}

export default function SignIn() {
    useTitle(t('signIn'));
    const code = useSignal('');
    const act = useAct();
    const submit = () => {
        if (!codeOf(code.value)) {
            act.refuse(refusal('required', 'invitation'));
            return;
        }
        void act.run(() => signInBy(codeOf(code.value)));
    };
    return (
        <Shell>
            <div class="page grid max-w-xl gap-6 py-12 sm:py-20 low:py-5">
                <h1 class="text-2xl sm:text-3xl">{t('signIn')}</h1>
                <Form act={act} onSubmit={submit} class="card grid gap-4 p-6">
                    <TextField
                        name="invitation"
                        label={t('invitationCode')}
                        dir="ltr"
                        autocomplete="off"
                        data-testid="sign-in-code"
                        describedBy="invitation-help"
                        value={code.value}
                        set={(text) => {
                            code.value = text;
                        }}
                    />
                    <p class="text-sm text-soft" id="invitation-help">
                        {t('invitationHelp')}
                    </p>
                    <button
                        type="submit"
                        class="btn btn-main"
                        data-testid="sign-in-enter"
                        aria-disabled={act.busy}
                    >
                        {t('enter')}
                    </button>
                </Form>
            </div>
        </Shell>
    );
}
