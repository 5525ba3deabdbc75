// SPDX-License-Identifier: GPL-3.0-or-later
// The desk after the end: no live part is left; the recording is worked on until it is published.
import type { Signal } from '@preact/signals';
import { t } from '../../core/i18n';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Session } from '../../core/types';
import { Tabs } from '../../ui/tabs';
import { Invitations } from '../invitations';
import { Moderation } from '../moderation/moderation';
import RecordingParts from './recording';

export default function After({
    socket,
    session,
    staff,
    tab,
}: {
    socket: SessionSocket;
    session: Session;
    staff: boolean;
    tab: Signal<string>;
}) {
    const questions = {
        name: 'questions',
        label: t('questions'),
        content: () => <Moderation socket={socket} />,
    };
    const items = staff
        ? [
              {
                  name: 'recording',
                  label: t('recordingLight'),
                  content: () => <RecordingParts socket={socket} session={session} />,
              },
              questions,
              {
                  name: 'invitations',
                  label: t('invitations'),
                  content: () => (
                      <div class="card p-4">
                          <Invitations session={socket.id} />
                      </div>
                  ),
              },
          ]
        : [questions];
    return (
        <div data-testid="desk-after">
            <Tabs
                label={t('deskTabs')}
                items={items}
                value={tab}
                class="mb-4 border-b border-line"
            />
        </div>
    );
}
