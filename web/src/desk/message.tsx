// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { asProblem, type Problem } from '../core/api';
import { t } from '../core/i18n';
import type { Room } from '../core/room';
import { ErrorBox } from '../ui/parts';

export function MessageForm({ room }: { room: Room }) {
    const text = useSignal('');
    const sent = useSignal('');
    const problem = useSignal<Problem | null>(null);
    const send = async () => {
        const clean = text.value.trim();
        if (!clean) {
            return;
        }
        problem.value = null;
        try {
            await room.change({ op: 'message', to: 'presenter', text: clean });
            sent.value = clean;
            text.value = '';
        } catch (error) {
            problem.value = asProblem(error);
        }
    };
    return (
        <form
            class="grid gap-3"
            onSubmit={(event) => {
                event.preventDefault();
                void send();
            }}
        >
            <div class="flex items-end gap-2">
                <label class="field min-w-0 flex-1">
                    {t('messageLabel')}
                    <input
                        dir="auto"
                        maxLength={200}
                        data-testid="message-input"
                        placeholder={t('messagePlaceholder')}
                        value={text}
                        onInput={(event) => {
                            text.value = event.currentTarget.value;
                        }}
                    />
                </label>
                <button type="submit" class="btn" data-testid="message-send">
                    {t('send')}
                </button>
            </div>
            {sent.value && (
                <p class="text-sm text-aegreen-800" role="status">
                    {t('messageSent')} <bdi>{sent.value}</bdi>
                </p>
            )}
            {problem.value && <ErrorBox problem={problem.value} />}
        </form>
    );
}
