// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the list of keys, which is fetched then.
import { useSignal } from '@preact/signals';
import type { ComponentType, VNode } from 'preact';
import type { KeysHelpProps } from './keys-help';

export function useKeysHelp(player: KeysHelpProps['player']): {
    open: () => void;
    dialog: VNode | null;
} {
    const part = useSignal<{ Part: ComponentType<KeysHelpProps> } | null>(null);
    const Part = part.value?.Part;
    return {
        open: () => {
            import('./keys-help').then(
                (module) => {
                    part.value = { Part: module.default };
                },
                () => undefined,
            );
        },
        dialog: Part ? (
            <Part
                player={player}
                onClose={() => {
                    part.value = null;
                }}
            />
        ) : null,
    };
}
