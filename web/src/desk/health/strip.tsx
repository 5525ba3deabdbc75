// SPDX-License-Identifier: GPL-3.0-or-later
// The strip at the top of the desk, always in sight: state of the broadcast, and its troubles in words.
import { useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Heard } from '../../core/age';
import { formatClock, formatNumber, type Key, t } from '../../core/i18n';
import { alertNow } from '../../core/live-region';
import { codeWords } from '../../core/problem';
import { leapOf } from '../../core/session/leap';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Session } from '../../core/types';
import { silenceWords } from '../../ui/aged';
import { Icon, type IconName } from '../../ui/icons';
import { alarmMuted, muteAlarm, soundAlarm } from './alarm-sound';
import { type Cell, loudness, type Trouble, troubles, type Vitals } from './vitals';

type Level = 'good' | 'off' | 'warning' | 'alarm';

const LOOK: Record<Level, string> = {
    good: 'text-good',
    off: 'text-soft',
    warning: 'text-accent',
    alarm: 'text-bad',
};

/** A shape for each level, so that none is told by its colour alone. */
function Shape({ level }: { level: Level }) {
    return (
        <svg width="10" height="10" viewBox="0 0 12 12" aria-hidden="true" class="shrink-0">
            {level === 'good' ? (
                <circle cx="6" cy="6" r="5" fill="currentColor" />
            ) : level === 'off' ? (
                <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" stroke-width="2" />
            ) : (
                <path d="M6 .5 11.800 11.500H.2z" fill="currentColor" />
            )}
        </svg>
    );
}

function Item({
    name,
    icon,
    label,
    level,
    of,
    children,
}: {
    name: string;
    icon: IconName;
    label: string;
    level: Level;
    of: Heard;
    children: ComponentChildren;
}) {
    const old = of.old.value;
    const shown = old ? 'off' : level;
    return (
        <li
            class={`aged flex min-w-0 items-center gap-1.5 max-sm:gap-1 ${LOOK[shown]}`}
            data-testid={`strip-${name}`}
            data-level={shown}
            data-old={old}
        >
            <Shape level={shown} />
            <span class="lg:hidden">
                <Icon name={icon} size={15} />
            </span>
            <span class="sr-only font-normal text-soft lg:not-sr-only">{label}</span>
            <span class="min-w-0 truncate font-bold">{children}</span>
        </li>
    );
}

function OnAir({ socket, session }: { socket: SessionSocket; session: Session }) {
    const on = session.state === 'live';
    // Reading the whole second renders once each.
    const clock = useComputed(() => {
        const current = socket.session.value;
        if (!current?.live_at) {
            return '';
        }
        const ran = socket.heard.clock.value - Date.parse(current.live_at);
        return formatClock(ran - leapOf(current));
    });
    const running = session.live_at && ['live', 'paused'].includes(session.state);
    return (
        <Item
            name="on-air"
            icon="air"
            label={t(`state_${session.state}`)}
            level={on ? 'good' : session.state === 'paused' ? 'warning' : 'off'}
            of={socket.heard}
        >
            <span class="lg:hidden">{!running && t(`state_${session.state}`)}</span>
            {running && (
                <span class="digits" data-testid="strip-clock">
                    {clock}
                </span>
            )}
        </Item>
    );
}

/** dBFS from -60 to 0 as a share of the bar. */
export function levelShare(level: number): number {
    return Number.isFinite(level) ? Math.min(1, Math.max(0, (level + 60) / 60)) : 0;
}

function levelOf(found: Trouble[], cells: Cell[], good: boolean): Level {
    const mine = found.filter((one) => cells.includes(one.cell));
    if (mine.length === 0) {
        return good ? 'good' : 'off';
    }
    return mine.some((one) => one.alarm) ? 'alarm' : 'warning';
}

interface HealthProps {
    vitals: Vitals;
    found: Trouble[];
}

function RecordingItem({ vitals, found }: HealthProps) {
    const recording = vitals.health.value.value?.recording;
    const stored = recording?.stored_ms_ago;
    return (
        <Item
            name="recording"
            icon="tape"
            label={t('recordingLight')}
            level={levelOf(
                found,
                ['recording', 'disk', 'second'],
                recording?.state === 'recording',
            )}
            of={vitals.health}
        >
            {recording?.state === 'recording' && typeof stored === 'number' && stored >= 0 ? (
                <>
                    <span class="max-sm:hidden">{t('rec_recording')} · </span>
                    <bdi>{t('secondsAgo', { n: formatNumber(Math.round(stored / 100) / 10) })}</bdi>
                </>
            ) : (
                t(`rec_${recording?.state ?? 'off'}` as Key)
            )}
        </Item>
    );
}

