// SPDX-License-Identifier: GPL-3.0-or-later
// What is sent for each operation of the contract, where it is more than its path and the body {}.
import { type Operation, operations, requestExample } from '../contract';
import { pdf, png, sendWell } from '../files';
import { type Asker, type Cast, METRICS_TOKEN } from './cast';
import type { Answer } from './client';
import type { Stage } from './stage';
import { type Asked, moments, type State, when } from './table';

/** What an operation is sent. Ids of the path that it does not name are the session's. */
export interface Ask {
    path?: Record<string, string>;
    query?: string;
    /** a text is sent as it stands */
    body?: unknown;
    type?: string;
    headers?: Record<string, string>;
    /** in place of the asker's */
    token?: string;
}

/** `allowed`: it may happen, so that it must not happen to what others ask about. */
type Make = (at: { stage: Stage; cast: Cast }, who: Asker, allowed: boolean) => Promise<Ask> | Ask;

type Word = (answer: Answer, stage: Stage) => string;

interface Way {
    make?: Make;
    /** several of a kind, each asked */
    each?: (at: { stage: Stage }) => Ask[];
    /** states in which it can be asked; all */
    when?: string;
    /** a good answer as a word of the table, in place of its status */
    word?: Word;
}

interface How {
    /** by name, as in the table; '' where there is one */
    ways: Record<string, Way>;
    /** asked at each moment of a session, though it names none */
    everyMoment?: boolean;
    /** never by cookie */
    bearer?: boolean;
}

const invitation = (code: string): Ask => ({ body: { invitation: code } });
const sending = (make: Make): How => ({ ways: { '': { make } } });
const body = (value: unknown): How => sending(() => ({ body: value }));
let entities = 0;
/** The id of a new one; `role`: a person's, of the server. */
const made = async (
    { staff }: Cast,
    what: 'entity' | 'person',
    role = 'officer',
): Promise<string> => {
    const person = what === 'person';
    const sent = person
        ? { name: 'Somebody', role }
        : { code: `A${entities++}`, name: { en: 'Some' } };
    const at = `/api/v1/${person ? 'people' : 'entities'}`;
    return (await staff.json<{ id: string }>('POST', at, sent)).id;
};
const about = (what: 'entity' | 'person'): How =>
    sending(async ({ cast }) => ({ path: { [what]: await made(cast, what) } }));
const onPerson = (body: unknown, role?: string): Way => ({
    make: async ({ cast }) => ({ path: { person: await made(cast, 'person', role) }, body }),
});
const merging = (role?: string): Way => ({
    make: async ({ cast }) => ({
        path: { person: await made(cast, 'person', role) },
        body: { into: await made(cast, 'person') },
    }),
});
const isListed = (text: string, id: string): boolean =>
    (JSON.parse(text) as { items: { id: string }[] }).items.some((item) => item.id === id);
const lists = (id: (stage: Stage) => string): Word => {
    return ({ text }, stage) => (isListed(text, id(stage)) ? 'listed' : 'unlisted');
};
const withQuestion = (which: 'pending' | 'approved' | 'air', change?: unknown): Way => ({
    make: ({ stage }) => ({ path: { question: stage.questions[which] }, body: change }),
});
const ownQuestion = (stage: Stage, who: Asker): string =>
    who.person?.own[stage.id] ?? stage.questions.pending;

