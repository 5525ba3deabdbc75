// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { asProblem, type Problem, post } from '../core/api';
import { t } from '../core/i18n';
import { homeOf } from '../core/router';
import type { Role } from '../core/types';
import { ErrorBox } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell';
import { signInBy } from './invitation';

/** People paste the whole link as often as the code. */
export function codeOf(text: string): string {
    return (
        text
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
    const email = useSignal('');
    const password = useSignal('');
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const run = async (work: () => Promise<void>) => {
        busy.value = true;
        problem.value = null;
        await work().catch((error) => {
            problem.value = asProblem(error);
        });
        busy.value = false;
    };
    const byPassword = async () => {
        const answer = await post<{ role: Role; session?: string | null }>('sign-in', {
            email: email.value,
            password: password.value,
        });
        location.replace(homeOf(answer.role, answer.session));
    };
    return (
        <Shell>
            <div class="page grid max-w-xl! gap-6 py-12 sm:py-20">
                <h1 class="text-2xl sm:text-3xl">{t('signIn')}</h1>
                {problem.value && <ErrorBox problem={problem.value} />}
                <form
                    class="card grid gap-4 p-6"
                    onSubmit={(event) => {
                        event.preventDefault();
                        void run(() => signInBy(codeOf(code.value)));
                    }}
                >
                    <label class="field">
                        {t('invitationCode')}
                        <input
                            dir="ltr"
                            required
                            autocomplete="off"
                            value={code}
                            onInput={(event) => {
                                code.value = event.currentTarget.value;
                            }}
                        />
                    </label>
                    <p class="text-sm text-aeblack-600">{t('invitationHelp')}</p>
                    <button type="submit" class="btn btn-main" disabled={busy.value}>
                        {t('enter')}
                    </button>
                </form>
                <details class="card p-6">
                    <summary class="cursor-pointer font-bold">{t('staffAccount')}</summary>
                    <form
                        class="mt-5 grid gap-4"
                        onSubmit={(event) => {
                            event.preventDefault();
                            void run(byPassword);
                        }}
                    >
                        <label class="field">
                            {t('email')}
                            <input
                                dir="ltr"
                                type="email"
                                required
                                autocomplete="username"
                                value={email}
                                onInput={(event) => {
                                    email.value = event.currentTarget.value;
                                }}
                            />
                        </label>
                        <label class="field">
                            {t('password')}
                            <input
                                dir="ltr"
                                type="password"
                                required
                                autocomplete="current-password"
                                value={password}
                                onInput={(event) => {
                                    password.value = event.currentTarget.value;
                                }}
                            />
                        </label>
                        <button type="submit" class="btn" disabled={busy.value}>
                            {t('signIn')}
                        </button>
                    </form>
                </details>
            </div>
        </Shell>
    );
}
