// SPDX-License-Identifier: GPL-3.0-or-later
// A button that names its key. It takes no focus from a pointer: Enter held afterwards is "answered".
import { useHold } from '../ui/hooks/use-hold';
import { Icon, type IconName } from '../ui/icons';

/** The key and its label; a small screen shows no key, and `short` instead of the label. */
function Label({
    name,
    label,
    short,
    icon,
}: {
    name: string;
    label: string;
    short?: string;
    icon?: IconName;
}) {
    if (icon) {
        return (
            <>
                <span class="big:hidden">
                    <Icon name={icon} />
                    <span class="sr-only">{label}</span>
                </span>
                <span class="hidden items-center gap-2 big:inline-flex">
                    <Label name={name} label={label} />
                </span>
            </>
        );
    }
    return (
        <>
            <kbd class="rounded-md border border-current px-1.5 text-xs opacity-80 max-sm:hidden big:text-base">
                {name}
            </kbd>
            {short ? (
                <>
                    <span class="big:hidden">{short}</span>
                    <span class="hidden big:inline">{label}</span>
                </>
            ) : (
                label
            )}
        </>
    );
}

function lookOf(strong: boolean, held: boolean): string {
    if (strong) {
        return 'border-camel-300 bg-camel-300 text-aeblack-950';
    }
    return held
        ? 'border-white bg-aegreen-700 text-white'
        : 'border-ink-line bg-ink-soft text-white hover:border-aeblack-300';
}

export function KeyButton({
    name,
    label,
    short,
    icon,
    title,
    act,
    testId,
    strong = false,
    grow = false,
    holdMs = 0,
    holding = false,
}: {
    name: string;
    /** Without one the key itself is the label, and `title` its name. */
    label?: string;
    title?: string;
    act: () => void;
    testId: string;
    strong?: boolean;
    grow?: boolean;
    /** On a small screen in place of `label`, until a press was too short. */
    short?: string;
    /** On a small screen in place of key and label. */
    icon?: IconName;
    /** 0: a click suffices. */
    holdMs?: number;
    /** Held by the key. */
    holding?: boolean;
}) {
    const hold = useHold(act, holdMs);
    const held = holdMs > 0 && (holding || hold.holding.value);
    return (
        <button
            type="button"
            data-testid={testId}
            data-holding={held}
            aria-label={label ? undefined : title}
            title={title}
            aria-keyshortcuts={name === '−' ? '-' : name}
            class={`inline-flex min-h-11 min-w-11 cursor-pointer items-center justify-center gap-2 rounded-xl border px-2 text-sm leading-tight font-bold whitespace-nowrap big:min-h-12 big:px-4 big:text-lg ${grow ? 'max-sm:grow' : ''} ${holdMs > 0 ? 'hold' : ''} ${lookOf(strong, held)}`}
            onMouseDown={(event) => event.preventDefault()}
            {...(holdMs > 0 ? hold.handlers : { onClick: act })}
        >
            {label ? (
                <Label
                    name={name}
                    label={label}
                    short={hold.hint.value ? undefined : short}
                    icon={icon}
                />
            ) : (
                <kbd class="text-xl leading-none">{name}</kbd>
            )}
        </button>
    );
}
