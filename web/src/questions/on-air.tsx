// SPDX-License-Identifier: GPL-3.0-or-later
// The question that is being answered, under the picture of a phone, where the list is further down.
import { t } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import { Icon } from '../ui/icons';
import { UserText } from '../ui/user-text';

export function OnAir({ socket }: { socket: SessionSocket }) {
    const question = socket.questions.onAir.value;
    const state = socket.session.value?.state;
    if (!question || (state !== 'live' && state !== 'paused')) {
        return null;
    }
    return (
        <div class="on-air hidden tall:flex" data-testid="on-air-strip">
            <span class="flex shrink-0 items-center gap-1.5 text-xs font-bold text-aegold-200">
                <Icon name="air" size={16} />
                {t('noteOnAir')}
            </span>
            <UserText as="p" class="line-clamp-2 text-sm">
                {question.text}
            </UserText>
        </div>
    );
}
