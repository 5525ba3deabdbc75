// SPDX-License-Identifier: GPL-3.0-or-later
// Tabs by the ARIA pattern: one tab stop, arrow keys in reading direction, Home and End; the tab that
// has the focus is selected.
import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

export interface TabItem {
    /** Unique on the page: ids are made of it. */
    name: string;
    label: ComponentChildren;
    testId?: string;
}

export interface Panel extends TabItem {
    content: () => ComponentChildren;
}

/** Where a key leads from `at`; null: it is not a key of tabs. Pure. */
export function tabStep(key: string, at: number, count: number, rtl: boolean): number | null {
    const forward = rtl ? 'ArrowLeft' : 'ArrowRight';
    const back = rtl ? 'ArrowRight' : 'ArrowLeft';
    if (count === 0) {
        return null;
    }
    switch (key) {
        case forward:
            return (at + 1) % count;
        case back:
            return (at + count - 1) % count;
        case 'Home':
            return 0;
        case 'End':
            return count - 1;
        default:
            return null;
    }
}

function onTabKey(
    event: KeyboardEvent,
    items: TabItem[],
    value: string,
    select: (name: string) => void,
): void {
    const list = event.currentTarget as HTMLElement;
    const rtl = getComputedStyle(list).direction === 'rtl';
    const at = items.findIndex(({ name }) => name === value);
    const next = tabStep(event.key, at, items.length, rtl);
    const item = next === null ? undefined : items[next];
    if (next === null || !item || event.ctrlKey || event.altKey || event.metaKey) {
        return;
    }
    event.preventDefault();
    event.stopPropagation();
    select(item.name);
    list.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
}

/** The row of tabs. `controls`: the id of the one panel that all share; else each has its own. */
export function TabList({
    label,
    items,
    value,
    select,
    controls,
    class: className = '',
}: {
    label: string;
    items: TabItem[];
    value: string;
    select: (name: string) => void;
    controls?: string;
    class?: string;
}) {
    return (
        <div
            class={`flex min-w-0 scroll-px-1 overflow-x-auto ${className}`}
            role="tablist"
            aria-label={label}
            onKeyDown={(event) => onTabKey(event, items, value, select)}
            onFocusIn={(event) =>
                // A tab that a narrow row shows in part does not count as out of sight by itself.
                (event.target as HTMLElement).scrollIntoView({
                    block: 'nearest',
                    inline: 'nearest',
                })
            }
        >
            {items.map(({ name, label: words, testId }) => (
                <button
                    key={name}
                    type="button"
                    role="tab"
                    class="tab"
                    id={`tab-${name}`}
                    aria-controls={controls ?? `panel-${name}`}
                    aria-selected={value === name}
                    tabIndex={value === name ? 0 : -1}
                    data-testid={testId ?? `tab-${name}`}
                    onClick={() => select(name)}
                >
                    {words}
                </button>
            ))}
        </div>
    );
}

/** Tabs with their panels. A panel is made when first shown and then kept, with the text typed in
 *  it. */
export function Tabs({
    label,
    items,
    value,
    class: className = '',
    panelClass = '',
}: {
    label: string;
    items: Panel[];
    value: Signal<string>;
    class?: string;
    panelClass?: string;
}) {
    const seen = useSignal<string[]>([]);
    const shown = items.some(({ name }) => name === value.value)
        ? value.value
        : (items[0]?.name ?? '');
    useEffect(() => {
        if (!seen.value.includes(shown)) {
            seen.value = [...seen.value, shown];
        }
    }, [shown]);
    return (
        <>
            <TabList
                label={label}
                items={items}
                value={shown}
                class={className}
                select={(name) => {
                    value.value = name;
                }}
            />
            {items.map(({ name, content }) => (
                <div
                    key={name}
                    id={`panel-${name}`}
                    role="tabpanel"
                    aria-labelledby={`tab-${name}`}
                    class={panelClass}
                    hidden={name !== shown}
                >
                    {(name === shown || seen.value.includes(name)) && content()}
                </div>
            ))}
        </>
    );
}
