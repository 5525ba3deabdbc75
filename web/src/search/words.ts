// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the search, fetched with it.
import { type Forms, wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    label: 'Search the sessions',
    placeholder: 'Titles, speakers, chapters, questions, slides',
    filters: 'Narrow down',
    kind: 'Kind',
    year: 'Year',
    any: 'All',
    ofSeries: 'In the series',
    ofSpeaker: 'With the speaker',
    others: 'Series and speakers',
    none: 'Nothing found',
    noneHint: 'Try another word, or fewer of them.',
    found: { zero: 'Nothing found', one: '{n} result', other: '{n} results' } as Forms,
    more: 'Show more',
    session: 'Session',
    agenda: 'Agenda',
    chapter: 'Chapter',
    question: 'Question',
    slide: 'Slide',
    series: 'Series',
    speaker: 'Speaker',
    pending: 'Under review',
    on_air: 'On air',
    rejected: 'Rejected',
    merged: 'Merged',
    withdrawn: 'Withdrawn',
};

type Words = typeof en;

const ar: Words = {
    label: 'البحث في الجلسات',
    placeholder: 'العناوين والمتحدثون والفصول والأسئلة والشرائح',
    filters: 'تضييق البحث',
    kind: 'النوع',
    year: 'السنة',
    any: 'الكل',
    ofSeries: 'في السلسلة',
    ofSpeaker: 'مع المتحدث',
    others: 'السلاسل والمتحدثون',
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
    slide: 'شريحة',
    series: 'سلسلة',
    speaker: 'متحدث',
    pending: 'قيد المراجعة',
    on_air: 'على الهواء',
    rejected: 'مرفوض',
    merged: 'مدموج',
    withdrawn: 'مسحوب',
};

export type SearchKey = keyof Words;
export const searchWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<SearchKey>(searchWords);
