// SPDX-License-Identifier: GPL-3.0-or-later
// What became of one person's newest mail, and what staff can do about it.
import { post } from '../../core/api';
import { formatDate, formatTime, type Key, t } from '../../core/i18n';
import type { Mail } from '../../core/types';
import { useRequest } from '../../ui/hooks/use-request';
import { ErrorBox } from '../../ui/parts';

const CHIP: Partial<Record<Mail['state'], string>> = {
    sent: 'chip-green',
    failed: 'chip-red',
    doubt: 'chip-pink',
    queued: 'chip-gold',
    sending: 'chip-gold',
};

/** Why, with the relay's own words. */
function Why({ mail }: { mail: Mail }) {
    if (!mail.reason) {
        return null;
    }
    return (
        <p class="user-text basis-full" data-testid="mail-why">
            {t(`mailReason_${mail.reason}` as Key)}
            {mail.error && (
                <>
                    {' '}
                    <bdi dir="ltr" class="font-mono text-xs">
                        {mail.error}
                    </bdi>
                </>
            )}
        </p>
    );
}

export function MailState({ mail, changed }: { mail: Mail; changed: () => void }) {
    const { busy, problem, run } = useRequest(changed);
    const act = (what: 'retry' | 'cancel') =>
        void run(() => post(`mails/${encodeURIComponent(mail.id)}`, { act: what }));
    const doubt = mail.state === 'doubt';
    const open = doubt || mail.state === 'failed' || (mail.state === 'queued' && mail.reason);
    const button = (what: 'retry' | 'cancel', words: Key) => (
        <button
            type="button"
            class="btn btn-small"
            data-testid={`mail-${what}`}
            disabled={busy.value}
            onClick={() => act(what)}
        >
            {t(words)}
        </button>
    );
    return (
        <div
            class="flex basis-full flex-wrap items-center gap-2 text-sm text-soft"
            data-testid="mail"
            data-state={mail.state}
        >
            <span>{t(`mailKind_${mail.kind}` as Key)}</span>
            <span class={`chip ${CHIP[mail.state] ?? ''}`}>{t(`mail_${mail.state}` as Key)}</span>
            {mail.state === 'sent' && mail.sent_at && (
                <time dateTime={mail.sent_at}>
                    {formatDate(mail.sent_at)} · {formatTime(mail.sent_at)}
                </time>
            )}
            {mail.state !== 'sent' && <Why mail={mail} />}
            {open && button('retry', doubt || mail.state === 'failed' ? 'mailAgain' : 'mailNow')}
            {doubt && button('cancel', 'mailArrived')}
            {mail.state === 'queued' && button('cancel', 'mailCancel')}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}
