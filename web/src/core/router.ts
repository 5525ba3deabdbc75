// SPDX-License-Identifier: GPL-3.0-or-later
// The path says the page. Moves between pages are ordinary loads except for the language, which
// switches in place.
import { signal } from '@preact/signals';
import { loadLanguage } from './i18n';
import type { Lang } from './types';

export interface Route {
    lang: Lang;
    page: string;
    id: string;
}

export function parse(path: string): Route {
    const [first = '', page = '', id = ''] = path.split('/').filter(Boolean);
    return { lang: first === 'en' ? 'en' : 'ar', page, id: decodeURIComponent(id) };
}

export const route = signal<Route>(parse(location.pathname));

export function href(page: string, id = '', lang = route.value.lang): string {
    return `/${[lang, page, id && encodeURIComponent(id)].filter(Boolean).join('/')}${page ? '' : '/'}`;
}

export function otherLanguage(): string {
    const { lang, page, id } = route.value;
    return href(page, id, lang === 'ar' ? 'en' : 'ar') + location.search;
}

export async function switchLanguage(): Promise<void> {
    const next: Lang = route.value.lang === 'ar' ? 'en' : 'ar';
    const url = otherLanguage();
    await loadLanguage(next);
    history.replaceState(history.state, '', url);
    route.value = parse(location.pathname);
}

/** The page that a role works on. `session` null: the whole house. */
export function homeOf(role: string, session: string | null | undefined): string {
    if (!session) {
        return role === 'staff' ? href('staff') : href('');
    }
    const page = role === 'attendee' ? 's' : role === 'speaker' ? 'present' : 'desk';
    return href(page, session);
}
