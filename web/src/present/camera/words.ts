// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the speaker's camera, fetched with it.
import { wordsOf } from '../../core/i18n';

const en = {
    title: 'Your picture and sound',
    intro: 'Attendees see you once staff put your picture on air.',
    camera: 'Camera',
    microphone: 'Microphone',
    preview: 'What you send',
    level: 'Level of your microphone',
    levelHint: 'Speak: the bar moves.',
    silent: 'Nothing is heard from this microphone. Is it muted, or another one meant?',
    open: 'Open the camera',
    send: 'Send picture and sound',
    stop: 'Stop sending',
    screen: 'Share your screen',
    screenStop: 'Stop sharing',
    state_off: 'Nothing is sent.',
    state_connecting: 'Connecting…',
    state_sending: 'Picture and sound are sent.',
    state_lost: 'The connection is lost. It is tried again by itself.',
    screen_off: '',
    screen_connecting: 'Your screen: connecting…',
    screen_sending: 'Your screen is sent.',
    screen_lost: 'Your screen: the connection is lost. It is tried again by itself.',
    fault_denied: 'The browser was not allowed to use camera and microphone.',
    todo_denied:
        'Allow both beside the address of this page (the symbol to its left), then try again.',
    fault_missing: 'No camera or microphone was found.',
    todo_missing: 'Connect them, then try again.',
    fault_busy: 'Another program is using the camera or the microphone.',
    todo_busy: 'Close it (a meeting, for instance), then try again.',
    fault_insecure: 'Browsers give camera and microphone to secure pages alone.',
    todo_insecure: 'Ask staff for a link that begins with https.',
    fault_failed: 'Camera or microphone could not be opened.',
    todo_failed: 'Take them out and in again, or restart the browser, then try again.',
    again: 'Try again',
    close: 'Close',
    closeHint: 'Sending goes on when this window is closed.',
};

type Words = typeof en;

const ar: Words = {
    title: 'صورتك وصوتك',
    intro: 'يراك الحضور حين يضع فريق العمل صورتك على الهواء.',
    camera: 'الكاميرا',
    microphone: 'الميكروفون',
    preview: 'الصورة المُرسَلة',
    level: 'مستوى صوت الميكروفون',
    levelHint: 'يتحرك المؤشر عند الكلام.',
    silent: 'لا صوت من هذا الميكروفون. قد يكون مكتومًا، أو يكون المقصود ميكروفونًا آخر.',
    open: 'تشغيل الكاميرا',
    send: 'إرسال الصورة والصوت',
    stop: 'إيقاف الإرسال',
    screen: 'مشاركة الشاشة',
    screenStop: 'إيقاف مشاركة الشاشة',
    state_off: 'لا شيء يُرسَل الآن.',
    state_connecting: 'جارٍ الاتصال…',
    state_sending: 'تُرسَل الصورة والصوت الآن.',
    state_lost: 'انقطع الاتصال. تُعاد المحاولة تلقائيًا.',
    screen_off: '',
    screen_connecting: 'الشاشة: جارٍ الاتصال…',
    screen_sending: 'تُرسَل صورة الشاشة الآن.',
    screen_lost: 'الشاشة: انقطع الاتصال. تُعاد المحاولة تلقائيًا.',
    fault_denied: 'لم يُسمح للمتصفح باستخدام الكاميرا والميكروفون.',
    todo_denied: 'يُرجى السماح بهما من الرمز بجانب عنوان هذه الصفحة، ثم المحاولة مرة أخرى.',
    fault_missing: 'لم يُعثر على كاميرا أو ميكروفون.',
    todo_missing: 'يُرجى توصيلهما ثم المحاولة مرة أخرى.',
    fault_busy: 'يستخدم برنامج آخر الكاميرا أو الميكروفون.',
    todo_busy: 'يُرجى إغلاقه (اجتماع مثلًا) ثم المحاولة مرة أخرى.',
    fault_insecure: 'لا تتيح المتصفحات الكاميرا والميكروفون إلا للصفحات الآمنة.',
    todo_insecure: 'يُرجى طلب رابط آمن (https) من فريق العمل.',
    fault_failed: 'تعذّر تشغيل الكاميرا أو الميكروفون.',
    todo_failed: 'يُرجى فصلهما وتوصيلهما أو إعادة تشغيل المتصفح، ثم المحاولة مرة أخرى.',
    again: 'إعادة المحاولة',
    close: 'إغلاق',
    closeHint: 'يستمر الإرسال بعد إغلاق هذه النافذة.',
};

export type CameraKey = keyof Words;

export const w = wordsOf<CameraKey>({ ar, en });
