// SPDX-License-Identifier: GPL-3.0-or-later
// Asks once more before something that was probably not meant.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';

export function Ask({
    title,
    text,
    confirm,
    onConfirm,
    onCancel,
}: {
    title: string;
    text: ComponentChildren;
    confirm: string;
    onConfirm: () => void;
    onCancel: () => void;
}) {
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const { current } = dialog;
        current?.showModal();
        return () => current?.close(); // which gives the focus back
    }, []);
    return (
        <dialog
            ref={dialog}
            class="card max-w-md p-5"
            role="alertdialog"
            aria-labelledby="ask-title"
            aria-describedby="ask-text"
            data-testid="ask"
            onCancel={onCancel}
            onKeyDown={(event) => {
                // The key that was held to come here does not also answer.
                if (event.repeat) {
                    event.preventDefault();
                }
            }}
        >
            <h2 id="ask-title" class="text-lg">
                {title}
            </h2>
            <p id="ask-text" class="mt-2">
                {text}
            </p>
            <div class="mt-4 flex flex-wrap gap-2">
                <button
                    type="button"
                    class="btn btn-main"
                    data-testid="ask-confirm"
                    onClick={onConfirm}
                >
                    {confirm}
                </button>
                <button type="button" class="btn" data-testid="ask-cancel" onClick={onCancel}>
                    {t('cancel')}
                </button>
            </div>
        </dialog>
    );
}
