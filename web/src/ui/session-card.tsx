// SPDX-License-Identifier: GPL-3.0-or-later
import { formatDate, formatTime, pick, t } from '../core/i18n';
import { href } from '../core/router';
import type { Bilingual, Session, Speaker } from '../core/types';
import { StateChip } from './parts';

export function SpeakerLine({ speakers }: { speakers?: Speaker[] }) {
    if (!speakers?.length) {
        return null;
    }
    return (
        <p class="user-text text-soft">
            {speakers.map((speaker, i) => (
                <span key={pick(speaker.name)}>
                    {i > 0 && ' · '}
                    <bdi class="font-bold wrap-anywhere">{pick(speaker.name)}</bdi>
                    {pick(speaker.role) && (
                        <>
                            {t('comma')} <bdi class="wrap-anywhere">{pick(speaker.role)}</bdi>
                        </>
                    )}
                </span>
            ))}
        </p>
    );
}

export function When({ at, minutes }: { at: string; minutes?: number }) {
    return (
        <p class="text-sm text-soft">
            <time dateTime={at}>
                {formatDate(at)} · {formatTime(at)}
            </time>{' '}
            {t('uaeTime')}
            {minutes ? ` · ${t('minutes', { n: minutes })}` : ''}
        </p>
    );
}

export function Title({ title, class: className = '' }: { title: Bilingual; class?: string }) {
    return (
        <span dir="auto" class={`user-text block ${className}`}>
            {pick(title) || t('untitled')}
        </span>
    );
}

export function SessionCard({ session, staff }: { session: Session; staff: boolean }) {
    const watchable = session.state === 'published' && !session.recording.deleted_at;
    const target = staff
        ? href('desk', session.id)
        : watchable
          ? href('recordings', session.id)
          : href('s', session.id);
    const action = staff
        ? t('openDesk')
        : watchable
          ? t('watchRecording')
          : session.state === 'live'
            ? t('watchNow')
            : t('openSession');
    return (
        <li class="card flex flex-wrap items-center gap-x-6 gap-y-4 p-5 sm:p-6">
            <div class="grid min-w-0 flex-1 basis-64 gap-1.5">
                <div>
                    <StateChip state={session.state} deleted={!!session.recording.deleted_at} />
                </div>
                <h2 class="text-lg sm:text-xl">
                    <Title title={session.title} />
                </h2>
                <SpeakerLine speakers={session.speakers} />
                <When at={session.starts_at} minutes={session.duration_minutes} />
            </div>
            <div class="flex flex-wrap gap-2">
                <a class={`btn ${session.state === 'live' ? 'btn-main' : ''}`} href={target}>
                    {action}
                </a>
                {staff && (
                    <a class="btn btn-quiet" href={href('present', session.id)}>
                        {t('presenterView')}
                    </a>
                )}
            </div>
        </li>
    );
}
