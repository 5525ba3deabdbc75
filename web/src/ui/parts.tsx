// SPDX-License-Identifier: GPL-3.0-or-later
import type { ComponentChildren } from 'preact';
import type { Problem } from '../core/api';
import { type Key, t } from '../core/i18n';
import { problemWords } from '../core/problem';
import { href } from '../core/router';
import type { SessionState } from '../core/types';
import { useHold } from './hooks/use-hold';
import { Icon, type IconName } from './icons';

export const HOLD_MS = 700;

/** A problem: its title, its meaning, the remedy, and the request's id. */
export function ErrorBox({ problem, retry }: { problem: Problem; retry?: () => void }) {
    const { title, meaning, todo } = problemWords(problem);
    return (
        <div class="card card-bad flex gap-3 p-4 text-start" role="alert" data-testid="error">
            <span class="text-bad">
                <Icon name="warn" size={24} />
            </span>
            <div class="grid min-w-0 gap-1 text-sm">
                <p class="font-bold text-bad">{title}</p>
                <p>{meaning}</p>
                {todo && <p>{todo}</p>}
                {problem.requestId && (
                    <p class="text-xs text-soft">
                        {t('requestId')} <bdi class="font-mono">{problem.requestId}</bdi>
                    </p>
                )}
                {retry && (
                    <div class="mt-2 flex flex-wrap gap-2">
                        <button type="button" class="btn btn-small" onClick={retry}>
                            {t('retry')}
                        </button>
                        {[403, 404].includes(problem.status) && (
                            <a class="btn btn-small" href={href('')}>
                                {t('toHome')}
                            </a>
                        )}
                    </div>
                )}
            </div>
        </div>
    );
}

export function Skeleton({ lines = 3 }: { lines?: number }) {
    return (
        <div class="grid gap-3" role="status" aria-label={t('loading')}>
            {Array.from({ length: lines }, (_, i) => (
                <div key={i} class="skeleton h-14" />
            ))}
        </div>
    );
}

/** A button that acts only when held, so that no stray click ends a broadcast. A held Enter or
 *  Space counts; a short press shows a hint. */
export function HoldButton({
    onHold,
    children,
    class: className = '',
    testId,
    disabled,
    icon,
    label,
}: {
    onHold: () => void;
    children?: ComponentChildren;
    /** For a button that shows only its icon. */
    label?: string;
    class?: string;
    testId?: string;
    disabled?: boolean;
    icon?: IconName;
}) {
    const { holding, hint, handlers } = useHold(onHold, HOLD_MS, disabled);
    return (
        <span class="relative grid">
            <button
                type="button"
                class={`btn hold ${className}`}
                data-testid={testId}
                data-holding={holding}
                disabled={disabled}
                aria-label={label}
                {...handlers}
            >
                {icon && <Icon name={icon} />}
                {children}
            </button>
            {hint.value && (
                <span class="mt-1 text-center text-xs text-soft" role="status">
                    {t('holdHint')}
                </span>
            )}
        </span>
    );
}

const CHIP: Record<SessionState, string> = {
    scheduled: 'chip-gold',
    lobby: 'chip-gold',
    live: 'chip-red',
    paused: 'chip-pink',
    ended: '',
    published: 'chip-green',
    cancelled: '',
};

export function StateChip({ state, deleted }: { state: SessionState; deleted?: boolean }) {
    return (
        <span
            class={`chip ${deleted ? '' : CHIP[state]}`}
            data-testid="state-chip"
            data-state={state}
        >
            {state === 'live' && <span class="pulse" aria-hidden="true" />}
            {t(deleted ? 'deletedTitle' : (`state_${state}` as Key))}
        </span>
    );
}
