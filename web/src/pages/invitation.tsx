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

/** Where a link in a mail leads: to an answer, to the recording, to a moment of it, else the role's page. */
export function targetOf(search: string, role: string, session: string | null): string {
    const query = new URLSearchParams(search);
    const coming = query.get('coming');
    const question = query.get('question');
    if (session && coming !== null) {
        return `${href('rsvp', session)}#${encodeURIComponent(coming)}`;
    }
    if (session && question !== null) {
        return `${href('recordings', session)}#q=${encodeURIComponent(question)}`;
    }
    return session && query.has('recording') ? href('recordings', session) : homeOf(role, session);
}

export async function signInBy(invitation: string): Promise<void> {
    const answer = await post<SignIn>('sign-in', { invitation });
    sessionStorage.removeItem(KEEP);
    signedIn(answer);
    replacePage(targetOf(location.search, answer.role, answer.session ?? null));
}

export default function Invitation({ id }: { id: string }) {
    useTitle(t('signIn'));
    useEffect(() => history.replaceState(null, '', href('i') + location.search), []);
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
