// SPDX-License-Identifier: GPL-3.0-or-later
// What the speaker sees under studio lights, three metres away. When the link drops the clock runs
// on, marked offline: a speaker must never lose the time.
import { type Signal, useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';
import { now } from '../core/clock';
import { formatClock, formatTime, pick, t } from '../core/i18n';
import { Room } from '../core/room';
import type { Question, Session } from '../core/types';
import { keyName, typing } from '../media/keys';
import { ErrorBox, HOLD_MS, problemWords } from '../ui/parts';
import { Title } from '../ui/session-card';
import { LanguageSwitch, LiveRegions, useTitle } from '../ui/shell';
import { SignInCard } from './home';

const UNDO_MS = 10000;
const AMBER_MS = 5 * 60000;
const RED_MS = 60000;
const SIZES = [0.7, 0.85, 1, 1.2, 1.45];

export function queue(questions: Question[]): Question[] {
    return questions
        .filter((q) => q.state === 'approved')
        .sort(
            (a, b) =>
                Number(b.starred ?? false) - Number(a.starred ?? false) ||
                b.votes - a.votes ||
                a.at.localeCompare(b.at),
        );
}

/** Time left of the session, negative in overtime; null before it is live. */
export function timeLeft(session: Session, at: number): number | null {
    if (!session.live_at || !['live', 'paused'].includes(session.state)) {
        return null;
    }
    return Date.parse(session.live_at) + session.duration_minutes * 60000 - at;
}

function Lamp({ session }: { session: Session }) {
    const on = session.state === 'live';
    return (
        <p
            data-testid="lamp"
            data-on={on}
            class={`flex items-center gap-4 rounded-2xl border-4 px-6 py-2.5 text-3xl font-bold xl:text-4xl ${
                on
                    ? 'border-aered-600 bg-aered-700 text-white'
                    : 'border-aeblack-500 text-aeblack-100'
            }`}
        >
            <svg width="34" height="34" viewBox="0 0 34 34" aria-hidden="true">
                {on ? (
                    <circle cx="17" cy="17" r="15" fill="currentColor" />
                ) : (
                    <rect
                        x="4"
                        y="4"
                        width="26"
                        height="26"
                        rx="4"
                        fill="none"
                        stroke="currentColor"
                        stroke-width="4"
                    />
                )}
            </svg>
            {t(
                on
                    ? 'lampOn'
                    : session.state === 'paused'
                      ? 'lampPaused'
                      : ['ended', 'published', 'cancelled'].includes(session.state)
                        ? 'lampEnded'
                        : 'lampOff',
            )}
        </p>
    );
}

function Countdown({ session }: { session: Session }) {
    const left = timeLeft(session, now.value);
    const start = Date.parse(session.starts_at) - now.value;
    const shown = left ?? (['scheduled', 'lobby'].includes(session.state) ? start : 0);
    const tone =
        left === null
            ? 'text-aeblack-100'
            : left < RED_MS
              ? 'text-aered-400'
              : left < AMBER_MS
                ? 'text-camel-400'
                : 'text-white';
    const words =
        left === null ? (shown > 0 ? 'startsIn' : 'notOnAir') : left < 0 ? 'overtime' : 'remaining';
    return (
        <div class="text-center">
            <p class="text-lg text-aeblack-200 xl:text-xl">{t(words)}</p>
            <p
                data-testid="countdown"
                data-tone={
                    left === null
                        ? 'idle'
                        : left < 0
                          ? 'over'
                          : left < RED_MS
                            ? 'red'
                            : left < AMBER_MS
                              ? 'amber'
                              : 'plain'
                }
                class={`digits text-[clamp(4.5rem,9vw,9rem)] leading-none font-bold ${tone}`}
            >
                {left !== null && left < 0 ? '+' : ''}
                {formatClock(Math.abs(left !== null || shown > 0 ? shown : 0))}
            </p>
        </div>
    );
}

function useWakeLock() {
    useEffect(() => {
        let lock: WakeLockSentinel | null = null;
        const take = () => {
            if (document.visibilityState === 'visible') {
                navigator.wakeLock?.request('screen').then(
                    (got) => {
                        lock = got;
                    },
                    () => undefined,
                );
            }
        };
        take();
        document.addEventListener('visibilitychange', take);
        return () => {
            document.removeEventListener('visibilitychange', take);
            void lock?.release();
        };
    }, []);
}

function Message({ room }: { room: Room }) {
    const message = room.message.value;
    if (!message) {
        return null;
    }
    const acknowledge = () => {
        room.message.value = null;
    };
    return (
        <div
            role="alert"
            data-testid="director-message"
            class="flex flex-wrap items-center justify-between gap-4 rounded-2xl bg-camel-300 px-6 py-4 text-aeblack-950"
        >
            <p dir="auto" class="min-w-0 flex-1 text-3xl font-bold xl:text-4xl">
                {message.text}
            </p>
            <button
                type="button"
                data-testid="acknowledge"
                aria-keyshortcuts="Y"
                class="btn border-aeblack-900! text-lg!"
                onClick={acknowledge}
            >
                {t('acknowledge')} <kbd>Y</kbd>
            </button>
        </div>
    );
}

interface Desk {
    current: Signal<Question | null>;
    next: () => void;
    answered: () => void;
    undo: () => void;
    canUndo: Signal<number>;
    problem: Signal<Problem | null>;
}

function useDesk(room: Room): Desk {
    const problem = useSignal<Problem | null>(null);
    const canUndo = useSignal(0);
    const last = useRef<string>('');
    const move = async (question: string, to: string) => {
        problem.value = null;
        try {
            await room.change({ op: 'moderate', question, to });
            return true;
        } catch (error) {
            problem.value = asProblem(error);
            return false;
        }
    };
    const answered = async () => {
        const question = room.questions.onAir.value;
        if (question && (await move(question.id, 'answered'))) {
            last.current = question.id;
            canUndo.value = Date.now() + UNDO_MS;
            setTimeout(() => {
                if (canUndo.value <= Date.now()) {
                    canUndo.value = 0;
                }
            }, UNDO_MS + 50);
        }
    };
    return {
        current: room.questions.onAir,
        canUndo,
        problem,
        answered: () => void answered(),
        next: () => {
            const first = queue(room.questions.list.value)[0];
            if (first) {
                void move(first.id, 'on_air');
            }
        },
        undo: () => {
            if (last.current) {
                canUndo.value = 0;
                void move(last.current, 'on_air');
            }
        },
    };
}

function useKeys(desk: Desk, room: Room, size: Signal<number>, hidden: Signal<boolean>) {
    const holding = useSignal(false);
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const down = (event: KeyboardEvent) => {
            if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
                return;
            }
            const table: Record<string, () => void> = {
                n: desk.next,
                b: () => {
                    hidden.value = !hidden.value;
                },
                u: desk.undo,
                y: () => {
                    room.message.value = null;
                },
                '+': () => {
                    size.value = Math.min(SIZES.length - 1, size.value + 1);
                },
                '=': () => {
                    size.value = Math.min(SIZES.length - 1, size.value + 1);
                },
                '-': () => {
                    size.value = Math.max(0, size.value - 1);
                },
            };
            if (event.key === 'Enter') {
                if (
                    event.target instanceof HTMLElement &&
                    /^(BUTTON|A)$/.test(event.target.tagName)
                ) {
                    return;
                }
                event.preventDefault();
                if (!event.repeat && !holding.value) {
                    holding.value = true;
                    timer = setTimeout(() => {
                        holding.value = false;
                        desk.answered();
                    }, HOLD_MS - 200);
                }
                return;
            }
            const action = event.repeat ? undefined : (table[event.key] ?? table[keyName(event)]);
            if (action) {
                event.preventDefault();
                action();
            }
        };
        const up = (event: KeyboardEvent) => {
            if (event.key === 'Enter') {
                holding.value = false;
                clearTimeout(timer);
            }
        };
        addEventListener('keydown', down);
        addEventListener('keyup', up);
        return () => {
            clearTimeout(timer);
            removeEventListener('keydown', down);
            removeEventListener('keyup', up);
        };
    }, []);
    return holding;
}

