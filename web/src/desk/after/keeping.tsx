// SPDX-License-Identifier: GPL-3.0-or-later
// A recording's length, size and date of deletion, a legal hold, deleting it.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { patch, remove } from '../../core/api';
import {
    formatBytes,
    formatClock,
    formatDate,
    formatNumber,
    formatTime,
    type Key,
    t,
} from '../../core/i18n';
import type { SessionSocket } from '../../core/session/session-socket';
import { isBlank, textProblem } from '../../core/text';
import type { Recording, Session } from '../../core/types';
import { Form, useAct } from '../../ui/form';
import { useRequest } from '../../ui/hooks/use-request';
import { Icon, type IconName } from '../../ui/icons';
import { ErrorBox, HoldButton } from '../../ui/parts';
import { TextField } from '../../ui/text-field';
import { UserText } from '../../ui/user-text';
import { recordingPath } from './path';

const MOST_REASON = 200;
const WHYS = ['restart', 'capture', 'disk'];

export function Facts({ recording }: { recording: Recording }) {
    const { duration_ms, bytes, keep_until, gaps } = recording;
    return (
        <dl class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-2 text-sm">
            {typeof duration_ms === 'number' && (
                <>
                    <dt class="font-bold">{t('recordingLength')}</dt>
                    <dd>
                        <bdi class="digits">{formatClock(duration_ms)}</bdi>
                    </dd>
                </>
            )}
            {typeof bytes === 'number' && bytes > 0 && (
                <>
                    <dt class="font-bold">{t('recordingSize')}</dt>
                    <dd>{formatBytes(bytes)}</dd>
                </>
            )}
            <dt class="font-bold">{t('keepUntil')}</dt>
            <dd data-testid="keep-until">
                {keep_until ? (
                    <time dateTime={keep_until}>
                        {formatDate(keep_until)} · {formatTime(keep_until)}
                    </time>
                ) : (
                    t('keepForever')
                )}
            </dd>
            {gaps && (
                <>
                    <dt class="font-bold">{t('gaps')}</dt>
                    <dd data-testid="gaps" data-count={gaps.length}>
                        {gaps.length === 0 ? (
                            t('noGaps')
                        ) : (
                            <ul class="grid gap-1">
                                {gaps.map((gap) => (
                                    <li key={gap.at_ms} data-why={gap.why}>
                                        {t('gapLine', {
                                            at: formatClock(gap.at_ms),
                                            lost: formatNumber(Math.round(gap.lost_ms / 100) / 10),
                                        })}{' '}
                                        {WHYS.includes(gap.why ?? '') && t(`gap_${gap.why}` as Key)}
                                    </li>
                                ))}
                            </ul>
                        )}
                    </dd>
                </>
            )}
        </dl>
    );
}

/** A held button that needs a reason. */
function HeldWithReason({
    label,
    name,
    onHold,
    children,
    ...button
}: {
    label: string;
    name: string;
    onHold: (reason: string) => Promise<unknown>;
    children: ComponentChildren;
    testId: string;
    icon?: IconName;
    class?: string;
}) {
    const reason = useSignal('');
    const act = useAct();
    const submit = () => {
        const fault = textProblem(reason.value, 'reason', MOST_REASON);
        if (fault) {
            act.refuse(fault);
        } else {
            void act.run(() => onHold(reason.value.trim()));
        }
    };
    return (
        // Enter alone does nothing: the button is held.
        <Form act={act} class="grid gap-3" onSubmit={() => undefined}>
            <TextField
                name="reason"
                label={label}
                data-testid={name}
                value={reason.value}
                set={(text) => {
                    reason.value = text;
                }}
            />
            <HoldButton {...button} disabled={act.busy || isBlank(reason.value)} onHold={submit}>
                {children}
            </HoldButton>
        </Form>
    );
}

/** When the hold was lifted, and why. */
function Lifted({ recording: { hold_changed_at: at, hold_why: why } }: { recording: Recording }) {
    return at ? (
        <p class="text-sm">
            {t('holdOffOn')}{' '}
            <time dateTime={at}>
                {formatDate(at)} · {formatTime(at)}
            </time>
            {why && (
                <>
                    {': '}
                    <UserText as="span">{why}</UserText>
                </>
            )}
        </p>
    ) : null;
}

export function Hold({
    socket,
    session,
    recording,
}: {
    socket: SessionSocket;
    session: Session;
    recording: Recording;
}) {
    const { problem, busy, run } = useRequest(() => socket.refresh());
    const held = recording.hold === true;
    return (
        <div class="grid gap-2 border-t border-line pt-4" data-testid="hold" data-on={held}>
            <div class="flex flex-wrap items-center justify-between gap-3">
                <h2 class="flex items-center gap-2 text-base">
                    <Icon name="lock" size={18} />
                    {t('hold')}
                    <span class={`chip ${held ? 'chip-gold' : ''}`}>
                        {t(held ? 'held' : 'notHeld')}
                    </span>
                </h2>
                {!held && (
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="hold-toggle"
                        disabled={busy.value}
                        onClick={() =>
                            void run(() => patch(recordingPath(session), { hold: true }))
                        }
                    >
                        {t('holdOn')}
                    </button>
                )}
            </div>
            <p class="text-sm text-soft">{t('holdText')}</p>
            {held && (
                <HeldWithReason
                    label={t('holdOffReason')}
                    name="hold-reason"
                    testId="hold-toggle"
                    onHold={async (reason) => {
                        await patch(recordingPath(session), { hold: false, reason });
                        await socket.refresh();
                    }}
                >
                    {t('holdOff')}
                </HeldWithReason>
            )}
            {!held && <Lifted recording={recording} />}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}

export function Delete({
    socket,
    session,
    recording,
    working,
}: {
    socket: SessionSocket;
    session: Session;
    recording: Recording;
    working: boolean;
}) {
    const open = useSignal(false);
    const why = recording.hold ? 'deleteHeld' : working ? 'deleteBusy' : null;
    return (
        <details
            class="border-t border-line pt-4"
            data-testid="delete"
            onToggle={(event) => {
                open.value = event.currentTarget.open;
            }}
        >
            <summary class="w-fit cursor-pointer font-bold text-bad">
                {t('deleteRecording')}
            </summary>
            {open.value && (
                <div class="mt-3 grid gap-3">
                    <p class="text-sm">{t('deleteText')}</p>
                    {why ? (
                        <p class="text-sm font-bold">{t(why)}</p>
                    ) : (
                        <HeldWithReason
                            label={t('deleteReason')}
                            name="delete-reason"
                            testId="delete-recording"
                            icon="bin"
                            class="btn-stop"
                            onHold={async (reason) => {
                                await remove(recordingPath(session), { reason });
                                await socket.refresh();
                            }}
                        >
                            {t('deleteRecording')}
                        </HeldWithReason>
                    )}
                </div>
            )}
        </details>
    );
}
