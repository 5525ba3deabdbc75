// SPDX-License-Identifier: GPL-3.0-or-later
// What a session lacks at each step, and where that is mended.
import { describe, expect, test } from 'vitest';
import type { MailList, Recording, SessionState, Step } from '../src/core/types';
import { type Facts, flowOf } from '../src/desk/flow/flow';
import { session } from './samples';

const NOW = Date.parse('2030-01-14T08:00:00Z');
const invited = (attendees: number, speakers = 1, unmailed = 0): Facts['invitations'] => ({
    all: attendees + speakers,
    valid: attendees + speakers,
    opened: 0,
    without_address: 0,
    attendees,
    speakers,
    mailable: unmailed,
    unmailed,
});
const mails = (
    counts: Partial<MailList['counts']> = {},
    configured = true,
): NonNullable<Facts['mails']> => ({
    counts: { queued: 0, sending: 0, sent: 0, failed: 0, doubt: 0, cancelled: 0, ...counts },
    relay: { configured, trouble: null },
});
const step = (state: Step['state']): Step => ({
    step: 'mp4',
    state,
    progress: 0,
    code: null,
    text: null,
});
const recording = (change: Partial<Recording>): Recording => ({
    ...session().recording,
    mp4: 'ready',
    steps: [step('ready')],
    ...change,
});

/** All that a session needs before its start. */
const ready: Facts = {
    session: session(),
    now: NOW,
    invitations: invited(1),
    mails: mails(),
    health: null,
};
const of = (state: SessionState, more: Partial<Facts> = {}, change = {}): Facts => ({
    ...ready,
    ...more,
    session: session({ state, ...change }),
});
/** "step: what>where" */
const said = (facts: Facts) =>
    flowOf(facts).flatMap(({ name, gaps }) => gaps.map(({ what, to }) => `${name}: ${what}>${to}`));
const states = (facts: Facts) => flowOf(facts).map(({ state }) => state);

describe('gaps', () => {
    const cases: [string, Facts, string[]][] = [
        ['all there, not rehearsed', of('scheduled'), ['rehearse: rehearsal>run']],
        [
            'nothing prepared',
            of('scheduled', {}, { speakers: [], agenda: [], title: { ar: 'جلسة', en: '' } }),
            [
                'prepare: speaker>edit',
                'prepare: agenda>agenda',
                'prepare: language>edit',
                'rehearse: rehearsal>run',
            ],
        ],
        [
            'nobody invited',
            of('lobby', {
                invitations: invited(0, 0),
                health: { programme: { state: 'playing' } },
            }),
            ['invite: nobody>invitations', 'invite: speakerLink>invitations'],
        ],
        [
            'an open session needs no attendees’ links',
            of('lobby', { invitations: invited(0) }, { access: 'open' }),
            [],
        ],
        [
            'mails not sent, failed, in doubt',
            of('lobby', {
                invitations: invited(1, 1, 1),
                mails: mails({ failed: 2, doubt: 1 }),
            }),
            [
                'invite: notSent>invitations',
                'invite: mailFailed>invitations',
                'invite: mailDoubt>invitations',
            ],
        ],
        [
            'without a relay no mail is missing',
            of('lobby', {
                invitations: invited(1, 1, 1),
                mails: mails({}, false),
            }),
            [],
        ],
        ['not known yet is not missing', of('lobby', { invitations: null, mails: null }), []],
        [
            'a silent source in the lobby',
            of('lobby', { health: { programme: { state: 'waiting' } } }),
            ['rehearse: source>health'],
        ],
        [
            'half a source in the lobby',
            of('lobby', { health: { programme: { state: 'playing', code: 'source-no-sound' } } }),
            ['rehearse: source>health'],
        ],
        [
            'a start that has passed',
            of('lobby', { now: Date.parse('2030-01-15T09:02:00Z') }),
            ['live: late>run'],
        ],
        [
            'live, nobody invited: too late to say',
            of('live', { invitations: invited(0, 0) }, { speakers: [] }),
            [],
        ],
        [
            'live, and nothing is stored',
            of('live', {
                health: { programme: { state: 'failed' }, recording: { state: 'failing' } },
            }),
            ['live: source>health', 'live: notStored>health'],
        ],
        [
            'not published',
            of('ended', {}, { recording: recording({}) }),
            ['after: notPublished>recording'],
        ],
        [
            'its files are being made',
            of('ended', {}, { recording: recording({ steps: [step('working')] }) }),
            [],
        ],
        [
            'a step failed',
            of('published', {}, { recording: recording({ steps: [step('failed')] }) }),
            ['after: stepsFailed>recording'],
        ],
        [
            'deleted',
            of('ended', {}, { recording: recording({ deleted_at: '2030-02-01T00:00:00Z' }) }),
            [],
        ],
        ['nothing was broadcast', of('ended', {}, { recording: recording({ mp4: 'none' }) }), []],
    ];
    test.each(cases)('%s', (_, facts, expected) => {
        expect(said(facts)).toEqual(expected);
    });

    test('count what they count', () => {
        const facts = of('lobby', { invitations: invited(2, 1, 2) });
        const gap = flowOf(facts)[1]?.gaps[0];
        expect([gap?.what, gap?.n]).toEqual(['notSent', 2]);
    });
});

describe('states of the steps', () => {
    test.each<[string, Facts, string[]]>([
        ['scheduled', of('scheduled'), ['done', 'done', 'missing', 'later', 'later']],
        ['lobby', of('lobby'), ['done', 'done', 'now', 'later', 'later']],
        [
            'lobby, not known yet',
            of('lobby', { invitations: null, mails: null }),
            ['done', 'now', 'now', 'later', 'later'],
        ],
        ['live', of('live'), ['done', 'done', 'done', 'now', 'later']],
        ['paused', of('paused'), ['done', 'done', 'done', 'now', 'later']],
        [
            'ended',
            of('ended', {}, { recording: recording({}) }),
            ['done', 'done', 'done', 'done', 'missing'],
        ],
        [
            'published',
            of('published', {}, { recording: recording({}) }),
            ['done', 'done', 'done', 'done', 'done'],
        ],
        ['cancelled', of('cancelled'), []],
    ])('%s', (_, facts, expected) => {
        expect(states(facts)).toEqual(expected);
    });
});
