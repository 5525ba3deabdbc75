// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the page "System", fetched with it.
import { type Forms, wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    title: 'System',
    asOf: 'As of {time}',
    since: 'Running since {date}, {time}.',
    storage: 'Storage',
    disk_data: 'Database and keys',
    disk_recordings: 'Recordings',
    disk_second: 'Second copy of the recordings',
    diskFree: '{free} free of {size}',
    diskMissing: 'No disk has answered yet. If this stays so, a disk hangs: look at the server.',
    diskLow:
        'Less than the minimum ({minimum}) is free: no session opens. Delete recordings that are not needed, or have more room made.',
    backupAt: 'Last whole backup: {date}, {time}.',
    backupNone:
        'No whole backup is known. The operator’s handbook says how to make one each night.',
    backupDamaged:
        'Damaged or missing in the last backup (files or recordings): {count}. The backup’s log names them. Older backups are kept.',
    certificate: 'Certificate',
    certificateNone:
        'The server has no certificate of its own. A proxy in front has one, or the pages come without encryption.',
    certificateUntil: 'Valid until {date}.',
    certificateDays: { one: '{n} day left', other: '{n} days left' } as Forms,
    certificateSoon:
        'It ends soon: have it renewed and put in place of the old file. The server takes it over by itself.',
    certificateOver:
        'It is over: browsers refuse the pages. Have it renewed and put in place of the old file.',
    load: 'Load',
    loadLater: 'Known in a few seconds.',
    processor: 'Processor',
    processorNow: '{share} of {cores}',
    cores: { one: '{n} core', other: '{n} cores' } as Forms,
    memory: 'Memory',
    memoryNow: '{used} of {all} in use, {own} by the server',
    files: 'Connections and files',
    filesNow: '{n} of {most}',
    viewers: 'Viewers',
    busy: 'The processor is nearly full: pictures may be left out. Stop other programs on this machine, or set a smaller encoder.',
    versions: 'Versions',
    version_system: 'Operating system',
    hour: 'The last hour',
    all: 'all programs',
    majlis: 'majlis',
    sent: 'Sent to viewers',
    perSecond: '{n} Mbit/s',
    plotRange: '{name}: {now}; in the last hour {from} to {to}',
    plotSoon: 'The first values come in a few seconds.',
    unknown: 'unknown',
};

type Words = typeof en;

const ar: Words = {
    title: 'النظام',
    asOf: 'حتى الساعة {time}',
    since: 'يعمل الخادم منذ {date}، الساعة {time}.',
    storage: 'التخزين',
    disk_data: 'قاعدة البيانات والمفاتيح',
    disk_recordings: 'التسجيلات',
    disk_second: 'النسخة الثانية من التسجيلات',
    diskFree: 'المتاح {free} من {size}',
    diskMissing:
        'لم يستجب أي قرص بعد. إن بقي الأمر كذلك فقد توقف قرص عن الاستجابة ويلزم فحص الخادم.',
    diskLow:
        'المتاح دون الحد المقرر ({minimum}): لا تُفتح أي جلسة. يلزم حذف التسجيلات غير اللازمة أو توفير مساحة.',
    backupAt: 'آخر نسخة احتياطية كاملة: {date}، الساعة {time}.',
    backupNone: 'لا تُعرف أي نسخة احتياطية كاملة. يبيّن دليل التشغيل طريقة إنشائها كل ليلة.',
    backupDamaged:
        'التالف أو المفقود في آخر نسخة احتياطية (ملفات أو تسجيلات): {count}. يذكرها سجل النسخ الاحتياطي، وتبقى النسخ السابقة محفوظة.',
    certificate: 'شهادة الأمان',
    certificateNone:
        'ليس للخادم شهادة خاصة به. إما أن الشهادة لدى خادم وسيط أمامه أو أن الصفحات تصل دون تشفير.',
    certificateUntil: 'صالحة حتى {date}.',
    certificateDays: {
        zero: 'تنتهي اليوم',
        one: 'بقي يوم واحد',
        two: 'بقي يومان',
        few: 'بقيت {n} أيام',
        many: 'بقي {n} يومًا',
        other: 'بقي {n} يوم',
    } as Forms,
    certificateSoon: 'تنتهي قريبًا: يلزم تجديدها ووضعها مكان الملف السابق، ويعتمدها الخادم تلقائيًا.',
    certificateOver:
        'انتهت صلاحيتها وترفض المتصفحات الصفحات: يلزم تجديدها ووضعها مكان الملف السابق.',
    load: 'الحِمل',
    loadLater: 'يُعرف بعد ثوانٍ قليلة.',
    processor: 'المعالج',
    processorNow: '{share} من {cores}',
    cores: {
        zero: 'لا أنوية',
        one: 'نواة واحدة',
        two: 'نواتين',
        few: '{n} أنوية',
        many: '{n} نواة',
        other: '{n} نواة',
    } as Forms,
    memory: 'الذاكرة',
    memoryNow: 'المستخدم {used} من {all}، منه {own} للخادم',
    files: 'الاتصالات والملفات',
    filesNow: '{n} من {most}',
    viewers: 'المشاهدون',
    busy: 'المعالج شبه ممتلئ وقد تسقط صور: يلزم إيقاف البرامج الأخرى على الخادم أو اختيار ترميز أصغر.',
    versions: 'الإصدارات',
    version_system: 'نظام التشغيل',
    hour: 'آخر ساعة',
    all: 'كل البرامج',
    majlis: 'majlis',
    sent: 'المرسل إلى المشاهدين',
    perSecond: '{n} ميغابت/ث',
    plotRange: '{name}: {now}، وفي آخر ساعة من {from} إلى {to}',
    plotSoon: 'تظهر القيم الأولى بعد ثوانٍ قليلة.',
    unknown: 'غير معروف',
};

export type SystemKey = keyof Words;
export const systemWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<SystemKey>(systemWords);
