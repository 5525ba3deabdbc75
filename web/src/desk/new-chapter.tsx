// SPDX-License-Identifier: GPL-3.0-or-later
// A chapter with a title of its own: at the present moment on the desk, at the playhead under a
// recording.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Form, useAct } from '../ui/form';
import { TextField } from '../ui/text-field';

export function NewChapter({
    label,
    button,
    add,
    testId,
    placeholder,
    disabled = false,
    class: className = '',
}: {
    label: ComponentChildren;
    button: string;
    /** Throws the server's refusal. */
    add: (title: string) => Promise<void>;
    testId: { input: string; button: string };
    placeholder?: string;
    disabled?: boolean;
    class?: string;
}) {
    const text = useSignal('');
    const act = useAct();
    const submit = async () => {
        if (await act.run(() => add(text.value.trim()))) {
            text.value = ''; // else it was refused, or is another chapter by now
        }
    };
    return (
        <Form
            act={act}
            class={`flex flex-wrap items-end gap-2 ${className}`}
            onSubmit={() => void submit()}
        >
            <TextField
                name="title.ar"
                class="min-w-0 flex-1 basis-48"
                required
                label={label}
                data-testid={testId.input}
                placeholder={placeholder}
                value={text.value}
                set={(value) => {
                    text.value = value;
                }}
            />
            <button
                type="submit"
                class="btn"
                data-testid={testId.button}
                aria-disabled={act.busy}
                disabled={disabled}
            >
                {button}
            </button>
        </Form>
    );
}