const files = [
    'main.m3u8',
    'v360p.m3u8',
    'recording.mp4',
    'audio.m4a',
    'thumbnails.vtt',
    'chapters/ar.vtt',
    'manifest.json',
    'manifest.sig',
];
/** The first byte, of whatever length. */
const file = (name: string): Ask => ({ path: { file: name }, headers: { Range: 'bytes=0-0' } });
const recorded = (names: string[]): How => ({
    ways: {
        'its files': {
            each: ({ stage }) => {
                const made = ['ended', 'published', 'deleted'].includes(stage.moment.state ?? '');
                return [...(made ? names : names.slice(0, 1)), stage.file].map(file);
            },
        },
        'its poster': { make: () => file('poster.jpg') },
        'a part of the lobby': { make: ({ stage }) => file(stage.lobby) },
    },
});
const hls: How = {
    ways: {
        'main.m3u8': { make: () => ({ path: { file: 'main.m3u8' } }) },
        'a list': {
            when: 'live paused',
            each: () => [{ path: { file: 'v360p.m3u8' } }, { path: { file: 'event.m3u8' } }],
        },
        'a part': {
            when: 'live paused',
            make: ({ stage }) => ({ path: { file: stage.part } }),
        },
        'a closed part': {
            when: 'lobby paused',
            make: ({ stage }) => ({ path: { file: stage.closed } }),
        },
    },
};
const viewer = (type?: string): How => ({
    ways: {
        'by its address': {
            when: 'lobby live paused',
            make: ({ stage }) => ({ path: { viewer: stage.viewer }, type, body: type && 'x' }),
        },
        'by a guessed address': {
            make: () => ({
                path: { viewer: `guessed22222.${'0'.repeat(32)}` },
                type,
                body: type && 'x',
            }),
        },
    },
});
const offer = () => ({ type: 'application/sdp', body: requestExample('watch') });
/** Each asker takes the input over or is refused, so the offer is one that nothing can be answered to. */
const published = (input: string) => () => ({
    path: { input },
    type: 'application/sdp',
    body: 'v=0\r\n',
});
const guessedPublisher = (type?: string): How => ({
    ways: {
        'by a guessed address': {
            make: () => ({
                path: { publisher: `guessed22222.${'0'.repeat(32)}` },
                type,
                body: type && 'x',
            }),
        },
    },
});
const votes: How = {
    ways: {
        '': withQuestion('approved'),
        'a pending one': { ...withQuestion('pending'), when: 'scheduled lobby live paused' },
    },
};
/** A series or speaker of no session. `fresh`: one of its own, else one for each server. */
const kept = new Map<string, Promise<string>>();
async function entry(cast: Cast, kind: 'series' | 'speakers', fresh = false): Promise<string> {
    const create = async () => {
        const name = { name: { en: 'Of no session' } };
        const { id } = await cast.staff.json<{ id: string }>('POST', `/api/v1/${kind}`, name);
        await sendWell(cast.staff, 'PUT', `/api/v1/${kind}/${id}/picture`, png());
        return id;
    };
    const key = `${cast.url} ${kind}`;
    const made = (!fresh && kept.get(key)) || create();
    if (!fresh) {
        kept.set(key, made);
    }
    return made;
}
/** A session on whose page people register. */
const registering = new Map<string, Promise<string>>();
function register(cast: Cast): Promise<string> {
    const create = async () => {
        const { id } = await cast.create('Registering', 'invited');
        const page = { mode: 'approval', email: 'required', entity: 'off', job_title: 'off' };
        await cast.staff.json('PUT', `/api/v1/sessions/${id}/registration`, page);
        return id;
    };
    const made = registering.get(cast.url) ?? create();
    registering.set(cast.url, made);
    return made;
}
const onRegistration: How = {
    ways: {
        'where there is none': {},
        'where there is one': {
            make: async ({ cast }) => ({ path: { session: await register(cast) } }),
        },
    },
};
const onSeries = (value?: unknown): How =>
    sending(async ({ cast }) => ({ path: { series: await entry(cast, 'series') }, body: value }));
const onSpeaker = (value?: unknown): How =>
    sending(async ({ cast }) => ({
        path: { speaker: await entry(cast, 'speakers') },
        body: value,
    }));

/** By a token that was made up; integration/mail.spec has real ones. */
const choice = (ask: Ask = {}): How => ({
    ways: {
        'a token that was made up': {
            make: () => ({ path: { choice: 'A'.repeat(59) }, ...ask }),
        },
    },
});

const over: (State | undefined)[] = ['ended', 'published', 'deleted', 'cancelled', 'unknown'];

