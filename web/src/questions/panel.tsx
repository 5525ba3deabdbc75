// SPDX-License-Identifier: GPL-3.0-or-later
// The attendee's questions: read, vote, ask, withdraw. Nothing is shown before the server said ok.
import { useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatNumber, t } from '../core/i18n';
import type { Sort } from '../core/session/questions';
import type { SessionSocket } from '../core/session/session-socket';
import { Icon } from '../ui/icons';
import { useScrollPadding } from '../ui/shell/scroll-padding';
import { AskForm } from './ask-form';
import { QuestionCard } from './question-card';
import { useFreeAtTop, useHeldOrder } from './use-held-order';

const ROOMY = matchMedia('(min-width: 64rem) and (min-height: 36rem)'); // as `roomy` in style/theme.css

/** Whether the list scrolls by itself: it then has to take the focus. */
function useRoomy() {
    const roomy = useSignal(ROOMY.matches);
    useEffect(() => {
        const look = () => {
            roomy.value = ROOMY.matches;
        };
        ROOMY.addEventListener('change', look);
        return () => ROOMY.removeEventListener('change', look);
    }, []);
    return roomy;
}

function Heading({
    titled,
    count,
    sort,
    choose,
}: {
    titled: boolean;
    count: number;
    sort: Sort;
    choose: (sort: Sort) => void;
}) {
    return (
        <div class="flex flex-wrap items-center justify-between gap-x-3 px-4 pt-2">
            <h2 id="questions-title" class={titled ? 'text-lg' : 'sr-only'}>
                {t('questions')}{' '}
                {count > 0 && <span class="digits text-sm text-soft">{formatNumber(count)}</span>}
            </h2>
            <fieldset class="ms-auto flex" aria-label={t('sort')}>
                {(['votes', 'newest'] as const).map((kind) => (
                    <button
                        key={kind}
                        type="button"
                        class="tab tab-small"
                        aria-pressed={sort === kind}
                        onClick={() => choose(kind)}
                    >
                        {t(kind === 'votes' ? 'mostVoted' : 'newest')}
                    </button>
                ))}
            </fieldset>
        </div>
    );
}

/** Brings the questions that came while the order was held. */
function ShowNew({ count, show }: { count: number; show: () => void }) {
    return (
        <button
            type="button"
            data-testid="show-new"
            class="btn btn-small btn-main top-0 z-10 mx-auto mb-2 low:sticky roomy:sticky flex rounded-full"
            onClick={show}
        >
            <Icon name="up" size={16} />
            {t('newQuestions', { n: count })}
        </button>
    );
}

/** The list; it scrolls by itself where the window is roomy. */
function List({
    socket,
    held,
    canAsk,
}: {
    socket: SessionSocket;
    held: ReturnType<typeof useHeldOrder>;
    canAsk: boolean;
}) {
    const { items, news } = held;
    const scroller = useRef<HTMLDivElement>(null);
    const sentinel = useRef<HTMLDivElement>(null);
    const pinned = useRef<HTMLLIElement>(null);
    const pointer = useFreeAtTop(held.free, sentinel);
    const roomy = useRoomy();
    const onAir = items.find(({ state }) => state === 'on_air')?.id ?? '';
    useScrollPadding(pinned, 'top', onAir, scroller);
    const loading = !socket.session.value || (socket.link.value !== 'open' && items.length === 0);
    return (
        <div
            ref={scroller}
            class="relative min-h-40 flex-1 px-4 py-3 roomy:overflow-y-auto"
            {...(roomy.value ? { tabIndex: 0, role: 'group', 'aria-label': t('questions') } : {})}
            {...pointer}
        >
            <div ref={sentinel} class="h-px" />
            {news > 0 && (
                <ShowNew
                    count={news}
                    show={() => {
                        held.show();
                        sentinel.current?.scrollIntoView({ block: 'nearest' });
                    }}
                />
            )}
            {loading ? (
                <p class="py-8 text-center text-soft">{t('loading')}</p>
            ) : items.length === 0 ? (
                <p class="px-4 py-10 text-center text-soft">
                    {t(canAsk ? 'noQuestions' : 'noQuestionsAsked')}
                </p>
            ) : (
                <ul class="grid grid-cols-1 gap-2.5" data-testid="questions">
                    {items.map((question) => (
                        <QuestionCard
                            key={question.id}
                            socket={socket}
                            question={question}
                            place={question.id === onAir ? pinned : undefined}
                        />
                    ))}
                </ul>
            )}
        </div>
    );
}

export function QuestionPanel({
    socket,
    input,
    canAsk,
    titled = true,
}: {
    socket: SessionSocket;
    input: RefObject<HTMLTextAreaElement | null>;
    canAsk: boolean;
    /** False below a tab that says the same. */
    titled?: boolean;
}) {
    const sort = useSignal<Sort>('votes');
    const held = useHeldOrder(socket, sort.value);
    const offline = useComputed(() => socket.link.value !== 'open');
    return (
        <section class="flex min-h-0 flex-1 flex-col" aria-labelledby="questions-title">
            <Heading
                titled={titled}
                count={held.items.length}
                sort={sort.value}
                choose={(kind) => {
                    sort.value = kind;
                    held.free.value = true;
                }}
            />
            {offline.value && socket.session.value && (
                <p class="mx-4 mt-1 rounded-lg bg-warn-soft px-3 py-1.5 text-sm" role="status">
                    {t('questionsOffline')}
                </p>
            )}
            <List socket={socket} held={held} canAsk={canAsk} />
            {canAsk && <AskForm socket={socket} input={input} />}
        </section>
    );
}
