// SPDX-License-Identifier: GPL-3.0-or-later
// A text to be copied whole: by a button, or by hand where a page may not use the clipboard.
import { useSignal } from '@preact/signals';
import { announce } from '../../core/live-region';
import { Icon } from '../icons';

export function CopyField({
    label,
    text,
    testId,
    copy,
    copied,
}: {
    label: string;
    text: string;
    testId: string;
    /** Words of the button. */
    copy: string;
    copied: string;
}) {
    const done = useSignal(false);
    const write = async () => {
        await navigator.clipboard.writeText(text);
        done.value = true;
        announce(copied);
    };
    return (
        <div class="flex flex-wrap items-end gap-2">
            <label class="field min-w-0 flex-1 basis-48">
                {label}
                <input
                    class="font-mono text-sm"
                    dir="ltr"
                    readOnly
                    data-testid={testId}
                    value={text}
                    onFocus={(event) => event.currentTarget.select()}
                />
            </label>
            <button type="button" class="btn" onClick={() => void write().catch(() => undefined)}>
                <Icon name={done.value ? 'check' : 'copy'} />
                {done.value ? copied : copy}
            </button>
        </div>
    );
}
