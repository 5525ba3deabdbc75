// SPDX-License-Identifier: GPL-3.0-or-later
// The programme as the desk sees it, and in words where attendees see something else.
import { t } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import type { Session } from '../core/types';
import { Stage } from '../media/live/stage';
import { StageCard } from '../media/stage-card';

/** The attendees' view, where it differs from the picture on the desk. */
function PreviewNote({ session }: { session: Session }) {
    const word =
        session.state === 'paused'
            ? 'previewPaused'
            : session.state === 'lobby'
              ? 'previewLobby'
              : null;
    return word ? (
        <p
            class="bg-warn-soft px-3 py-1.5 text-center text-sm font-bold text-main sm:rounded-t-2xl"
            data-testid="preview-note"
            role="status"
        >
            {t(word)}
        </p>
    ) : null;
}

export default function Preview({ socket, session }: { socket: SessionSocket; session: Session }) {
    const card =
        session.state === 'cancelled' ? (
            <StageCard kind="cancelled" title={t('cancelledTitle')} />
        ) : session.state === 'scheduled' ? (
            <StageCard kind="waiting" title={t('deskScheduled')} text={t('deskScheduledText')} />
        ) : undefined;
    return (
        <div>
            <PreviewNote session={session} />
            <Stage
                socket={socket}
                gate={['lobby', 'live', 'paused'].includes(session.state) ? 'open' : 'off'}
                card={card}
                label={t('preview')}
                compact
                onAir={session.state === 'live'}
            />
        </div>
    );
}
