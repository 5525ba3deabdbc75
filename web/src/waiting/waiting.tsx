// SPDX-License-Identifier: GPL-3.0-or-later
// Below the card of a session to come: the time here, the calendar, the check of sound and network.
import { useSignal } from '@preact/signals';
import { formatNumber, lang } from '../core/i18n';
import { announce } from '../core/live-region';
import type { SessionSocket } from '../core/session/session-socket';
import type { Session } from '../core/types';
import { Icon } from '../ui/icons';
import { type Line, lineWords, measureLine, playTones, roadWords } from './check';
import { timeHere } from './time-here';
import { type WaitingKey, w } from './words';

function Result({ good, words, testId }: { good: boolean; words: string; testId: string }) {
    return (
        <li class="flex items-start gap-2" data-testid={testId} data-good={good}>
            <span class={`mt-1 ${good ? 'text-good' : 'text-bad'}`}>
                <Icon name={good ? 'check' : 'warn'} size={18} />
            </span>
            <span class="min-w-0">{words}</span>
        </li>
    );
}

/** The answer to "were two tones heard?". */
function HeardAsk({ answer }: { answer: (heard: boolean) => void }) {
    return (
        <fieldset class="grid gap-2">
            <legend class="font-bold">{w('heardAsk')}</legend>
            <div class="flex flex-wrap gap-2">
                {([true, false] as const).map((yes) => (
                    <button
                        key={String(yes)}
                        type="button"
                        class="btn"
                        data-testid={yes ? 'heard-yes' : 'heard-no'}
                        onClick={() => {
                            answer(yes);
                            announce(w(yes ? 'soundGood' : 'soundBad'));
                        }}
                    >
                        {w(yes ? 'heardYes' : 'heardNo')}
                    </button>
                ))}
            </div>
        </fieldset>
    );
}

interface Checked {
    /** The tones were played; null: not yet. */
    played: boolean | null;
    /** They were heard; null: not answered. */
    heard: boolean | null;
    /** undefined: not measured yet. null: the server cannot be reached. */
    line: Line | null | undefined;
}

const NOT_CHECKED: Checked = { played: null, heard: null, line: undefined };

function soundWords({ played, heard }: Checked): WaitingKey {
    return !played ? 'soundBlocked' : heard ? 'soundGood' : 'soundBad';
}

function Results({ socket, checked }: { socket: SessionSocket; checked: Checked }) {
    const { played, heard, line = null } = checked;
    const connected = socket.link.value === 'open';
    const video = document.querySelector<HTMLElement>('[data-testid=video]')?.dataset ?? {};
    const webrtc = typeof RTCPeerConnection === 'function';
    const road = roadWords(video.via ?? 'none', video.road ?? 'none', webrtc);
    return (
        <ul class="grid gap-2 text-sm">
            {(heard !== null || !played) && (
                <Result testId="check-sound" good={!!heard} words={w(soundWords(checked))} />
            )}
            <Result
                testId="check-line"
                good={lineWords(line) === 'lineHd'}
                words={w(lineWords(line), {
                    rate: formatNumber(Math.round((line?.mbps ?? 0) * 10) / 10),
                    rtt: formatNumber(Math.round(line?.rttMs ?? 0)),
                })}
            />
            <Result
                testId="check-questions"
                good={connected}
                words={w(connected ? 'socketGood' : 'socketBad')}
            />
            <Result testId="check-picture" good={road !== 'roadNone'} words={w(road)} />
        </ul>
    );
}

function Check({ socket }: { socket: SessionSocket }) {
    const busy = useSignal(false);
    const checked = useSignal(NOT_CHECKED);
    const run = async () => {
        busy.value = true;
        checked.value = NOT_CHECKED;
        const [played, line] = await Promise.all([playTones(), measureLine()]);
        checked.value = { ...NOT_CHECKED, played, line };
        busy.value = false;
        announce(w(played ? 'heardAsk' : 'soundBlocked'));
    };
    const { played, heard, line } = checked.value;
    const done = line !== undefined;
    return (
        <section class="card grid gap-3 p-4" aria-labelledby="check-title" data-testid="check">
            <h2 id="check-title">{w('checkTitle')}</h2>
            <p class="text-sm text-soft">{w('checkText')}</p>
            {done && played && heard === null && (
                <HeardAsk
                    answer={(yes) => {
                        checked.value = { ...checked.value, heard: yes };
                    }}
                />
            )}
            {done && <Results socket={socket} checked={checked.value} />}
            <button
                type="button"
                class="btn w-fit"
                data-testid="check-start"
                aria-disabled={busy.value}
                onClick={() => !busy.value && void run()}
            >
                <Icon name="sound" />
                {w(busy.value ? 'checkRuns' : done ? 'checkAgain' : 'checkStart')}
            </button>
        </section>
    );
}

export default function Waiting({ socket, session }: { socket: SessionSocket; session: Session }) {
    const here = timeHere(session.starts_at);
    return (
        <div class="grid gap-4 px-4 py-4 roomy:px-1" data-testid="waiting">
            {here && (
                <p class="text-sm" data-testid="time-here">
                    {w('here', { time: here })}
                </p>
            )}
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <a
                    class="btn"
                    data-testid="calendar"
                    href={`/api/v1/sessions/${encodeURIComponent(session.id)}/calendar.ics?lang=${lang.value}`}
                    download="session.ics"
                >
                    <Icon name="clock" />
                    {w('addToCalendar')}
                </a>
                <span class="text-sm text-soft">{w('calendarHelp')}</span>
            </div>
            <Check socket={socket} />
        </div>
    );
}
