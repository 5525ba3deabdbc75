// SPDX-License-Identifier: GPL-3.0-or-later
// The attendee's page once the session is known: the picture, what the session is, the questions.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { pick, t } from '../core/i18n';
import { alertNow, announce } from '../core/live-region';
import type { SessionSocket } from '../core/session/session-socket';
import type { Session, SessionState } from '../core/types';
import { Stage } from '../media/live/stage';
import type { Gate } from '../media/live/state';
import { StageCard } from '../media/stage-card';
import { OnAir } from '../questions/on-air';
import { QuestionPanel } from '../questions/panel';
import { SpeakerLine, Title, When } from '../sessions/session-card';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { StateChip } from '../ui/parts';
import { useScrollPadding } from '../ui/shell/scroll-padding';
import { useSeen } from './use-seen';

const SessionTabs = lazy(() => import('./session-tabs'));
const Cover = lazy(() => import('../waiting/cover'));
const Waiting = lazy(() => import('../waiting/waiting'));

function cardOf(session: Session) {
    switch (session.state) {
        case 'live':
            return undefined;
        case 'paused':
            return (
                <StageCard
                    kind="paused"
                    session={session}
                    title={t('pausedTitle')}
                    text={t('pausedText')}
                />
            );
        default:
            return <Cover session={session} />;
    }
}

function gateOf(state: SessionState): Gate {
    return state === 'live' ? 'open' : state === 'lobby' || state === 'paused' ? 'closed' : 'off';
}

function useStateWords(session: Session | null) {
    const state = session?.state;
    const before = useRef(state);
    useEffect(() => {
        if (before.current && state && before.current !== state) {
            if (state === 'ended') {
                alertNow(t('endedTitle'));
            } else if (state === 'live') {
                announce(t('state_live'));
            } else if (state === 'paused') {
                announce(t('pausedTitle'));
            }
        }
        before.current = state;
    }, [state]);
}

function About({ session }: { session: Session }) {
    return (
        <>
            <div class="flex flex-wrap items-center gap-3">
                <StateChip state={session.state} deleted={!!session.recording.deleted_at} />
                {session.number && <b>{t('sessionNumber', { n: session.number })}</b>}
            </div>
            <h1 class="text-lg sm:text-2xl">
                <Title title={session.title} />
            </h1>
            <SpeakerLine speakers={session.speakers} />
            <When at={session.starts_at} minutes={session.duration_minutes} />
        </>
    );
}

interface ViewProps {
    socket: SessionSocket;
    session: Session;
}

function Picture({ socket, session, onAsk }: ViewProps & { onAsk?: () => void }) {
    const picture = useRef<HTMLDivElement>(null);
    // A card before or after the session has nothing to follow while one scrolls.
    const stays = session.state === 'live' || session.state === 'paused';
    useScrollPadding(picture, 'top', stays);
    return (
        <div
            ref={picture}
            class={`tall:[&_video]:max-h-[45dvh] low:[&_video]:max-h-[calc(100dvh-3.5rem)] ${
                stays ? 'tall:sticky tall:top-0 tall:z-20 low:sticky low:top-0 low:z-20' : ''
            }`}
        >
            <Stage
                socket={socket}
                gate={gateOf(session.state)}
                card={cardOf(session)}
                label={pick(session.title)}
                onAsk={onAsk}
            />
            <OnAir socket={socket} />
        </div>
    );
}

/** Leads to the field to ask in while that is out of sight. */
function AskThumb({ ask }: { ask: () => void }) {
    return (
        <button
            type="button"
            data-testid="ask-thumb"
            class="thumb btn btn-main fixed end-4 bottom-4 z-30 min-h-14 rounded-full px-6 shadow-xl low:min-h-11 roomy:hidden"
            onClick={ask}
        >
            <Icon name="ask" size={22} />
            {t('askTitle')}
        </button>
    );
}

export function SessionView({ socket, session }: ViewProps) {
    const [input, inputSeen] = useSeen<HTMLTextAreaElement>();
    const { agenda, materials, state } = session;
    const tab = useSignal(state === 'scheduled' && agenda.length > 0 ? 'agenda' : 'questions');
    const ask = () => {
        tab.value = 'questions';
        setTimeout(() => {
            input.current?.scrollIntoView({ block: 'center' });
            input.current?.focus();
        });
    };
    const canAsk = ['scheduled', 'lobby', 'live', 'paused'].includes(state);
    const panel = (titled: boolean) => (
        <QuestionPanel socket={socket} input={input} canAsk={canAsk} titled={titled} />
    );
    useStateWords(session);
    return (
        <div class="mx-auto w-full max-w-[100rem] low:grid low:grid-cols-[minmax(0,3fr)_minmax(16rem,2fr)] roomy:grid roomy:grid-cols-[minmax(0,2fr)_minmax(21rem,1fr)] roomy:gap-6 roomy:px-[clamp(1rem,3vw,2.5rem)] roomy:py-6">
            <div class="contents low:block roomy:block">
                <Picture socket={socket} session={session} onAsk={canAsk ? ask : undefined} />
                <div class="grid gap-1 px-4 py-3 stacked:border-b stacked:border-line stacked:bg-surface roomy:px-1 roomy:pt-5">
                    <About session={session} />
                </div>
                {['scheduled', 'lobby'].includes(state) && (
                    <Waiting socket={socket} session={session} />
                )}
            </div>
            <div class="flex min-h-0 min-w-0 flex-col roomy:overflow-hidden roomy:rounded-2xl roomy:border roomy:border-line roomy:bg-surface roomy:sticky roomy:top-6 roomy:h-[calc(100dvh-8.5rem)] roomy:min-h-[36rem]">
                {agenda.length + materials.length === 0 ? (
                    panel(true)
                ) : (
                    <SessionTabs session={session} tab={tab} questions={() => panel(false)} />
                )}
            </div>
            {canAsk && !inputSeen && <AskThumb ask={ask} />}
        </div>
    );
}
