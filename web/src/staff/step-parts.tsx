// SPDX-License-Identifier: GPL-3.0-or-later
// Where one stands in the steps of a new session, and the way on and back.
import { useEffect, useRef } from 'preact/hooks';
import { formatNumber, t } from '../core/i18n';
import { w } from '../series/words';
import { STEPS, type Step } from './steps';

/** Its heading has the focus when a step begins. */
export function StepHead({
    step,
    restored,
    anew,
}: {
    step: Step;
    restored: boolean;
    anew: () => void;
}) {
    const heading = useRef<HTMLHeadingElement>(null);
    const first = useRef(true);
    const n = STEPS.indexOf(step) + 1;
    useEffect(() => {
        // A refusal of this step has the focus itself.
        const refused = heading.current?.closest('form')?.querySelector('[aria-invalid=true]');
        if (!first.current && !refused) {
            heading.current?.focus();
        }
        first.current = false;
    }, [step]);
    return (
        <div class="grid gap-3">
            <ol class="flex flex-wrap gap-2" aria-label={w('steps')}>
                {STEPS.map((one, i) => (
                    <li
                        key={one}
                        class={`chip ${one === step ? 'chip-gold' : ''}`}
                        aria-current={one === step ? 'step' : undefined}
                    >
                        {formatNumber(i + 1)} · {w(`step_${one}`)}
                    </li>
                ))}
            </ol>
            <h2 ref={heading} tabIndex={-1} class="text-lg" data-testid={`step-${step}`}>
                {w('stepAt', { n: formatNumber(n), name: w(`step_${step}`) })}
            </h2>
            {restored && (
                <div class="flex flex-wrap items-center gap-3" data-testid="draft-kept">
                    <p class="text-sm text-soft">{w('draftKept')}</p>
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="draft-anew"
                        onClick={anew}
                    >
                        {w('draftAnew')}
                    </button>
                </div>
            )}
        </div>
    );
}

export function StepButtons({
    step,
    busy,
    go,
    cancel,
}: {
    step: Step;
    busy: boolean;
    go: (step: Step) => void;
    cancel: () => void;
}) {
    const before = STEPS[STEPS.indexOf(step) - 1];
    const last = step === 'when';
    return (
        <div class="flex flex-wrap gap-2">
            <button
                type="submit"
                class="btn btn-main"
                data-testid={last ? 'create-session' : 'step-next'}
                aria-disabled={busy}
            >
                {last ? t('create') : w('next')}
            </button>
            {before && (
                <button
                    type="button"
                    class="btn"
                    data-testid="step-back"
                    onClick={() => go(before)}
                >
                    {w('back')}
                </button>
            )}
            <button type="button" class="btn" data-testid="leave-form" onClick={cancel}>
                {t('cancel')}
            </button>
        </div>
    );
}
