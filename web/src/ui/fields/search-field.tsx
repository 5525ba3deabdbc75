// SPDX-License-Identifier: GPL-3.0-or-later
// A field whose words narrow a list down while they are typed.

const MAX_CHARACTERS = 200; // as the server takes

export function SearchField({
    label,
    value,
    set,
    placeholder,
    class: className = '',
    testId,
}: {
    label: string;
    value: string;
    set: (words: string) => void;
    placeholder?: string;
    /** Of the label. */
    class?: string;
    testId: string;
}) {
    return (
        <label class={`field ${className}`}>
            {label}
            <input
                type="search"
                dir="auto"
                autocomplete="off"
                maxLength={MAX_CHARACTERS}
                placeholder={placeholder}
                data-testid={testId}
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
            />
        </label>
    );
}
