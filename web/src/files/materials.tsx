// SPDX-License-Identifier: GPL-3.0-or-later
// The materials of a session, for those who attend it or watch its recording.
import { formatBytes } from '../core/i18n';
import type { Material } from '../core/types';
import { Icon } from '../ui/icons';
import { kindOf } from './send';
import { w } from './words';

function Item({ material }: { material: Material }) {
    const { name, url, type, bytes } = material;
    const about = [kindOf(material), bytes === null ? '' : formatBytes(bytes)].filter(Boolean);
    const away = type === null;
    return (
        <li data-testid="material">
            <a
                class="flex min-h-11 items-start gap-3 rounded-xl bg-surface-2 p-3"
                href={url}
                {...(away ? { target: '_blank', rel: 'noopener noreferrer' } : { download: '' })}
            >
                <span class="mt-0.5 text-accent">
                    <Icon name={away ? 'link' : 'down'} size={20} />
                </span>
                <span class="grid min-w-0">
                    <span dir="auto" class="user-text font-bold">
                        {name}
                    </span>
                    <span class="text-sm text-soft">
                        <bdi class="wrap-anywhere">{about.join(' · ')}</bdi>
                        {away && <span class="sr-only"> {w('opensElsewhere')}</span>}
                    </span>
                </span>
            </a>
        </li>
    );
}

export default function Materials({
    items,
    titled = false,
    class: className = '',
}: {
    items: Material[];
    /** With a heading of its own. */
    titled?: boolean;
    class?: string;
}) {
    return (
        <section
            class={`grid gap-3 ${className}`}
            aria-label={w('materials')}
            data-testid="materials"
        >
            {titled && <h2 class="text-lg">{w('materials')}</h2>}
            <ul class="grid gap-2">
                {items.map((material) => (
                    <Item key={material.id} material={material} />
                ))}
            </ul>
        </section>
    );
}
