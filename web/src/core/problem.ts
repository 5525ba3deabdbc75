// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a refusal. A code has words of its own, in a chunk that is loaded with the first
// refusal or form; until it is there, or for a code of a newer server, the status has words.
import { signal } from '@preact/signals';
import { type Problem, problemFrom } from './api';
import { fill, formatBytes, formatNumber, type Key, lang, t } from './i18n';
import type { Lang } from './types';

/** By code: one sentence for beside a field, or title and text. */
export type CodeWords = Record<string, string | [string, string]>;

const loaded: Record<Lang, ReturnType<typeof signal<CodeWords | null>>> = {
    ar: signal<CodeWords | null>(null),
    en: signal<CodeWords | null>(null),
};
const loading = new Set<Lang>();

export async function loadCodeWords(language: Lang = lang.value): Promise<void> {
    if (loading.has(language)) {
        return;
    }
    loading.add(language);
    try {
        const words = await (language === 'ar'
            ? import('./words/codes-ar')
            : import('./words/codes-en'));
        loaded[language].value = words.default;
    } catch {
        loading.delete(language); // offline: the next refusal tries again
    }
}

/** A parameter as a person reads it: numbers as the page writes them, states by their names. */
function shown(name: string, value: unknown): string {
    if (typeof value === 'number') {
        return name.endsWith('bytes') ? formatBytes(value) : formatNumber(value);
    }
    const key = `state_${String(value)}` as Key;
    const word = ['from', 'to', 'state'].includes(name) ? t(key) : key;
    return word === key ? String(value) : word;
}

function wordsOf(problem: Problem): string | [string, string] | undefined {
    const words = loaded[lang.value].value;
    if (!words && problem.code) {
        void loadCodeWords();
    }
    return words?.[problem.code];
}

const filled = (text: string, problem: Problem) =>
    fill(
        text,
        Object.fromEntries(
            Object.entries(problem.params).map(([name, value]) => [name, shown(name, value)]),
        ),
    );

/** A proxy's word that the server behind it is not there: no problem document of the server's own. */
const unanswered = (problem: Problem) =>
    [502, 503, 504].includes(problem.status) && problem.title === '' && problem.code === '';

function kindOf(problem: Problem): string {
    if (problem.status === 0 || unanswered(problem)) {
        return 'offline';
    }
    const kinds: Record<number, string> = {
        401: 'signedOut',
        403: 'denied',
        404: 'missing',
        409: 'conflict',
        412: 'conflict',
        429: 'limit',
    };
    return kinds[problem.status] ?? (problem.status >= 500 ? 'server' : 'invalid');
}

/** Title, meaning and remedy of a problem: never the server's own sentence. */
export function problemWords(problem: Problem): { title: string; meaning: string; todo: string } {
    const word = (part: string) => t(`error_${kindOf(problem)}_${part}` as Key);
    const own = wordsOf(problem);
    if (own === undefined) {
        return { title: word('title'), meaning: word('meaning'), todo: word('todo') };
    }
    const [title, text] = typeof own === 'string' ? [word('title'), own] : own;
    return { title: filled(title, problem), meaning: filled(text, problem), todo: '' };
}

/** Title and text of a code that is told outside a refusal; null while they are not loaded, or for a
 *  code of a newer server. */
export function codeWords(code: string | null | undefined): { title: string; text: string } | null {
    const words = code ? wordsOf(problemFrom(0, { code })) : undefined;
    return Array.isArray(words) ? { title: words[0], text: words[1] } : null;
}

/** One sentence for beside the field at fault. */
export function fieldWords(problem: Problem): string {
    const own = wordsOf(problem);
    return own === undefined
        ? t('fieldInvalid')
        : filled(typeof own === 'string' ? own : own[1], problem);
}

/** Whether `problem` is about the control of `name`, or of a value inside it: a form that has one
 *  control for "title.ar" and one for "title.en" shows a fault of "title" at the first. */
export function isAbout(problem: Problem | null, name: string): boolean {
    const field = problem?.field;
    return !!field && (field === name || name.startsWith(`${field}.`) || inside(field, name));
}

const inside = (field: string, name: string) =>
    field.startsWith(`${name}.`) || field.startsWith(`${name}[`);
