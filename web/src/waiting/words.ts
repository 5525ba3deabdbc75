// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the page before and after a broadcast, fetched with it and not by who watches live.
import { wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    opensAt: 'This page opens by itself at {time} (UAE time).',
    opensOn: 'This page opens by itself on {date} at {time} (UAE time).',
    opensLate:
        'The planned time has passed. This page opens by itself as soon as the session starts.',
    here: 'On this device: {time}',
    addToCalendar: 'Add to calendar',
    calendarHelp: 'A reminder comes 10 minutes before the start.',
    recordingWaits: 'The recording is ready. It opens here once the organisers publish it.',
    recordingPrepares:
        'The recording is being prepared. It opens here once the organisers publish it.',
    recordingFailed:
        'Preparing the recording failed. The organisers see this and can start it again.',
    recordingNone: 'This session has no recording.',
    checkTitle: 'Sound and connection',
    checkText:
        'Two tones are played and the connection to this server is measured, for at most 15 seconds.',
    checkStart: 'Start the check',
    checkAgain: 'Check again',
    checkRuns: 'The check is running…',
    heardAsk: 'Were two tones heard?',
    heardYes: 'Yes, heard',
    heardNo: 'No, not heard',
    soundGood: 'Sound: heard.',
    soundBad:
        'Sound: not heard. Turn up the volume of the device, choose the right loudspeaker or headphones, look whether this tab is muted, then check again.',
    soundBlocked: 'Sound: this browser did not let the page play a tone.',
    socketGood: 'Questions: connected.',
    socketBad:
        'Questions: not connected. The page keeps trying. If it stays so, the network may block websockets: ask its administrators to allow them for this address.',
    lineBad: 'Network: the server could not be reached. Check the connection, then check again.',
    lineHd: 'Network: {rate} Mb/s measured, {rtt} ms there and back: enough for the full picture.',
    lineLow:
        'Network: {rate} Mb/s measured, {rtt} ms there and back: enough for a smaller picture. Close other downloads and calls.',
    linePoor:
        'Network: {rate} Mb/s measured, {rtt} ms there and back: enough for sound only. Use another network if possible.',
    roadUdp: 'Picture: connected directly (UDP), the fastest way.',
    roadTcp:
        'Picture: connected over TCP, since UDP does not pass this network. It may lag a little.',
    roadHls: 'Picture: comes by the way that works wherever pages work, some seconds behind.',
    roadNone: 'Picture: this browser has no WebRTC; it comes some seconds behind.',
    roadLater:
        'Picture: the direct way was not tested, since it opens with the studio. Where it is blocked, the page takes the slower way (some seconds behind) by itself.',
};

type Words = typeof en;

const ar: Words = {
    opensAt: 'تُفتح هذه الصفحة تلقائيًا الساعة {time} بتوقيت الإمارات.',
    opensOn: 'تُفتح هذه الصفحة تلقائيًا يوم {date} الساعة {time} بتوقيت الإمارات.',
    opensLate: 'حان الموعد المقرر ولم تبدأ الجلسة بعد. تُفتح هذه الصفحة تلقائيًا عند بدئها.',
    here: 'بتوقيت هذا الجهاز: {time}',
    addToCalendar: 'إضافة إلى التقويم',
    calendarHelp: 'يصل تذكير قبل البدء بعشر دقائق.',
    recordingWaits: 'التسجيل جاهز، ويُفتح هنا عند نشره من الجهة المنظمة.',
    recordingPrepares: 'جارٍ إعداد التسجيل، ويُفتح هنا عند نشره من الجهة المنظمة.',
    recordingFailed: 'تعذّر إعداد التسجيل. يظهر ذلك للجهة المنظمة ويمكنها إعادة الإعداد.',
    recordingNone: 'لا يوجد تسجيل لهذه الجلسة.',
    checkTitle: 'الصوت والاتصال',
    checkText: 'تُشغَّل نغمتان ويُقاس الاتصال بهذا الخادم خلال 15 ثانية على الأكثر.',
    checkStart: 'بدء الفحص',
    checkAgain: 'إعادة الفحص',
    checkRuns: 'جارٍ الفحص…',
    heardAsk: 'هل سُمعت النغمتان؟',
    heardYes: 'نعم، سُمعتا',
    heardNo: 'لا، لم تُسمعا',
    soundGood: 'الصوت: مسموع.',
    soundBad:
        'الصوت: غير مسموع. يلزم رفع مستوى صوت الجهاز واختيار السماعة الصحيحة والتأكد من عدم كتم هذه الصفحة، ثم إعادة الفحص.',
    soundBlocked: 'الصوت: لم يسمح المتصفح بتشغيل النغمة.',
    socketGood: 'الأسئلة: متصلة.',
    socketBad:
        'الأسئلة: غير متصلة، والمحاولة مستمرة. إن بقي الأمر كذلك فقد تكون الشبكة تحجب اتصال websocket، ويلزم السماح به لهذا العنوان.',
    lineBad: 'الشبكة: تعذّر الوصول إلى الخادم. يلزم التحقق من الاتصال ثم إعادة الفحص.',
    lineHd: 'الشبكة: السرعة المقيسة {rate} ميغابت في الثانية وزمن الاستجابة {rtt} ملّي ثانية، وذلك يكفي للصورة الكاملة.',
    lineLow:
        'الشبكة: السرعة المقيسة {rate} ميغابت في الثانية وزمن الاستجابة {rtt} ملّي ثانية، وذلك يكفي لصورة أصغر. يُستحسن إيقاف التنزيلات والمكالمات الأخرى.',
    linePoor:
        'الشبكة: السرعة المقيسة {rate} ميغابت في الثانية وزمن الاستجابة {rtt} ملّي ثانية، وذلك يكفي للصوت فقط. يُستحسن استخدام شبكة أخرى.',
    roadUdp: 'الصورة: متصلة مباشرة (UDP)، وهو أسرع مسار.',
    roadTcp: 'الصورة: متصلة عبر TCP لأن الشبكة لا تمرر UDP، وقد تتأخر قليلًا.',
    roadHls: 'الصورة: تصل عبر المسار الذي يعمل حيث تعمل الصفحات، متأخرة بضع ثوانٍ.',
    roadNone: 'الصورة: لا يدعم هذا المتصفح WebRTC، فتصل متأخرة بضع ثوانٍ.',
    roadLater:
        'الصورة: لم يُفحص المسار المباشر لأنه يُفتح مع الاستوديو. إن كان محجوبًا فتنتقل الصفحة تلقائيًا إلى مسار أبطأ ببضع ثوانٍ.',
};

export type WaitingKey = keyof Words;
export const waitingWords: Record<Lang, Words> = { ar, en };
export const w = wordsOf<WaitingKey>(waitingWords);
