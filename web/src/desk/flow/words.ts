// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the desk's steps, fetched with them.
import { type Forms, wordsOf } from '../../core/i18n';
import type { Lang } from '../../core/types';

const en = {
    flow: 'Steps of the session',
    prepare: 'Prepare',
    invite: 'Invite',
    rehearse: 'Rehearse',
    live: 'Live',
    after: 'After',
    state_done: 'nothing missing',
    state_missing: { one: '{n} thing missing', other: '{n} things missing' } as Forms,
    state_now: 'under way',
    state_later: 'later',
    speaker: 'No speaker is named',
    agenda: 'There is no agenda',
    language: 'The title is in one language only',
    nobody: 'Nobody is invited',
    speakerLink: 'The speaker has no link',
    notSent: {
        one: '{n} invitation not sent',
        other: '{n} invitations not sent',
    } as Forms,
    mailFailed: { one: '{n} mail failed', other: '{n} mails failed' } as Forms,
    mailDoubt: {
        one: '{n} mail to decide on',
        other: '{n} mails to decide on',
    } as Forms,
    rehearsal: 'No rehearsal: the lobby was not opened, source and sound not tested',
    source: 'The source sends no picture or sound',
    late: 'The start has passed, and it is not live',
    notStored: 'The recording is not being stored',
    stepsFailed: 'A step of the recording failed',
    notPublished: 'The recording is not published',
};

type Words = typeof en;

const ar: Words = {
    flow: 'مراحل الجلسة',
    prepare: 'الإعداد',
    invite: 'الدعوة',
    rehearse: 'التجربة',
    live: 'البث',
    after: 'ما بعد الجلسة',
    state_done: 'لا ينقص شيء',
    state_missing: {
        zero: 'لا ينقص شيء',
        one: 'ينقص أمر واحد',
        two: 'ينقص أمران',
        few: 'تنقص {n} أمور',
        many: 'ينقص {n} أمرًا',
        other: 'ينقص {n} أمر',
    } as Forms,
    state_now: 'جارية',
    state_later: 'لاحقًا',
    speaker: 'لم يُذكر متحدث',
    agenda: 'لا توجد محاور',
    language: 'العنوان بلغة واحدة فقط',
    nobody: 'لم يُدعَ أحد',
    speakerLink: 'ليس للمتحدث رابط',
    notSent: {
        zero: 'أُرسلت كل الدعوات',
        one: 'دعوة واحدة لم تُرسل',
        two: 'دعوتان لم تُرسلا',
        few: '{n} دعوات لم تُرسل',
        many: '{n} دعوةً لم تُرسل',
        other: '{n} دعوة لم تُرسل',
    } as Forms,
    mailFailed: {
        zero: 'لم تتعذر أي رسالة',
        one: 'تعذّرت رسالة واحدة',
        two: 'تعذّرت رسالتان',
        few: 'تعذّرت {n} رسائل',
        many: 'تعذّرت {n} رسالةً',
        other: 'تعذّرت {n} رسالة',
    } as Forms,
    mailDoubt: {
        zero: 'لا رسائل تنتظر قرارًا',
        one: 'رسالة واحدة تنتظر قرارًا',
        two: 'رسالتان تنتظران قرارًا',
        few: '{n} رسائل تنتظر قرارًا',
        many: '{n} رسالةً تنتظر قرارًا',
        other: '{n} رسالة تنتظر قرارًا',
    } as Forms,
    rehearsal: 'لم تُجرَ تجربة: لم تُفتح قاعة الانتظار ولم يُختبر المصدر والصوت',
    source: 'لا يصل من المصدر صورة أو صوت',
    late: 'مضى وقت البداية ولم يبدأ البث',
    notStored: 'التسجيل لا يُحفظ',
    stepsFailed: 'تعذّرت خطوة من إعداد التسجيل',
    notPublished: 'التسجيل غير منشور',
};

export type FlowKey = keyof Words;
export const flowWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<FlowKey>(flowWords);
