// SPDX-License-Identifier: GPL-3.0-or-later
import './style.css';
import { useSignal } from '@preact/signals';
import { type ComponentType, render } from 'preact';
import { useEffect } from 'preact/hooks';
import { startClock } from './core/clock';
import { loadLanguage } from './core/i18n';
import { route } from './core/router';
import { NotFound, OldBrowser } from './pages/not-found';

type Page = ComponentType<{ id: string }>;

const pages: Record<string, () => Promise<{ default: Page }>> = {
    '': () => import('./pages/home'),
    i: () => import('./pages/invitation'),
    s: () => import('./pages/attend'),
    present: () => import('./pages/present'),
    desk: () => import('./pages/desk'),
    staff: () => import('./pages/staff'),
    recordings: () => import('./pages/recordings'),
    watch: () => import('./pages/watch'),
    embed: () => import('./pages/embed'),
    'sign-in': () => import('./pages/sign-in'),
};

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

function App() {
    const page = useSignal<Page | null>(null);
    const { page: name, id } = route.value;
    const key = name === 'recordings' && id ? 'watch' : name;
    useEffect(() => {
        const load = pages[key];
        if (!load) {
            page.value = NotFound;
            return;
        }
        load().then(
            (module) => {
                storage()?.removeItem(RELOADED);
                page.value = module.default;
            },
            () => reloadOnce(),
        );
    }, [key]);
    const Current = page.value;
    return Current ? <Current id={id} key={`${key}/${id}`} /> : null;
}

function supported(): boolean {
    return (
        typeof WebSocket === 'function' && 'replaceState' in history && 'structuredClone' in self
    );
}

async function main(): Promise<void> {
    await loadLanguage(route.value.lang);
    startClock();
    const root = document.getElementById('app');
    if (root) {
        render(supported() ? <App /> : <OldBrowser />, root);
    }
}

void main();
