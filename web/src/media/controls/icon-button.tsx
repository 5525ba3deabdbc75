// SPDX-License-Identifier: GPL-3.0-or-later
// A button of a player's controls: a picture with its words for screen readers and as a tip.
import { Icon, type IconName } from '../../ui/icons';

export function IconButton({
    icon,
    label,
    onClick,
    testId,
    class: className = '',
}: {
    icon: IconName;
    label: string;
    onClick: () => void;
    testId?: string;
    class?: string;
}) {
    return (
        <button
            type="button"
            class={`icon-btn ${className}`}
            data-testid={testId}
            aria-label={label}
            title={label}
            onClick={onClick}
        >
            <Icon name={icon} />
        </button>
    );
}
