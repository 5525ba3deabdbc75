// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the speaker's page, fetched with it.
import { wordsOf } from '../core/i18n';
import type { Lang } from '../core/types';

const en = {
    deskEnded: 'The session has ended',
    lampOn: 'ON AIR',
    lampOff: 'OFF AIR',
    lampPaused: 'PAUSED',
    lampEnded: 'ENDED',
    notOnAir: 'Not on air',
    lampUnknown: 'NOT KNOWN',
    presenterOffline: 'Offline since {time}',
    presenterOfflineText: 'The clock runs on; questions may be old.',
    currentQuestion: 'Current question',
    nextQuestions: 'Next questions',
    pressNext: 'Press N for the next question',
    noneWaiting: 'No questions are waiting',
    hiddenNote: 'The question is hidden. Press B to show it.',
    nextQuestion: 'Next question',
    holdAnswered: 'Hold: answered',
    hideQuestion: 'Hide',
    showQuestion: 'Show',
    larger: 'Larger',
    smaller: 'Smaller',
    hideShow: 'Hide or show the question',
    camera: 'Camera',
    cameraSending: 'Camera sends',
    scrollQuestion: 'Scroll a question that is larger than its box',
    acknowledgeMessage: 'Acknowledge the message',
    nextSlide: 'Next slide',
    previousSlide: 'Previous slide',
    showSlides: 'Show or hide the slides',
};
export type Words = typeof en;
const ar: Words = {
    deskEnded: 'انتهت الجلسة',
    lampOn: 'على الهواء',
    lampOff: 'خارج البث',
    lampPaused: 'متوقف مؤقتًا',
    lampEnded: 'انتهى البث',
    notOnAir: 'لم يبدأ البث',
    lampUnknown: 'الحالة غير معلومة',
    presenterOffline: 'بلا اتصال منذ {time}',
    presenterOfflineText: 'الساعة مستمرة، وقد لا تكون الأسئلة محدّثة.',
    currentQuestion: 'السؤال الحالي',
    nextQuestions: 'الأسئلة التالية',
    pressNext: 'المفتاح N يعرض السؤال التالي',
    noneWaiting: 'لا توجد أسئلة في الانتظار',
    hiddenNote: 'السؤال مخفي، والمفتاح B يُظهره.',
    nextQuestion: 'السؤال التالي',
    holdAnswered: 'تمت الإجابة (ضغط مستمر)',
    hideQuestion: 'إخفاء',
    showQuestion: 'إظهار',
    larger: 'تكبير',
    smaller: 'تصغير',
    hideShow: 'إخفاء السؤال أو إظهاره',
    camera: 'الكاميرا',
    cameraSending: 'الكاميرا تُرسِل',
    scrollQuestion: 'تمرير السؤال إن كان أكبر من موضعه',
    acknowledgeMessage: 'تأكيد الاطلاع على الرسالة',
    nextSlide: 'الشريحة التالية',
    previousSlide: 'الشريحة السابقة',
    showSlides: 'إظهار الشرائح أو إخفاؤها',
};
const words: Record<Lang, Words> = { ar, en };

export const w = wordsOf<keyof Words>(words);
