// SPDX-License-Identifier: GPL-3.0-or-later
// Invitations by mail: to whom, how far it is, what hinders the relay.
import { useEffect, useRef } from 'preact/hooks';
import { get, post } from '../../core/api';
import { type Key, t } from '../../core/i18n';
import { announce } from '../../core/live-region';
import type { InvitationList, MailList, MailsNew } from '../../core/types';
import { type Loaded, useLoad } from '../../ui/hooks/use-load';
import { useRequest } from '../../ui/hooks/use-request';
import { Icon } from '../../ui/icons';
import { ErrorBox, HoldButton, Skeleton } from '../../ui/parts';

const LOOK_AGAIN_MS = 3000;
const STATES = ['queued', 'sending', 'sent', 'failed', 'doubt'] as const;

function Counts({ counts }: { counts: MailList['counts'] }) {
    const some = STATES.filter((state) => counts[state] > 0);
    return (
        <ul class="flex flex-wrap gap-2" data-testid="mail-counts">
            {some.map((state) => (
                <li key={state} class="chip" data-state={state} data-count={counts[state]}>
                    {t(`mail_${state}` as Key)} <b>{counts[state]}</b>
                </li>
            ))}
        </ul>
    );
}

function NotSetUp() {
    return (
        <div class="card grid gap-1 p-4 text-sm" data-testid="mail-off">
            <p class="font-bold">{t('mailOff')}</p>
            <p>{t('mailOffText')}</p>
        </div>
    );
}

function Trouble({ reason }: { reason: string }) {
    return (
        <div class="card card-bad grid gap-1 p-4 text-sm" role="status" data-testid="mail-trouble">
            <p class="flex items-center gap-2 font-bold text-bad">
                <Icon name="warn" /> {t('mailTrouble')}
            </p>
            <p>{t(`mailReason_${reason}` as Key)}</p>
            <p>{t('mailTroubleText')}</p>
        </div>
    );
}

function useSend(session: string, changed: () => void) {
    const request = useRequest(changed);
    const send = (to: MailsNew['to']) =>
        request.run(async () => {
            const { queued } = await post<{ queued: number }>(
                `sessions/${encodeURIComponent(session)}/mails`,
                { kind: 'invitation', to },
            );
            announce(t('mailsQueued', { n: queued }));
        });
    return { ...request, send };
}

function Buttons({
    session,
    counts,
    changed,
}: {
    session: string;
    counts: InvitationList['counts'];
    changed: () => void;
}) {
    const { busy, problem, send } = useSend(session, changed);
    const { mailable: all, unmailed: some, without_address: without } = counts;
    return (
        <>
            <div class="flex flex-wrap gap-2">
                <button
                    type="button"
                    class="btn btn-main"
                    data-testid="mail-not-sent"
                    disabled={busy.value || some === 0}
                    onClick={() => void send('not-sent')}
                >
                    {t('mailNotSent', { n: some })}
                </button>
                <HoldButton
                    testId="mail-all"
                    disabled={busy.value || all === 0}
                    onHold={() => void send('all')}
                >
                    {t('mailAll', { n: all })}
                </HoldButton>
            </div>
            {without > 0 && <p class="text-sm text-soft">{t('mailWithout', { n: without })}</p>}
            {all > some && <p class="text-sm text-soft">{t('mailAllText')}</p>}
            {problem.value && <ErrorBox problem={problem.value} />}
        </>
    );
}

export interface Mails {
    session: string;
    list: Loaded<MailList>;
    /** Reads mails and invitations. */
    again: () => void;
}

/** Looks again while mails are on their way. `changed`: the invitations are to be read again. */
export function useMails(session: string, changed: () => void): Mails {
    const path = `sessions/${encodeURIComponent(session)}/mails`;
    const list = useLoad(path, () => get<MailList>(path));
    const mails = list.value.value;
    const again = () => {
        list.again();
        changed();
    };
    const under = mails ? mails.counts.queued + mails.counts.sending > 0 : false;
    useEffect(() => {
        const look = () => document.hidden || again();
        const timer = under ? setInterval(look, LOOK_AGAIN_MS) : undefined;
        return () => clearInterval(timer);
    }, [under, path]);
    return { session, list, again };
}

export function MailPanel({
    mails: { session, list, again },
    invitations: { counts, items },
}: {
    mails: Mails;
    invitations: InvitationList;
}) {
    // What the rows decide changes the counts.
    const states = items.map(({ mail }) => `${mail?.id}${mail?.state}`).join();
    const before = useRef(states);
    useEffect(() => {
        if (before.current !== states) {
            before.current = states;
            list.again();
        }
    }, [states]);
    const mails = list.value.value;
    if (list.problem.value && !mails) {
        return <ErrorBox problem={list.problem.value} retry={list.again} />;
    }
    return (
        <section class="grid gap-3" aria-label={t('mailTitle')} data-testid="mail-panel">
            <h3 class="text-base font-bold">{t('mailTitle')}</h3>
            {!mails ? (
                <Skeleton lines={1} />
            ) : !mails.relay.configured ? (
                <NotSetUp />
            ) : (
                <>
                    {mails.relay.trouble && <Trouble reason={mails.relay.trouble} />}
                    <Buttons session={session} counts={counts} changed={again} />
                    <Counts counts={mails.counts} />
                </>
            )}
        </section>
    );
}
