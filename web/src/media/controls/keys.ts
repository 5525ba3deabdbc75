// SPDX-License-Identifier: GPL-3.0-or-later
// The players' keys. Off while typing, and where a modifier asks the browser for something.

export interface KeyActions {
    toggle?: () => void;
    mute?: () => void;
    full?: () => void;
    seek?: (seconds: number) => void;
    speed?: (step: 1 | -1) => void;
    live?: () => void;
    ask?: () => void;
    help?: () => void;
}

export function typing(target: EventTarget | null): boolean {
    if (target instanceof HTMLInputElement) {
        return !/^(range|checkbox|radio|button)$/.test(target.type); // no letters go into these
    }
    return (
        target instanceof HTMLElement &&
        (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName))
    );
}

/** Within a dialog nothing is the player's; some controls have arrows of their own, and a tick or a
 *  choice takes Space. */
function taken(target: EventTarget | null, key: string): boolean {
    const own = '[data-keys="own"], input:not([type=range])';
    return (
        target instanceof Element &&
        (target.closest('dialog[open]') !== null ||
            (/^(Arrow|Home|End| )/.test(key) && target.closest(own) !== null))
    );
}

/** The same physical key on an Arabic layout gives an Arabic letter: `code` names the place. */
export function keyName(event: KeyboardEvent): string {
    return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
}

export function handleKey(event: KeyboardEvent, actions: KeyActions): boolean {
    if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        typing(event.target) ||
        taken(event.target, event.key)
    ) {
        return false;
    }
    const onControl =
        event.target instanceof HTMLElement && /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName);
    const table: Record<string, (() => void) | undefined> = {
        k: actions.toggle,
        ' ': onControl ? undefined : actions.toggle,
        m: actions.mute,
        f: actions.full,
        j: actions.seek && (() => actions.seek?.(-10)),
        l: actions.seek && (() => actions.seek?.(10)),
        ArrowLeft: actions.seek && (() => actions.seek?.(-5)),
        ArrowRight: actions.seek && (() => actions.seek?.(5)),
        '<': actions.speed && (() => actions.speed?.(-1)),
        '>': actions.speed && (() => actions.speed?.(1)),
        End: actions.live,
        q: actions.ask,
        '?': actions.help,
        '؟': actions.help,
    };
    const action = table[keyName(event)] ?? table[event.key];
    if (!action) {
        return false;
    }
    event.preventDefault();
    action();
    return true;
}

/** `box` is the player with its controls. An iPhone has full screen for a video alone. */
export function fullScreen(box: HTMLElement | null): void {
    if (document.fullscreenElement) {
        void document.exitFullscreen();
    } else if (box?.requestFullscreen) {
        box.requestFullscreen().catch(() => undefined);
    } else {
        const video = box?.querySelector<HTMLVideoElement & { webkitEnterFullscreen?(): void }>(
            'video',
        );
        video?.webkitEnterFullscreen?.();
    }
}
