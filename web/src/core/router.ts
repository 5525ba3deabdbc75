// SPDX-License-Identifier: GPL-3.0-or-later
// The path says the page. Moves between pages are ordinary loads except for the language and the
// page behind a sign-in, which come in place.
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
    const lang = first === 'en' ? 'en' : 'ar';
    try {
        return { lang, page, id: decodeURIComponent(id) };
    } catch {
        return { lang, page: 'broken', id: '' }; // cut within an escape: there is no such page
    }
}

export const route = signal<Route>(parse(location.pathname));

export function href(page: string, id = '', lang = route.value.lang): string {
    return `/${[lang, page, id && encodeURIComponent(id)].filter(Boolean).join('/')}${page ? '' : '/'}`;
}

export function otherLanguage(): string {
    const { lang, page, id } = route.value;
    const secret = page === 'i'; // an invitation's code has left the address
    return href(page, secret ? '' : id, lang === 'ar' ? 'en' : 'ar') + location.search;
}

export async function switchLanguage(): Promise<void> {
    const next: Lang = route.value.lang === 'ar' ? 'en' : 'ar';
    const url = otherLanguage();
    await loadLanguage(next);
    history.replaceState(history.state, '', url + location.hash);
    route.value = parse(location.pathname);
}

/** Goes to another page without a load; the one before it leaves the history. */
export function replacePage(path: string): void {
    history.replaceState(null, '', path);
    route.value = parse(location.pathname);
}

/** The page that a role works on. `session` null: the whole house. */
export function homeOf(role: string, session: string | null | undefined): string {
    if (!session) {
        return role === 'staff' || role === 'admin' ? href('staff') : href('');
    }
    const page = role === 'attendee' ? 's' : role === 'speaker' ? 'present' : 'desk';
    return href(page, session);
}
