// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Whether the window matches a media query, now and later. */
export function useMedia(query: string): boolean {
    const matches = useSignal(matchMedia(query).matches);
    useEffect(() => {
        const list = matchMedia(query);
        const change = () => {
            matches.value = list.matches;
        };
        list.addEventListener('change', change);
        return () => list.removeEventListener('change', change);
    }, [query]);
    return matches.value;
}
