// SPDX-License-Identifier: GPL-3.0-or-later
// For staff, under a recording: where it begins and ends, and its chapters. Marks are times of the
// session; shown and typed they count from the start of the broadcast, which no cut moves.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asProblem, type Problem, patch } from '../core/api';
import { formatClock, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { RecordingDetail, Session, Stretch } from '../core/types';
import { ChapterEditor } from '../desk/chapters';
import { clockWithTenths, parseClock, toTimeline } from '../media/timeline';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import type { Chapters } from '../ui/use-chapters';
import { forget, type Playhead } from './player';

/** The start of the broadcast on the session's timeline. */
export function originOf(session: Session): number {
    const ms = Date.parse(session.live_at ?? '') - Date.parse(session.epoch ?? '');
    return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

type End = 'in' | 'out';

function Mark({
    end,
    text,
    fallback,
    bad,
    fromPlayer,
    set,
}: {
    end: End;
    text: string;
    /** What an empty field means, in milliseconds since the start of the broadcast. */
    fallback: number;
    bad: boolean;
    fromPlayer: (() => void) | undefined;
    set: (text: string) => void;
}) {
    const step = (by: number) =>
        set(clockWithTenths((text.trim() ? (parseClock(text) ?? fallback) : fallback) + by));
    return (
        <div class="grid min-w-0 gap-2">
            <label class="field">
                {t(end === 'in' ? 'trimIn' : 'trimOut')}
                <input
                    dir="ltr"
                    inputMode="decimal"
                    class="digits"
                    data-testid={`trim-${end}`}
                    placeholder={t(end === 'in' ? 'trimInWhole' : 'trimOutWhole')}
                    aria-invalid={bad}
                    aria-describedby="trim-help"
                    value={text}
                    onInput={(event) => set(event.currentTarget.value)}
                />
            </label>
            <div class="flex flex-wrap gap-2">
                <button
                    type="button"
                    class="btn btn-small"
                    data-testid={`trim-${end}-here`}
                    disabled={!fromPlayer}
                    onClick={fromPlayer}
                >
                    {t('trimFromPlayer')}
                </button>
                <button
                    type="button"
                    class="btn btn-small digits"
                    aria-label={`−1 · ${t('trimEarlier')}`}
                    onClick={() => step(-1000)}
                >
                    <bdi dir="ltr">−1</bdi>
                </button>
                <button
                    type="button"
                    class="btn btn-small digits"
                    aria-label={`+1 · ${t('trimLater')}`}
                    onClick={() => step(1000)}
                >
                    <bdi dir="ltr">+1</bdi>
                </button>
            </div>
        </div>
    );
}

function Trim({
    session,
    stretches,
    playhead,
    changed,
}: {
    session: Session;
    stretches: Stretch[];
    playhead: Playhead;
    changed: () => void;
}) {
    const origin = originOf(session);
    const shown = (ms: number | null | undefined) =>
        typeof ms === 'number' ? clockWithTenths(ms - origin) : '';
    const texts = useSignal({ in: '', out: '' });
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const sent = useSignal(false);
    const { in_ms, out_ms } = session.recording ?? {};
    useEffect(() => {
        texts.value = { in: shown(in_ms), out: shown(out_ms) };
    }, [in_ms, out_ms, origin]);

    const first = (stretches[0]?.start_ms ?? origin) - origin;
    const last = (stretches.at(-1)?.end_ms ?? origin) - origin;
    const value = (end: End) => {
        const text = texts.value[end];
        return text.trim() ? parseClock(text) : undefined;
    };
    const [from, to] = [value('in'), value('out')];
    const badOrder =
        typeof from === 'number' &&
        from >= (typeof to === 'number' ? to : Math.max(last, from + 1));
    const bad = from === null || to === null;
    // What was broadcast, as far as the page knows it: a cut made before does not narrow it.
    const whole = Date.parse(session.ended_at ?? '') - Date.parse(session.live_at ?? '');
    const outside = [from, to].some((one) => typeof one === 'number' && one > whole);
    const changedMarks = texts.value.in !== shown(in_ms) || texts.value.out !== shown(out_ms);
    const here = (end: End) => {
        const media = toTimeline(stretches, playhead.time.value * 1000);
        if (media !== null) {
            // To the tenth that lies inside: what is not to be seen must not be let in by rounding.
            const tenths = (media - origin) / 100;
            const inside = end === 'in' ? Math.ceil(tenths) : Math.floor(tenths);
            texts.value = { ...texts.value, [end]: clockWithTenths(100 * inside) };
        }
    };
    const send = async (inMs: number | null, outMs: number | null) => {
        busy.value = true;
        problem.value = null;
        try {
            await patch(`recordings/${encodeURIComponent(session.id)}`, {
                in_ms: inMs,
                out_ms: outMs,
            });
            forget(session.id);
            sent.value = true;
            announce(t('trimSent'));
            changed();
        } catch (error) {
            problem.value = asProblem(error);
        } finally {
            busy.value = false;
        }
    };
    const media = (ms: number | null | undefined) => (typeof ms === 'number' ? ms + origin : null);
    return (
        <form
            class="card grid content-start gap-4 p-4 sm:p-5"
            aria-labelledby="trim-title"
            data-testid="trim"
            onSubmit={(event) => {
                event.preventDefault();
                void send(media(from), media(to));
            }}
        >
            <div class="grid gap-1">
                <h2 id="trim-title" class="text-lg">
                    {t('trim')}
                </h2>
                <p class="text-sm">{t('trimText')}</p>
                <p class="text-sm text-aeblack-600" id="trim-help">
                    {t('trimClock')}
                </p>
            </div>
            <div class="grid gap-4 sm:grid-cols-2">
                {(['in', 'out'] as const).map((end) => (
                    <Mark
                        key={end}
                        end={end}
                        text={texts.value[end]}
                        fallback={end === 'in' ? first : last}
                        bad={
                            value(end) === null ||
                            (value(end) ?? 0) > whole ||
                            (end === 'in' && badOrder)
                        }
                        fromPlayer={stretches.length > 0 ? () => here(end) : undefined}
                        set={(text) => {
                            sent.value = false;
                            texts.value = { ...texts.value, [end]: text };
                        }}
                    />
                ))}
            </div>
            {(bad || outside || badOrder) && (
                <p class="flex items-center gap-2 text-sm font-bold text-aered-700" role="alert">
                    <Icon name="warn" size={18} />
                    {bad
                        ? t('trimBadTime')
                        : outside
                          ? t('trimOutside', { time: formatClock(whole) })
                          : t('trimBadOrder')}
                </p>
            )}
            <div class="flex flex-wrap items-center gap-3">
                <button
                    type="submit"
                    class="btn btn-main"
                    data-testid="trim-apply"
                    disabled={busy.value || bad || outside || badOrder || !changedMarks}
                >
                    {t('trimApply')}
                </button>
                {(typeof in_ms === 'number' || typeof out_ms === 'number') && (
                    <button
                        type="button"
                        class="btn"
                        data-testid="trim-undo"
                        disabled={busy.value}
                        onClick={() => void send(null, null)}
                    >
                        <Icon name="undo" size={18} />
                        {t('trimUndo')}
                    </button>
                )}
                {sent.value && (
                    <p class="text-sm text-aegreen-800">
                        {t(session.recording?.mp4 === 'ready' ? 'trimDone' : 'trimSent')}
                    </p>
                )}
            </div>
            {problem.value && <ErrorBox problem={problem.value} />}
        </form>
    );
}

function AddHere({
    chapters,
    stretches,
    playhead,
}: {
    chapters: Chapters;
    stretches: Stretch[];
    playhead: Playhead;
}) {
    const title = useSignal('');
    const add = async () => {
        const media = toTimeline(stretches, playhead.time.value * 1000);
        const text = title.value.trim();
        if (media !== null && text && (await chapters.mark({ ar: text }, media))) {
            title.value = '';
        }
    };
    return (
        <form
            class="flex flex-wrap items-end gap-2"
            onSubmit={(event) => {
                event.preventDefault();
                void add();
            }}
        >
            <label class="field min-w-0 flex-1 basis-48">
                <span>
                    {t('chapterHere')}{' '}
                    <bdi class="digits font-normal">{formatClock(playhead.time.value * 1000)}</bdi>
                </span>
                <input
                    dir="auto"
                    required
                    maxLength={200}
                    data-testid="chapter-title"
                    value={title}
                    onInput={(event) => {
                        title.value = event.currentTarget.value;
                    }}
                />
            </label>
            <button
                type="submit"
                class="btn"
                data-testid="chapter-add"
                disabled={chapters.busy.value || stretches.length === 0}
            >
                {t('addChapter')}
            </button>
        </form>
    );
}

export default function Editor({
    session,
    detail,
    playhead,
    chapters,
    changed,
}: {
    session: Session;
    detail: RecordingDetail;
    playhead: Playhead;
    chapters: Chapters;
    changed: () => void;
}) {
    const stretches = detail.public ?? [];
    return (
        <div class="mt-8 grid items-start gap-4 lg:grid-cols-2">
            <Trim session={session} stretches={stretches} playhead={playhead} changed={changed} />
            <section class="card grid gap-4 p-4 sm:p-5" aria-labelledby="edit-chapters">
                <h2 id="edit-chapters" class="text-lg">
                    {t('chapters')}
                </h2>
                <AddHere chapters={chapters} stretches={stretches} playhead={playhead} />
                <ChapterEditor
                    chapters={chapters}
                    published={session.recording?.playlist === true}
                />
            </section>
        </div>
    );
}
