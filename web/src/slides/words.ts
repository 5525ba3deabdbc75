// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the slides, fetched with them.
import { wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    title: 'Slides',
    next: 'Next slide',
    previous: 'Previous slide',
    page: 'Slide {n} of {count}',
    numbered: 'Slide {n}',
    open: 'Open slide {n} as a picture',
    current: 'The slide that is shown',
    coming: 'The next slide',
    all: 'All slides',
    shown: 'How the slides are shown',
    off: 'Hidden',
    full: 'Slides',
    corner: 'Slides + picture',
    working: 'The slides are being prepared. This takes some seconds.',
    failed: 'The slides cannot be shown',
    choose: 'File of the slides',
    chooseHint:
        'A PDF among the session’s materials. Export PowerPoint or Keynote slides as PDF, and upload it under “Materials”.',
    noPdf: 'There is no PDF among the session’s materials yet.',
    nobody: 'No slides',
    last: 'The last slide',
};
type Words = typeof en;
const ar: Words = {
    title: 'الشرائح',
    next: 'الشريحة التالية',
    previous: 'الشريحة السابقة',
    page: 'الشريحة {n} من {count}',
    numbered: 'الشريحة {n}',
    open: 'فتح الشريحة {n} صورةً',
    current: 'الشريحة المعروضة',
    coming: 'الشريحة التالية',
    all: 'كل الشرائح',
    shown: 'طريقة عرض الشرائح',
    off: 'مخفية',
    full: 'الشرائح',
    corner: 'الشرائح والصورة',
    working: 'يجري تجهيز الشرائح. يستغرق ذلك بضع ثوانٍ.',
    failed: 'لا يمكن عرض الشرائح',
    choose: 'ملف الشرائح',
    chooseHint:
        'ملف PDF من مواد الجلسة. تُحفظ شرائح PowerPoint أو Keynote بصيغة PDF وتُرفع ضمن «المواد».',
    noPdf: 'لا يوجد ملف PDF ضمن مواد الجلسة بعد.',
    nobody: 'بلا شرائح',
    last: 'الشريحة الأخيرة',
};
const words: Record<Lang, Words> = { ar, en };

export const w = wordsOf<keyof Words>(words);
