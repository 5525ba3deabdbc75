// SPDX-License-Identifier: GPL-3.0-or-later
// Tells the speaker what is wrong with the sound, in large, as staff's messages are shown.
import { wordsOf } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import type { SoundAlarm } from '../core/types';
import { Icon } from '../ui/icons';

const en = {
    silent: 'No sound is heard',
    silentTodo: 'Is your microphone on?',
    clipping: 'Too loud: the sound is distorted',
    clippingTodo: 'Speak more softly, or further from the microphone.',
    oneSide: 'Sound is heard on one side only',
    oneSideTodo: 'Staff know of it; you may go on.',
};

const ar: typeof en = {
    silent: 'لا يُسمع أي صوت',
    silentTodo: 'هل الميكروفون مفتوح؟',
    clipping: 'الصوت مرتفع جدًا ومشوَّه',
    clippingTodo: 'يُستحسن خفض الصوت أو الابتعاد قليلًا عن الميكروفون.',
    oneSide: 'الصوت مسموع من جهة واحدة فقط',
    oneSideTodo: 'فريق العمل على علم بذلك، ويمكن متابعة الحديث.',
};

const w = wordsOf<keyof typeof en>({ ar, en });

const WORDS: Record<SoundAlarm, [keyof typeof en, keyof typeof en]> = {
    silent: ['silent', 'silentTodo'],
    clipping: ['clipping', 'clippingTodo'],
    left_only: ['oneSide', 'oneSideTodo'],
    right_only: ['oneSide', 'oneSideTodo'],
};

/** In the lobby it may still be meant so. */
const LOOK: Record<string, string> = {
    live: 'bg-aered-800 text-white',
    lobby: 'bg-camel-300 text-aeblack-950',
};

export function SoundWarning({ socket }: { socket: SessionSocket }) {
    const alarm = socket.sound.value;
    const state = socket.session.value?.state ?? '';
    if (!alarm || !(state in LOOK) || socket.heard.old.value) {
        return null;
    }
    const [what, todo] = WORDS[alarm];
    return (
        <p
            role="alert"
            data-testid="sound-alarm"
            data-alarm={alarm}
            class={`flex shrink-0 items-center gap-3 rounded-xl px-3 py-1 leading-[1.5] big:rounded-2xl big:px-6 big:py-2 ${LOOK[state]}`}
        >
            <Icon name="warn" size={28} />
            <span class="min-w-0">
                <b class="text-lg big:text-4xl">{w(what)}</b>{' '}
                <span class="text-sm big:text-2xl">{w(todo)}</span>
            </span>
        </p>
    );
}
