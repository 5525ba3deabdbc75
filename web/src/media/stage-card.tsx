// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the place of a picture.
import type { ComponentChildren } from 'preact';

export function StageCard({
    kind,
    title,
    text,
    children,
}: {
    kind: string;
    title: string;
    text?: string;
    children?: ComponentChildren;
}) {
    return (
        <div
            class="stage-card grid place-content-center justify-items-center gap-2 overflow-auto p-4 text-center sm:gap-4 sm:p-8"
            data-testid="state-card"
            data-card={kind}
        >
            <p class="font-heading text-lg leading-relaxed font-bold sm:text-3xl">{title}</p>
            {text && <p class="max-w-prose text-sm text-whitely-400 sm:text-lg">{text}</p>}
            {children}
        </div>
    );
}
