// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of making a recording, and trying failed ones again.
import { post } from '../../core/api';
import { formatNumber, t } from '../../core/i18n';
import { codeWords } from '../../core/problem';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Recording, Session, Step, StepState } from '../../core/types';
import { useRequest } from '../../ui/hooks/use-request';
import { Icon, type IconName } from '../../ui/icons';
import { ErrorBox } from '../../ui/parts';
import { recordingPath } from './path';

const LOOK: Record<StepState, { icon: IconName; colour: string }> = {
    waiting: { icon: 'clock', colour: 'text-soft' },
    working: { icon: 'clock', colour: 'text-accent' },
    ready: { icon: 'check', colour: 'text-good' },
    failed: { icon: 'warn', colour: 'text-bad' },
};

const percentOf = (step: Step) => Math.round(100 * Math.min(1, Math.max(0, step.progress ?? 0)));

/** In the reader's language; the server's own sentence is for engineers. */
function StepFault({ step }: { step: Step }) {
    const words = codeWords(step.code ?? 'step-failed');
    return (
        <div class="grid gap-1 ps-7 text-sm" data-testid="step-fault">
            {words && (
                <p class="text-bad">
                    <b>{words.title}.</b> {words.text}
                </p>
            )}
            {step.text && (
                <details class="text-soft">
                    <summary class="min-h-6 w-fit cursor-pointer">{t('forEngineers')}</summary>
                    <p class="wrap-anywhere" dir="ltr" lang="en">
                        {step.text}
                    </p>
                </details>
            )}
        </div>
    );
}

function StepLine({ step }: { step: Step }) {
    const { icon, colour } = LOOK[step.state];
    const working = step.state === 'working';
    const percent = percentOf(step);
    const name = t(`step_${step.step}`);
    return (
        <li
            class="grid gap-1 border-t border-line py-2 first:border-0"
            data-testid="step"
            data-step={step.step}
            data-state={step.state}
        >
            <span class="flex items-center gap-2">
                <span class={colour}>
                    <Icon name={icon} />
                </span>
                <span class="min-w-0 flex-1 font-bold">{name}</span>
                <span class={`text-sm ${colour}`}>
                    {t(`stepState_${step.state}`)}
                    {working && (
                        <>
                            {' '}
                            <bdi class="digits">{formatNumber(percent)}%</bdi>
                        </>
                    )}
                </span>
            </span>
            {working && <progress class="progress" max={100} value={percent} aria-label={name} />}
            {step.state === 'failed' && <StepFault step={step} />}
        </li>
    );
}

export function Steps({
    socket,
    session,
    recording,
}: {
    socket: SessionSocket;
    session: Session;
    recording: Recording;
}) {
    const { problem, busy, run } = useRequest(() => socket.refresh());
    const steps = recording.steps ?? [];
    const failed = steps.some((step) => step.state === 'failed');
    return (
        <div class="grid gap-2" data-testid="recording-steps" data-mp4={recording.mp4 ?? ''}>
            <ol class="grid">
                {steps.map((step) => (
                    <StepLine key={step.step} step={step} />
                ))}
            </ol>
            {failed && (
                <div
                    class="flex flex-wrap items-center gap-3 rounded-xl bg-bad-soft p-3"
                    role="alert"
                >
                    <p class="min-w-0 flex-1 basis-40 text-sm">{t('stepsFailed')}</p>
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="retry-steps"
                        disabled={busy.value}
                        onClick={() => void run(() => post(`${recordingPath(session)}/retry`, {}))}
                    >
                        <Icon name="again" size={16} /> {t('retrySteps')}
                    </button>
                </div>
            )}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}
