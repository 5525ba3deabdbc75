// SPDX-License-Identifier: GPL-3.0-or-later
// The health of the broadcast in full: the values of the strip, rates, and the last five minutes.
// Every field may be missing.
import type { ComponentChildren } from 'preact';
import { formatBytes, formatNumber, type Key, t } from '../../core/i18n';
import { codeWords } from '../../core/problem';
import type { SessionSocket } from '../../core/session/session-socket';
import type {
    DiskHealth,
    ProgrammeHealth,
    RecordingHealth,
    SoundHealth,
    ViewersHealth,
} from '../../core/types';
import { Aged, AgeNote } from '../../ui/aged';
import { ErrorBox } from '../../ui/parts';
import { Plots } from './plots';
import { levelShare } from './strip';
import { SOUND_ALARMS, TOLD_SILENT_MS, type Vitals } from './vitals';

const GOOD = ['playing', 'recording'];
const BAD = ['failed', 'failing'];

function Light({ state, label, old }: { state?: string; label: string; old: boolean }) {
    const good = !old && GOOD.includes(state ?? '');
    const bad = !old && BAD.includes(state ?? '');
    return (
        <span
            class={`chip whitespace-normal ${good ? 'chip-green' : bad ? 'chip-red' : ''}`}
            data-state={state}
        >
            <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
                {bad ? (
                    <path d="M6 1 11.500 11H.5z" fill="currentColor" />
                ) : good ? (
                    <circle cx="6" cy="6" r="5" fill="currentColor" />
                ) : (
                    <circle
                        cx="6"
                        cy="6"
                        r="4"
                        fill="none"
                        stroke="currentColor"
                        stroke-width="2"
                    />
                )}
            </svg>
            {label}
        </span>
    );
}

/** Minutes up to four hours, whole hours beyond. */
function roomFor(minutes: number): string {
    return minutes > 240
        ? t('diskHours', { n: Math.floor(minutes / 60) })
        : t('diskMinutes', { n: Math.max(0, Math.floor(minutes)) });
}

function Row({
    name,
    testId,
    children,
}: {
    name: string;
    testId?: string;
    children: ComponentChildren;
}) {
    return (
        <>
            <dt class="font-bold">{name}</dt>
            <dd class="flex flex-wrap items-center gap-2" data-testid={testId}>
                {children}
            </dd>
        </>
    );
}

/** The server's own sentence, for engineers. */
function Detail({ text }: { text: string | null | undefined }) {
    return text ? (
        <bdi class="min-w-0 wrap-anywhere text-soft" lang="en" dir="ltr">
            {text}
        </bdi>
    ) : null;
}

function RecordingRow({
    recording,
    detail,
    old,
}: {
    recording?: RecordingHealth;
    detail: boolean;
    old: boolean;
}) {
    const stored = recording?.state === 'off' ? undefined : recording?.stored_ms_ago;
    const lost = recording?.lost_units ?? 0;
    return (
        <Row name={t('recordingLight')} testId="recording-light">
            <Light
                old={old}
                state={recording?.state}
                label={t(`rec_${recording?.state ?? 'off'}` as Key)}
            />
            {typeof stored === 'number' && stored >= 0 && (
                <span>{t('onDisk', { n: formatNumber(Math.round(stored / 100) / 10) })}</span>
            )}
            {lost > 0 && <span>{t('unitsLost', { n: formatNumber(lost) })}</span>}
            {detail && <Detail text={recording?.text} />}
        </Row>
    );
}

function SourceRow({ programme, old }: { programme?: ProgrammeHealth; old: boolean }) {
    const fault = codeWords(programme?.code);
    return (
        <Row name={t('source')} testId="source-light">
            <Light
                old={old}
                state={programme?.state}
                label={t(`prog_${programme?.state ?? 'off'}` as Key)}
            />
            {fault && <span>{`${fault.title}. ${fault.text}`}</span>}
            <Detail text={programme?.text} />
        </Row>
    );
}

