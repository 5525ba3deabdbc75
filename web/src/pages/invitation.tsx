// SPDX-License-Identifier: GPL-3.0-or-later
// Trades an invitation's code for a sign-in. The code leaves the address at once, and the page
// itself leaves the history.
import { useEffect } from 'preact/hooks';
import { post } from '../core/api';
import { t } from '../core/i18n';
import { signedIn } from '../core/me';
import { homeOf, href, replacePage } from '../core/router';
import type { SignIn } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { ErrorBox } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';

const KEEP = 'majlis.invitation';

export async function signInBy(invitation: string): Promise<void> {
    const answer = await post<SignIn>('sign-in', { invitation });
    sessionStorage.removeItem(KEEP);
    signedIn(answer);
    replacePage(homeOf(answer.role, answer.session));
}

export default function Invitation({ id }: { id: string }) {
    useTitle(t('signIn'));
    useEffect(() => history.replaceState(null, '', href('i')), []);
    const entered = useLoad('invitation', async () => {
        if (id) {
            sessionStorage.setItem(KEEP, id);
        }
        await signInBy(id || sessionStorage.getItem(KEEP) || '');
        return true;
    });
    const problem = entered.problem.value;
    return (
        <Shell>
            <div class="page grid max-w-xl gap-5 py-20 low:py-8">
                <h1 class="text-center text-2xl">{t(problem ? 'invitationBad' : 'entering')}</h1>
                {problem && (
                    <ErrorBox
                        problem={problem}
                        retry={problem.status === 401 ? undefined : entered.again}
                    />
                )}
                {problem && (
                    <a class="btn mx-auto" href={href('sign-in')}>
                        {t('enterCode')}
                    </a>
                )}
            </div>
        </Shell>
    );
}
