// SPDX-License-Identifier: GPL-3.0-or-later
// A person's questions in all sessions, and what became of each.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../core/api';
import { formatClock, formatDate } from '../core/i18n';
import type { OwnQuestion, OwnQuestionList } from '../core/types';
import { Title } from '../sessions/session-card';
import { useAct } from '../ui/form';
import { useFresh } from '../ui/hooks/use-fresh';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { UserText } from '../ui/user-text';
import { outcome, renewed } from './choose';
import { w } from './words';

function Item({ question }: { question: OwnQuestion }) {
    const { words, merged, good, link } = outcome(question);
    return (
        <li
            class="grid gap-1.5 border-t border-line pt-4"
            data-testid="own-question"
            data-outcome={words}
        >
            <UserText class="font-bold">{question.text}</UserText>
            <p class={`text-sm ${good ? 'text-good' : ''}`}>
                {merged && words !== 'merged' && `${w('merged')} `}
                {w(words)}
            </p>
            {link && (
                <a class="btn btn-small w-fit" href={link} data-testid="own-answer">
                    <Icon name="play" size={16} />
                    {w('listen', { at: formatClock(question.at_ms ?? 0) })}
                </a>
            )}
            <div class="text-xs text-soft">
                <Title title={question.session.title} />
                <time dateTime={question.at}>{formatDate(question.at)}</time>
            </div>
        </li>
    );
}

function useQuestions() {
    const items = useSignal<OwnQuestion[] | null>(null);
    const next = useSignal<string | null>(null);
    const act = useAct();
    const load = () =>
        act.run(async () => {
            const cursor = next.value ? `?cursor=${encodeURIComponent(next.value)}` : '';
            const page = await get<OwnQuestionList>(`me/questions${cursor}`);
            items.value = [...(items.value ?? []), ...page.items];
            next.value = page.next;
        });
    useEffect(() => void load(), []);
    // Pages that were shown stay; a failure leaves what is there.
    useFresh(() => {
        if (items.value && !act.busy) {
            get<OwnQuestionList>('me/questions').then(
                (page) => {
                    items.value = renewed(items.value ?? [], page.items);
                },
                () => {},
            );
        }
    });
    return { items, next, act, load };
}

export function Questions() {
    const { items, next, act, load } = useQuestions();
    return (
        <section class="card grid content-start gap-4 p-5 sm:p-6" aria-labelledby="questions">
            <h2 id="questions" class="text-lg">
                {w('questions')}
            </h2>
            {items.value?.length === 0 && <p class="text-soft">{w('noQuestions')}</p>}
            {!!items.value?.length && (
                <ul class="grid gap-4" data-testid="own-questions">
                    {items.value.map((one) => (
                        <Item key={one.id} question={one} />
                    ))}
                </ul>
            )}
            {act.problem ? (
                <ErrorBox problem={act.problem} retry={load} />
            ) : !items.value ? (
                <Skeleton lines={2} />
            ) : (
                next.value && (
                    <button
                        type="button"
                        class="btn btn-small w-fit"
                        data-testid="more-questions"
                        onClick={() => void load()}
                    >
                        {w('more')}
                    </button>
                )
            )}
        </section>
    );
}
