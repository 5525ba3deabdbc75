// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { refusal } from '../core/api';
import { formatTime, t } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import { isBlank } from '../core/text';
import { Form, useAct } from '../ui/form';
import { TextField } from '../ui/text-field';

/** The last message, and whether the presenter has acknowledged it. */
function LastMessage({ socket }: { socket: SessionSocket }) {
    const last = socket.message.value;
    if (!last) {
        return null;
    }
    const at = last.acknowledged_at;
    return (
        <div
            class="grid gap-1 text-sm"
            role="status"
            data-testid="message-last"
            data-acknowledged={Boolean(at)}
        >
            <p class="min-w-0 wrap-anywhere">
                {t('messageSent')} <bdi class="wrap-anywhere">{last.text}</bdi>
            </p>
            <p class={at ? 'font-bold text-good' : ''}>
                {at
                    ? t('messageAcknowledged', { time: formatTime(at, true) })
                    : t('messageUnacknowledged')}
            </p>
        </div>
    );
}

export function MessageForm({ socket }: { socket: SessionSocket }) {
    const text = useSignal('');
    const act = useAct();
    const send = async () => {
        const clean = text.value.trim();
        if (isBlank(clean)) {
            act.refuse(refusal(clean ? 'blank' : 'required', 'text'));
            return;
        }
        if (await act.run(() => socket.change({ op: 'message', to: 'presenter', text: clean }))) {
            text.value = '';
        }
    };
    return (
        <Form act={act} class="grid gap-3" onSubmit={() => void send()}>
            <div class="flex items-end gap-2">
                <TextField
                    name="text"
                    label={t('messageLabel')}
                    class="min-w-0 flex-1"
                    maxLength={200}
                    data-testid="message-input"
                    placeholder={t('messagePlaceholder')}
                    value={text.value}
                    set={(value) => {
                        text.value = value;
                    }}
                />
                <button
                    type="submit"
                    class="btn"
                    data-testid="message-send"
                    aria-disabled={act.busy}
                >
                    {t('send')}
                </button>
            </div>
            <LastMessage socket={socket} />
        </Form>
    );
}
