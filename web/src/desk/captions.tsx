// SPDX-License-Identifier: GPL-3.0-or-later
// What stands over the picture: a speaker's name, or the question on air.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { request } from '../core/api';
import { pick, wordsOf } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import type { Caption, CaptionChange, Lang, Session } from '../core/types';
import { useRequest } from '../ui/hooks/use-request';
import { ErrorBox } from '../ui/parts';
import { useShortcuts } from './moderation/use-shortcuts';

const en = {
    title: 'Captions',
    none: 'No caption',
    noneText: 'The picture alone',
    question: 'Question on air',
    nothing: 'No question is on air',
    shown: 'On the picture',
    hint: 'A question leaves the picture when it is answered or another one comes on air.',
    speakers: 'Speakers are named in the session’s details.',
};
type Words = typeof en;
const ar: Words = {
    title: 'الشريط على الصورة',
    none: 'بلا شريط',
    noneText: 'الصورة وحدها',
    question: 'السؤال على الهواء',
    nothing: 'لا سؤال على الهواء',
    shown: 'على الصورة الآن',
    hint: 'يختفي السؤال من الصورة عند الإجابة عنه أو انتقال سؤال آخر إلى الهواء.',
    speakers: 'تُكتب أسماء المتحدثين في بيانات الجلسة.',
};
const words: Record<Lang, Words> = { ar, en };
const w = wordsOf<keyof Words>(words);

const MAX_KEYS = 9; // speakers with a key of their own

interface Choice {
    id: string;
    keys: string[];
    change: CaptionChange | null;
    name: ComponentChildren;
    text: string;
}

/** Of a digit, as Latin and as Arabic keyboards write it. */
const digit = (n: number): string[] => [String(n), String.fromCharCode(0x660 + n)];

function choicesOf(session: Session, socket: SessionSocket): Choice[] {
    const onAir = socket.questions.onAir.value;
    return [
        {
            id: 'none',
            keys: digit(0),
            change: { show: 'none' },
            name: w('none'),
            text: w('noneText'),
        },
        ...session.speakers.map((speaker, i) => ({
            id: `speaker-${i}`,
            keys: i < MAX_KEYS ? digit(i + 1) : [],
            change: { show: 'speaker' as const, speaker: i },
            name: pick(speaker.name),
            text: pick(speaker.role),
        })),
        {
            id: 'question',
            keys: ['q'],
            change: onAir && { show: 'question', question: onAir.id },
            name: w('question'),
            text: onAir?.text ?? w('nothing'),
        },
    ];
}

/** Pure. */
export function shownOf(caption: Caption | undefined): string {
    const { show = 'none', speaker } = caption ?? {};
    return show === 'speaker' ? `speaker-${speaker}` : show;
}

function ChoiceButton({
    choice,
    shown,
    busy,
    choose,
}: {
    choice: Choice;
    shown: boolean;
    busy: boolean;
    choose: () => void;
}) {
    const [key] = choice.keys;
    return (
        <button
            type="button"
            class={`btn h-auto min-h-14 w-full min-w-0 flex-col items-start gap-0.5 py-2 text-start ${shown ? 'btn-main' : ''}`}
            aria-pressed={shown}
            aria-keyshortcuts={key}
            disabled={busy || (!choice.change && !shown)}
            data-testid={`caption-${choice.id}`}
            onClick={choose}
        >
            <span class="flex w-full min-w-0 items-baseline justify-between gap-2 font-bold">
                <bdi class="line-clamp-2 min-w-0 wrap-anywhere">{choice.name}</bdi>
                {key && <kbd class="shrink-0 text-sm font-normal">{key.toUpperCase()}</kbd>}
            </span>
            <span class="line-clamp-2 w-full text-sm font-normal wrap-anywhere">
                {shown && <>{w('shown')} · </>}
                <bdi>{choice.text}</bdi>
            </span>
        </button>
    );
}

export function Captions({ session, socket }: { session: Session; socket: SessionSocket }) {
    const { busy, problem, run } = useRequest();
    const list = useRef<HTMLElement>(null);
    const shown = shownOf(session.caption);
    const choices = choicesOf(session, socket);
    const choose = (change: CaptionChange | null) => {
        if (change) {
            void run(() => request('PUT', `sessions/${session.id}/caption`, change));
        }
    };
    useShortcuts(
        Object.fromEntries(
            choices.flatMap(({ keys, change }) => keys.map((key) => [key, () => choose(change)])),
        ),
        list,
    );
    return (
        <section ref={list} class="grid gap-3" data-testid="captions">
            <h3 class="font-bold">{w('title')}</h3>
            {problem.value && <ErrorBox problem={problem.value} />}
            <div class="grid grid-cols-[repeat(auto-fit,minmax(11rem,1fr))] gap-2">
                {choices.map((choice) => (
                    <ChoiceButton
                        key={choice.id}
                        choice={choice}
                        shown={choice.id === shown}
                        busy={busy.value}
                        choose={() => choose(choice.change)}
                    />
                ))}
            </div>
            <p class="text-sm text-soft">
                {w('hint')} {session.speakers.length === 0 && w('speakers')}
            </p>
        </section>
    );
}
