// SPDX-License-Identifier: GPL-3.0-or-later
import tailwindcss from '@tailwindcss/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { contract } from './scripts/contract.mjs';
import { cutFonts } from './scripts/fonts.mjs';
import { icons } from './scripts/icons.mjs';

// The design system embeds font rules of an outside host. No request may leave our own origin, so
// they go, and src/style/fonts.css declares the same families from our own files.
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

function cutFontsFirst(): Plugin {
    return {
        name: 'cut-fonts',
        buildStart: () => (process.env.VITEST ? undefined : cutFonts()),
    };
}

/** Without the blocks of `css` that repeat each sRGB colour as lab(): 0.8 KB gz of every page. */
function withoutLab(css: string): string {
    const start = css.indexOf('@supports (color:lab(');
    if (start < 0) {
        return css;
    }
    let end = css.indexOf('{', start) + 1;
    for (let depth = 1; depth > 0 && end < css.length; end++) {
        depth += css[end] === '{' ? 1 : css[end] === '}' ? -1 : 0;
    }
    return css.slice(0, start) + withoutLab(css.slice(end));
}

// The design system declares every shade of every palette: what nothing names is 3 KB gz of a page.
function dropUnusedColours(): Plugin {
    return {
        name: 'drop-unused-colours',
        apply: 'build',
        enforce: 'post',
        generateBundle(_, bundle) {
            const files = Object.values(bundle);
            const styles = files.filter(
                (file) => file.type === 'asset' && /\.css$/.test(file.fileName),
            );
            const text = (file: (typeof files)[number]) =>
                String(file.type === 'asset' ? file.source : file.code);
            const scripts = files
                .filter((file) => file.type === 'chunk')
                .map(text)
                .join();
            for (const style of styles) {
                const css = withoutLab(text(style));
                if (style.type === 'asset') {
                    style.source = css.replace(
                        /(--color-[\w-]+):[^;{}]*(;|(?=\}))/g,
                        (whole, name) =>
                            new RegExp(`var\\(${name}\\b(?!-)`).test(css) || scripts.includes(name)
                                ? whole
                                : '',
                    );
                }
            }
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
                .replace('{{dir}}', english ? 'ltr' : 'rtl')
                .replace('{{theme}}', 'auto');
        },
    };
}

const server = process.env.MAJLIS_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
    plugins: [
        cutFontsFirst(),
        tailwindcss(),
        stripForeignFonts(),
        dropUnusedColours(),
        fillShell(),
        icons(),
        contract(),
    ],
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