const hows: Record<string, How> = {
    getMetrics: {
        ways: { 'by sign-in': {}, 'by its token': { make: () => ({ token: METRICS_TOKEN }) } },
    },
    getAsset: sending(async ({ cast }) => {
        const shell = await (await fetch(`${cast.url}/en/`)).text();
        return { path: { file: String(/src="\/assets\/([^"]+)"/.exec(shell)?.[1]) } };
    }),
    getArabicPage: sending(() => ({ path: { page: '' } })),
    getEnglishPage: sending(() => ({ path: { page: '' } })),

    signIn: {
        bearer: true, // a sign-in ends the one that its cookie names
        ways: {
            'a link': { make: ({ cast }) => invitation(cast.victims.staff.code) },
            'a revoked link': { make: ({ cast }) => invitation(cast.code('revoked staff')) },
            'the link of a disabled person': {
                make: ({ cast }) => invitation(cast.code('disabled staff')),
            },
            'an unknown code': { make: () => invitation('abcdefghijkmnpqrstuvwxyz23') },
        },
    },
    signOut: sending(async ({ cast }, who, allowed) =>
        allowed && who.person ? { token: await cast.signIn(who.person) } : {},
    ),

    listSessions: { everyMoment: true, ways: { '': { word: lists((stage) => stage.id) } } },
    listRecordings: { everyMoment: true, ways: { '': { word: lists((stage) => stage.id) } } },
    search: {
        everyMoment: true,
        ways: {
            'a session': {
                make: ({ stage }) => ({ query: `?q=${stage.word}&kind=session` }),
                word: lists((stage) => stage.id),
            },
            'a pending question': {
                make: ({ stage }) => ({ query: `?q=${stage.word}pending` }),
                word: lists((stage) => stage.questions.pending),
            },
        },
    },
    createSession: body({ title: { en: 'Another' }, starts_at: '2030-01-15T09:00:00Z' }),
    changeSession: body({ duration_minutes: 0 }),
    setState: body({ to: 'nowhere' }),
    deleteSession: sending(async ({ stage, cast }, _, allowed) => {
        if (!allowed || !['scheduled', 'cancelled'].includes(stage.moment.state ?? '')) {
            return {};
        }
        const { id } = await cast.create('Deleted', 'invited');
        if (stage.moment.state === 'cancelled') {
            await cast.staff.state(id, 'cancelled');
        }
        return { path: { session: id } };
    }),
    createSeries: body({ name: { en: 'Another' } }),
    getSeries: onSeries(),
    changeSeries: onSeries({ duration_minutes: 0 }),
    deleteSeries: sending(async ({ cast }, _, allowed) => ({
        path: { series: await entry(cast, 'series', allowed) },
    })),
    createSpeaker: body({ name: { en: 'Another' } }),
    getSpeaker: onSpeaker(),
    changeSpeaker: onSpeaker({ name: 5 }),
    deleteSpeaker: sending(async ({ cast }, _, allowed) => ({
        path: { speaker: await entry(cast, 'speakers', allowed) },
    })),
    removeSeriesPicture: sending(async ({ cast }, _, allowed) => ({
        path: { series: await entry(cast, 'series', allowed) },
    })),
    removeSpeakerPicture: sending(async ({ cast }, _, allowed) => ({
        path: { speaker: await entry(cast, 'speakers', allowed) },
    })),
    getSeriesPicture: onSeries(),
    putSeriesPicture: onSeries('no picture'),
    getSpeakerPicture: onSpeaker(),
    putSpeakerPicture: onSpeaker('no picture'),
    putSessionPicture: body('no picture'),
    removeSessionPicture: sending(async ({ stage, cast }, _, allowed) => {
        if (!allowed || stage.moment.state === 'unknown') {
            return {};
        }
        const { id } = await cast.create('Pictured', 'invited');
        await sendWell(cast.staff, 'PUT', `/api/v1/sessions/${id}/picture`, png());
        return { path: { session: id } };
    }),
    addMaterial: sending(() => ({ query: '?name=Slides', body: 'no slides' })),
    addLink: body({ name: 'A link', url: 'javascript:alert(1)' }),
    changeMaterial: body({ before: 'nomaterial22' }),
    removeMaterial: sending(async ({ stage, cast }, _, allowed) => {
        if (!allowed || stage.moment.state === 'unknown') {
            return {};
        }
        const at = `/api/v1/sessions/${stage.id}/materials?name=Removed`;
        const { id } = await sendWell<{ id: string }>(cast.staff, 'POST', at, pdf);
        return { path: { material: id } };
    }),
    changeChapter: body({ title: 5 }),
    removeChapter: sending(async ({ stage }, _, allowed) => {
        const there = !over.includes(stage.moment.state);
        return {
            path: {
                chapter: !there ? 'nochapter222' : allowed ? await stage.mark() : stage.chapter,
            },
        };
    }),

    getRegistration: onRegistration,
    register: onRegistration,
    revokeInvitation: sending(async ({ stage, cast }, _, allowed) => {
        const whose = allowed
            ? await cast.invite('Revoked', 'attendee', stage.id)
            : (cast.victims[stage.id] ?? cast.victims.staff);
        return { path: { invitation: whose.made.id } };
    }),
    changeEntity: about('entity'),
    deleteEntity: about('entity'),
    getPerson: about('person'),
    getPersonData: about('person'),
    changePerson: {
        ways: {
            'a name': onPerson({ name: 'Another' }),
            'a role': onPerson({ role: 'moderator' }),
            'disable one of the staff': onPerson({ disabled: true }, 'staff'),
        },
    },
    mergePerson: { ways: { 'two officers': merging(), 'one of the staff': merging('staff') } },
    erasePerson: { ways: { '': onPerson({ name: 'Somebody' }) } },
    decideMail: sending(() => ({ path: { mail: 'nomail222222' } })),
    changeMailText: sending(() => ({ path: { kind: 'reminder', lang: 'ar' }, body: {} })),
    resetMailText: sending(() => ({ path: { kind: 'reminder', lang: 'ar' } })),
    previewMailText: sending(() => ({ path: { kind: 'reminder' }, body: {} })),
    takeCalendarReply: sending(() => ({ type: 'text/calendar', body: 'BEGIN:VCALENDAR' })),
    getMailChoice: choice(),
    setMailChoice: choice({ body: { reminders: false } }),
    unsubscribe: choice({
        type: 'application/x-www-form-urlencoded',
        body: 'List-Unsubscribe=One-Click',
    }),
    revokeStaffInvitation: sending(async ({ cast }, _, allowed) => {
        const whose = allowed ? await cast.invite('Revoked', 'staff', null) : cast.victims.staff;
        return { path: { invitation: whose.made.id } };
    }),

    listQuestions: {
        ways: {
            '': {
                word: ({ text }, stage) =>
                    isListed(text, stage.questions.pending) ? 'all' : 'public',
            },
        },
    },
    ask: body({ text: 'Who may ask this?' }),
    vote: votes,
    takeVoteBack: votes,
    changeQuestion: {
        ways: {
            'star one': withQuestion('approved', { starred: true }),
            'put one on air': withQuestion('air', { state: 'on_air' }),
            'move a pending one': withQuestion('pending', { state: 'pending' }),
            'undo an act that is gone': withQuestion('approved', { undo: 'noact2222222' }),
            "withdraw one's own": {
                make: ({ stage }, who) => ({
                    path: { question: ownQuestion(stage, who) },
                    body: { state: 'withdrawn' },
                }),
            },
            "withdraw another's": withQuestion('approved', { state: 'withdrawn' }),
            "withdraw another's pending one": withQuestion('pending', { state: 'withdrawn' }),
        },
    },

    changeRecording: body({ hold: 'perhaps' }),
    retryRecording: body([]),
    getFile: recorded(files),
    getPodcastFile: recorded(files),
    getOwnPodcastFile: sending(() => file('audio.m4a')),
    getFileByPath: recorded(['main.m3u8', 'v360p.m3u8', 'recording.mp4']),
    getHls: hls,
    getHlsByPath: hls,
    watch: sending(offer),
    watchByPath: sending(offer),
    getSlide: sending(() => ({ path: { slide: '1.png' } })),
    getShownSlide: sending(() => ({ path: { shown: 'guessed22222' } })),
    setCaption: body({ show: 'speaker', speaker: 9 }),
    makeInputKey: sending(() => ({ path: { input: 'guest' } })),
    revokeInputKey: sending(() => ({ path: { input: 'screen' } })),
    publish: {
        ways: {
            'an input': { make: published('speaker') },
            'no input': { make: published('nothing') },
        },
    },
    changePublisher: guessedPublisher('text/plain'),
    stopPublishing: guessedPublisher(),
    changeViewer: viewer('text/plain'),
    stopWatching: viewer(),
    checkPath: {
        ways: { '': { word: ({ headers }) => String(headers['x-majlis-audience']) } },
    },
};

const OF_A_SESSION = /\{(session|recording|question)\}/;

/** One way to ask one operation. */
export interface Operate extends Asked {
    operation: Operation;
    way: Way;
    bearer: boolean;
    byPath: boolean;
    /** by the contract: '' needs none */
    secured: 'sign-in' | 'metrics' | '';
}

function securityOf({ security }: Operation): Operate['secured'] {
    return !security ? 'sign-in' : security.some((one) => 'metrics' in one) ? 'metrics' : '';
}

export const operates: Operate[] = operations.flatMap((operation) => {
    const how = hows[operation.operationId] ?? sending(() => ({}));
    const its = how.everyMoment
        ? moments.filter(({ state }) => state !== 'unknown')
        : OF_A_SESSION.test(operation.path)
          ? moments
          : [{}];
    return Object.entries(how.ways).map(([name, way]) => ({
        name: name === '' ? operation.operationId : `${operation.operationId}: ${name}`,
        from: 'src/api/openapi.yaml',
        moments: way.when ? its.filter(when(way.when)) : its,
        operation,
        way,
        bearer: how.bearer ?? false,
        byPath: operation.path.includes('t-{token}'),
        secured: securityOf(operation),
    }));
});

/** Entries of none, and paths with ids that nothing gives. */
export function faults(): string[] {
    const known = new Set(['session', 'recording', 'question', 'chapter', 'material', 'token']);
    const idle = Object.keys(hows)
        .filter((id) => !operations.some(({ operationId }) => operationId === id))
        .map((id) => `tests/lib/access/asks.ts: ${id} is no operation of the contract`);
    const unnamed = operations
        .filter(({ operationId }) => !hows[operationId])
        .flatMap(({ operationId, path }) =>
            [...path.matchAll(/\{(\w+)\}/g)]
                .map((found) => found[1])
                .filter((id) => !known.has(id))
                .map(
                    (id) =>
                        `tests/lib/access/asks.ts: ${operationId} needs an entry that says which {${id}} it asks about`,
                ),
        );
    return [...idle, ...unnamed];
}

/** The address, and what is sent. */
export function addressOf({ operation }: Operate, stage: Stage, who: Asker, ask: Ask): string {
    const names: Record<string, string> = {
        session: stage.id,
        recording: stage.id,
        question: stage.questions.approved,
        chapter: stage.chapter,
        material: stage.material,
        token: who.path,
        ...ask.path,
    };
    const path = operation.path.replace(/\{(\w+)\}/g, (whole, name) => names[name] ?? whole);
    return `${stage.cast.url}${path}${ask.query ?? ''}`;
}

export async function make(
    { way }: Operate,
    at: { stage: Stage; cast: Cast },
    who: Asker,
    allowed: boolean,
): Promise<Ask[]> {
    return way.each ? way.each(at) : [(await way.make?.(at, who, allowed)) ?? {}];
}
