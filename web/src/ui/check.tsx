// SPDX-License-Identifier: GPL-3.0-or-later
// A box to tick within a Form, with its label.
import type { useField } from './form';

export function Check({
    label,
    checked,
    set,
    testId,
    ...rest
}: {
    label: string;
    checked: boolean;
    set: (on: boolean) => void;
    testId: string;
} & Partial<ReturnType<typeof useField>['props']>) {
    return (
        <label class="flex min-h-11 w-fit cursor-pointer items-center gap-3">
            <input
                {...rest}
                type="checkbox"
                class="size-5 shrink-0 rounded"
                data-testid={testId}
                checked={checked}
                onChange={(event) => set(event.currentTarget.checked)}
            />
            <span>{label}</span>
        </label>
    );
}
