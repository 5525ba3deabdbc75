// SPDX-License-Identifier: GPL-3.0-or-later
// Sets the in and out marks of a recording. Marks are times of the session; shown and typed they count
// from the start of the broadcast, which no cut moves.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { patch } from '../core/api';
import { formatClock, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Session, Stretch } from '../core/types';
import { clockWithTenths, parseClock, toTimeline } from '../media/timeline';
import { type Act, Form, useAct, useField } from '../ui/form';
import { Icon } from '../ui/icons';
import { type End, markAt, originOf, readMarks, type Texts, wholeOf } from './marks';
import { forget, type Playhead } from './playhead';
import { w } from './words';

interface MarkProps {
    end: End;
    text: string;
    /** What an empty field means, in milliseconds since the start of the broadcast. */
    fallback: number;
    bad: boolean;
    fromPlayer: (() => void) | undefined;
    set: (text: string) => void;
}

function Step({ by, label, onClick }: { by: string; label: string; onClick: () => void }) {
    return (
        <button
            type="button"
            class="btn btn-small digits"
            aria-label={`${by} · ${label}`}
            onClick={onClick}
        >
            <bdi dir="ltr">{by}</bdi>
        </button>
    );
}

function Mark({ end, text, fallback, bad, fromPlayer, set }: MarkProps) {
    const field = useField(`${end}_ms`, 'trim-help');
    const step = (by: number) =>
        set(clockWithTenths((text.trim() ? (parseClock(text) ?? fallback) : fallback) + by));
    return (
        <div class="grid min-w-0 gap-2">
            <label class="field">
                {t(end === 'in' ? 'trimIn' : 'trimOut')}
                <input
                    {...field.props}
                    dir="ltr"
                    inputMode="decimal"
                    class="digits"
                    data-testid={`trim-${end}`}
                    placeholder={t(end === 'in' ? 'trimInWhole' : 'trimOutWhole')}
                    aria-invalid={bad || field.props['aria-invalid']}
                    value={text}
                    onInput={(event) => set(event.currentTarget.value)}
                />
                {field.error}
            </label>
            <div class="flex flex-wrap gap-2">
                <button
                    type="button"
                    class="btn btn-small"
                    data-testid={`trim-${end}-here`}
                    disabled={!fromPlayer}
                    onClick={fromPlayer}
                >
                    {w('trimFromPlayer')}
                </button>
                <Step by="−1" label={w('trimEarlier')} onClick={() => step(-1000)} />
                <Step by="+1" label={w('trimLater')} onClick={() => step(1000)} />
            </div>
        </div>
    );
}

function Intro() {
    return (
        <div class="grid gap-1">
            <h2 id="trim-title" class="text-lg">
                {t('trim')}
            </h2>
            <p class="text-sm">{w('trimText')}</p>
            <p class="text-sm text-soft" id="trim-help">
                {w('trimClock')}
            </p>
        </div>
    );
}

interface Sent {
    in_ms: number | null;
    out_ms: number | null;
}

/** The buttons, and what became of the marks sent. */
function Send({
    session,
    act,
    ready,
    undo,
}: {
    session: Session;
    act: Act<Sent>;
    /** There is something new to send, and nothing wrong with it. */
    ready: boolean;
    undo: () => void;
}) {
    const { in_ms = null, out_ms = null, mp4 } = session.recording ?? {};
    // Until the session is read again, its files are those of the former marks.
    const read = act.answer?.in_ms === in_ms && act.answer.out_ms === out_ms;
    return (
        <div class="flex flex-wrap items-center gap-3">
            <button
                type="submit"
                class="btn btn-main"
                data-testid="trim-apply"
                disabled={act.busy || !ready}
            >
                {w('trimApply')}
            </button>
            {(in_ms !== null || out_ms !== null) && (
                <button
                    type="button"
                    class="btn"
                    data-testid="trim-undo"
                    disabled={act.busy}
                    onClick={undo}
                >
                    <Icon name="undo" size={18} />
                    {w('trimUndo')}
                </button>
            )}
            {act.answer && (
                <p class="text-sm text-good" role="status" data-testid="trim-told">
                    {w(read && mp4 === 'ready' ? 'trimDone' : 'trimSent')}
                </p>
            )}
        </div>
    );
}

/** The marks of the session as texts, until somebody types others. */
function useTexts(session: Session): { texts: Signal<Texts>; changed: boolean } {
    const origin = originOf(session);
    const { in_ms, out_ms } = session.recording ?? {};
    const shown = (ms: number | null | undefined) =>
        typeof ms === 'number' ? clockWithTenths(ms - origin) : '';
    const set = { in: shown(in_ms), out: shown(out_ms) };
    const texts = useSignal<Texts>({ in: '', out: '' });
    useEffect(() => {
        texts.value = set;
    }, [in_ms, out_ms, origin]);
    return { texts, changed: texts.value.in !== set.in || texts.value.out !== set.out };
}

export interface TrimProps {
    session: Session;
    stretches: Stretch[];
    playhead: Playhead;
    changed: () => void;
}

/** The marks as typed, and what sets, sends and answers them. */
function useTrim({ session, stretches, playhead, changed }: TrimProps) {
    const origin = originOf(session);
    const whole = wholeOf(session);
    const { texts, changed: edited } = useTexts(session);
    const act = useAct<Sent>();
    const first = (stretches[0]?.start_ms ?? origin) - origin;
    const last = (stretches.at(-1)?.end_ms ?? origin) - origin;
    const marks = readMarks(texts.value, whole);
    const set = (end: End, text: string) => {
        act.edited();
        texts.value = { ...texts.value, [end]: text };
    };
    const here = (end: End) => {
        const media = toTimeline(stretches, playhead.time.value * 1000);
        if (media !== null) {
            set(end, markAt(end, media - origin));
        }
    };
    const send = (sent: Sent) =>
        act.run(async () => {
            await patch(`recordings/${encodeURIComponent(session.id)}`, sent);
            forget(session.id);
            announce(w('trimSent'));
            changed();
            return sent;
        });
    const media = (ms: number | null | undefined) => (typeof ms === 'number' ? ms + origin : null);
    return {
        whole,
        act,
        marks,
        ready: !marks.fault && edited,
        apply: () => void send({ in_ms: media(marks.in), out_ms: media(marks.out) }),
        undo: () => void send({ in_ms: null, out_ms: null }),
        fieldOf: (end: End) => ({
            end,
            text: texts.value[end],
            fallback: end === 'in' ? first : last,
            bad: marks.bad[end],
            fromPlayer: stretches.length > 0 ? () => here(end) : undefined,
            set: (text: string) => set(end, text),
        }),
    };
}

export function Trim(props: TrimProps) {
    const { whole, act, marks, ready, apply, undo, fieldOf } = useTrim(props);
    return (
        <Form
            act={act}
            class="card grid content-start gap-4 p-4 sm:p-5"
            labelledBy="trim-title"
            testId="trim"
            onSubmit={apply}
        >
            <Intro />
            <div class="grid gap-4 sm:grid-cols-2">
                <Mark {...fieldOf('in')} />
                <Mark {...fieldOf('out')} />
            </div>
            {marks.fault && (
                <p class="flex items-center gap-2 text-sm font-bold text-bad" role="alert">
                    <Icon name="warn" size={18} />
                    {w(marks.fault, { time: formatClock(whole) })}
                </p>
            )}
            <Send session={props.session} act={act} ready={ready} undo={undo} />
        </Form>
    );
}
