// SPDX-License-Identifier: GPL-3.0-or-later
// Save and cancel, at the end of a form.
import { type Key, t } from '../core/i18n';

export function FormButtons({
    busy,
    cancel,
    save = 'save',
    testId,
    cancelTestId,
    disabled = false,
    small = false,
}: {
    busy: boolean;
    cancel: () => void;
    save?: Key;
    testId: string;
    cancelTestId?: string;
    disabled?: boolean;
    small?: boolean;
}) {
    const size = small ? 'btn-small' : '';
    return (
        <div class="flex flex-wrap gap-2">
            <button
                type="submit"
                class={`btn btn-main ${size}`}
                data-testid={testId}
                disabled={disabled}
                aria-disabled={busy}
            >
                {t(save)}
            </button>
            <button type="button" class={`btn ${size}`} data-testid={cancelTestId} onClick={cancel}>
                {t('cancel')}
            </button>
        </div>
    );
}
