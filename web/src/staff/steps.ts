// SPDX-License-Identifier: GPL-3.0-or-later
// The three steps of a new session, and its draft, which is kept until the session is made. Pure but for
// the store that is handed in.
import { type Problem, refusal } from '../core/api';
import { isBlank } from '../core/text';
import { type AgendaDraft, newKey } from '../desk/agenda-fields';
import { blankSpeaker, faultOf, type SessionDraft, sessionDraft } from './draft';

export const STEPS = ['what', 'who', 'when'] as const;
export type Step = (typeof STEPS)[number];

const FIELDS: Record<Step, RegExp> = {
    what: /^(title|series|number|tags|agenda)\b/,
    who: /^(speakers|access|show_names)\b/,
    when: /^(starts_at|duration_minutes)\b/,
};

/** Where the field of a refusal stands. */
export const stepOf = (field: string): Step | undefined =>
    STEPS.find((step) => FIELDS[step].test(field));

/** What keeps from leaving a step; an agenda's or a speaker's fault is the server's to find. */
export function stepFault(step: Step, draft: SessionDraft): Problem | null {
    if (step === 'what' && isBlank(draft.ar) && isBlank(draft.en)) {
        return refusal('required', 'title');
    }
    // As if the later steps were filled in.
    const filled = { ...draft, starts: draft.starts || '2030-01-01T00:00' };
    const fault = faultOf(step === 'when' ? draft : filled);
    return fault && stepOf(fault.field) === step ? fault : null;
}

export interface Kept {
    step: Step;
    draft: SessionDraft;
    agenda: AgendaDraft[];
}

const KEY = 'majlis.new-session';
/** The form's shape: a draft of another one is of no use. */
const shape = () => Object.keys(sessionDraft(null)).sort().join();

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Nothing is lost where the browser keeps nothing. */
export function keepDraft(store: () => Store, person: string, kept: Kept | null): void {
    try {
        if (kept) {
            store().setItem(KEY, JSON.stringify({ ...kept, person, shape: shape() }));
        } else {
            store().removeItem(KEY);
        }
    } catch {
        // full, or forbidden
    }
}

/** Its lines have keys of another page. */
const fresh = ({ step, draft, agenda }: Kept): Kept => ({
    step,
    draft: {
        ...draft,
        speakers: draft.speakers.map((one) => ({ ...one, key: blankSpeaker().key })),
    },
    agenda: agenda.map((one) => ({ ...one, key: newKey() })),
});

/** Of the same person, and of the same form. */
export function keptDraft(store: () => Store, person: string): Kept | null {
    try {
        const kept = JSON.parse(store().getItem(KEY) ?? 'null') as
            | (Kept & { person: string; shape: string })
            | null;
        const good =
            kept?.person === person &&
            kept.shape === shape() &&
            STEPS.includes(kept.step) &&
            Array.isArray(kept.agenda);
        return good && kept ? fresh(kept) : null;
    } catch {
        return null;
    }
}
