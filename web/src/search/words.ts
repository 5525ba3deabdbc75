// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the search, fetched with it.
import { type Forms, fill, formatNumber, lang, pluralForm } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    label: 'Search the sessions',
    placeholder: 'Titles, speakers, chapters, questions',
    none: 'Nothing found',
    noneHint: 'Try another word, or fewer of them.',
    found: { zero: 'Nothing found', one: '{n} result', other: '{n} results' } as Forms,
    more: 'Show more',
    session: 'Session',
    agenda: 'Agenda',
    chapter: 'Chapter',
    question: 'Question',
    pending: 'Under review',
    on_air: 'On air',
    rejected: 'Rejected',
    merged: 'Merged',
    withdrawn: 'Withdrawn',
};

type Words = typeof en;

const ar: Words = {
    label: 'البحث في الجلسات',
    placeholder: 'العناوين والمتحدثون والفصول والأسئلة',
    none: 'لا توجد نتائج مطابقة',
    noneHint: 'يمكن تجربة كلمة أخرى أو كلمات أقل.',
    found: {
        zero: 'لا توجد نتائج مطابقة',
        one: 'نتيجة واحدة',
        two: 'نتيجتان',
        few: '{n} نتائج',
        many: '{n} نتيجةً',
        other: '{n} نتيجة',
    } as Forms,
    more: 'عرض المزيد',
    session: 'جلسة',
    agenda: 'محور',
    chapter: 'فصل',
    question: 'سؤال',
    pending: 'قيد المراجعة',
    on_air: 'على الهواء',
    rejected: 'مرفوض',
    merged: 'مدموج',
    withdrawn: 'مسحوب',
};

export type SearchKey = keyof Words;
export const searchWords: Record<Lang, Words> = { ar, en };

export function w(key: SearchKey, values: Record<string, string | number> = {}): string {
    const entry = searchWords[lang.value][key];
    if (typeof entry === 'string') {
        return fill(entry, values);
    }
    const n = Number(values.n ?? 0);
    return fill(pluralForm(lang.value, entry, n), { ...values, n: formatNumber(n) });
}
