// SPDX-License-Identifier: GPL-3.0-or-later
// A session in a list of the officer's home.
import { t } from '../core/i18n';
import { mayModerate, me } from '../core/me';
import { href } from '../core/router';
import type { Session } from '../core/types';
import { SessionCard } from '../sessions/card';

/** For its moderators. */
export function ToDesk({ session }: { session: Session }) {
    return me.value && mayModerate(me.value, session.id) ? (
        <a class="btn btn-quiet" href={href('desk', session.id)} data-testid="home-desk">
            {t('openDesk')}
        </a>
    ) : null;
}

export function Card({ session }: { session: Session }) {
    const watchable = session.state === 'published' && !session.recording.deleted_at;
    const action = watchable
        ? t('watchRecording')
        : session.state === 'live'
          ? t('watchNow')
          : t('openSession');
    return (
        <SessionCard session={session}>
            <a
                class={`btn ${session.state === 'live' ? 'btn-main' : ''}`}
                href={href(watchable ? 'recordings' : 's', session.id)}
            >
                {action}
            </a>
            <ToDesk session={session} />
        </SessionCard>
    );
}
