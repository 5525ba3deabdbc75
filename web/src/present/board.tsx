// SPDX-License-Identifier: GPL-3.0-or-later
// The presenter's screen. It never scrolls: a question's size follows the window.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { lang, t } from '../core/i18n';
import { problemWords } from '../core/problem';
import type { SessionSocket } from '../core/session/session-socket';
import { isOver } from '../core/session/state';
import type { Session } from '../core/types';
import { lazy } from '../ui/lazy';
import { Bar } from './bar';
import type { Sending } from './camera/publisher';
import { type Controls, useControls } from './controls';
import { Countdown, Lamp, WallClock } from './head';
import { Help } from './help';
import { CurrentQuestion, NextOnes } from './questions';
import { SoundWarning } from './sound';
import { useFit } from './use-fit';
import { useKeys } from './use-keys';
import { useQuestionSize } from './use-question-size';
import { useWakeLock } from './use-wake-lock';

const CameraPanel = lazy(() => import('./camera/panel'));
const SlidesPanel = lazy(() => import('./slides'));

function Message({ socket, acknowledge }: { socket: SessionSocket; acknowledge: () => void }) {
    const message = socket.message.value;
    const shown = message && !message.acknowledged_at ? message : null;
    const { box, text } = useFit(
        () => Math.min(44, Math.max(17, innerWidth * 0.025)),
        [shown?.id, lang.value],
        undefined,
        () => innerHeight * (innerHeight < 600 ? 0.1 : 0.2),
    );
    if (!shown) {
        return null;
    }
    return (
        <div
            role="alert"
            data-testid="director-message"
            class="flex shrink-0 items-center gap-3 rounded-xl bg-camel-300 px-3 py-1 text-aeblack-950 big:rounded-2xl big:px-6 big:py-3"
        >
            <div ref={box} class="max-h-[20vh] min-w-0 flex-1 overflow-y-auto">
                <p ref={text} dir="auto" class="leading-[1.5] font-bold">
                    {shown.text}
                </p>
            </div>
            <button
                type="button"
                data-testid="acknowledge"
                aria-keyshortcuts="Y"
                class="btn shrink-0 border-aeblack-900 px-3 big:text-lg"
                onClick={acknowledge}
            >
                {t('acknowledge')} <kbd class="max-sm:hidden">Y</kbd>
            </button>
        </div>
    );
}

function Trouble({ controls }: { controls: Controls }) {
    const problem = controls.problem.value;
    if (!problem) {
        return null;
    }
    const { title, meaning, todo } = problemWords(problem);
    return (
        <p
            class="shrink-0 rounded-xl bg-aered-800 px-4 py-1.5 text-sm text-white big:text-xl"
            role="alert"
            data-testid="error"
        >
            <b>{title}</b> {todo || meaning}{' '}
            <bdi class="font-mono text-xs">{problem.requestId}</bdi>
        </p>
    );
}

function Head({ socket, session }: { socket: SessionSocket; session: Session }) {
    return (
        <div class="grid shrink-0 grid-cols-[1fr_auto] items-center gap-x-4 low:grid-cols-[1fr_auto_1fr] big:grid-cols-[1fr_auto_1fr]">
            <Lamp socket={socket} session={session} />
            <Countdown session={session} />
            <WallClock />
        </div>
    );
}

/** State of the screen, its keys, and the question's size. */
function useBoard(socket: SessionSocket) {
    const controls = useControls(socket);
    const hidden = useSignal(false);
    const help = useSignal(false);
    const camera = useSignal(false);
    const current = controls.current.value;
    const size = useQuestionSize(current, hidden.value);
    const resize = (step: 1 | -1) => {
        if (controls.current.value && !hidden.value) {
            size.resize(step);
        }
    };
    const toggleHidden = () => {
        hidden.value = !hidden.value;
    };
    const showHelp = () => {
        help.value = true;
    };
    const showCamera = () => {
        camera.value = true;
    };
    const holding = useKeys(
        {
            n: controls.next,
            b: toggleHidden,
            u: controls.undo,
            y: controls.acknowledge,
            c: showCamera,
            '+': () => resize(1),
            '=': () => resize(1),
            '-': () => resize(-1),
            '?': showHelp,
            '؟': showHelp,
            ArrowDown: () => size.scroll(1),
            ArrowUp: () => size.scroll(-1),
        },
        controls.answered,
        () => help.value || camera.value,
    );
    return {
        controls,
        current,
        hidden,
        help,
        camera,
        showCamera,
        fit: size.fit,
        holding,
        resize,
        toggleHidden,
        showHelp,
    };
}

export function Board({ socket, session }: { socket: SessionSocket; session: Session }) {
    useWakeLock();
    const { controls, current, hidden, help, camera, showCamera, fit, holding, ...acts } =
        useBoard(socket);
    const sending = useSignal<Sending>('off');
    const wanted = useRef(false); // from then on it stays, as it may send
    wanted.current ||= camera.value;
    const waiting = controls.waiting.value.slice(0, 2);
    const slides =
        isOver(session.state) || session.slides?.state === 'none' ? null : session.slides;
    return (
        <main
            id="main"
            class="on-dark flex h-dvh min-h-80 flex-col gap-1.5 bg-ink p-2 text-white big:gap-3 big:p-5"
            data-testid="presenter"
        >
            <h1 class="sr-only">{t('presenterView')}</h1>
            <Head socket={socket} session={session} />
            <SoundWarning socket={socket} />
            <Message socket={socket} acknowledge={controls.acknowledge} />
            <Trouble controls={controls} />
            <div class="flex min-h-0 flex-1 flex-col gap-1.5 low:flex-row big:flex-row big:gap-3">
                <div class="flex min-h-0 min-w-0 flex-1 flex-col gap-1.5 low:flex-row big:gap-3">
                    <CurrentQuestion
                        question={current}
                        session={session}
                        hidden={hidden.value}
                        waiting={waiting.length > 0}
                        fit={fit}
                    />
                    {!hidden.value && waiting.length > 0 && (
                        <NextOnes questions={waiting} session={session} />
                    )}
                </div>
                {slides && <SlidesPanel session={session} slides={slides} />}
            </div>
            <Bar
                controls={controls}
                session={session}
                hidden={hidden.value}
                holding={holding.value}
                camera={showCamera}
                sending={sending.value !== 'off'}
                {...acts}
            />
            {wanted.current && (
                <CameraPanel session={session.id} opened={camera} sending={sending} />
            )}
            {help.value && (
                <Help
                    close={() => {
                        help.value = false;
                    }}
                />
            )}
        </main>
    );
}
