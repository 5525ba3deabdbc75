// SPDX-License-Identifier: GPL-3.0-or-later
// The frame of every page: skip link, series name, language switch, the two live regions.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { pick, t } from '../../core/i18n';
import { announce, assertive, polite } from '../../core/live-region';
import { isStaff, me, signOut } from '../../core/me';
import { href, otherLanguage, switchLanguage } from '../../core/router';
import { nextTheme, theme } from '../../core/theme';
import type { Session } from '../../core/types';
import { Icon } from '../icons';

export function useTitle(title: string): void {
    useEffect(() => {
        document.title = title ? `${title} · ${t('series')}` : t('series');
    }, [title, t('series')]);
}

export function LiveRegions() {
    return (
        <>
            <div class="sr-only" role="status" aria-live="polite">
                {polite}
            </div>
            <div class="sr-only" role="alert" aria-live="assertive">
                {assertive}
            </div>
        </>
    );
}

export function LanguageSwitch({ dark = false }: { dark?: boolean }) {
    return (
        <a
            class={`btn btn-small btn-quiet ${dark ? 'text-white hover:text-main' : ''}`}
            data-testid="lang-switch"
            href={otherLanguage()}
            lang={t('otherLangCode')}
            onClick={(event) => {
                event.preventDefault();
                void switchLanguage();
            }}
        >
            {t('otherLang')}
        </a>
    );
}

const THEME_ICON = { auto: 'halves', light: 'sun', dark: 'moon' } as const;

export function ThemeSwitch() {
    const words = t(`theme_${theme.value}`);
    return (
        <button
            type="button"
            class="btn btn-small btn-quiet px-2.5"
            data-testid="theme-switch"
            data-theme-now={theme.value}
            aria-label={words}
            title={words}
            onClick={() => {
                nextTheme();
                announce(t(`theme_${theme.value}`));
            }}
        >
            <Icon name={THEME_ICON[theme.value]} />
        </button>
    );
}

function Mark() {
    return (
        <svg width="36" height="36" viewBox="0 0 64 64" aria-hidden="true" class="shrink-0">
            <rect width="64" height="64" rx="16" class="fill-aegold-700" />
            <circle
                cx="32"
                cy="32"
                r="18"
                fill="none"
                stroke="#fff"
                stroke-width="4"
                stroke-dasharray="94 20"
                stroke-linecap="round"
                transform="rotate(-90 32 32)"
            />
            <path d="M28 24.500v15l12-7.500z" fill="#fff" />
        </svg>
    );
}

/** Once in the header, and below the page where a phone's header has no room: one is shown. */
function Links({ class: className }: { class: string }) {
    const who = me.value;
    if (!who) {
        return null;
    }
    return (
        <nav class={`gap-1 ${className}`} aria-label={t('mainMenu')}>
            {isStaff(who) && (
                <a class="btn btn-small btn-quiet" href={href('staff')}>
                    {t('sessions')}
                </a>
            )}
            <a class="btn btn-small btn-quiet" href={href('recordings')}>
                {t('recordings')}
            </a>
            <button type="button" class="btn btn-small btn-quiet" onClick={() => void signOut()}>
                {t('signOut')}
            </button>
        </nav>
    );
}

const MAIN = '#main';

export function Shell({
    children,
    session,
    wide = false,
}: {
    children: ComponentChildren;
    session?: Session | null;
    wide?: boolean;
}) {
    return (
        <div class="flex min-h-dvh flex-col">
            <a
                class="skip btn btn-main"
                href={MAIN}
                onClick={(event) => {
                    event.preventDefault(); // the hash is the view
                    document.querySelector<HTMLElement>(MAIN)?.focus();
                }}
            >
                {t('skip')}
            </a>
            <header class="border-t-4 border-b border-t-accent-line border-b-line bg-surface">
                <div
                    class={`page flex items-center justify-between gap-3 py-2 sm:py-2.5 ${wide ? 'max-w-none' : ''}`}
                >
                    <a
                        href={href('')}
                        class="flex min-w-0 items-center gap-2.5 text-main no-underline"
                    >
                        <Mark />
                        <span class="user-text font-heading text-lg leading-snug font-bold max-[24rem]:text-sm">
                            <bdi>{pick(session?.series?.name) || t('series')}</bdi>
                        </span>
                    </a>
                    <div class="flex items-center gap-1">
                        <Links class="flex items-center max-sm:hidden" />
                        <ThemeSwitch />
                        <LanguageSwitch />
                    </div>
                </div>
            </header>
            <main id="main" class="flex-1" tabIndex={-1}>
                {children}
            </main>
            {me.value && (
                <footer class="border-t border-line bg-surface sm:hidden">
                    <Links class="page flex flex-wrap justify-center py-2" />
                </footer>
            )}
            <LiveRegions />
        </div>
    );
}
