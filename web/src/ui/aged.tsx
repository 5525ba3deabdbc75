// SPDX-License-Identifier: GPL-3.0-or-later
// Live values as they are shown: grey once they are old, with the time since.
import type { ComponentChildren } from 'preact';
import type { Heard } from '../core/age';
import { t } from '../core/i18n';
import { Icon } from './icons';

/** "not heard for 12 s", minutes from two of them on. */
export function silenceWords(seconds: number): string {
    const time =
        seconds < 120
            ? t('silentSeconds', { n: seconds })
            : t('silentMinutes', { n: Math.floor(seconds / 60) });
    return t('notHeard', { time });
}

export function AgeNote({ of }: { of: Heard }) {
    const seconds = of.silence.value;
    return seconds > 0 ? (
        <span class="age-note" data-testid="age-note">
            <Icon name="clock" size={14} />
            {silenceWords(seconds)}
        </span>
    ) : null;
}

/** Children grey while `of` is old. `note`: says since when; one a group is enough. */
export function Aged({
    of,
    as: Element = 'span',
    children,
    class: className = '',
    testId,
    note = false,
}: {
    of: Heard;
    as?: 'span' | 'div';
    children: ComponentChildren;
    class?: string;
    testId?: string;
    note?: boolean;
}) {
    return (
        <>
            <Element class={`aged ${className}`} data-old={of.old.value} data-testid={testId}>
                {children}
            </Element>
            {note && <AgeNote of={of} />}
        </>
    );
}