/** After gain and limiter, as attendees hear it. */
function Loudness({ sound }: { sound: SoundHealth }) {
    const { loudness, short_term: now, gain_db: gain, alarm } = sound;
    const tenths = (n: number) => formatNumber(Math.round(10 * n) / 10);
    const words = alarm ? SOUND_ALARMS[alarm] : null;
    return (
        <span class="flex basis-full flex-wrap gap-x-3" data-testid="loudness">
            {now !== null && <bdi>{t('loudnessNow', { n: tenths(now) })}</bdi>}
            {loudness !== null && <bdi>{t('loudnessWhole', { n: tenths(loudness) })}</bdi>}
            <bdi class="text-soft">{t('soundGain', { n: tenths(gain) })}</bdi>
            {words && (
                <span class="basis-full text-bad" data-testid="sound-alarm" data-alarm={alarm}>
                    {`${t(words[0], { n: TOLD_SILENT_MS / 1000 })} ${t(words[1])}`}
                </span>
            )}
        </span>
    );
}

function SoundRow({ levels, sound }: { levels: number[]; sound?: SoundHealth }) {
    return (
        <Row name={t('sound')}>
            <span class="grid flex-1 gap-1" dir="ltr">
                {levels.map((level, i) => (
                    <meter
                        key={i}
                        class="h-3 w-full"
                        min={0}
                        max={1}
                        low={0.2}
                        high={0.95}
                        optimum={0.6}
                        value={levelShare(level)}
                        aria-label={`${t('sound')} ${i + 1}`}
                    />
                ))}
            </span>
            {sound && <Loudness sound={sound} />}
        </Row>
    );
}

function ViewersRow({ present, viewers }: { present: number | null; viewers?: ViewersHealth }) {
    return (
        <Row name={t('viewersTitle')} testId="viewers">
            <span class="font-bold">
                {present === null ? t('notCounted') : t('viewers', { n: present })}
            </span>
            <span class="text-soft">
                <bdi>{t('byWhep', { n: formatNumber(viewers?.whep ?? 0) })}</bdi> ·{' '}
                <bdi>{t('byHls', { n: formatNumber(viewers?.hls ?? 0) })}</bdi>
            </span>
        </Row>
    );
}

/** The second copy of the recording; `detail` where the server's sentence is about it. */
function SecondRow({
    recording,
    detail,
    old,
}: {
    recording: RecordingHealth;
    detail: boolean;
    old: boolean;
}) {
    const { second, text } = recording;
    return second ? (
        <Row name={t('second')} testId="second">
            <Light
                old={old}
                state={second === 'ok' ? 'recording' : second}
                label={t(`second_${second}`)}
            />
            {second === 'failing' && <span>{t('secondText')}</span>}
            {detail && <Detail text={text} />}
        </Row>
    ) : null;
}

function DiskRow({ disk, old }: { disk: DiskHealth; old: boolean }) {
    const { free_bytes: free, minutes_left: minutes, minimum_bytes: minimum, low } = disk;
    return typeof free === 'number' && free > 0 ? (
        <Row name={t('disk')} testId="disk">
            {low && <Light old={old} state="failing" label={t('diskLow')} />}
            <span>{t('diskFree', { n: formatBytes(free) })}</span>
            {typeof minutes === 'number' && (
                <span data-testid="minutes-left" data-minutes={minutes}>
                    {roomFor(minutes)}
                </span>
            )}
            {low && typeof minimum === 'number' && (
                <span class="basis-full text-bad">
                    {t('diskLowText', { n: formatBytes(minimum) })}
                </span>
            )}
        </Row>
    ) : null;
}

export default function HealthPanel({ socket, vitals }: { socket: SessionSocket; vitals: Vitals }) {
    const problem = vitals.problem.value;
    const old = vitals.health.old.value;
    const { programme, recording, viewers, disk } = vitals.health.value.value ?? {};
    const ofSecond = recording?.second === 'failing' && recording.state !== 'failing';
    return (
        <section class="grid gap-3" aria-label={t('health')} data-testid="health">
            {problem && problem.status > 0 && <ErrorBox problem={problem} />}
            <AgeNote of={vitals.health} />
            <Aged of={vitals.health} as="div" class="grid gap-4">
                <dl class="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-5 gap-y-2.5 text-sm">
                    <RecordingRow recording={recording} detail={!ofSecond} old={old} />
                    <SourceRow programme={programme} old={old} />
                    {programme?.levels && programme.levels.length > 0 && (
                        <SoundRow levels={programme.levels} sound={programme.sound} />
                    )}
                    <ViewersRow
                        present={socket.present.value ?? viewers?.present ?? null}
                        viewers={viewers}
                    />
                    {recording && <SecondRow recording={recording} detail={ofSecond} old={old} />}
                    {disk && <DiskRow disk={disk} old={old} />}
                </dl>
                <Plots vitals={vitals} />
            </Aged>
        </section>
    );
}
