// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the public page on which people register.
import { wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    title: 'Register for the session',
    name: 'Your name',
    email: 'Mail address',
    entity: 'Your entity',
    job_title: 'Job title',
    optional: '{label} (may be left empty)',
    emailHelp: 'Your personal link is sent to this address.',
    send: 'Register',
    sending: 'Being sent…',
    thanks: 'Thank you',
    byMail: 'If this address may attend, the personal link is on its way to it. Nothing arrived? Look among unwanted mail, or ask the organisers.',
    byStaff: 'The organisers look at your registration, and send you your personal link.',
    another: 'Register somebody else',
    haveLink: 'Whoever has a personal link already opens it instead.',
};

type Words = typeof en;

const ar: Words = {
    title: 'التسجيل لحضور الجلسة',
    name: 'الاسم',
    email: 'البريد الإلكتروني',
    entity: 'الجهة',
    job_title: 'المسمى الوظيفي',
    optional: '{label} (اختياري)',
    emailHelp: 'يُرسل الرابط الشخصي إلى هذا البريد.',
    send: 'تسجيل',
    sending: 'جارٍ الإرسال…',
    thanks: 'شكرًا',
    byMail: 'إذا كان لصاحب هذا البريد حق الحضور فالرابط الشخصي في الطريق إليه. إن لم يصل فقد يكون بين الرسائل غير المرغوبة، ويمكن سؤال المنظمين.',
    byStaff: 'ينظر المنظمون في الطلب ثم يُرسل الرابط الشخصي.',
    another: 'تسجيل شخص آخر',
    haveLink: 'من لديه رابط شخصي يدخل به مباشرة.',
};

export const registerWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<keyof Words>(registerWords);
