// SPDX-License-Identifier: GPL-3.0-or-later
// Series and speakers while they are written, and what a session takes from them. Pure.
import { type Problem, refusal } from '../core/api';
import { wholeNumber } from '../core/digits';
import { isBlank } from '../core/text';
import type {
    AgendaItem,
    Bilingual,
    Series,
    SeriesChange,
    Session,
    Speaker,
    SpeakerChange,
} from '../core/types';

export const MOST_MINUTES = 480;
const MOST_DAYS = 3650;
const MOST_TAGS = 10;
const MOST_NUMBER = 9999;

export interface SeriesDraft {
    name: Bilingual;
    description: Bilingual;
    minutes: string;
    access: 'open' | 'invited';
    showNames: boolean;
    days: string;
}

const both = (text?: Bilingual): Bilingual => ({ ar: text?.ar ?? '', en: text?.en ?? '' });

export const seriesDraft = (series: Series | null): SeriesDraft => ({
    name: both(series?.name),
    description: both(series?.description),
    minutes: String(series?.duration_minutes ?? 60),
    access: series?.access ?? 'invited',
    showNames: series?.show_names ?? false,
    days: series?.retention_days ? String(series.retention_days) : '',
});

const within = (text: string, max: number) => {
    const n = wholeNumber(text);
    return n !== null && n >= 1 && n <= max;
};

const nameFault = (name: Bilingual): Problem | null =>
    isBlank(name.ar) && isBlank(name.en) ? refusal('required', 'name') : null;

export function seriesFault(draft: SeriesDraft): Problem | null {
    if (!within(draft.minutes, MOST_MINUTES)) {
        return refusal('out-of-range', 'duration_minutes', { min: 1, max: MOST_MINUTES });
    }
    if (draft.days.trim() && !within(draft.days, MOST_DAYS)) {
        return refusal('out-of-range', 'retention_days', { min: 1, max: MOST_DAYS });
    }
    return nameFault(draft.name);
}

export const seriesBody = (draft: SeriesDraft): SeriesChange => ({
    name: draft.name,
    description: draft.description,
    duration_minutes: wholeNumber(draft.minutes) ?? 0,
    access: draft.access,
    show_names: draft.showNames,
    retention_days: wholeNumber(draft.days),
});

export const SPEAKER_TEXTS = ['name', 'title', 'organisation', 'biography'] as const;
export type SpeakerDraft = Record<(typeof SPEAKER_TEXTS)[number], Bilingual>;

export const speakerDraft = (speaker: Speaker | null): SpeakerDraft => ({
    name: both(speaker?.name),
    title: both(speaker?.title),
    organisation: both(speaker?.organisation),
    biography: both(speaker?.biography),
});

export const speakerFault = (draft: SpeakerDraft) => nameFault(draft.name);
export const speakerBody = (draft: SpeakerDraft): SpeakerChange => draft;

/* --- Of a session --- */

/** As the server counts. */
export const nextNumber = (sessions: readonly Session[], series: string): number =>
    1 + Math.max(0, ...sessions.map((one) => (one.series?.id === series ? (one.number ?? 0) : 0)));

/** What a new session takes from its series. */
export function defaultsOf(series: Series): {
    minutes: string;
    access: 'open' | 'invited';
    showNames: boolean;
    agenda: AgendaItem[];
} {
    const { minutes, access, showNames } = seriesDraft(series);
    return { minutes, access, showNames, agenda: series.agenda ?? [] };
}

/** Topics as people separate them: commas of both languages, lines. */
export const tagsOf = (text: string): string[] => [
    ...new Set(
        text
            .split(/[,،;؛\n]/)
            .map((one) => one.trim())
            .filter((one) => !isBlank(one)),
    ),
];

/** Of the fields that a session has by its series. */
export function placeFault(draft: { series: string; number: string; tags: string }) {
    if (draft.series && draft.number.trim() && !within(draft.number, MOST_NUMBER)) {
        return refusal('out-of-range', 'number', { min: 1, max: MOST_NUMBER });
    }
    return tagsOf(draft.tags).length > MOST_TAGS
        ? refusal('too-many-items', 'tags', { max: MOST_TAGS })
        : null;
}

/** An empty number is the next one in another series, none in the same. */
export function placeBody(
    draft: { series: string; number: string; tags: string },
    old: Session | null,
) {
    const number = wholeNumber(draft.number);
    const same = old !== null && (old.series?.id ?? '') === draft.series;
    return {
        series: draft.series || null,
        ...(draft.series && (number !== null || same) && { number }),
        tags: tagsOf(draft.tags),
    };
}
