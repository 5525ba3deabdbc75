// SPDX-License-Identifier: GPL-3.0-or-later
// Cancelling and deleting a session.
import type { ComponentChildren } from 'preact';
import { post } from '../core/api';
import { type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Session } from '../core/types';
import { Changed, drop } from '../ui/change';
import { useAct } from '../ui/form';
import { ErrorBox, HoldButton } from '../ui/parts';

function Choice({ text, children }: { text: Key; children: ComponentChildren }) {
    return (
        <div class="grid content-start gap-2">
            <p class="text-sm">{t(text)}</p>
            {children}
        </div>
    );
}

interface Props {
    session: Session;
    done: () => void;
    reload: () => void;
}

/** Cancelling and deleting, each where the session's state has it. */
export function End({ session, done, reload }: Props) {
    const act = useAct();
    const path = `sessions/${encodeURIComponent(session.id)}`;
    const cancellable = ['scheduled', 'lobby'].includes(session.state);
    const deletable = ['scheduled', 'cancelled'].includes(session.state);
    if (!cancellable && !deletable) {
        return null;
    }
    const run = (work: () => Promise<unknown>, said: Key) =>
        void act.run(work).then((good) => {
            if (good) {
                announce(t(said));
                done();
            }
        });
    return (
        <section class="card grid gap-4 p-5 sm:p-8" aria-labelledby="end-title">
            <h2 id="end-title" class="text-lg">
                {t('cancelOrDelete')}
            </h2>
            <div class="grid gap-4 sm:grid-cols-2">
                {cancellable && (
                    <Choice text="cancelSessionText">
                        <HoldButton
                            testId="cancel-session"
                            icon="cross"
                            disabled={act.busy}
                            onHold={() =>
                                run(
                                    () => post(`${path}/state`, { to: 'cancelled' }),
                                    'sessionCancelled',
                                )
                            }
                        >
                            {t('cancelSession')}
                        </HoldButton>
                    </Choice>
                )}
                {deletable && (
                    <Choice text="deleteSessionText">
                        <HoldButton
                            testId="delete-session"
                            icon="bin"
                            class="btn-bad"
                            disabled={act.busy}
                            onHold={() => run(() => drop('sessions', session), 'sessionDeleted')}
                        >
                            {t('deleteSession')}
                        </HoldButton>
                    </Choice>
                )}
            </div>
            {act.problem && <ErrorBox problem={act.problem} />}
            <Changed problem={act.problem} reload={reload} />
        </section>
    );
}
