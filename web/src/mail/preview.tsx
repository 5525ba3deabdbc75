// SPDX-License-Identifier: GPL-3.0-or-later
// A mail as its reader sees it. The page's policy allows no style attributes, so each style is set by
// script, in a tree of its own.
import { useEffect, useRef } from 'preact/hooks';
import type { MailPreview } from '../core/types';
import { w } from './words';

/** The body of the mail's HTML, with its styles. Scripts of a parsed text never run. */
export function bodyOf(html: string): HTMLElement {
    const { body } = new DOMParser().parseFromString(html, 'text/html');
    const made = document.createElement('div');
    made.append(...[...body.childNodes].map((one) => document.importNode(one, true)));
    const styles = [body.getAttribute('style') ?? ''];
    const elements = [made, ...made.querySelectorAll<HTMLElement>('*')];
    for (const one of elements.slice(1)) {
        styles.push(one.getAttribute('style') ?? '');
        one.removeAttribute('style');
        one.removeAttribute('href');
    }
    elements.forEach((one, i) => {
        one.style.cssText = styles[i] ?? '';
    });
    made.style.overflowWrap = 'anywhere';
    return made;
}

function Shown({ html }: { html: string }) {
    const host = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const root = host.current?.shadowRoot ?? host.current?.attachShadow({ mode: 'open' });
        root?.replaceChildren(bodyOf(html));
    }, [html]);
    // The text below says the same to screen readers.
    return <div ref={host} inert class="overflow-x-auto rounded-lg border border-line" />;
}

export function Preview({ mail }: { mail: MailPreview }) {
    return (
        <div class="grid gap-3" data-testid="mail-preview">
            <p class="user-text font-bold" dir="auto" data-testid="mail-preview-subject">
                {mail.subject}
            </p>
            <Shown html={mail.html} />
            <details>
                <summary class="cursor-pointer font-bold">{w('plain')}</summary>
                <pre
                    class="user-text mt-2 whitespace-pre-wrap text-sm"
                    dir="auto"
                    data-testid="mail-preview-text"
                >
                    {mail.text}
                </pre>
            </details>
        </div>
    );
}