function Board({ room, session }: { room: Room; session: Session }) {
    useWakeLock();
    const desk = useDesk(room);
    const size = useSignal(2);
    const hidden = useSignal(false);
    const holding = useKeys(desk, room, size, hidden);
    const waiting = useComputed(() => queue(room.questions.list.value));
    const current = desk.current.value;
    const zoom = SIZES[size.value] ?? 1;
    const text = useRef<HTMLParagraphElement>(null);
    useEffect(() => {
        text.current?.style.setProperty('--zoom', String(zoom));
    }, [zoom, current?.id, hidden.value]);
    const offline = room.link.value !== 'open';
    const over = ['ended', 'published', 'cancelled'].includes(session.state);
    return (
        <main
            id="main"
            class="on-dark flex min-h-dvh flex-col gap-5 bg-ink p-4 text-white sm:p-8"
            data-testid="presenter"
        >
            <h1 class="sr-only">{t('presenterView')}</h1>
            <div class="grid items-center gap-6 md:grid-cols-[1fr_auto_1fr]">
                <div class="grid justify-items-start gap-3">
                    <Lamp session={session} />
                    {offline && (
                        <p
                            class="chip bg-camel-300! text-lg! text-aeblack-950!"
                            role="alert"
                            data-testid="offline"
                        >
                            {t('presenterOffline')}
                        </p>
                    )}
                </div>
                <Countdown session={session} />
                <div class="justify-self-start md:justify-self-end md:text-end">
                    <p class="digits text-4xl font-bold xl:text-6xl" data-testid="wall-clock">
                        {formatTime(now.value, true)}
                    </p>
                    <p class="text-lg text-aeblack-200">{t('uaeTime')}</p>
                </div>
            </div>
            <Message room={room} />
            {desk.problem.value && (
                <p class="rounded-xl bg-aered-800 px-5 py-3 text-xl" role="alert">
                    {problemWords(desk.problem.value).title} <bdi>{desk.problem.value.detail}</bdi>{' '}
                    {desk.problem.value.requestId}
                </p>
            )}
            <section
                class="flex flex-1 flex-col justify-center gap-6 rounded-3xl border border-ink-line bg-ink-soft px-6 py-8 sm:px-12"
                aria-label={t('currentQuestion')}
            >
                {hidden.value ? (
                    <p class="text-center text-2xl text-aeblack-200">{t('hiddenNote')}</p>
                ) : current ? (
                    <>
                        <p
                            ref={text}
                            dir="auto"
                            data-testid="current-question"
                            data-question-id={current.id}
                            class="font-heading text-[calc(clamp(2rem,4.2vw,4.5rem)*var(--zoom,1))] leading-normal font-bold wrap-break-word"
                        >
                            {current.text}
                        </p>
                        {current.by?.name && !current.by.anonymous && (
                            <p dir="auto" class="text-2xl text-aegold-200">
                                <bdi>{current.by.name}</bdi>
                                {current.by.entity && (
                                    <>
                                        {' · '}
                                        <bdi>{current.by.entity}</bdi>
                                    </>
                                )}
                            </p>
                        )}
                    </>
                ) : (
                    <p class="text-center text-3xl text-aeblack-200">
                        {over
                            ? t('deskEnded')
                            : waiting.value.length > 0
                              ? t('pressNext')
                              : t('noneWaiting')}
                    </p>
                )}
            </section>
            {!hidden.value && (
                <ol
                    class="grid content-start gap-3 text-aeblack-200 md:grid-cols-2"
                    aria-label={t('nextQuestions')}
                >
                    {waiting.value.slice(0, 2).map((question) => (
                        <li
                            key={question.id}
                            data-question-id={question.id}
                            class="rounded-2xl border border-ink-line px-6 py-4 text-xl xl:text-2xl"
                        >
                            <p dir="auto" class="line-clamp-2">
                                {question.text}
                            </p>
                            <p class="text-base text-aeblack-300">
                                {t('votes', { n: question.votes })}
                            </p>
                        </li>
                    ))}
                </ol>
            )}
            <div class="flex flex-wrap items-center gap-3">
                <Key testId="next" keyName="N" label={t('nextQuestion')} act={desk.next} />
                <Key
                    testId="answered"
                    keyName="Enter"
                    label={t('holdAnswered')}
                    act={desk.answered}
                    hold={holding.value}
                />
                <Key
                    testId="hide"
                    keyName="B"
                    label={t(hidden.value ? 'showQuestion' : 'hideQuestion')}
                    act={() => {
                        hidden.value = !hidden.value;
                    }}
                />
                <Key
                    keyName="+"
                    label={t('larger')}
                    act={() => {
                        size.value = Math.min(SIZES.length - 1, size.value + 1);
                    }}
                />
                <Key
                    keyName="−"
                    label={t('smaller')}
                    act={() => {
                        size.value = Math.max(0, size.value - 1);
                    }}
                />
                {desk.canUndo.value > Date.now() && (
                    <Key
                        testId="undo"
                        keyName="U"
                        label={t('undoAnswered')}
                        act={desk.undo}
                        strong
                    />
                )}
                <span class="flex-1" />
                <span class="max-w-md truncate text-aeblack-300 max-2xl:hidden">
                    <Title title={session.title} />
                </span>
                <LanguageSwitch dark />
            </div>
        </main>
    );
}

