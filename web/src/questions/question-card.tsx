// SPDX-License-Identifier: GPL-3.0-or-later
// One question of the attendee's list: its votes, its state; the asker may withdraw it.
import type { RefObject } from 'preact';
import { formatNumber, t } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import { isOver } from '../core/session/state';
import type { Question } from '../core/types';
import { useRequest } from '../ui/hooks/use-request';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { UserText } from '../ui/user-text';

type Request = ReturnType<typeof useRequest>;

interface Props {
    socket: SessionSocket;
    question: Question;
}

const overNow = (socket: SessionSocket) => isOver(socket.session.value?.state);

function Vote({ socket, question, request: { busy, run } }: Props & { request: Request }) {
    const on = !question.voted;
    const open = !overNow(socket) && (question.state === 'approved' || question.state === 'on_air');
    return (
        <button
            type="button"
            data-testid="vote"
            aria-pressed={!!question.voted}
            disabled={busy.value || !open || question.mine}
            class="grid min-h-14 w-12 shrink-0 self-start cursor-pointer place-content-center justify-items-center rounded-xl border border-line-strong bg-surface text-soft hover:border-accent-line disabled:cursor-default disabled:border-transparent disabled:bg-surface-2 aria-pressed:border-accent-fill aria-pressed:bg-accent-fill aria-pressed:text-on-accent"
            onClick={() =>
                void run(async () => {
                    await socket.change({ op: 'vote', question: question.id, on });
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
    merged: ['noteMerged', '', 'merge'],
} as const;

function noteOf(over: boolean, state: Question['state']) {
    return state === 'on_air' && over
        ? (['noteWasOnAir', '', 'air'] as const)
        : NOTE[state as keyof typeof NOTE];
}

/** Chips: the question's state, and whether the reader asked it. */
function Notes({ question, over }: { question: Question; over: boolean }) {
    const note = noteOf(over, question.state);
    if (!note && !question.mine) {
        return null;
    }
    return (
        <p class="flex flex-wrap gap-1.5">
            {note && (
                <span class={`chip ${note[1]}`}>
                    <Icon name={note[2]} size={14} />
                    {t(note[0])}
                </span>
            )}
            {question.mine && <span class="chip">{t('yours')}</span>}
        </p>
    );
}

/** Who asked, where the server tells: the session shows names, and the asker did not hide theirs. */
function By({ question }: { question: Question }) {
    const { name, entity } = question.by ?? {};
    if (!name && !entity) {
        return null;
    }
    return (
        <p class="user-text text-sm text-soft" data-testid="asker">
            {name && <bdi class="font-bold">{name}</bdi>}
            {name && entity && t('comma')} {entity && <bdi>{entity}</bdi>}
        </p>
    );
}

function Withdraw({ socket, question, request: { busy, run } }: Props & { request: Request }) {
    return (
        <button
            type="button"
            data-testid="withdraw"
            class="min-h-6 w-fit cursor-pointer text-sm text-soft underline"
            disabled={busy.value}
            onClick={() => void run(() => socket.change({ op: 'withdraw', question: question.id }))}
        >
            {t('withdraw')}
        </button>
    );
}

function lookOf(question: Question, over: boolean): string {
    if (question.state === 'on_air' && !over) {
        return 'border-accent-line bg-accent-soft shadow-md [@media(min-height:60rem)]:roomy:sticky roomy:-top-3 roomy:z-10';
    }
    return question.state === 'answered'
        ? 'border-transparent bg-surface-2'
        : 'border-line bg-surface';
}

export function QuestionCard({
    socket,
    question,
    place,
}: Props & {
    place?: RefObject<HTMLLIElement | null>;
}) {
    const request = useRequest();
    const over = overNow(socket);
    return (
        <li
            ref={place}
            data-question-id={question.id}
            data-state={question.state}
            data-mine={!!question.mine}
            class={`flex gap-3 rounded-2xl border p-3.5 ${lookOf(question, over)}`}
        >
            <Vote socket={socket} question={question} request={request} />
            <div class="grid min-w-0 flex-1 content-start gap-1.5">
                <Notes question={question} over={over} />
                <UserText class="leading-relaxed">{question.text}</UserText>
                <By question={question} />
                {question.mine && ['pending', 'approved'].includes(question.state) && (
                    <Withdraw socket={socket} question={question} request={request} />
                )}
                {request.problem.value && <ErrorBox problem={request.problem.value} />}
            </div>
        </li>
    );
}
