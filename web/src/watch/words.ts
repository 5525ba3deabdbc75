// SPDX-License-Identifier: GPL-3.0-or-later
// Words of a recording's editor, fetched with it.
import { wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    trimText:
        'What lies before the start or after the end appears in no published file. It takes some seconds, in which the files are made anew.',
    trimClock:
        'Times count from the start of the broadcast, in minutes and seconds. The cut lies inside what you type, by two seconds at most.',
    trimFromPlayer: 'From the player',
    trimEarlier: 'One second earlier',
    trimLater: 'One second later',
    trimApply: 'Apply',
    trimUndo: 'Undo the cut',
    trimBadTime: 'Write the time like this: 12:03.5',
    trimBadOrder: 'The start must come before the end.',
    trimOutside: 'The broadcast lasted {time}: the start and the end must lie within it.',
    trimDone: 'Done; the files are ready.',
    trimSent: 'Done; the files are being made anew.',
    chapterHere: 'Chapter at the player’s position',
    addChapter: 'Add the chapter',
};
export type Words = typeof en;
const ar: Words = {
    trimText:
        'ما يقع قبل البداية أو بعد النهاية لا يظهر في أي ملف منشور. يستغرق التطبيق بضع ثوانٍ تُعاد فيها الملفات.',
    trimClock:
        'الأوقات محسوبة من بدء البث، بالدقائق والثواني. يقع القص داخل الوقت المكتوب بفارق ثانيتين على الأكثر.',
    trimFromPlayer: 'من موضع المشغّل',
    trimEarlier: 'ثانية إلى الوراء',
    trimLater: 'ثانية إلى الأمام',
    trimApply: 'تطبيق',
    trimUndo: 'إلغاء القص',
    trimBadTime: 'يُكتب الوقت هكذا: 12:03.5',
    trimBadOrder: 'يجب أن تسبق البداية النهاية.',
    trimOutside: 'استمر البث {time}، ويجب أن تقع البداية والنهاية ضمنه.',
    trimDone: 'طُبّق التغيير، والملفات جاهزة.',
    trimSent: 'طُبّق التغيير، وتُعاد الملفات الآن.',
    chapterHere: 'فصل عند موضع المشغّل',
    addChapter: 'إضافة الفصل',
};
const words: Record<Lang, Words> = { ar, en };

export const w = wordsOf<keyof Words>(words);
