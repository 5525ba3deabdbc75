// SPDX-License-Identifier: GPL-3.0-or-later
// Words of pictures and materials, fetched with the parts that show them.
import { wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    picture_series: 'Picture of the series',
    picture_speakers: 'Portrait',
    picture_sessions: 'Cover',
    pictureAfter: 'A picture can be added once this is saved.',
    pictureHelp: 'PNG, JPEG or WebP, at most {max}. It is stored at once.',
    choosePicture: 'Choose a picture',
    removePicture: 'Remove the picture',
    removed: 'Removed',
    stored: 'Stored',
    sending: 'Sending… {n} %',
    tooLarge: 'This file is larger than {max}. Choose a smaller one; nothing was stored.',
    materials: 'Materials',
    materialsHelp:
        'PDF, PPTX, ODP, PNG, JPEG or WebP, at most {max} each, or links; 20 in all. Who may see the session may save them.',
    materialsNone: 'No materials yet.',
    materialName: 'Name of the next file',
    materialNameHelp: 'Empty: as the file is called.',
    chooseMaterial: 'Add a file',
    linkName: 'Name of the link',
    linkUrl: 'Address, with https://',
    addLink: 'Add the link',
    removeMaterial: 'Remove {name}',
    remove: 'Remove',
    rename: 'Rename',
    renameMaterial: 'Rename {name}',
    newName: 'New name',
    saveName: 'Save the name',
    moveUp: 'Move {name} up',
    moveDown: 'Move {name} down',
    movedTo: '{name}: now number {at} of {count}',
    opensElsewhere: 'opens another site',
};

type Words = typeof en;

const ar: Words = {
    picture_series: 'صورة السلسلة',
    picture_speakers: 'الصورة الشخصية',
    picture_sessions: 'صورة الغلاف',
    pictureAfter: 'يمكن إضافة صورة بعد الحفظ.',
    pictureHelp: 'صورة PNG أو JPEG أو WebP لا يزيد حجمها على {max}، وتُحفظ فور اختيارها.',
    choosePicture: 'اختيار صورة',
    removePicture: 'إزالة الصورة',
    removed: 'تمت الإزالة',
    stored: 'تم الحفظ',
    sending: 'جارٍ الإرسال… {n} ٪',
    tooLarge: 'حجم الملف أكبر من {max}. يلزم اختيار ملف أصغر، ولم يُحفظ شيء.',
    materials: 'المواد المرفقة',
    materialsHelp:
        'ملفات PDF أو PPTX أو ODP أو PNG أو JPEG أو WebP لا يزيد حجم كل منها على {max}، أو روابط، وأقصى عدد لها 20. يمكن لمن تتاح له الجلسة تنزيلها.',
    materialsNone: 'لا توجد مواد بعد.',
    materialName: 'اسم الملف التالي',
    materialNameHelp: 'عند تركه فارغًا يُعتمد اسم الملف نفسه.',
    chooseMaterial: 'إضافة ملف',
    linkName: 'اسم الرابط',
    linkUrl: 'العنوان، ويبدأ بـ https://',
    addLink: 'إضافة الرابط',
    removeMaterial: 'إزالة {name}',
    remove: 'إزالة',
    rename: 'تغيير الاسم',
    renameMaterial: 'تغيير اسم {name}',
    newName: 'الاسم الجديد',
    saveName: 'حفظ الاسم',
    moveUp: 'نقل {name} إلى أعلى',
    moveDown: 'نقل {name} إلى أسفل',
    movedTo: '{name}: الترتيب الآن {at} من {count}',
    opensElsewhere: 'يُفتح في موقع آخر',
};

export type FilesKey = keyof Words;
export const filesWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<FilesKey>(filesWords);