function Key({
    keyName: name,
    label,
    act,
    testId,
    strong = false,
    hold = false,
}: {
    keyName: string;
    label: string;
    act: () => void;
    testId?: string;
    strong?: boolean;
    hold?: boolean;
}) {
    return (
        <button
            type="button"
            data-testid={testId}
            class={`inline-flex min-h-12 cursor-pointer items-center gap-3 rounded-xl border px-4 text-lg ${
                strong
                    ? 'border-camel-300 bg-camel-300 text-aeblack-950'
                    : hold
                      ? 'border-white bg-aegreen-700 text-white'
                      : 'border-ink-line bg-ink-soft text-white hover:border-aeblack-300'
            }`}
            onClick={act}
        >
            <kbd class="rounded-md border border-current px-2 text-base opacity-80">{name}</kbd>
            {label}
        </button>
    );
}

export default function Present({ id }: { id: string }) {
    const room = useMemo(() => new Room(id), [id]);
    useEffect(() => () => room.close(), [room]);
    const session = room.session.value;
    const problem = room.problem.value;
    useTitle(session ? pick(session.title) : t('presenterView'));
    return (
        <>
            {session && room.link.value !== 'refused' ? (
                <Board room={room} session={session} />
            ) : (
                <main id="main" class="grid min-h-dvh content-center bg-ink p-6">
                    {room.signedOut.value || room.link.value === 'refused' ? (
                        <SignInCard />
                    ) : problem ? (
                        <div class="mx-auto max-w-xl">
                            <ErrorBox problem={problem} retry={() => void room.load()} />
                        </div>
                    ) : (
                        <p class="text-center text-2xl text-white">{t('loading')}</p>
                    )}
                </main>
            )}
            <LiveRegions />
        </>
    );
}
