// SPDX-License-Identifier: GPL-3.0-or-later
import { formatDate, formatTime, pick, t } from '../core/i18n';
import { href } from '../core/router';
import type { Bilingual, SessionSpeaker } from '../core/types';

export function SpeakerLine({ speakers }: { speakers?: SessionSpeaker[] }) {
    if (!speakers?.length) {
        return null;
    }
    return (
        <p class="user-text text-soft">
            {speakers.map((speaker, i) => (
                <span key={pick(speaker.name)}>
                    {i > 0 && ' · '}
                    <bdi class="font-bold wrap-anywhere">
                        {speaker.id ? (
                            <a href={href('speakers', speaker.id)} target="_blank" rel="noopener">
                                {pick(speaker.name)}
                            </a>
                        ) : (
                            pick(speaker.name)
                        )}
                    </bdi>
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
