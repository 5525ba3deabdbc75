// SPDX-License-Identifier: GPL-3.0-or-later
import './style.css';
import { useSignal } from '@preact/signals';
import { type ComponentType, render } from 'preact';
import { useEffect } from 'preact/hooks';
import { startClock } from './core/clock';
import { loadDeskWords, loadLanguage, studio } from './core/i18n';
import { type Route, route } from './core/router';
import { NotFound, OldBrowser } from './ui/shell/not-found';

type Page = ComponentType<{ id: string }>;

async function withDeskWords<T>(page: Promise<T>): Promise<T> {
    await loadDeskWords();
    return page;
}

const entry = () => import('./pages/entry');

const pages: Record<string, () => Promise<{ default: Page }>> = {
    '': () => import('./pages/home'),
    i: () => import('./pages/invitation'),
    s: () => import('./pages/attend'),
    present: () => import('./pages/present'),
    desk: () => withDeskWords(import('./pages/desk')),
    staff: () => withDeskWords(import('./pages/staff')),
    recordings: () => import('./pages/recordings'),
    series: entry,
    speakers: entry,
    watch: () => import('./pages/watch'),
    embed: () => import('./pages/embed'),
    register: () => import('./pages/register'),
    print: () => withDeskWords(import('./pages/print')),
    'sign-in': () => import('./pages/sign-in'),
    rsvp: () => import('./pages/rsvp'),
    unsubscribe: () => import('./pages/unsubscribe'),
};

/** Where staff and the speaker work by a 24-hour clock. */
const STUDIO = ['desk', 'present', 'staff'];

const RELOADED = 'majlis.reloaded';

/** Null in a frame of a site whose storage the browser blocks. */
function storage(): Storage | null {
    try {
        return sessionStorage;
    } catch {
        return null;
    }
}

/** After an update of the server the old chunk is gone: the new shell knows its name. */
function reloadOnce(): void {
    const kept = storage();
    if (kept && !kept.getItem(RELOADED)) {
        kept.setItem(RELOADED, '1');
        location.reload();
    }
}

const keyOf = ({ page, id }: Route) => (page === 'recordings' && id ? 'watch' : page);

function App() {
    const shown = useSignal<{ key: string; Page: Page } | null>(null);
    const key = keyOf(route.value);
    studio.value = STUDIO.includes(route.value.page);
    useEffect(() => {
        const load = pages[key];
        if (!load) {
            shown.value = { key, Page: NotFound };
            return;
        }
        load().then(
            (module) => {
                storage()?.removeItem(RELOADED);
                shown.value = { key, Page: module.default };
            },
            () => reloadOnce(),
        );
    }, [key]);
    const current = shown.value;
    const { id } = route.value;
    // Between two pages there is none: the old one knows nothing of the new one's id.
    return current?.key === key ? <current.Page id={id} key={`${key}/${id}`} /> : null;
}

function supported(): boolean {
    return (
        typeof WebSocket === 'function' && 'replaceState' in history && 'structuredClone' in self
    );
}

/** The chunks of this page, and of the page that an invitation leads to, beside the words. */
function fetchChunks(): void {
    const key = keyOf(route.value);
    for (const load of [pages[key], key === 'i' ? pages.s : undefined]) {
        load?.().catch(() => undefined); // App says what to do about it
    }
}

async function main(): Promise<void> {
    fetchChunks();
    await loadLanguage(route.value.lang);
    startClock();
    const root = document.getElementById('app');
    if (root) {
        render(supported() ? <App /> : <OldBrowser />, root);
    }
}

void main();
