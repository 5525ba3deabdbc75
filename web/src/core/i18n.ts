// SPDX-License-Identifier: GPL-3.0-or-later
// Words in two languages. The server sets <html lang dir>; a switch happens in place, so the
// picture, its playhead and a half-typed question stay.
import { signal } from '@preact/signals';
import type { BilingualNew, Lang } from './types';
import type en from './words/en';
import type enDesk from './words/en-desk';

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Key = keyof typeof en | keyof typeof enDesk;
export type Dictionary = Record<keyof typeof en, string | Forms>;
export type DeskDictionary = Record<keyof typeof enDesk, string | Forms>;
type Values = Record<string, string | number>;

export const lang = signal<Lang>('ar');
const words = signal<Partial<Record<Key, string | Forms>> | null>(null);
let withDesk = false;

// Western digits in Arabic, as UAE government pages write them.
const LOCALE: Record<Lang, string> = { ar: 'ar-AE-u-nu-latn', en: 'en-AE' };
export const ZONE = 'Asia/Dubai';

export function locale(): string {
    return LOCALE[lang.value];
}

const rules = new Map<Lang, Intl.PluralRules>();

export function pluralForm(language: Lang, forms: Forms, n: number): string {
    let rule = rules.get(language);
    if (!rule) {
        rule = new Intl.PluralRules(LOCALE[language]);
        rules.set(language, rule);
    }
    // English has no rule for zero, but a sentence of its own for it reads better.
    if (n === 0 && forms.zero !== undefined) {
        return forms.zero;
    }
    return forms[rule.select(n)] ?? forms.other;
}

/** A number stays on the line of its unit: the space after it becomes a no-break space. */
export function fill(text: string, values: Values): string {
    const bound = text.replace(/(\d) (?=\p{L})/gu, '$1\u00a0');
    return bound.replace(/\{(\w+)\}( ?)/g, (whole, name: string, space: string) => {
        const value = String(values[name] ?? '');
        return value ? value + (/\d$/.test(value) ? space && '\u00a0' : space) : whole;
    });
}

function say(entry: string | Forms, values: Values): string {
    if (typeof entry === 'string') {
        return fill(entry, values);
    }
    const n = Number(values.n ?? 0);
    return fill(pluralForm(lang.value, entry, n), { ...values, n: formatNumber(n) });
}

export function t(key: Key, values: Values = {}): string {
    const entry = words.value?.[key];
    return entry === undefined ? key : say(entry, values);
}

/** The `w()` of a part that is fetched with words of its own. */
export function wordsOf<K extends string>(all: Record<Lang, Record<K, string | Forms>>) {
    return (key: K, values: Values = {}): string => say(all[lang.value][key], values);
}

export async function loadLanguage(next: Lang): Promise<void> {
    const base = next === 'ar' ? import('./words/ar') : import('./words/en');
    const desk =
        withDesk && (next === 'ar' ? import('./words/ar-desk') : import('./words/en-desk'));
    words.value = { ...(await base).default, ...(desk && (await desk).default) };
    lang.value = next;
    document.documentElement.lang = next;
    document.documentElement.dir = next === 'ar' ? 'rtl' : 'ltr';
}

/** The words of the staff's pages, from now on; attendees do not wait for them. */
export async function loadDeskWords(): Promise<void> {
    withDesk = true;
    // Before the first language is loaded there is nothing to add to: they come with it.
    if (words.value && !('stripLabel' in words.value)) {
        await loadLanguage(lang.value);
    }
}

/** The text of the page's language, else the other one. */
export function pick(text: BilingualNew | string | null | undefined): string {
    if (!text) {
        return '';
    }
    if (typeof text === 'string') {
        return text;
    }
    return (lang.value === 'ar' ? text.ar || text.en : text.en || text.ar) ?? '';
}

export function formatNumber(n: number): string {
    return new Intl.NumberFormat(locale()).format(n);
}

export function formatDate(at: string | number | Date): string {
    return new Intl.DateTimeFormat(locale(), {
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        year: 'numeric',
        timeZone: ZONE,
    }).format(new Date(at));
}

/** On the studio's pages times have 24 hours, as its clocks do; elsewhere am and pm (ص, م). */
export const studio = signal(false);

export function formatTime(at: string | number | Date, seconds = false): string {
    return new Intl.DateTimeFormat(locale(), {
        hour: studio.value ? '2-digit' : 'numeric',
        minute: '2-digit',
        ...(seconds ? { second: '2-digit' } : {}),
        hourCycle: studio.value ? 'h23' : 'h12',
        timeZone: ZONE,
    })
        .format(new Date(at))
        .replace(/\s/g, '\u00a0');
}

/** m:ss or h:mm:ss, always left to right. */
export function formatClock(ms: number): string {
    const total = Math.max(0, Math.floor(ms / 1000));
    const two = (n: number) => String(n).padStart(2, '0');
    const hours = Math.floor(total / 3600);
    const minutes = Math.floor(total / 60) % 60;
    return hours > 0
        ? `${hours}:${two(minutes)}:${two(total % 60)}`
        : `${minutes}:${two(total % 60)}`;
}

export function formatBytes(bytes: number): string {
    const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
    let value = bytes / 1000;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return new Intl.NumberFormat(locale(), {
        style: 'unit',
        unit: units[unit],
        maximumFractionDigits: value < 10 ? 1 : 0,
    })
        .format(value)
        .replace(' ', '\u00a0');
}