function SourceItem({ vitals, found }: HealthProps) {
    const programme = vitals.health.value.value?.programme;
    return (
        <Item
            name="source"
            icon="play"
            label={t('source')}
            level={levelOf(found, ['source'], programme?.state === 'playing')}
            of={vitals.health}
        >
            {t(`prog_${programme?.state ?? 'off'}` as Key)}
        </Item>
    );
}

function SoundItem({ vitals, found }: HealthProps) {
    const db = loudness(vitals.health.value.value);
    const silent = found.some((one) => one.what === 'alarmSilent');
    return (
        <Item
            name="sound"
            icon="sound"
            label={t('soundShort')}
            level={levelOf(found, ['sound'], db !== null)}
            of={vitals.health}
        >
            {silent ? (
                t('silent')
            ) : db === null ? (
                t('prog_off')
            ) : (
                <meter
                    class="block h-3 w-12 sm:w-16"
                    dir="ltr"
                    min={0}
                    max={1}
                    low={0.2}
                    high={0.95}
                    optimum={0.6}
                    value={levelShare(db)}
                    aria-label={t('sound')}
                />
            )}
        </Item>
    );
}

function Viewers({ socket, vitals }: { socket: SessionSocket; vitals: Vitals | null }) {
    const health = vitals?.health.value.value?.viewers;
    const present = socket.present.value ?? health?.present ?? null;
    const { udp, tcp, relay } = socket.roads.value;
    const direct = tcp + relay > 0;
    const ways = [
        `WebRTC ${formatNumber(health?.whep ?? 0)}`,
        `HLS ${formatNumber(health?.hls ?? 0)}`,
    ];
    if (direct) {
        ways[0] += `: ${t('byRoads', {
            udp: formatNumber(udp),
            tcp: formatNumber(tcp),
            relay: formatNumber(relay),
        })}`;
    }
    return (
        <Item
            name="viewers"
            icon="people"
            label={t('viewersTitle')}
            level={present ? 'good' : 'off'}
            of={socket.heard}
        >
            {present === null ? t('notCounted') : <bdi class="digits">{formatNumber(present)}</bdi>}{' '}
            {health && (
                <bdi class="font-normal max-sm:hidden" dir="ltr">
                    ({ways.join(' · ')})
                </bdi>
            )}
        </Item>
    );
}

function Link({ socket, unheard }: { socket: SessionSocket; unheard: number }) {
    return (
        <li
            class={`flex min-w-0 items-center gap-1.5 font-bold max-sm:gap-1 ${LOOK[unheard > 0 ? 'alarm' : 'good']}`}
            data-testid="strip-link"
            data-level={unheard > 0 ? 'alarm' : 'good'}
            data-link={socket.link.value}
        >
            <Shape level={unheard > 0 ? 'alarm' : 'good'} />
            <span class="lg:hidden">
                <Icon name="link" size={15} />
            </span>
            <span class="sr-only font-normal text-soft lg:not-sr-only">{t('server')}</span>
            <span class="min-w-0 truncate">{t(unheard > 0 ? 'linkLost' : 'linkGood')}</span>
        </li>
    );
}

function Mute() {
    const muted = alarmMuted.value;
    return (
        <button
            type="button"
            class="btn btn-small btn-quiet btn-narrow shrink-0 pointer-coarse:min-h-11"
            data-testid="alarm-mute"
            aria-pressed={muted}
            title={t(muted ? 'alarmMuted' : 'alarmSounds')}
            onClick={() => muteAlarm(!muted)}
        >
            <Icon name={muted ? 'bellOff' : 'bell'} size={18} />
            <span class="sr-only xl:not-sr-only">{t('muteAlarm')}</span>
        </button>
    );
}

/** In the reader's language: of its code where it has one. */
function wordsOf(trouble: Trouble): [string, string] {
    const words = codeWords(trouble.code);
    return words
        ? [`${words.title}.`, words.text]
        : [t(trouble.what, trouble.values), t(trouble.todo)];
}

