// SPDX-License-Identifier: GPL-3.0-or-later
// The attendee's page: one address for the whole life of a session.
import { useEffect, useMemo } from 'preact/hooks';
import { SessionView } from '../attend/session-view';
import { problemFrom } from '../core/api';
import { pick, t } from '../core/i18n';
import { href } from '../core/router';
import { SessionSocket } from '../core/session/session-socket';
import { StageCard } from '../media/stage-card';
import { dropEarly, offerEarly } from '../media/whep/early';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';

const SignInCard = lazy(async () => ({
    default: (await import('../ui/shell/sign-in-card')).SignInCard,
}));
const SignInLost = lazy(() => import('../ui/shell/sign-in-lost'));

export default function Attend({ id }: { id: string }) {
    const socket = useMemo(() => {
        offerEarly(id);
        return new SessionSocket(id);
    }, [id]);
    useEffect(
        () => () => {
            socket.close();
            dropEarly();
        },
        [socket],
    );
    const session = socket.session.value;
    const problem = socket.problem.value;
    useTitle(session ? pick(session.title) : '');
    const lost = socket.link.value === 'refused';
    // The sign-in holds, but the session is no longer for this person, or is gone.
    const out = lost && socket.refusal.value !== 401;
    const denied = problem?.status === 403 || (out && socket.refusal.value === 403);
    return (
        <Shell session={session}>
            {session && !out ? (
                <>
                    {lost && <SignInLost />}
                    <SessionView socket={socket} session={session} />
                </>
            ) : denied ? (
                <div class="page max-w-3xl py-16">
                    <div class="overflow-hidden rounded-2xl">
                        <StageCard
                            kind="denied"
                            title={t('noPermission')}
                            text={t('noPermissionText')}
                        >
                            <a class="btn" href={href('sign-in')}>
                                {t('signIn')}
                            </a>
                        </StageCard>
                    </div>
                </div>
            ) : (
                <div class="page max-w-4xl py-12">
                    {socket.signedOut.value ? (
                        <SignInCard />
                    ) : problem || out ? (
                        <ErrorBox
                            problem={problem ?? problemFrom(404, {})}
                            retry={() => void socket.load()}
                        />
                    ) : (
                        <Skeleton />
                    )}
                </div>
            )}
        </Shell>
    );
}
