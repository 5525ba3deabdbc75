// SPDX-License-Identifier: GPL-3.0-or-later
// The frame of a modal dialog: its title and a button that closes it. Escape closes it as well.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons';

/** Opens the dialog; `gone.current`: its parent has taken it away. */
function useModal() {
    const dialog = useRef<HTMLDialogElement>(null);
    const gone = useRef(false);
    // Before the next key: what is pressed once it is seen must not reach the page below.
    useLayoutEffect(() => {
        const { current } = dialog;
        if (current && !current.open) {
            current.showModal();
            current.querySelector<HTMLElement>('[data-first-focus]')?.focus();
        }
        return () => {
            gone.current = true;
            current?.close(); // which gives the focus back
        };
    }, []);
    return { dialog, gone };
}

export function Dialog({
    title,
    closeLabel,
    onClose,
    children,
    class: className = 'dialog-card',
    testId,
    closeTestId,
}: {
    title: string;
    closeLabel: string;
    /** By its button or Escape; not when its parent takes it away. */
    onClose: () => void;
    children: ComponentChildren;
    class?: string;
    testId: string;
    closeTestId?: string;
}) {
    const { dialog, gone } = useModal();
    const id = useId();
    return (
        <dialog
            ref={dialog}
            class={className}
            data-testid={testId}
            aria-labelledby={id}
            onClose={() => gone.current || onClose()}
        >
            <div class="grid grid-cols-[minmax(0,1fr)] grid-rows-[auto] content-start gap-3 p-4 sm:p-5">
                <div class="flex items-center justify-between gap-4">
                    <h2 id={id} class="text-lg">
                        {title}
                    </h2>
                    <button
                        type="button"
                        class="btn btn-quiet size-11 p-0"
                        aria-label={closeLabel}
                        data-testid={closeTestId}
                        onClick={() => dialog.current?.close()}
                    >
                        <Icon name="cross" />
                    </button>
                </div>
                {children}
            </div>
        </dialog>
    );
}