function TroubleLine({ trouble, unheard }: { trouble: Trouble; unheard: number }) {
    const [what, todo] = wordsOf(trouble);
    return (
        <li
            class={`flex items-start gap-2 px-3 py-1 text-sm leading-normal max-sm:text-xs ${
                trouble.alarm ? 'bg-bad-fill text-white' : 'bg-warn-soft text-main'
            }`}
            data-testid="trouble"
            data-cell={trouble.cell}
            data-alarm={trouble.alarm}
        >
            <Icon name="warn" size={18} />
            <span class="min-w-0 flex-1 wrap-anywhere">
                <b>
                    {what}
                    {trouble.what === 'alarmLink' && ` · ${silenceWords(unheard)}`}
                </b>{' '}
                {todo}
                {trouble.text && (
                    <bdi class="max-sm:hidden" lang="en" dir="ltr">
                        {' '}
                        ({trouble.text})
                    </bdi>
                )}
            </span>
        </li>
    );
}

/** Keeps focused elements clear of the strip: `scroll-padding-top` of the page is its height. */
function useClearance() {
    const strip = useRef<HTMLElement>(null);
    useLayoutEffect(() => {
        const { style } = document.documentElement;
        const measure = () => {
            style.setProperty('--strip', `${strip.current?.offsetHeight ?? 0}px`);
        };
        measure();
        const observer = new ResizeObserver(measure);
        if (strip.current) {
            observer.observe(strip.current);
        }
        return () => {
            observer.disconnect();
            style.removeProperty('--strip');
        };
    }, []);
    return strip;
}

/** Troubles of the broadcast; alarms among them sound and are told to screen readers. */
function useTroubles(socket: SessionSocket, vitals: Vitals | null) {
    const unheard = useComputed(() =>
        Math.max(socket.heard.silence.value, vitals?.health.silence.value ?? 0),
    );
    const found = useComputed(() =>
        troubles({
            state: socket.session.value?.state ?? 'scheduled',
            health: vitals?.health.value.value ?? null,
            silentMs: vitals?.silentMs.value ?? 0,
            unheard: unheard.value,
            refused:
                socket.link.value === 'refused' ||
                [401, 403].includes(vitals?.problem.value?.status ?? 0),
        }),
    );
    const alarms = found.value.filter((one) => one.alarm);
    const names = alarms.map((one) => one.cell).join(' ');
    useEffect(() => soundAlarm(() => found.value.some((one) => one.alarm)), []);
    useEffect(() => {
        if (alarms.length > 0) {
            alertNow(alarms.map((one) => wordsOf(one).join(' ')).join(' '));
        }
    }, [names]);
    return { unheard, found, alarms };
}

export function Strip({
    socket,
    session,
    vitals,
}: {
    socket: SessionSocket;
    session: Session;
    /** Null for a moderator, who sees no health. */
    vitals: Vitals | null;
}) {
    const strip = useClearance();
    const { unheard, found, alarms } = useTroubles(socket, vitals);
    return (
        <section
            ref={strip}
            class={`strip ${alarms.length > 0 ? 'strip-alarm' : ''}`}
            aria-label={t('stripLabel')}
            data-testid="strip"
            data-alarm={alarms.map((one) => one.cell).join(' ')}
        >
            <div class="flex items-center gap-2 px-3">
                <ul class="flex min-w-0 flex-1 flex-wrap items-center gap-x-5 gap-y-0.5 py-1 text-sm max-sm:grid max-sm:grid-cols-[repeat(3,auto)] max-sm:justify-between max-sm:gap-x-2 max-sm:text-xs">
                    <OnAir socket={socket} session={session} />
                    {vitals && (
                        <>
                            <RecordingItem vitals={vitals} found={found.value} />
                            <SourceItem vitals={vitals} found={found.value} />
                            <SoundItem vitals={vitals} found={found.value} />
                        </>
                    )}
                    <Viewers socket={socket} vitals={vitals} />
                    <Link socket={socket} unheard={unheard.value} />
                </ul>
                <Mute />
            </div>
            {found.value.length > 0 && (
                <ul class="max-sm:*:nth-[n+2]:hidden">
                    {found.value.slice(0, 3).map((trouble) => (
                        <TroubleLine key={trouble.what} trouble={trouble} unheard={unheard.value} />
                    ))}
                </ul>
            )}
        </section>
    );
}
