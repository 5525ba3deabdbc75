// SPDX-License-Identifier: GPL-3.0-or-later
// After the end, for staff: the recording's steps, what is kept and until when, its chapters, a
// legal hold, its deletion.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asProblem, type Problem, patch, post, remove } from '../core/api';
import {
    formatBytes,
    formatClock,
    formatDate,
    formatNumber,
    formatTime,
    type Key,
    t,
} from '../core/i18n';
import type { Room } from '../core/room';
import { href } from '../core/router';
import type { Recording, Session, Step, StepState } from '../core/types';
import { clockWithTenths } from '../media/timeline';
import { Icon, type IconName } from '../ui/icons';
import { ErrorBox, HoldButton } from '../ui/parts';
import { useChapters } from '../ui/use-chapters';
import { ChapterEditor } from './chapters';

const POLL_MS = 2000;
const WHYS = ['restart', 'capture', 'disk'];
const LOOK: Record<StepState, { icon: IconName; colour: string }> = {
    waiting: { icon: 'clock', colour: 'text-aeblack-500' },
    working: { icon: 'clock', colour: 'text-aegold-700' },
    ready: { icon: 'check', colour: 'text-aegreen-700' },
    failed: { icon: 'warn', colour: 'text-aered-700' },
};

const api = (session: Session) => `recordings/${encodeURIComponent(session.id)}`;
const percentOf = (step: Step) => Math.round(100 * Math.min(1, Math.max(0, step.progress ?? 0)));

/** One at a time, its failure beside it, and the page's session fresh after it. */
function useWork(room: Room) {
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const run = async (work: () => Promise<unknown>) => {
        busy.value = true;
        problem.value = null;
        try {
            await work();
            await room.refresh();
        } catch (error) {
            problem.value = asProblem(error);
        } finally {
            busy.value = false;
        }
    };
    return { problem, busy, run };
}

function StepLine({ step }: { step: Step }) {
    const { icon, colour } = LOOK[step.state];
    const working = step.state === 'working';
    const percent = percentOf(step);
    const name = t(`step_${step.step}`);
    return (
        <li
            class="grid gap-1 border-t border-aeblack-100 py-2 first:border-0"
            data-testid="step"
            data-step={step.step}
            data-state={step.state}
        >
            <span class="flex items-center gap-2">
                <span class={colour}>
                    <Icon name={icon} />
                </span>
                <span class="min-w-0 flex-1 font-bold">{name}</span>
                <span class={`text-sm ${colour}`}>
                    {t(`stepState_${step.state}`)}
                    {working && (
                        <>
                            {' '}
                            <bdi class="digits">{formatNumber(percent)}%</bdi>
                        </>
                    )}
                </span>
            </span>
            {working && <progress class="progress" max={100} value={percent} aria-label={name} />}
            {step.state === 'failed' && step.text && (
                <p class="ps-7 text-sm text-aered-800" dir="auto" lang="en">
                    {step.text}
                </p>
            )}
        </li>
    );
}

