// SPDX-License-Identifier: GPL-3.0-or-later
// The attendee's questions: read, vote, ask, withdraw. Nothing is shown before the server said ok.
import { useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';
import { formatNumber, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Room } from '../core/room';
import type { Question } from '../core/types';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { hold, order, type Sort } from './model';

const MOST = 300;
const SENT_MS = 8000;

/** Code points, as the server counts them. */
export function lengthOf(text: string): number {
    return [...text].length;
}

function useAction() {
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    const run = async (work: () => Promise<unknown>) => {
        busy.value = true;
        problem.value = null;
        try {
            await work();
            return true;
        } catch (error) {
            problem.value = asProblem(error);
            return false;
        } finally {
            busy.value = false;
        }
    };
    return { busy, problem, run };
}

function Vote({ room, question }: { room: Room; question: Question }) {
    const { busy, run } = useAction();
    const on = !question.voted;
    const over = ['ended', 'published', 'cancelled'].includes(room.session.value?.state ?? '');
    const open = !over && (question.state === 'approved' || question.state === 'on_air');
    return (
        <button
            type="button"
            data-testid="vote"
            aria-pressed={!!question.voted}
            disabled={busy.value || !open || question.mine}
            class="grid min-h-14 w-12 shrink-0 self-start cursor-pointer place-content-center justify-items-center rounded-xl border border-aeblack-200 bg-white text-aeblack-700 hover:border-aegold-500 disabled:cursor-default disabled:border-transparent disabled:bg-whitely-300 aria-pressed:border-aegold-700 aria-pressed:bg-aegold-700 aria-pressed:text-white"
            onClick={() =>
                void run(async () => {
                    await room.change({ op: 'vote', question: question.id, on });
                })
            }
        >
            <Icon name="up" size={18} />
            <span class="digits text-sm leading-tight font-bold">
                {formatNumber(question.votes)}
            </span>
            <span class="sr-only">
                {t('comma')} {question.voted ? t('unvote') : t('vote')}
                {t('comma')} {t('votes', { n: question.votes })}
            </span>
        </button>
    );
}

const NOTE = {
    pending: ['noteReview', 'chip-gold', 'clock'],
    rejected: ['noteRejected', '', 'cross'],
    on_air: ['noteOnAir', 'chip-red', 'air'],
    answered: ['noteAnswered', 'chip-green', 'check'],
} as const;

function Item({ room, question }: { room: Room; question: Question }) {
    const { busy, problem, run } = useAction();
    const note = NOTE[question.state as keyof typeof NOTE];
    const onAir = question.state === 'on_air';
    return (
        <li
            data-question-id={question.id}
            data-state={question.state}
            data-mine={!!question.mine}
            class={`flex gap-3 rounded-2xl border p-3.5 ${
                onAir
                    ? 'border-aegold-500 bg-aegold-50 shadow-md lg:sticky lg:-top-3 lg:z-10'
                    : question.state === 'answered'
                      ? 'border-transparent bg-whitely-200'
                      : 'border-aeblack-100 bg-white'
            }`}
        >
            <Vote room={room} question={question} />
            <div class="grid min-w-0 flex-1 content-start gap-1.5">
                {(note || question.mine) && (
                    <p class="flex flex-wrap gap-1.5">
                        {note && (
                            <span class={`chip ${note[1]}`}>
                                <Icon name={note[2]} size={14} />
                                {t(note[0])}
                            </span>
                        )}
                        {question.mine && <span class="chip">{t('yours')}</span>}
                    </p>
                )}
                <p dir="auto" class="leading-relaxed wrap-break-word">
                    {question.text}
                </p>
                {question.mine && ['pending', 'approved'].includes(question.state) && (
                    <button
                        type="button"
                        data-testid="withdraw"
                        class="min-h-6 w-fit cursor-pointer text-sm text-aeblack-600 underline"
                        disabled={busy.value}
                        onClick={() =>
                            void run(() => room.change({ op: 'withdraw', question: question.id }))
                        }
                    >
                        {t('withdraw')}
                    </button>
                )}
                {problem.value && <ErrorBox problem={problem.value} />}
            </div>
        </li>
    );
}

function AskForm({ room, input }: { room: Room; input: RefObject<HTMLTextAreaElement | null> }) {
    const key = `majlis.draft.${room.id}`;
    const text = useSignal(sessionStorage.getItem(key) ?? '');
    const anonymous = useSignal(false);
    const sent = useSignal(false);
    const { busy, problem, run } = useAction();
    const count = lengthOf(text.value);
    const over = count > MOST;
    const send = async () => {
        const clean = text.value.trim();
        if (!clean || over || busy.value) {
            return;
        }
        const done = await run(() =>
            room.change({ op: 'ask', text: clean, anonymous: anonymous.value }),
        );
        if (done) {
            text.value = '';
            sessionStorage.removeItem(key);
            sent.value = true;
            setTimeout(() => {
                sent.value = false;
            }, SENT_MS);
            announce(t('askSent'));
        }
    };
    return (
        <form
            class="grid gap-2 border-t border-aeblack-100 bg-white p-4"
            onSubmit={(event) => {
                event.preventDefault();
                void send();
            }}
        >
            <label class="font-bold" for="ask">
                {t('askTitle')}
            </label>
            <textarea
                id="ask"
                ref={input}
                data-testid="ask-input"
                class="input min-h-18!"
                dir="auto"
                rows={2}
                placeholder={t('askPlaceholder')}
                aria-describedby="ask-count"
                aria-invalid={over}
                value={text}
                onInput={(event) => {
                    text.value = event.currentTarget.value;
                    sent.value = false;
                    sessionStorage.setItem(key, text.value);
                }}
                onKeyDown={(event) => {
                    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                        void send();
                    }
                }}
            />
            <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                <label class="flex min-h-8 cursor-pointer items-center gap-2 text-sm">
                    <input
                        type="checkbox"
                        class="size-5 rounded"
                        data-testid="ask-anonymous"
                        checked={anonymous.value}
                        onChange={(event) => {
                            anonymous.value = event.currentTarget.checked;
                        }}
                    />
                    {t('anonymous')}
                </label>
                <span
                    id="ask-count"
                    class={`digits text-sm ${over ? 'font-bold text-aered-700' : 'text-aeblack-600'}`}
                >
                    {formatNumber(count)} / {formatNumber(MOST)}
                </span>
            </div>
            {over && <p class="text-sm text-aered-700">{t('tooLong', { n: count - MOST })}</p>}
            {problem.value && <ErrorBox problem={problem.value} />}
            {sent.value && (
                <p class="flex items-center gap-2 text-sm text-aegreen-800" data-testid="ask-sent">
                    <Icon name="check" size={18} /> {t('askSent')}
                </p>
            )}
            <button
                type="submit"
                class="btn btn-main"
                data-testid="ask-send"
                disabled={busy.value || over || !text.value.trim()}
            >
                {busy.value ? t('sending') : t('askSend')}
            </button>
        </form>
    );
}

