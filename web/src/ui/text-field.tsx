// SPDX-License-Identifier: GPL-3.0-or-later
// A line of text within a Form: its label, the control, and its refusal beside it.
import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useField } from './form';

export function TextField({
    name,
    label,
    set,
    type = 'text',
    help,
    describedBy,
    class: className = '',
    ...input
}: Pick<
    InputHTMLAttributes,
    'autocomplete' | 'dir' | 'disabled' | 'inputMode' | 'maxLength' | 'placeholder' | 'required'
> & {
    /** The request's field, as refusals name it. */
    name: string;
    label: ComponentChildren;
    value: string;
    set: (value: string) => void;
    type?: 'text' | 'datetime-local';
    help?: string;
    /** The id of a help text elsewhere. */
    describedBy?: string;
    /** Of the label. */
    class?: string;
    'data-testid'?: string;
}) {
    const field = useField(name, describedBy);
    return (
        <label class={`field ${className}`}>
            <span>{label}</span>
            <input
                dir="auto"
                {...input}
                {...field.props}
                type={type as 'text'}
                onInput={(event) => set(event.currentTarget.value)}
            />
            {help && <span class="text-sm font-normal text-soft">{help}</span>}
            {field.error}
        </label>
    );
}
