// SPDX-License-Identifier: GPL-3.0-or-later
// Text that a person typed: questions, names, entities, titles, messages.
import type { ComponentChildren } from 'preact';

/** A block of such text. `as` must be an element that is laid out as a block or a flex item. */
export function UserText({
    as: Element = 'p',
    class: className = '',
    children,
    ...rest
}: {
    as?: 'p' | 'span' | 'div';
    class?: string;
    children: ComponentChildren;
    'data-testid'?: string;
}) {
    return (
        <Element {...rest} dir="auto" class={`user-text ${className}`}>
            {children}
        </Element>
    );
}
