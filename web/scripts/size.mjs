// SPDX-License-Identifier: GPL-3.0-or-later
// What a page loads before its lazy parts, gzipped: its chunks, the styles, one dictionary. Fails
// above the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 60 * 1024;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

function gather(key, files) {
    const entry = manifest[key];
    if (!entry || files.has(entry.file)) {
        return files;
    }
    files.add(entry.file);
    for (const css of entry.css ?? []) {
        files.add(css);
    }
    for (const next of entry.imports ?? []) {
        gather(next, files);
    }
    return files;
}

const style = Object.values(manifest).find((entry) => entry.file.endsWith('.css'));
let worst = 0;
for (const key of Object.keys(manifest).filter((name) => name.startsWith('src/pages/'))) {
    const files = gather('index.html', new Set());
    gather(key, files);
    gather('src/core/words/ar.ts', files);
    if (/\/(desk|staff)\.tsx$/.test(key)) {
        gather('src/core/words/ar-desk.ts', files);
    }
    if (style) {
        files.add(style.file);
    }
    const bytes = [...files].reduce((sum, file) => sum + size(file), 0);
    worst = Math.max(worst, bytes);
    console.log(`${key.padEnd(28)} ${(bytes / 1024).toFixed(1).padStart(6)} KB gz`);
}
console.log(`worst ${(worst / 1024).toFixed(1)} KB of ${BUDGET / 1024} KB`);
process.exit(worst > 0 && worst <= BUDGET ? 0 : 1);