function useHeldOrder(room: Room, sort: Sort) {
    const shown = useSignal<string[]>([]);
    const free = useSignal(true);
    const wanted = order(room.questions.list.value, sort);
    const wantedKey = wanted.map((q) => q.id).join();
    const result = free.value
        ? { ids: wanted.map((q) => q.id), news: 0 }
        : hold(shown.value, wanted);
    useEffect(() => {
        shown.value = result.ids;
    }, [wantedKey, free.value, sort]);
    const all = room.questions.all.value;
    return {
        free,
        news: result.news,
        items: result.ids.map((id) => all.get(id)).filter((q): q is Question => !!q),
        show: () => {
            shown.value = wanted.map((q) => q.id);
        },
    };
}

export function QuestionPanel({
    room,
    input,
    canAsk,
}: {
    room: Room;
    input: RefObject<HTMLTextAreaElement | null>;
    canAsk: boolean;
}) {
    const sort = useSignal<Sort>('votes');
    const held = useHeldOrder(room, sort.value);
    const scroller = useRef<HTMLDivElement>(null);
    const sentinel = useRef<HTMLDivElement>(null);
    const atTop = useSignal(true);
    const over = useSignal(false);
    const offline = useComputed(() => room.link.value !== 'open');
    // The order may move by itself only while its top is in view and nobody points at it.
    useEffect(() => {
        const observer = new IntersectionObserver(([entry]) => {
            atTop.value = entry?.isIntersecting ?? true;
        });
        if (sentinel.current) {
            observer.observe(sentinel.current);
        }
        return () => observer.disconnect();
    }, []);
    useEffect(() => {
        held.free.value = atTop.value && !over.value;
    }, [atTop.value, over.value]);
    const news = held.news;
    useEffect(() => {
        if (news > 0) {
            announce(t('newQuestions', { n: news }));
        }
    }, [news]);
    const loading = !room.session.value || (offline.value && held.items.length === 0);
    return (
        <section
            class="flex min-h-0 flex-1 flex-col overflow-hidden lg:rounded-2xl lg:border lg:border-aeblack-100 lg:bg-white"
            aria-labelledby="questions-title"
        >
            <div class="flex flex-wrap items-center justify-between gap-x-3 px-4 pt-2">
                <h2 id="questions-title" class="text-lg">
                    {t('questions')}{' '}
                    {held.items.length > 0 && (
                        <span class="digits text-sm text-aeblack-600">
                            {formatNumber(held.items.length)}
                        </span>
                    )}
                </h2>
                <fieldset class="flex" aria-label={t('sort')}>
                    {(['votes', 'newest'] as const).map((kind) => (
                        <button
                            key={kind}
                            type="button"
                            class="tab px-2! text-sm!"
                            aria-pressed={sort.value === kind}
                            onClick={() => {
                                sort.value = kind;
                                held.free.value = true;
                            }}
                        >
                            {t(kind === 'votes' ? 'mostVoted' : 'newest')}
                        </button>
                    ))}
                </fieldset>
            </div>
            {offline.value && room.session.value && (
                <p class="mx-4 mt-1 rounded-lg bg-aegold-100 px-3 py-1.5 text-sm" role="status">
                    {t('questionsOffline')}
                </p>
            )}
            <div
                ref={scroller}
                class="relative min-h-40 flex-1 overflow-y-auto px-4 py-3"
                onPointerEnter={(event) => {
                    over.value = event.pointerType === 'mouse';
                }}
                onPointerLeave={() => {
                    over.value = false;
                }}
            >
                <div ref={sentinel} class="h-px" />
                {news > 0 && (
                    <button
                        type="button"
                        data-testid="show-new"
                        class="btn btn-small btn-main sticky top-0 z-10 mx-auto mb-2 flex! rounded-full!"
                        onClick={() => {
                            held.show();
                            sentinel.current?.scrollIntoView({ block: 'nearest' });
                        }}
                    >
                        <Icon name="up" size={16} />
                        {t('newQuestions', { n: news })}
                    </button>
                )}
                {loading ? (
                    <p class="py-8 text-center text-aeblack-600">{t('loading')}</p>
                ) : held.items.length === 0 ? (
                    <p class="px-4 py-10 text-center text-aeblack-600">{t('noQuestions')}</p>
                ) : (
                    <ul class="grid gap-2.5" data-testid="questions">
                        {held.items.map((question) => (
                            <Item key={question.id} room={room} question={question} />
                        ))}
                    </ul>
                )}
            </div>
            {canAsk && <AskForm room={room} input={input} />}
        </section>
    );
}
