// SPDX-License-Identifier: GPL-3.0-or-later
// What the speaker sees under studio lights, three metres away.
import { useEffect, useMemo } from 'preact/hooks';
import { pick, t } from '../core/i18n';
import { mayPresent, me } from '../core/me';
import { SessionSocket } from '../core/session/session-socket';
import { Board } from '../present/board';
import { ErrorBox } from '../ui/parts';
import { NotForYou } from '../ui/shell/not-for-you';
import { LanguageSwitch, LiveRegions, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';

export default function Present({ id }: { id: string }) {
    const socket = useMemo(() => new SessionSocket(id), [id]);
    useEffect(() => () => socket.close(), [socket]);
    const session = socket.session.value;
    const problem = socket.problem.value;
    const lost = socket.link.value === 'refused';
    const out = lost && socket.refusal.value !== 401;
    const denied = out || (me.value !== null && !mayPresent(me.value, id));
    const refused = socket.signedOut.value || (lost && !out);
    useEffect(() => {
        if (denied) {
            socket.close();
        }
    }, [denied]);
    useTitle(session ? pick(session.title) : t('presenterView'));
    return (
        <>
            {session && !refused && !denied ? (
                <Board socket={socket} session={session} />
            ) : (
                <main id="main" class="grid min-h-dvh content-center gap-4 bg-ink p-4">
                    {refused ? (
                        <SignInCard />
                    ) : denied ? (
                        <NotForYou page="present" id={id} />
                    ) : problem ? (
                        <div class="mx-auto max-w-xl">
                            <ErrorBox problem={problem} retry={() => void socket.load()} />
                        </div>
                    ) : (
                        <p class="text-center text-2xl text-white">{t('loading')}</p>
                    )}
                    <p class="on-dark text-center">
                        <LanguageSwitch dark />
                    </p>
                </main>
            )}
            <LiveRegions />
        </>
    );
}
