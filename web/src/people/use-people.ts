// SPDX-License-Identifier: GPL-3.0-or-later
// People by words and entity, page by page.
import type { Signal } from '@preact/signals';
import { announce } from '../core/live-region';
import type { PersonList } from '../core/types';
import { type Pages, usePages } from '../ui/hooks/use-pages';
import { w } from './words';

export interface Sought {
    query: Signal<string>;
    entity: Signal<string>;
}

export interface People extends Sought, Pages<PersonList> {}

function address({ query, entity }: Sought): string {
    const words = query.value.trim();
    const narrowed = { ...(words && { q: words }), ...(entity.value && { entity: entity.value }) };
    return `people?${new URLSearchParams(narrowed)}`;
}

export function usePeople({ query, entity }: Sought): People {
    const pages = usePages<PersonList>(address({ query, entity }), ({ items }, further) => {
        if (further || query.value || entity.value) {
            announce(w('found', { n: items.length }));
        }
    });
    return { query, entity, ...pages };
}