function Steps({
    room,
    session,
    recording,
}: {
    room: Room;
    session: Session;
    recording: Recording;
}) {
    const { problem, busy, run } = useWork(room);
    const steps = recording.steps ?? [];
    const failed = steps.some((step) => step.state === 'failed');
    return (
        <div class="grid gap-2" data-testid="recording-steps" data-mp4={recording.mp4 ?? ''}>
            <h2 class="text-base">{t('recordingSteps')}</h2>
            <ol class="grid">
                {steps.map((step) => (
                    <StepLine key={step.step} step={step} />
                ))}
            </ol>
            {failed && (
                <div
                    class="flex flex-wrap items-center gap-3 rounded-xl bg-aered-50 p-3"
                    role="alert"
                >
                    <p class="min-w-0 flex-1 basis-40 text-sm">{t('stepsFailed')}</p>
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="retry-steps"
                        disabled={busy.value}
                        onClick={() => void run(() => post(`${api(session)}/retry`, {}))}
                    >
                        <Icon name="again" size={16} /> {t('retrySteps')}
                    </button>
                </div>
            )}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}

function Facts({ recording }: { recording: Recording }) {
    const { duration_ms, bytes, keep_until, gaps } = recording;
    return (
        <dl class="grid grid-cols-[auto_1fr] gap-x-5 gap-y-2 text-sm">
            {typeof duration_ms === 'number' && (
                <>
                    <dt class="font-bold">{t('recordingLength')}</dt>
                    <dd>
                        <bdi class="digits">{formatClock(duration_ms)}</bdi>
                    </dd>
                </>
            )}
            {typeof bytes === 'number' && bytes > 0 && (
                <>
                    <dt class="font-bold">{t('recordingSize')}</dt>
                    <dd>{formatBytes(bytes)}</dd>
                </>
            )}
            <dt class="font-bold">{t('keepUntil')}</dt>
            <dd data-testid="keep-until">
                {keep_until ? (
                    <time dateTime={keep_until}>
                        {formatDate(keep_until)} · {formatTime(keep_until)}
                    </time>
                ) : (
                    t('keepForever')
                )}
            </dd>
            {gaps && (
                <>
                    <dt class="font-bold">{t('gaps')}</dt>
                    <dd data-testid="gaps" data-count={gaps.length}>
                        {gaps.length === 0 ? (
                            t('noGaps')
                        ) : (
                            <ul class="grid gap-1">
                                {gaps.map((gap) => (
                                    <li key={gap.at_ms} data-why={gap.why}>
                                        {t('gapLine', {
                                            at: formatClock(gap.at_ms),
                                            lost: formatNumber(Math.round(gap.lost_ms / 100) / 10),
                                        })}{' '}
                                        {WHYS.includes(gap.why ?? '') && t(`gap_${gap.why}` as Key)}
                                    </li>
                                ))}
                            </ul>
                        )}
                    </dd>
                </>
            )}
        </dl>
    );
}

function Hold({
    room,
    session,
    recording,
}: {
    room: Room;
    session: Session;
    recording: Recording;
}) {
    const { problem, busy, run } = useWork(room);
    const held = recording.hold === true;
    return (
        <div class="grid gap-2 border-t border-aeblack-100 pt-4" data-testid="hold" data-on={held}>
            <div class="flex flex-wrap items-center justify-between gap-3">
                <h2 class="flex items-center gap-2 text-base">
                    <Icon name="lock" size={18} />
                    {t('hold')}
                    <span class={`chip ${held ? 'chip-gold' : ''}`}>
                        {t(held ? 'held' : 'notHeld')}
                    </span>
                </h2>
                <button
                    type="button"
                    class="btn btn-small"
                    data-testid="hold-toggle"
                    disabled={busy.value}
                    onClick={() => void run(() => patch(api(session), { hold: !held }))}
                >
                    {t(held ? 'holdOff' : 'holdOn')}
                </button>
            </div>
            <p class="text-sm text-aeblack-600">{t('holdText')}</p>
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}

function Delete({
    room,
    session,
    recording,
    working,
}: {
    room: Room;
    session: Session;
    recording: Recording;
    working: boolean;
}) {
    const { problem, busy, run } = useWork(room);
    const reason = useSignal('');
    const open = useSignal(false);
    const why = recording.hold ? 'deleteHeld' : working ? 'deleteBusy' : null;
    return (
        <details
            class="border-t border-aeblack-100 pt-4"
            data-testid="delete"
            onToggle={(event) => {
                open.value = event.currentTarget.open;
            }}
        >
            <summary class="w-fit cursor-pointer font-bold text-aered-700">
                {t('deleteRecording')}
            </summary>
            {open.value && (
                <div class="mt-3 grid gap-3">
                    <p class="text-sm">{t('deleteText')}</p>
                    {why ? (
                        <p class="text-sm font-bold">{t(why)}</p>
                    ) : (
                        <>
                            <label class="field">
                                {t('deleteReason')}
                                <input
                                    dir="auto"
                                    maxLength={200}
                                    data-testid="delete-reason"
                                    value={reason}
                                    onInput={(event) => {
                                        reason.value = event.currentTarget.value;
                                    }}
                                />
                            </label>
                            <HoldButton
                                testId="delete-recording"
                                icon="bin"
                                class="border-aered-700! bg-aered-700! text-white! disabled:border-aeblack-200! disabled:bg-whitely-300! disabled:text-aeblack-500!"
                                disabled={busy.value || !reason.value.trim()}
                                onHold={() =>
                                    void run(() =>
                                        remove(api(session), { reason: reason.value.trim() }),
                                    )
                                }
                            >
                                {t('deleteRecording')}
                            </HoldButton>
                        </>
                    )}
                    {problem.value && <ErrorBox problem={problem.value} />}
                </div>
            )}
        </details>
    );
}

function Chapters({ session, recording }: { session: Session; recording: Recording }) {
    const made = recording.steps?.find((step) => step.step === 'chapters')?.state;
    const chapters = useChapters(
        session.id,
        `${recording.in_ms} ${recording.out_ms} ${recording.playlist} ${made}`,
    );
    return (
        <div class="grid gap-2 border-t border-aeblack-100 pt-4">
            <h2 class="text-base">{t('chapters')}</h2>
            <ChapterEditor chapters={chapters} published={recording.playlist === true} />
        </div>
    );
}

function Marks({ session, recording }: { session: Session; recording: Recording }) {
    const { in_ms, out_ms } = recording;
    const origin = Date.parse(session.live_at ?? '') - Date.parse(session.epoch ?? '');
    const clock = (ms: number) => (
        <bdi class="digits">{clockWithTenths(ms - (Number.isFinite(origin) ? origin : 0))}</bdi>
    );
    return (
        <div class="grid gap-3 border-t border-aeblack-100 pt-4">
            <h2 class="text-base">{t('trim')}</h2>
            <dl class="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1 text-sm">
                <dt class="font-bold">{t('trimIn')}</dt>
                <dd>{typeof in_ms === 'number' ? clock(in_ms) : t('trimInWhole')}</dd>
                <dt class="font-bold">{t('trimOut')}</dt>
                <dd>{typeof out_ms === 'number' ? clock(out_ms) : t('trimOutWhole')}</dd>
            </dl>
            <a
                class="btn btn-small w-fit"
                data-testid="edit-recording"
                href={href('recordings', session.id)}
            >
                <Icon name="edit" size={16} /> {t('editRecording')}
            </a>
        </div>
    );
}

export default function RecordingCard({ room, session }: { room: Room; session: Session }) {
    const recording = session.recording ?? {};
    const states = recording.steps?.map((step) => step.state) ?? [];
    const gone = recording.deleted_at;
    const settled = states.length > 0 && states.every((one) => one === 'ready' || one === 'failed');
    const working = states.some((one) => one === 'waiting' || one === 'working');
    const none = recording.mp4 === 'none';
    const done = !!gone || none || settled;
    useEffect(() => {
        if (done) {
            return undefined;
        }
        const timer = setInterval(() => void room.refresh().catch(() => undefined), POLL_MS);
        return () => clearInterval(timer);
    }, [done]);
    if (gone) {
        return (
            <section class="card grid gap-2 p-4" data-testid="deleted">
                <h2 class="flex items-center gap-2 text-base">
                    <Icon name="bin" /> {t('deletedTitle')}
                </h2>
                <p class="text-sm">
                    {t('deletedOn')}{' '}
                    <time dateTime={gone}>
                        {formatDate(gone)} · {formatTime(gone)}
                    </time>
                </p>
                {recording.deleted_why && (
                    <p class="text-sm">
                        {t('deleteReason')}
                        {': '}
                        <bdi>{recording.deleted_why}</bdi>
                    </p>
                )}
                <p class="text-sm text-aeblack-600">{t('deletedText')}</p>
            </section>
        );
    }
    if (none) {
        return (
            <p class="card p-4 text-sm" data-testid="no-recording">
                {t('noRecording')}
            </p>
        );
    }
    return (
        <section class="card grid gap-4 p-4" aria-label={t('recordingLight')}>
            <Steps room={room} session={session} recording={recording} />
            {recording.playlist && (
                <a class="btn btn-small w-fit" href={href('recordings', session.id)}>
                    <Icon name="play" size={16} /> {t('watchRecording')}
                </a>
            )}
            <Facts recording={recording} />
            <Marks session={session} recording={recording} />
            <Chapters session={session} recording={recording} />
            <Hold room={room} session={session} recording={recording} />
            <Delete room={room} session={session} recording={recording} working={working} />
        </section>
    );
}
