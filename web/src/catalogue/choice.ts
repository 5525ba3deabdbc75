// SPDX-License-Identifier: GPL-3.0-or-later
// Which recordings are chosen, what is sent for them, and what an act says of itself. Pure.
import { type Problem, refusal } from '../core/api';
import { wholeNumber } from '../core/digits';
import type { Act, ActKind, ActNew, RecordingItem, RecordingState } from '../core/types';

export const MOST = 200;
export const MOST_DAYS = 3650;
export const KINDS: ActKind[] = ['publish', 'unpublish', 'hold', 'release', 'retain', 'export'];

export const withReason = (kind: ActKind) => kind === 'hold' || kind === 'release';

/** The states that a recording has at once, for its chips. */
export function statesOf({ state, recording }: RecordingItem): RecordingState[] {
    if (recording.deleted_at) {
        return ['deleted'];
    }
    const steps = recording.steps.map((step) => step.state);
    const list: [RecordingState, boolean][] = [
        ['published', state === 'published'],
        ['unpublished', state !== 'published'],
        ['failed', steps.includes('failed')],
        ['working', steps.includes('working') || steps.includes('waiting')],
        ['held', recording.hold],
    ];
    return list.filter(([, on]) => on).map(([name]) => name);
}

/** Of those that are shown: what is gone from the list, or deleted, is not chosen. */
export function chosenOf(items: RecordingItem[], ids: ReadonlySet<string>): RecordingItem[] {
    return items.filter(({ id, recording }) => ids.has(id) && !recording.deleted_at);
}

export interface ActDraft {
    kind: ActKind;
    reason: string;
    days: string;
}

export function faultOf({ kind, days }: ActDraft): Problem | null {
    const number = wholeNumber(days);
    const wrong = number === null || number < 1 || number > MOST_DAYS;
    return kind === 'retain' && days.trim() !== '' && wrong
        ? refusal('out-of-range', 'days', { min: 1, max: MOST_DAYS })
        : null;
}

export function bodyOf({ kind, reason, days }: ActDraft, recordings: string[]): ActNew {
    return {
        act: kind,
        recordings,
        ...(withReason(kind) && reason.trim() && { reason: reason.trim() }),
        ...(kind === 'retain' && { days: days.trim() ? wholeNumber(days) : null }),
    };
}

export const isRunning = ({ ended_at }: Act) => ended_at === null;
export const refusedOf = ({ items }: Act) => items.filter(({ outcome }) => outcome === 'refused');

/** Those to show: all that run, and the newest. */
export function shownActs(acts: Act[]): Act[] {
    return acts.filter((act, i) => i === 0 || isRunning(act));
}
