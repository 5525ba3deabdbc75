// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the page "Settings", fetched with it.
import { type Forms, wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';
import type { FollowUp, Group, PageName, SettingName } from './groups';

const en = {
    title: 'Settings',
    toSessions: 'Back to sessions',
    here: 'Set on these pages',
    hereText: 'A change counts at once.',
    onPage: 'Mail and recordings',
    onPageAdmin: 'A change counts at once, in place of the value in majlis.conf.',
    onPageStaff:
        'Admins change these; a change counts at once, in place of the value in majlis.conf.',
    fromDefault: 'The default.',
    fromFile: 'From majlis.conf.',
    changedBy: 'Set here by \u2068{name}\u2069 on {when}.',
    changedThen: 'Set here on {when}.',
    insteadOfFile: 'In majlis.conf:',
    insteadOfDefault: 'Default:',
    and: ', ',
    back: 'Back to majlis.conf',
    backOf: 'Back to majlis.conf: {name}',
    saveOf: 'Save: {name}',
    askTitle: {
        one: 'Delete recordings that are older than a day?',
        other: 'Delete recordings that are older than {n} days?',
    } as Forms,
    askText:
        'They are deleted within the hour, for good. Those under legal hold stay, and so do those whose session or series says another time.',
    askConfirm: 'Change and delete',
    file: 'Set in majlis.conf',
    fileText:
        'What concerns the machine: addresses, mail server, passwords, certificates, folders. Shown here, changed in the file by whoever runs the server; majlis.conf(5) explains each key. “At once” counts after a reload (SIGHUP), the rest after a new start.',
    series: 'Series',
    seriesText: 'Name, description, and what new sessions of the series begin with.',
    seriesCount: { zero: 'No series', one: '{n} series', other: '{n} series' } as Forms,
    speakers: 'Speakers',
    speakersText: 'Name, position and biography, chosen for sessions.',
    speakersCount: { zero: 'No speakers', one: '{n} speaker', other: '{n} speakers' } as Forms,
    entities: 'Entities',
    entitiesText: 'Names, codes, and the mail domains by which people are known.',
    entitiesCount: { zero: 'No entities', one: '{n} entity', other: '{n} entities' } as Forms,
    change: 'Change',
    changeOf: 'Change: {name}',
    byDefault: 'default',
    atOnce: 'at once',
    empty: 'not set',
    none: 'without limit',
    yes: 'yes',
    no: 'no',
};

type Words = typeof en;

const ar: Words = {
    title: 'الإعدادات',
    toSessions: 'العودة إلى الجلسات',
    here: 'يُضبط في هذه الصفحات',
    hereText: 'يسري التغيير فورًا.',
    onPage: 'البريد والتسجيلات',
    onPageAdmin: 'يسري التغيير فورًا بدلًا من القيمة المكتوبة في majlis.conf.',
    onPageStaff: 'يغيّرها مدير النظام، ويسري التغيير فورًا بدلًا من القيمة المكتوبة في majlis.conf.',
    fromDefault: 'القيمة المبدئية.',
    fromFile: 'من ملف majlis.conf.',
    changedBy: 'ضبطها هنا \u2068{name}\u2069 يوم {when}.',
    changedThen: 'ضُبطت هنا يوم {when}.',
    insteadOfFile: 'في majlis.conf:',
    insteadOfDefault: 'القيمة المبدئية:',
    and: '، ',
    back: 'العودة إلى majlis.conf',
    backOf: 'العودة إلى majlis.conf: {name}',
    saveOf: 'حفظ: {name}',
    askTitle: {
        zero: 'أتُحذف التسجيلات التي مضى عليها أكثر من {n} يوم؟',
        one: 'أتُحذف التسجيلات التي مضى عليها أكثر من يوم واحد؟',
        two: 'أتُحذف التسجيلات التي مضى عليها أكثر من يومين؟',
        few: 'أتُحذف التسجيلات التي مضى عليها أكثر من {n} أيام؟',
        many: 'أتُحذف التسجيلات التي مضى عليها أكثر من {n} يومًا؟',
        other: 'أتُحذف التسجيلات التي مضى عليها أكثر من {n} يوم؟',
    } as Forms,
    askText:
        'تُحذف نهائيًا خلال ساعة. يبقى ما هو تحت حفظ قانوني، وما حُددت لجلسته أو سلسلته مدة أخرى.',
    askConfirm: 'التغيير والحذف',
    file: 'يُضبط في ملف majlis.conf',
    fileText:
        'ما يخص الجهاز: العناوين وخادم البريد وكلمات المرور والشهادات والمجلدات. يُعرض هنا ويُغيَّر في الملف لدى مشغّل الخادم، ويشرح majlis.conf(5) كل مفتاح. ما كُتب بجانبه «فورًا» يسري بعد إعادة القراءة (SIGHUP)، وغيره بعد إعادة التشغيل.',
    series: 'السلاسل',
    seriesText: 'الاسم والوصف وما تبدأ به الجلسات الجديدة في السلسلة.',
    seriesCount: {
        zero: 'لا سلاسل',
        one: 'سلسلة واحدة',
        two: 'سلسلتان',
        few: '{n} سلاسل',
        many: '{n} سلسلةً',
        other: '{n} سلسلة',
    } as Forms,
    speakers: 'المتحدثون',
    speakersText: 'الاسم والمنصب والسيرة، ويُختار المتحدث للجلسات.',
    speakersCount: {
        zero: 'لا متحدثين',
        one: 'متحدث واحد',
        two: 'متحدثان',
        few: '{n} متحدثين',
        many: '{n} متحدثًا',
        other: '{n} متحدث',
    } as Forms,
    entities: 'الجهات',
    entitiesText: 'الأسماء والرموز ونطاقات البريد التي يُعرف بها الأشخاص.',
    entitiesCount: {
        zero: 'لا جهات',
        one: 'جهة واحدة',
        two: 'جهتان',
        few: '{n} جهات',
        many: '{n} جهةً',
        other: '{n} جهة',
    } as Forms,
    change: 'تعديل',
    changeOf: 'تعديل: {name}',
    byDefault: 'القيمة المبدئية',
    atOnce: 'فورًا',
    empty: 'غير محدد',
    none: 'دون حد',
    yes: 'نعم',
    no: 'لا',
};

type Help = `${Exclude<PageName, 'mail.follow_ups'>}Help`;

const enGroups: Record<Group | SettingName | Help | `follow_${FollowUp}`, string> = {
    mail: 'Mail',
    'mail.relay': 'Mail server (relay)',
    'mail.security': 'Encryption towards it',
    'mail.from': 'Sender',
    'mail.from_name': 'Sender’s name',
    'mail.from_nameHelp': 'As people see it in their mail, in one line. Empty: the address alone.',
    'mail.reply_to': 'Replies go to',
    'mail.reply_toHelp':
        'A mail address. Empty: the sender’s. Calendars know their invitations by it: change it while no session is announced.',
    'mail.reminders': 'Reminders before the start',
    'mail.remindersHelp':
        'Days (d), hours (h) or minutes (m), separated by commas: 1d, 1h, 30m. Empty: none. A series may have its own.',
    'mail.follow_ups': 'People also get a mail that',
    follow_live: 'the session has begun',
    follow_recording: 'the recording is published',
    follow_answers: 'their question was answered',
    'mail.per_minute': 'Mails a minute at most',
    'mail.per_minuteHelp': 'As many as the mail server allows, from 1 to 6000.',
    recordings: 'Recordings',
    'archive.directory': 'Folder',
    'archive.second_directory': 'Folder of the second copy',
    'archive.keep_days': 'Days that recordings are kept',
    'archive.keep_daysHelp':
        'From 0 to 36500; 0: forever. Older ones are deleted, unless under legal hold. A session or series may say another time.',
    'archive.minimum_free': 'With less room on the disk no session opens',
    limits: 'Limits',
    'server.max_viewers': 'Viewers at a time',
    'rtc.max_viewers': 'Of them over WebRTC',
    'server.max_load': 'Load of a core in percent that lets viewers in',
    'server.min_memory': 'Memory left that lets viewers in',
    access: 'Addresses',
    'server.public_url': 'Address of the pages',
    'server.public_feeds': 'Calendar and podcast for everybody',
    'server.embed': 'Sites that may show the player',
    programme: 'Programme',
    'programme.source': 'Source of sessions that name none',
    'programme.encoder': 'Encoder',
};

const arGroups: typeof enGroups = {
    mail: 'البريد',
    'mail.relay': 'خادم البريد',
    'mail.security': 'تشفير الاتصال به',
    'mail.from': 'المرسل',
    'mail.from_name': 'اسم المرسل',
    'mail.from_nameHelp': 'كما يراه الناس في بريدهم، في سطر واحد. إن تُرك فارغًا ظهر العنوان وحده.',
    'mail.reply_to': 'الردود تصل إلى',
    'mail.reply_toHelp':
        'عنوان بريد. إن تُرك فارغًا فعنوان المرسل. به تعرف التقاويم دعواتها، فغيّره حين لا تكون جلسة معلنة.',
    'mail.reminders': 'التذكير قبل البداية',
    'mail.remindersHelp':
        'أيام (d) أو ساعات (h) أو دقائق (m) تفصل بينها فواصل: \u20681d، 1h، 30m\u2069. إن تُرك فارغًا فلا تذكير. وقد تكون للسلسلة مواعيدها.',
    'mail.follow_ups': 'تصل إلى الناس رسالة أيضًا',
    follow_live: 'حين تبدأ الجلسة',
    follow_recording: 'حين يُنشر التسجيل',
    follow_answers: 'حين يُجاب عن سؤالهم',
    'mail.per_minute': 'الحد الأقصى للرسائل في الدقيقة',
    'mail.per_minuteHelp': 'بقدر ما يسمح به خادم البريد، من 1 إلى 6000.',
    recordings: 'التسجيلات',
    'archive.directory': 'المجلد',
    'archive.second_directory': 'مجلد النسخة الثانية',
    'archive.keep_days': 'مدة حفظ التسجيلات بالأيام',
    'archive.keep_daysHelp':
        'من 0 إلى 36500، و0 بلا نهاية. ما هو أقدم يُحذف ما لم يكن تحت حفظ قانوني. وقد تُحدد للجلسة أو السلسلة مدة أخرى.',
    'archive.minimum_free': 'لا تُفتح جلسة إن قلّت مساحة القرص عن',
    limits: 'الحدود',
    'server.max_viewers': 'المشاهدون في الوقت نفسه',
    'rtc.max_viewers': 'منهم عبر WebRTC',
    'server.max_load': 'حِمل النواة بالمئة الذي يسمح بدخول المشاهدين',
    'server.min_memory': 'الذاكرة المتاحة التي تسمح بدخول المشاهدين',
    access: 'العناوين',
    'server.public_url': 'عنوان الصفحات',
    'server.public_feeds': 'التقويم والبودكاست للجميع',
    'server.embed': 'المواقع التي يُعرض فيها المشغّل',
    programme: 'البرنامج',
    'programme.source': 'مصدر الجلسات التي لم يُحدد لها مصدر',
    'programme.encoder': 'الترميز',
};

const enAll = { ...en, ...enGroups };
const arAll: typeof enAll = { ...ar, ...arGroups };
export type SettingsKey = keyof typeof enAll;
export const settingsWords: Record<Lang, typeof enAll> = { ar: arAll, en: enAll };
export const w = wordsOf<SettingsKey>(settingsWords);
