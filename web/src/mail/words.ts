// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the texts of mails, and of the page that stops them.
import { wordsOf } from '../core/i18n';
import type { Lang, MailTextKind } from '../core/types';

const en = {
    title: 'Mail texts',
    intro: 'What people read in their mails, in both languages. Mails that still wait have a new text too.',
    edited: 'Edited',
    kind_invitation: 'Invitation',
    'kind_invitation-speaker': 'Invitation of a speaker',
    'kind_invitation-moderator': 'Invitation of a moderator',
    kind_change: 'New time',
    kind_cancellation: 'Cancellation',
    kind_reminder: 'Reminder',
    kind_live: 'Live now',
    kind_recording: 'Recording published',
    kind_answer: 'Question answered',
    subjectAr: 'Subject in Arabic',
    subjectEn: 'Subject in English',
    bodyAr: 'Text in Arabic',
    bodyEn: 'Text in English',
    placeholders: 'In place of these, a mail has its own values:',
    rules: 'A line whose values are all missing is left out. {title} alone on a line is a heading, and a label with {link} behind it a button.',
    preview: 'Preview',
    previewText: 'With sample values, as it was typed last.',
    show: 'Show the preview',
    plain: 'As plain text',
    back: 'Back to the built-in text',
    backAr: 'Back to the built-in Arabic text',
    backEn: 'Back to the built-in English text',
    toList: 'All texts',
    unsubscribe: 'Reminders and follow-up mails',
    getsText:
        'At this address reminders arrive before a session, and mails when it begins and when its recording is published.',
    stoppedText:
        'No reminders or follow-up mails are sent to this address. Invitations, new times and cancellations still arrive.',
    stop: 'Stop these mails',
    again: 'Get them again',
};

type Words = typeof en;

const ar: Words = {
    title: 'نصوص الرسائل',
    intro: 'ما يقرؤه الناس في رسائل البريد باللغتين. يسري النص الجديد على الرسائل المنتظرة أيضًا.',
    edited: 'معدّل',
    kind_invitation: 'دعوة',
    'kind_invitation-speaker': 'دعوة متحدث',
    'kind_invitation-moderator': 'دعوة مدير أسئلة',
    kind_change: 'تغيير الموعد',
    kind_cancellation: 'إلغاء',
    kind_reminder: 'تذكير',
    kind_live: 'بدأ البث',
    kind_recording: 'نُشر التسجيل',
    kind_answer: 'أُجيب عن السؤال',
    subjectAr: 'الموضوع بالعربية',
    subjectEn: 'الموضوع بالإنجليزية',
    bodyAr: 'النص بالعربية',
    bodyEn: 'النص بالإنجليزية',
    placeholders: 'تحلّ محل ما يلي قيم كل رسالة:',
    rules: 'يُحذف السطر إذا غابت قيمه كلها. {title} وحده في السطر عنوان، والتسمية التي يليها {link} زر.',
    preview: 'معاينة',
    previewText: 'بقيم تجريبية، وفق آخر ما كُتب.',
    show: 'عرض المعاينة',
    plain: 'نصًّا عاديًّا',
    back: 'العودة إلى النص الأصلي',
    backAr: 'العودة إلى النص العربي الأصلي',
    backEn: 'العودة إلى النص الإنجليزي الأصلي',
    toList: 'كل النصوص',
    unsubscribe: 'رسائل التذكير والمتابعة',
    getsText: 'تصل إلى هذا العنوان رسائل تذكير قبل الجلسات، ورسائل عند بدء البث وعند نشر التسجيل.',
    stoppedText:
        'لا تُرسل إلى هذا العنوان رسائل تذكير أو متابعة. أما الدعوات وتغيير المواعيد والإلغاء فتصل.',
    stop: 'إيقاف هذه الرسائل',
    again: 'استئناف إرسالها',
};

export type MailKey = keyof Words;
export const mailWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<MailKey>(mailWords);
export const kindWords = (kind: MailTextKind) => w(`kind_${kind}`);
