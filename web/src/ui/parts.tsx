// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Problem } from '../core/api';
import { type Key, lang, t } from '../core/i18n';
import { href } from '../core/router';
import type { SessionState } from '../core/types';
import { Icon, type IconName } from './icons';

export const HOLD_MS = 700;

/** A proxy's word that the server behind it is not there: no problem document of the server's own. */
const unanswered = (problem: Problem) =>
    [502, 503, 504].includes(problem.status) && problem.title === '';

/** What happened, what it means, what to do, and the request's id. */
export function problemWords(problem: Problem): { title: string; meaning: string; todo: string } {
    const kind =
        problem.status === 0 || unanswered(problem)
            ? 'offline'
            : problem.status === 401
              ? 'signedOut'
              : problem.status === 403
                ? 'denied'
                : problem.status === 404
                  ? 'missing'
                  : problem.status === 409
                    ? 'conflict'
                    : problem.status === 429
                      ? 'limit'
                      : problem.status === 507
                        ? 'full'
                        : problem.status >= 500
                          ? 'server'
                          : 'invalid';
    const word = (part: string) => t(`error_${kind}_${part}` as Key);
    return { title: word('title'), meaning: word('meaning'), todo: word('todo') };
}

export function ErrorBox({ problem, retry }: { problem: Problem; retry?: () => void }) {
    const { title, meaning, todo } = problemWords(problem);
    // The server's own sentence is English: beside Arabic words only where it tells what they cannot.
    const specific = [400, 409, 413, 422, 507].includes(problem.status);
    return (
        <div
            class="card flex gap-3 border-aered-300! bg-aered-50! p-4 text-start"
            role="alert"
            data-testid="error"
        >
            <span class="text-aered-700">
                <Icon name="warn" size={24} />
            </span>
            <div class="grid min-w-0 gap-1 text-sm">
                <p class="font-bold text-aered-800">{title}</p>
                <p>{meaning}</p>
                {problem.detail && (specific || lang.value === 'en') && (
                    <p dir="auto" lang="en" class="text-aeblack-700">
                        {problem.detail}
                    </p>
                )}
                <p>{todo}</p>
                {problem.requestId && (
                    <p class="text-xs text-aeblack-600">
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

/** A button that wants to be held, so that no stray click ends a broadcast. A held Enter or Space
 *  counts; a short press says what to do. */
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
    const holding = useSignal(false);
    const hint = useSignal(false);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
    const start = () => {
        if (holding.value || disabled) {
            return;
        }
        holding.value = true;
        timer.current = setTimeout(() => {
            holding.value = false;
            hint.value = false;
            onHold();
        }, HOLD_MS);
    };
    const stop = () => {
        if (holding.value) {
            hint.value = true;
        }
        holding.value = false;
        clearTimeout(timer.current);
    };
    useEffect(() => () => clearTimeout(timer.current), []);
    return (
        <span class="relative grid">
            <button
                type="button"
                class={`btn hold ${className}`}
                data-testid={testId}
                data-holding={holding}
                disabled={disabled}
                aria-label={label}
                onPointerDown={(event) => event.button === 0 && start()}
                onPointerUp={stop}
                onPointerLeave={stop}
                onPointerCancel={stop}
                onContextMenu={(event) => event.preventDefault()}
                onKeyDown={(event) => {
                    if (event.key === 'Enter' || event.key === ' ') {
                        event.preventDefault();
                        start();
                    }
                }}
                onKeyUp={stop}
                onBlur={stop}
            >
                {icon && <Icon name={icon} />}
                {children}
            </button>
            {hint.value && (
                <span class="mt-1 text-center text-xs text-aeblack-600" role="status">
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
