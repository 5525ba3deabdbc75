// SPDX-License-Identifier: GPL-3.0-or-later
// A session while it is written: the form's values, their faults, the doubts to ask about, and the
// body of the request.
import { type Problem, refusal } from '../core/api';
import { wholeNumber } from '../core/digits';
import { isOver } from '../core/session/state';
import { isBlank } from '../core/text';
import type { Session, SessionChange, Speaker } from '../core/types';
import { type AgendaDraft, agendaOf, draftOf } from '../desk/agenda-fields';
import { MOST_MINUTES, placeBody, placeFault } from '../series/draft';

const UAE_MS = 4 * 3600_000;

export interface SpeakerDraft {
    key: number;
    /** Of the list of speakers; empty: a name alone. */
    id: string;
    nameAr: string;
    nameEn: string;
    roleAr: string;
    roleEn: string;
}

export interface SessionDraft {
    ar: string;
    en: string;
    /** A wall time in the UAE, as <input type="datetime-local"> has it. */
    starts: string;
    minutes: string;
    access: 'open' | 'invited';
    showNames: boolean;
    /** Its id, or empty. */
    series: string;
    number: string;
    tags: string;
    speakers: SpeakerDraft[];
    agenda: AgendaDraft[];
}

let serial = 0;

export const blankSpeaker = (): SpeakerDraft => ({
    key: serial++,
    id: '',
    nameAr: '',
    nameEn: '',
    roleAr: '',
    roleEn: '',
});

/** As the list of speakers has them now. */
export const knownSpeaker = ({ id, name, title }: Speaker): SpeakerDraft => ({
    key: serial++,
    id,
    nameAr: name.ar,
    nameEn: name.en,
    roleAr: title.ar,
    roleEn: title.en,
});

/** The UAE has had one offset and no summer time since 1920. Null: no such time. */
export function uaeTime(local: string): string | null {
    const ms = Date.parse(`${local}:00+04:00`);
    return Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000Z', 'Z') : null;
}

export function uaeLocal(at: string): string {
    return new Date(Date.parse(at) + UAE_MS).toISOString().slice(0, 16);
}

/** Of a session to be corrected; `copy` leaves out when it was. */
export function sessionDraft(session: Session | null, copy = false): SessionDraft {
    const speakers = (session?.speakers ?? []).map(({ id, name, role }) => ({
        key: serial++,
        id: id ?? '',
        nameAr: name.ar ?? '',
        nameEn: name.en ?? '',
        roleAr: role?.ar ?? '',
        roleEn: role?.en ?? '',
    }));
    return {
        ar: session?.title.ar ?? '',
        en: session?.title.en ?? '',
        starts: session && !copy ? uaeLocal(session.starts_at) : '',
        minutes: String(session?.duration_minutes ?? 60),
        access: session?.access ?? 'invited',
        showNames: session?.show_names ?? false,
        series: session?.series?.id ?? '',
        number: session?.number && !copy ? String(session.number) : '',
        tags: (session?.tags ?? []).join('، '),
        speakers: speakers.length > 0 ? speakers : [blankSpeaker()],
        agenda: draftOf(session?.agenda ?? []),
    };
}

const isEmpty = (s: SpeakerDraft) =>
    ![s.nameAr, s.nameEn, s.roleAr, s.roleEn].some((t) => t.trim());

/** The speakers that are sent, in the order of their indices in the request. */
export const speakersOf = (draft: SessionDraft) => draft.speakers.filter((s) => !isEmpty(s));

/** The first fault that the form sees by itself. */
export function faultOf(draft: SessionDraft): Problem | null {
    const minutes = wholeNumber(draft.minutes);
    if (isBlank(draft.ar) && isBlank(draft.en)) {
        return refusal('required', 'title');
    }
    if (!uaeTime(draft.starts)) {
        return refusal(draft.starts ? 'bad-time' : 'required', 'starts_at');
    }
    if (minutes === null || minutes < 1 || minutes > MOST_MINUTES) {
        return refusal('out-of-range', 'duration_minutes', { min: 1, max: MOST_MINUTES });
    }
    return placeFault(draft);
}

/** The form shows whole minutes. */
const keepsStart = (draft: SessionDraft, old: Session | null) =>
    old !== null && draft.starts === uaeLocal(old.starts_at);

/** The request's body; `old` is the session that is corrected, whose start may be fixed by now. */
export function bodyOf(draft: SessionDraft, old: Session | null): SessionChange {
    return {
        title: { ar: draft.ar, en: draft.en },
        ...(!keepsStart(draft, old) && { starts_at: uaeTime(draft.starts) ?? '' }),
        duration_minutes: wholeNumber(draft.minutes) ?? 0,
        access: draft.access,
        show_names: draft.showNames,
        ...placeBody(draft, old),
        speakers: speakersOf(draft).map((s) => ({
            ...(s.id && { id: s.id }),
            name: { ar: s.nameAr || s.nameEn, en: s.nameEn || s.nameAr },
            role: { ar: s.roleAr || s.roleEn, en: s.roleEn || s.roleAr },
        })),
        agenda: agendaOf(draft.agenda),
    };
}

export interface Doubts {
    past: boolean;
    clashes: Session[];
}

const length = (minutes: number) => minutes * 60_000;

/** Values that are allowed but probably a slip: the form asks. A session that keeps its
 *  start is not asked about its past. */
export function doubtsOf(
    draft: SessionDraft,
    old: Session | null,
    others: Session[],
    now: number,
): Doubts {
    const from = Date.parse(uaeTime(draft.starts) ?? '');
    const to = from + length(wholeNumber(draft.minutes) ?? 0);
    const clashes = others.filter((one) => {
        const begins = Date.parse(one.starts_at);
        return (
            one.id !== old?.id &&
            !isOver(one.state) &&
            begins < to &&
            begins + length(one.duration_minutes) > from
        );
    });
    return { past: !keepsStart(draft, old) && from < now, clashes };
}
