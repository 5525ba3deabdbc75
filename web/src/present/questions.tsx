// SPDX-License-Identifier: GPL-3.0-or-later
// The question on the presenter's screen, and the next ones.
import { t } from '../core/i18n';
import { isOver } from '../core/session/state';
import type { Asker, Question, Session } from '../core/types';
import type { Fit } from './use-fit';
import { w } from './words';

/** The person who asks, unless anonymous. A speaker is told only names that are shown;
 *  staff, who may run this screen too, of everybody. */
function Who({
    by,
    session,
    class: className,
}: {
    by?: Asker | null;
    session: Session;
    class: string;
}) {
    if (!by?.name || by.anonymous || by.named === false || !session.show_names) {
        return null;
    }
    return (
        <p dir="auto" class={`min-w-0 truncate ${className}`} data-testid="asker">
            {by.name}
            {by.entity && (
                <>
                    {' · '}
                    <bdi>{by.entity}</bdi>
                </>
            )}
        </p>
    );
}

function Current({ question, session, fit }: { question: Question; session: Session; fit: Fit }) {
    return (
        <>
            <div
                ref={fit.box}
                class="flex min-h-0 flex-1 overflow-y-auto"
                data-testid="question-box"
            >
                <p
                    ref={fit.text}
                    dir="auto"
                    data-testid="current-question"
                    data-question-id={question.id}
                    class="my-auto w-full font-heading leading-[1.5] font-bold"
                >
                    {question.text}
                </p>
            </div>
            <Who
                session={session}
                by={question.by}
                class="shrink-0 text-sm text-aegold-200 big:text-[clamp(1.25rem,2vw,2.25rem)]"
            />
        </>
    );
}

function Note({ children }: { children: string }) {
    return (
        <p class="m-auto text-center text-xl text-aeblack-100 big:text-[clamp(1.75rem,2.6vw,3rem)]">
            {children}
        </p>
    );
}

export function NextOnes({ questions, session }: { questions: Question[]; session: Session }) {
    return (
        <ol
            class="grid min-h-0 shrink-0 auto-rows-fr gap-2 low:min-w-0 low:shrink low:basis-1/3 big:grid-cols-2 big:gap-3"
            aria-label={w('nextQuestions')}
            data-testid="next-questions"
        >
            {questions.map((question) => (
                <li
                    key={question.id}
                    data-question-id={question.id}
                    class="min-h-0 min-w-0 overflow-hidden rounded-xl border border-ink-line px-3 py-1 low:py-1.5 big:rounded-2xl big:px-5 big:py-2"
                >
                    <p
                        dir="auto"
                        class="line-clamp-1 text-base leading-normal wrap-anywhere text-white low:line-clamp-2 big:line-clamp-2 big:text-[clamp(1.75rem,2.3vw,2.75rem)] big:leading-[1.5]"
                    >
                        {question.text}
                    </p>
                    <div class="flex gap-3 text-xs leading-normal text-aeblack-100 max-sm:hidden big:text-lg">
                        <span class="shrink-0">{t('votes', { n: question.votes })}</span>
                        <Who session={session} by={question.by} class="" />
                    </div>
                </li>
            ))}
        </ol>
    );
}

/** The question's place, with a note where there is none to show. */
export function CurrentQuestion({
    question,
    session,
    hidden,
    waiting,
    fit,
}: {
    question: Question | null;
    session: Session;
    hidden: boolean;
    /** Others may be put on air. */
    waiting: boolean;
    fit: Fit;
}) {
    const none =
        session.state === 'cancelled'
            ? t('cancelledTitle')
            : isOver(session.state)
              ? w('deskEnded')
              : w(waiting ? 'pressNext' : 'noneWaiting');
    return (
        <section
            class="flex min-h-0 min-w-0 flex-1 flex-col rounded-xl border border-ink-line bg-ink-soft px-2 py-1.5 big:gap-2 big:rounded-3xl big:px-10 big:py-4"
            aria-label={w('currentQuestion')}
        >
            {hidden && !isOver(session.state) ? (
                <Note>{w('hiddenNote')}</Note>
            ) : question ? (
                <Current question={question} session={session} fit={fit} />
            ) : (
                <Note>{none}</Note>
            )}
        </section>
    );
}
