// SPDX-License-Identifier: GPL-3.0-or-later
import tailwindcss from '@tailwindcss/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The design system embeds font rules of an outside host. No request may leave our own origin, so
// they go, and src/style.css declares the same families from our own files.
function stripForeignFonts(): Plugin {
    return {
        name: 'strip-foreign-fonts',
        enforce: 'pre',
        transform(code, id) {
            if (!/\.css(\?|$)/.test(id)) {
                return undefined;
            }
            return code.replace(/@font-face\s*\{[^}]*fonts\.gstatic\.com[^}]*\}/g, '');
        },
    };
}

// What the C server does with the shell, for `npm run dev`.
function fillShell(): Plugin {
    return {
        name: 'fill-shell',
        apply: 'serve',
        transformIndexHtml(html, context) {
            const english = context.originalUrl?.startsWith('/en') ?? false;
            return html
                .replace('{{lang}}', english ? 'en' : 'ar')
                .replace('{{dir}}', english ? 'ltr' : 'rtl');
        },
    };
}

const server = process.env.MAJLIS_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
    plugins: [tailwindcss(), stripForeignFonts(), fillShell()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
        target: 'es2022',
        assetsInlineLimit: 0,
        cssCodeSplit: false,
        modulePreload: { polyfill: false },
        manifest: true,
        chunkSizeWarningLimit: 700,
    },
    server: {
        proxy: {
            '/api': server,
            '/sessions': server,
            '/recordings': server,
            '/ws': { target: server, ws: true },
        },
    },
    test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
});
