// SPDX-License-Identifier: GPL-3.0-or-later
// A session's way from its preparation to its published recording: at each step what is missing, and
// where that is mended. Pure.
import type { InvitationList, MailList, Session } from '../../core/types';
import type { Vital } from '../health/vitals';

export const STEPS = ['prepare', 'invite', 'rehearse', 'live', 'after'] as const;
export type StepName = (typeof STEPS)[number];

/** `later`: its time is to come. `now`: under way, and nothing is missing. */
export type StepState = 'done' | 'missing' | 'now' | 'later';

/** A tab of the desk, the form of the session, or the buttons of the broadcast. */
export type Place = 'edit' | 'agenda' | 'invitations' | 'health' | 'recording' | 'run';

export type Missing =
    | 'speaker'
    | 'agenda'
    | 'language'
    | 'nobody'
    | 'speakerLink'
    | 'notSent'
    | 'mailFailed'
    | 'mailDoubt'
    | 'rehearsal'
    | 'source'
    | 'late'
    | 'notStored'
    | 'stepsFailed'
    | 'notPublished';

export interface Gap {
    what: Missing;
    to: Place;
    n: number;
}

export interface FlowStep {
    name: StepName;
    state: StepState;
    gaps: Gap[];
}

export interface Facts {
    session: Session;
    /** Milliseconds, by the server's clock. */
    now: number;
    /** Null: not known yet. */
    invitations: InvitationList['counts'] | null;
    mails: Pick<MailList, 'counts' | 'relay'> | null;
    health: Vital | null;
}

const LATE_MS = 60_000;

type Found = [what: Missing, is: boolean, to: Place, n?: number];

const gapsOf = (found: Found[]): Gap[] =>
    found.filter(([, is]) => is).map(([what, , to, n = 0]) => ({ what, to, n }));

function prepareGaps({ session: { speakers, agenda, title } }: Facts): Gap[] {
    return gapsOf([
        ['speaker', speakers.length === 0, 'edit'],
        ['agenda', agenda.length === 0, 'agenda'],
        ['language', !title.ar || !title.en, 'edit'],
    ]);
}

function inviteGaps({ session, invitations, mails }: Facts): Gap[] {
    const unsent = (mails?.relay.configured && invitations?.unmailed) || 0;
    const { failed = 0, doubt = 0 } = mails?.counts ?? {};
    return gapsOf([
        ['nobody', session.access === 'invited' && invitations?.attendees === 0, 'invitations'],
        ['speakerLink', invitations?.speakers === 0, 'invitations'],
        ['notSent', unsent > 0, 'invitations', unsent],
        ['mailFailed', failed > 0, 'invitations', failed],
        ['mailDoubt', doubt > 0, 'invitations', doubt],
    ]);
}

function rehearseGaps({ session, health }: Facts): Gap[] {
    const { state, code } = health?.programme ?? {};
    const silent = state !== undefined && (state !== 'playing' || !!code);
    return gapsOf([
        ['rehearsal', session.state === 'scheduled', 'run'],
        ['source', session.state === 'lobby' && silent, 'health'],
    ]);
}

function liveGaps({ session, now, health }: Facts): Gap[] {
    const on = session.state === 'live' || session.state === 'paused';
    const source = health?.programme?.state;
    return gapsOf([
        ['late', !on && now > Date.parse(session.starts_at) + LATE_MS, 'run'],
        ['source', on && (source === 'failed' || source === 'ended'), 'health'],
        ['notStored', on && health?.recording?.state === 'failing', 'health'],
    ]);
}

const working = ({ recording }: Session) =>
    recording.steps.some(({ state }) => state === 'working' || state === 'waiting');

function afterGaps({ session }: Facts): Gap[] {
    const { recording, state } = session;
    const there = recording.mp4 !== 'none' && !recording.deleted_at;
    const failed = recording.steps.some((step) => step.state === 'failed');
    return gapsOf([
        ['stepsFailed', there && failed, 'recording'],
        ['notPublished', there && state === 'ended' && !failed && !working(session), 'recording'],
    ]);
}

const BEFORE = ['scheduled', 'lobby'];
const ON = ['live', 'paused'];

/** Empty for a cancelled session: nothing of it is to come. */
export function flowOf(facts: Facts): FlowStep[] {
    const { session } = facts;
    const step = (name: StepName, gaps: Gap[], otherwise: StepState): FlowStep => ({
        name,
        gaps,
        state: gaps.length > 0 ? 'missing' : otherwise,
    });
    if (session.state === 'cancelled') {
        return [];
    }
    if (BEFORE.includes(session.state)) {
        return [
            step('prepare', prepareGaps(facts), 'done'),
            step('invite', inviteGaps(facts), facts.invitations && facts.mails ? 'done' : 'now'),
            step('rehearse', rehearseGaps(facts), 'now'),
            step('live', liveGaps(facts), 'later'),
            step('after', [], 'later'),
        ];
    }
    const on = ON.includes(session.state);
    const made = working(session) ? 'now' : 'done';
    return [
        ...STEPS.slice(0, 3).map((name) => step(name, [], 'done')),
        on ? step('live', liveGaps(facts), 'now') : step('live', [], 'done'),
        on ? step('after', [], 'later') : step('after', afterGaps(facts), made),
    ];
}
