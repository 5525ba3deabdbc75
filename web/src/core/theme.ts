// SPDX-License-Identifier: GPL-3.0-or-later
// Light, dark, or as the system says. The choice is a cookie, since only the server can write it
// into <html> before the first paint: the policy allows no inline script.
import { signal } from '@preact/signals';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const YEAR_SECONDS = 31_536_000;
const root = document.documentElement;

export const theme = signal<Theme>(THEMES.find((one) => one === root.dataset.theme) ?? 'auto');

export function themeCookie(next: Theme, secure: boolean): string {
    const age = next === 'auto' ? 0 : YEAR_SECONDS;
    return `majlis-theme=${next}; Path=/; Max-Age=${age}; SameSite=Lax${secure ? '; Secure' : ''}`;
}

export function nextTheme(): void {
    const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'auto';
    theme.value = next;
    root.dataset.theme = next;
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has the Cookie Store
    document.cookie = themeCookie(next, location.protocol === 'https:');
}
