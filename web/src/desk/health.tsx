// SPDX-License-Identifier: GPL-3.0-or-later
// Recording light, source and viewers, polled. Every field may be missing.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asProblem, get, type Problem } from '../core/api';
import { formatBytes, formatNumber, type Key, t } from '../core/i18n';
import type { Room } from '../core/room';
import type { Health } from '../core/types';
import { ErrorBox } from '../ui/parts';

const POLL_MS = 2000;
const GOOD = ['playing', 'recording'];
const BAD = ['failed', 'failing'];
const LOW_BYTES = 5e9;

function Light({ state, label }: { state?: string; label: string }) {
    const good = GOOD.includes(state ?? '');
    const bad = BAD.includes(state ?? '');
    return (
        <span
            class={`chip whitespace-normal! ${good ? 'chip-green' : bad ? 'chip-red' : ''}`}
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

/** dBFS from -60 to 0 as a share of the bar. */
function Meter({ level, label }: { level: number; label: string }) {
    const share = Number.isFinite(level) ? Math.min(1, Math.max(0, (level + 60) / 60)) : 0;
    return (
        <meter
            class="h-3 w-full"
            min={0}
            max={1}
            low={0.2}
            high={0.95}
            optimum={0.6}
            value={share}
            aria-label={label}
        />
    );
}

/** Minutes up to four hours, whole hours beyond. */
function roomFor(minutes: number): string {
    return minutes > 240
        ? t('diskHours', { n: Math.floor(minutes / 60) })
        : t('diskMinutes', { n: Math.max(0, Math.floor(minutes)) });
}

export function HealthPanel({ room }: { room: Room }) {
    const health = useSignal<Health | null>(null);
    const problem = useSignal<Problem | null>(null);
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout>;
        let gone = false;
        const poll = async () => {
            try {
                health.value = await get<Health>('health');
                problem.value = null;
            } catch (error) {
                problem.value = asProblem(error);
            }
            if (!gone) {
                timer = setTimeout(poll, POLL_MS);
            }
        };
        void poll();
        return () => {
            gone = true;
            clearTimeout(timer);
        };
    }, []);
    // A server may run several sessions at once; the desk shows its own.
    const own = health.value?.sessions?.find((one) => one.session === room.id);
    const { programme, recording, viewers } = own ?? {};
    const disk = own?.disk ?? health.value?.disk;
    const free = disk?.free_bytes ?? recording?.free_bytes;
    const low = disk?.low ?? (typeof free === 'number' && free < LOW_BYTES);
    const second = recording?.second;
    const ofSecond = second === 'failing' && recording?.state !== 'failing';
    const stored = recording?.stored_ms_ago;
    const present = room.present.value ?? viewers?.present ?? 0;
    return (
        <section class="card grid gap-3 p-4" aria-label={t('health')} data-testid="health">
            {problem.value && <ErrorBox problem={problem.value} />}
            <dl class="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-5 gap-y-2.5 text-sm">
                <dt class="font-bold">{t('recordingLight')}</dt>
                <dd class="flex flex-wrap items-center gap-2" data-testid="recording-light">
                    <Light
                        state={recording?.state}
                        label={t(`rec_${recording?.state ?? 'off'}` as Key)}
                    />
                    {recording &&
                        recording.state !== 'off' &&
                        typeof stored === 'number' &&
                        stored >= 0 && (
                            <span>
                                {t('onDisk', { n: formatNumber(Math.round(stored / 100) / 10) })}
                            </span>
                        )}
                    {recording?.text && !ofSecond && (
                        <bdi class="text-aeblack-700">{recording.text}</bdi>
                    )}
                </dd>
                <dt class="font-bold">{t('source')}</dt>
                <dd class="flex flex-wrap items-center gap-2" data-testid="source-light">
                    <Light
                        state={programme?.state}
                        label={t(`prog_${programme?.state ?? 'off'}` as Key)}
                    />
                    {programme?.text && <bdi class="text-aeblack-700">{programme.text}</bdi>}
                </dd>
                {programme?.levels && programme.levels.length > 0 && (
                    <>
                        <dt class="font-bold">{t('sound')}</dt>
                        <dd class="grid gap-1" dir="ltr">
                            {programme.levels.map((level, i) => (
                                <Meter key={i} level={level} label={`${t('sound')} ${i + 1}`} />
                            ))}
                        </dd>
                    </>
                )}
                <dt class="font-bold">{t('viewersTitle')}</dt>
                <dd class="flex flex-wrap gap-x-4" data-testid="viewers">
                    <span class="font-bold">{t('viewers', { n: present })}</span>
                    <span class="text-aeblack-600">
                        <bdi>{t('byWhep', { n: formatNumber(viewers?.whep ?? 0) })}</bdi> ·{' '}
                        <bdi>{t('byHls', { n: formatNumber(viewers?.hls ?? 0) })}</bdi>
                    </span>
                </dd>
                {second && (
                    <>
                        <dt class="font-bold">{t('second')}</dt>
                        <dd class="flex flex-wrap items-center gap-2" data-testid="second">
                            <Light
                                state={second === 'ok' ? 'recording' : second}
                                label={t(`second_${second}`)}
                            />
                            {second === 'failing' && <span>{t('secondText')}</span>}
                            {ofSecond && <bdi class="text-aeblack-700">{recording?.text}</bdi>}
                        </dd>
                    </>
                )}
                {typeof free === 'number' && free > 0 && (
                    <>
                        <dt class="font-bold">{t('disk')}</dt>
                        <dd class="flex flex-wrap items-center gap-2" data-testid="disk">
                            {low && <Light state="failing" label={t('diskLow')} />}
                            <span>{t('diskFree', { n: formatBytes(free) })}</span>
                            {typeof disk?.minutes_left === 'number' && (
                                <span data-testid="minutes-left" data-minutes={disk.minutes_left}>
                                    {roomFor(disk.minutes_left)}
                                </span>
                            )}
                            {low && typeof disk?.minimum_bytes === 'number' && (
                                <span class="basis-full text-aered-800">
                                    {t('diskLowText', { n: formatBytes(disk.minimum_bytes) })}
                                </span>
                            )}
                        </dd>
                    </>
                )}
            </dl>
        </section>
    );
}
