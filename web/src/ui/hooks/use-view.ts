// SPDX-License-Identifier: GPL-3.0-or-later
// Which part of a page is shown, by the address: its list, #WORD or, of one entry, #WORD=ID.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** A page's words: without and with an id. */
export interface Views<Mode extends string> {
    alone: readonly Mode[];
    of: readonly Mode[];
}

/** A form of one of the entries. */
export type FormMode = 'new' | 'edit' | 'copy';
export const FORMS: Views<FormMode> = { alone: ['new'], of: ['edit', 'copy'] };

export interface View<Mode extends string = FormMode> {
    mode: Mode | 'list';
    id: string;
}

export function viewOf<Mode extends string>(hash: string, views: Views<Mode>): View<Mode> {
    const [, name = '', id = ''] = /^#([a-z-]+)(?:=([\w-]+))?$/.exec(hash) ?? [];
    const mode = (id ? views.of : views.alone).find((one) => one === name);
    return mode ? { mode, id } : { mode: 'list', id: '' };
}

/** `may`: false keeps what is shown. */
export function useView<Mode extends string>(
    views: Views<Mode>,
    may: (next: View<Mode>) => boolean = () => true,
): View<Mode> {
    const view = useSignal(viewOf(location.hash, views));
    useEffect(() => {
        const read = () => {
            const next = viewOf(location.hash, views);
            if (may(next)) {
                view.value = next;
            }
        };
        addEventListener('hashchange', read);
        return () => removeEventListener('hashchange', read);
    }, []);
    return view.value;
}
