// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the staff's lists of sessions and recordings, fetched with them.
import { type Forms, wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    views: 'Show as',
    list: 'List',
    month: 'Month',
    filters: 'Narrow the list down',
    words: 'Title, topic or speaker',
    series: 'Series',
    speaker: 'Speaker',
    state: 'State',
    year: 'Year',
    any: 'Any',
    clear: 'Show all',
    more: 'Show more',
    none: 'No sessions match',
    noneHint: 'Try other words, or show all.',
    found: { zero: 'No sessions match', one: '{n} session', other: '{n} sessions' } as Forms,
    previousMonth: 'Previous month',
    nextMonth: 'Next month',
    thisMonth: 'This month',
    monthEmpty: 'No sessions in this month.',
    monthFull: 'Only the first sessions are shown. Narrow the list down to see the others.',
    onDay: {
        zero: '{day}, no sessions',
        one: '{day}, {n} session',
        other: '{day}, {n} sessions',
    } as Forms,
    monthHelp: 'Arrow keys go from day to day, Page Up and Page Down from month to month.',
};

type Words = typeof en;

const ar: Words = {
    views: 'طريقة العرض',
    list: 'قائمة',
    month: 'شهر',
    filters: 'تضييق القائمة',
    words: 'العنوان أو الموضوع أو المتحدث',
    series: 'السلسلة',
    speaker: 'المتحدث',
    state: 'الحالة',
    year: 'السنة',
    any: 'الكل',
    clear: 'عرض الكل',
    more: 'عرض المزيد',
    none: 'لا توجد جلسات مطابقة',
    noneHint: 'يمكن تجربة كلمات أخرى أو عرض الكل.',
    found: {
        zero: 'لا توجد جلسات مطابقة',
        one: 'جلسة واحدة',
        two: 'جلستان',
        few: '{n} جلسات',
        many: '{n} جلسةً',
        other: '{n} جلسة',
    } as Forms,
    previousMonth: 'الشهر السابق',
    nextMonth: 'الشهر التالي',
    thisMonth: 'الشهر الحالي',
    monthEmpty: 'لا توجد جلسات في هذا الشهر.',
    monthFull: 'تُعرض الجلسات الأولى فقط. يمكن تضييق القائمة لعرض غيرها.',
    onDay: {
        zero: '{day}، لا جلسات',
        one: '{day}، جلسة واحدة',
        two: '{day}، جلستان',
        few: '{day}، {n} جلسات',
        many: '{day}، {n} جلسةً',
        other: '{day}، {n} جلسة',
    } as Forms,
    monthHelp: 'تنقل الأسهم بين الأيام، وينقل Page Up وPage Down بين الأشهر.',
};

export type SessionsKey = keyof Words;
export const sessionsWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<SessionsKey>(sessionsWords);
