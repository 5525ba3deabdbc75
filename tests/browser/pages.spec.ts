// SPDX-License-Identifier: GPL-3.0-or-later
// Every page in every state, at five sizes, in both languages, light and dark: no sideways scroll, no text cut off or over
// other text, focus never covered, axe without findings. Pictures go to results/pages. In the short form every fourth state is
// loaded, once, at one size, in one language and theme, by a fixed rotation, without a picture; axe looks at a third of these,
// and Tab goes through another third.

import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { Api, type Question } from '../lib/api';
import { pdf, png, sendWell } from '../lib/files';
import { clipped, covered, sideways, violations } from '../lib/layout';
import { hold } from '../lib/page';
import { long, root, Server, shareWith, temporaryFolder } from '../lib/server';
import { type Changes, type Json, Stage } from '../lib/stage';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'parallel' }); // each with a server of its own

type Who = 'nobody' | 'attendee' | 'speaker' | 'moderator' | 'staff' | 'admin';
type Lang = 'ar' | 'en';
type Theme = 'light' | 'dark';

const SIZES = [
    [1280, 800],
    [390, 844],
    [640, 400],
    [844, 390],
    [320, 568],
] as const;
const LANGS: Lang[] = ['ar', 'en'];
const THEMES: Theme[] = ['light', 'dark'];
const shots = join(root, 'tests/results/pages');

interface State extends Changes {
    name: string;
    who: Who;
    path: string;
    /** there when the page stands */
    ready: string;
    /** what a person does first */
    act?: (page: Page, stage: Stage) => Promise<void>;
    hash?: string;
    /** it is gone once the focus has left it */
    passing?: boolean;
}

let server: Server;
let folder = '';
let staff: Api;
let embed = '';
let revoked = '';
const stages = new Map<Who, Stage>();

// Text that people send to break a page.
const LETTERS = 'ط'.repeat(200);
const ADDRESS = `https://www.example.ae/${'knowledge-base/'.repeat(11)}?q=1`;
const MARKS = [...'مرحبا'].map((letter) => letter + '\u0651\u064B'.repeat(20)).join('');
const OVERRIDE = 'هل \u202Egnp.exe\u202C آمن؟ \u2066\u202Efile\u2069';
/** Invitations by mail in each state, and a relay that takes none. */
const mailed = (state: string, i: number, reason: string | null, error: string | null = null) => ({
    id: `i${i}`,
    role: 'attendee',
    person: `p${i}`,
    name: i % 2 ? 'نورة بنت عبدالله الشامسي' : 'Abdulrahman Al Mazrouei',
    entity: 'الهيئة الاتحادية للموارد البشرية الحكومية',
    email: `a-rather-long-address-of-somebody-${i}@human-resources.example`,
    mail: {
        id: `m${i}`,
        kind: 'invitation',
        invitation: `i${i}`,
        person: `p${i}`,
        name: 'N',
        address: 'n@example.ae',
        state,
        reason,
        error,
        attempts: 1,
        next_at: state === 'queued' ? '2030-01-01T09:00:00Z' : null,
        created_at: '2030-01-01T08:00:00Z',
        sent_at: state === 'sent' ? '2030-01-01T08:00:05Z' : null,
    },
    coming: [null, 'yes', 'maybe', 'no'][i % 4],
    disabled: i === 4,
    revoked: false,
    opened_at: i % 2 ? '2030-01-01T10:00:00Z' : null,
    created_at: '2030-01-01T08:00:00Z',
});
const MAILED: Changes['answers'] = {
    invitations: () => ({
        items: [
            mailed(
                'failed',
                1,
                'refused',
                '550 5.1.1 <a-rather-long-address-of-somebody@human-resources.example>: no such user',
            ),
            mailed('doubt', 2, 'interrupted'),
            mailed('queued', 3, 'unreachable', 'Failed to connect to smtp.example.ae port 587'),
            mailed('sending', 4, null),
            mailed('sent', 5, null),
            { ...mailed('sent', 6, null), mail: null, revoked: true },
        ],
        next: 'i6',
        counts: {
            all: 999,
            valid: 998,
            opened: 3,
            without_address: 2,
            attendees: 3,
            speakers: 1,
            mailable: 900,
            unmailed: 12,
        },
    }),
    mails: () => ({
        items: [],
        next: null,
        counts: { queued: 1, sending: 1, sent: 1, failed: 1, doubt: 1, cancelled: 0 },
        relay: { configured: true, trouble: 'unreachable' },
    }),
};

const QUESTION =
    `${'كيف توازن الجهات الحكومية بين سرعة الاستجابة ودقة المعلومة في الأزمات، وما الضوابط المقترحة لاستخدام أدوات الذكاء الاصطناعي؟ '.repeat(3)}`
        .slice(0, 279)
        .trim();
const material = (i: number, name: string, type: string | null, bytes: number | null) => ({
    ...{ id: `m${i}`, name, type, bytes },
    url: type === null ? ADDRESS : `/api/v1/sessions/s/materials/m${i}`,
});
const MATERIALS = [
    material(1, 'العرض التقديمي للجلسة', 'application/pdf', 8_400_000),
    material(2, LETTERS.slice(0, 60), 'image/png', 120_000),
    material(3, 'The guide to crisis communication', null, null),
];
const hostile = { ar: LETTERS, en: 'W'.repeat(200) };
const AGENDA = [
    { title: { ar: 'كلمة الافتتاح', en: 'Opening words' } },
    {
        title: {
            ar: 'الثقة الرقمية: من الرسالة الرسمية إلى الحوار المفتوح مع الجمهور',
            en: 'Digital trust: from the official message to an open conversation',
        },
    },
    { title: { ar: 'أسئلة الحضور', en: 'Questions from the audience' } },
];
const SPEAKERS = [
    {
        name: { ar: 'د. مريم الكتبي', en: 'Dr Mariam Al Ketbi' },
        role: { ar: 'خبيرة الاتصال الاستراتيجي', en: 'Strategic communication expert' },
    },
];
const inMinutes = (minutes: number) =>
    new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+/, '');
const about = { agenda: AGENDA, speakers: SPEAKERS };
const before = { ...about, live_at: null, ended_at: null };

const FOUND = {
    number: 7,
    id: 's1',
    title: AGENDA[1].title,
    starts_at: '2030-01-15T09:00:00Z',
    state: 'published',
    recording: true,
};
const HITS = [
    { kind: 'session', id: 's1', text: AGENDA[1].title.ar, ranges: [[0, 5]], at_ms: null },
    { kind: 'chapter', id: 'c1', text: AGENDA[0].title.ar, ranges: [[5, 13]], at_ms: 4000 },
    {
        kind: 'question',
        id: 'q1',
        text: QUESTION,
        ranges: [
            [4, 9],
            [10, 16],
        ],
        at_ms: 36_723_000,
        state: 'pending',
        by: { name: LETTERS, entity: 'W'.repeat(190), anonymous: false },
    },
    { kind: 'question', id: 'q2', text: ADDRESS, ranges: [[12, 19]], at_ms: null },
    { kind: 'agenda', id: 's2', text: hostile.en, ranges: [[0, 200]], at_ms: null },
].map((hit) => ({ ...hit, session: { ...FOUND, id: hit.id === 's2' ? 's2' : 's1' } }));

/** Questions in every state, of people whose names and entities are as long as the server takes them. */
async function ask(): Promise<void> {
    const texts: [string, string | null][] = [
        ['كيف نقيس أثر الحملات الاتصالية على ثقة الجمهور بعيدًا عن أرقام التفاعل؟', 'approved'],
        [
            'How do we keep one voice across federal entities when every team uses its own AI tools?',
            'approved',
        ],
        ['هل هناك تجارب محلية ناجحة في مواجهة الشائعات خلال الساعة الأولى؟', 'answered'],
        ['هل سيُتاح عرض الجلسة بعد انتهائها؟', null],
        ['سؤال لا يناسب الموضوع', 'rejected'],
        ['ط'.repeat(300), 'approved'],
        [ADDRESS, null],
        ['W'.repeat(300), null],
        [MARKS, 'approved'],
        [OVERRIDE, 'approved'],
        [QUESTION, 'on_air'], // the last, as the next one on air would end it
    ];
    const askers: Api[] = [];
    for (const [name, entity] of [
        ['نورة الشامسي', 'وزارة الاقتصاد'],
        ['ط'.repeat(99), 'W'.repeat(190)],
        ['Fatima Al Ali', 'https://www.example.ae/departments/communication/office'],
    ]) {
        const { url } = await staff.json<{ url: string }>(
            'POST',
            `/api/v1/sessions/${server.session}/invitations`,
            { name, entity, role: 'attendee' },
        );
        askers.push(await Api.signIn(url));
    }
    for (const [i, [text, to]] of texts.entries()) {
        const answer = await askers[i % askers.length].ask(
            'POST',
            `/api/v1/sessions/${server.session}/questions`,
            { text },
        );
        if (!answer.ok) {
            continue; // a server that refuses such a text needs no page for it
        }
        const { id } = (await answer.json()) as Question;
        for (const state of to === 'on_air' || to === 'answered'
            ? ['approved', 'on_air', to]
            : to
              ? [to]
              : []) {
            await staff.ask('PATCH', `/api/v1/questions/${id}`, { state });
        }
    }
}

test.beforeAll(async ({ browser }) => {
    mkdirSync(shots, { recursive: true });
    folder = temporaryFolder();
    const small = readFileSync(join(root, 'pipelines/encoders/small.launch'), 'utf8');
    // five pictures a second: a browser without a graphics card draws each in its own time
    const few = small.replace(
        'name=video !',
        'name=video ! videorate ! video/x-raw,framerate=5/1 !',
    );
    server = await Server.start({
        conf: { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: 'few' } },
        env: { MAJLIS_SHARE: shareWith(folder, { 'encoders/few.launch': few }) },
    });
    staff = await Api.signIn(server.staff);
    const attendee = await Api.signIn(server.attend);
    const speaker = await Api.signIn(server.present);
    embed = (
        await attendee.json<{ embed: string }>(
            'GET',
            `/api/v1/sessions/${server.session}/media-path?minutes=60`,
        )
    ).embed;
    const guest = await staff.json<{ id: string; url: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/invitations`,
        { name: 'Guest', role: 'attendee' },
    );
    await staff.ask('DELETE', `/api/v1/sessions/${server.session}/invitations/${guest.id}`);
    revoked = new URL(guest.url).pathname.split('/').pop() ?? '';
    const moderating = await staff.json<{ url: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/invitations`,
        { name: 'Moderator', role: 'moderator' },
    );
    const moderator = await Api.signIn(moderating.url);
    await ask();
    for (const [who, token] of Object.entries({
        nobody: '',
        attendee: attendee.token,
        speaker: speaker.token,
        moderator: moderator.token,
        staff: staff.token,
        admin: (await Api.signIn(server.admin)).token,
    })) {
        stages.set(who as Who, await Stage.open(browser, server.url, token));
    }
});
test.afterAll(async () => {
    for (const { context } of stages.values()) {
        await context.close();
    }
    expect(await server.stop()).toBe(0);
    rmSync(folder, { recursive: true });
});

const settle = (page: Page) =>
    page.evaluate(
        () =>
            new Promise<void>((done) => {
                const calm = () => requestAnimationFrame(() => requestAnimationFrame(() => done()));
                void document.fonts.ready.then(calm);
            }),
    );

async function load(state: State, lang: Lang, theme: Theme): Promise<Stage> {
    const stage = stages.get(state.who) as Stage;
    const { page } = stage;
    stage.dead = false;
    stage.changes = state;
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.goto('about:blank');
    await page.goto(
        `${server.url}/${lang}${`${state.path}${state.hash ?? ''}`.replaceAll('ID', server.session)}`,
    );
    await page
        .locator(state.ready)
        .first()
        .waitFor({ timeout: patience(10_000) });
    await state.act?.(page, stage);
    await settle(page);
    return stage;
}

const faults: string[] = [];

const note = (where: string, found: string[]) =>
    faults.push(...found.map((one) => `${where}: ${one}`));

const picture = (page: Page, name: string) =>
    page.screenshot({
        path: join(shots, `${name.replaceAll(/[ ,/]+/g, '-')}.jpg`),
        type: 'jpeg',
        quality: 70,
    });

let turn = 0;
let marksSent = 1;
const only = process.env.MAJLIS_STATES && new RegExp(process.env.MAJLIS_STATES);

/** In the long form a state is loaded once in each language; its size does not change what axe finds, nor its
 * colours the layout, nor its words the order of Tab: axe looks at one size in both themes, and Tab goes through
 * all sizes in one language and one size in the other. */
async function examine(state: State): Promise<void> {
    const i = turn++;
    const chosen: [number, Lang, Theme] = [i % SIZES.length, LANGS[i % 2], THEMES[(i >> 1) % 2]];
    for (const lang of long ? LANGS : [chosen[1]]) {
        const { page } = await load(state, lang, chosen[2]);
        for (const [k, [width, height]] of SIZES.entries()) {
            if (!long && k !== chosen[0]) {
                continue;
            }
            if (long && k > 0 && state.passing) {
                await load(state, lang, chosen[2]);
            }
            await page.setViewportSize({ width, height });
            const where = `${state.name}, ${width}x${height} ${lang}`;
            await page.evaluate(() => {
                if (document.activeElement !== document.body) {
                    document.activeElement?.scrollIntoView({ block: 'center' });
                }
            });
            await settle(page);
            note(where, [...(await sideways(page)), ...(await clipped(page))]);
            for (const theme of long ? THEMES : [chosen[2]]) {
                await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
                await settle(page);
                if (long || only) {
                    await picture(page, `${where} ${theme}`);
                }
                if (long ? k === chosen[0] : i % 3 === 0) {
                    note(`${where} ${theme}`, await violations(page));
                }
            }
            if (long ? lang === chosen[1] || k === chosen[0] : i % 3 === 1) {
                note(where, await covered(page));
            }
            await page.evaluate(() => {
                (document.activeElement as HTMLElement | null)?.blur();
                window.scrollTo(0, 0);
            });
        }
    }
}

/** The states of a page that this run looks at, then all that was found. */
async function examineAll(states: State[]): Promise<void> {
    faults.length = 0;
    test.setTimeout(patience((long ? 60_000 : 10_000) * states.length));
    const chosen = states.filter(({ name }, k) => (only ? only.test(name) : long || k % 4 === 0));
    for (const state of chosen) {
        await test
            .step(state.name, () => examine(state))
            .catch(async (error: Error) => {
                const shown = await stages.get(state.who)?.page.locator('body').innerText();
                faults.push(`${state.name}: ${error.message}; the page says: ${shown}`);
            });
    }
    appendFileSync(join(shots, 'faults.txt'), faults.map((one) => `${one}\n`).join(''));
    expect(faults).toEqual([]);
}

const tooMany = { type: 'limit', code: 'limit', title: 'Too many', params: {} };
const noSessions = { sessions: () => ({ items: [], next: null }) };
const ownQuestions = () => {
    const outcomes: [string, string | null, string][] = [
        ['pending', null, 'live'],
        ['merged', 'answered', 'published'],
        ['answered', null, 'published'],
        ['approved', null, 'ended'],
        ['rejected', null, 'published'],
    ];
    return {
        items: outcomes.map(([state, merged_state, of], i) => ({
            id: `q${i}`,
            session: { id: 's1', title: hostile, state: of },
            text: i % 2 ? 'كيف نقيس أثر الحملات على ثقة الجمهور؟' : LETTERS,
            state,
            merged_state,
            at: inMinutes(-60),
            at_ms: of === 'published' ? 723_000 : null,
        })),
        next: '7',
    };
};
const noRecordings = {
    recordings: () => ({ items: [], next: null, total: { count: 0, bytes: 0 } }),
};
const card = (kind: string) => `[data-testid=state-card][data-card=${kind}]`;
const playing = '[data-testid=video][data-state=playing]';
/** On the picture. */
const SLIDES = {
    material: null,
    state: 'ready',
    problem: null,
    version: '0f3c9a1b2d4e',
    pages: 124,
    page: 24,
    shown: 'corner',
};
const live = (session: Json) => ({ ...about, title: session.title });
const over = (state: string, recording: Json) => (session: Json) => ({
    ...about,
    state,
    ended_at: inMinutes(-1),
    live_at: session.live_at ?? inMinutes(-60),
    recording: {
        playlist: true,
        mp4: 'ready',
        duration_ms: 3_600_000,
        gaps: [],
        hold: false,
        keep_until: inMinutes(90 * 1440),
        steps: STEPS,
        ...recording,
    },
});
const STEPS = ['playlists', 'chapters', 'pictures', 'mp4', 'audio', 'manifest'].map((step) => ({
    step,
    state: 'ready',
    progress: 1,
    text: null,
}));
const FAILED = STEPS.map((step, k) =>
    k < 3
        ? step
        : {
              ...step,
              state: k === 3 ? 'failed' : 'waiting',
              text: k === 3 ? 'x'.repeat(180) : null,
          },
);
const WORKING = STEPS.map((step, k) =>
    k < 3 ? step : { ...step, state: k === 3 ? 'working' : 'waiting', progress: k === 3 ? 0.4 : 0 },
);

test('pages before a sign-in @plain', async () => {
    await examineAll([
        { name: 'home signed out', who: 'nobody', path: '/', ready: card('signed-out') },
        { name: 'sign-in', who: 'nobody', path: '/sign-in', ready: 'form input' },
        {
            name: 'sign-in refused',
            who: 'nobody',
            path: '/sign-in',
            ready: 'form input',
            act: async (page) => {
                await page.locator('form input').first().fill('zzzzzzzzzzzzzzzzzzzzzzzzzz');
                await page.keyboard.press('Enter');
                await page.getByTestId('error').first().waitFor();
            },
        },
        {
            name: 'invitation bad',
            who: 'nobody',
            path: '/i/zzzzzzzzzzzzzzzzzzzzzzzzzz',
            ready: '[data-testid=error]',
        },
        {
            name: 'invitation revoked',
            who: 'nobody',
            path: `/i/${revoked}`,
            ready: '[data-testid=error]',
        },
        { name: 'attendee signed out', who: 'nobody', path: '/s/ID', ready: card('signed-out') },
        {
            name: 'recordings signed out',
            who: 'nobody',
            path: '/recordings',
            ready: card('signed-out'),
        },
        {
            name: 'embed refused',
            who: 'nobody',
            path: '/embed/ID',
            hash: '#nothing',
            ready: card('refused'),
        },
        {
            name: 'embed live',
            who: 'nobody',
            path: '/embed/ID',
            hash: `#${embed.split('#')[1]}`,
            ready: 'video',
        },
        ...(['soon', 'over', 'gone', 'dead'] as const).map((media) => ({
            name: `embed ${media}`,
            who: 'nobody' as const,
            path: '/embed/ID',
            hash: `#${embed.split('#')[1]}`,
            ready: card(media === 'dead' ? 'away' : media),
            media,
        })),
        ...Object.entries({
            scheduled: { ...before, state: 'scheduled', starts_at: inMinutes(90) },
            cancelled: { ...before, state: 'cancelled' },
            'long title': { title: hostile, speakers: [{ name: hostile }] },
        }).map(([name, session]) => ({
            name: `embed ${name}`,
            who: 'nobody' as const,
            path: '/embed/ID',
            hash: `#${embed.split('#')[1]}`,
            ready: '[data-testid=poster]',
            media: 'soon' as const,
            session,
        })),
        {
            name: 'sign-in empty',
            who: 'nobody',
            path: '/sign-in',
            ready: 'form input',
            act: async (page) => {
                await page.getByTestId('sign-in-enter').click();
                await page.getByTestId('field-error').first().waitFor();
            },
        },
        {
            name: 'invitation entering',
            who: 'nobody',
            path: `/i/${revoked}`,
            ready: 'main h1',
            answers: { 'sign-in': () => 'never' },
        },
        { name: 'staff signed out', who: 'nobody', path: '/staff', ready: card('signed-out') },
        { name: 'desk signed out', who: 'nobody', path: '/desk/ID', ready: card('signed-out') },
        {
            name: 'presenter signed out',
            who: 'nobody',
            path: '/present/ID',
            ready: card('signed-out'),
        },
        {
            name: 'recording signed out',
            who: 'nobody',
            path: '/recordings/ID',
            ready: card('signed-out'),
        },
        { name: 'not found', who: 'nobody', path: '/nothing/here', ready: 'h1' },
    ]);
});

test('the attendee pages @plain', async () => {
    const live_ = { who: 'attendee', path: '/s/ID', ready: playing, session: live } as const;
    await examineAll([
        {
            name: 'home',
            who: 'attendee',
            path: '/',
            ready: '[data-testid=own-question]',
            session: { ...before, state: 'scheduled', starts_at: inMinutes(90) },
            answers: { rsvp: () => ({ coming: 'yes' }), 'me/questions': ownQuestions },
        },
        {
            name: 'home failures',
            who: 'attendee',
            path: '/',
            ready: 'main .card-bad',
            session: live,
            answers: { rsvp: () => 503, 'me/questions': () => 500 },
        },
        {
            name: 'home addresses',
            who: 'attendee',
            path: '/',
            ready: '[data-testid=show-feeds]',
            session: over('published', {}),
            act: async (page) => {
                await page.getByTestId('show-feeds').click();
                await page.getByTestId('feeds').waitFor();
            },
        },
        {
            name: 'home long title',
            who: 'attendee',
            path: '/',
            ready: '[data-testid=next]',
            session: { title: hostile, speakers: [{ name: hostile, role: hostile }] },
        },
        { name: 'home empty', who: 'attendee', path: '/', ready: 'main h1', answers: noSessions },
        {
            name: 'attendee waiting days',
            who: 'attendee',
            path: '/s/ID',
            ready: card('waiting'),
            session: { ...before, state: 'scheduled', starts_at: inMinutes(11 * 1440) },
        },
        {
            name: 'attendee waiting minutes',
            who: 'attendee',
            path: '/s/ID',
            ready: card('waiting'),
            session: { ...before, state: 'lobby', starts_at: inMinutes(9) },
        },
        { name: 'attendee live', who: 'attendee', path: '/s/ID', ready: playing, session: live },
        {
            name: 'attendee live, late',
            who: 'attendee',
            path: '/s/ID',
            ready: '[data-testid=late-offer]',
            session: { ...about, live_at: inMinutes(-20) },
        },
        {
            ...live_,
            name: 'attendee live agenda',
            act: (page) => page.getByTestId('tab-agenda').click(),
        },
        {
            ...live_,
            name: 'attendee live materials',
            session: { ...live, ...about, materials: MATERIALS },
            act: (page) => page.getByTestId('tab-materials').click(),
        },
        {
            ...live_,
            name: 'attendee live slide',
            session: (session: Json) => ({ ...live(session), slides: SLIDES }),
            act: (page) => page.getByTestId('open-slide').waitFor(),
        },
        { ...live_, name: 'attendee live no agenda', session: {} },
        {
            ...live_,
            name: 'attendee live back',
            act: async (page) => {
                await page.getByTestId('back-10').click();
                await page.locator('[data-testid=video][data-mode=back]').waitFor();
                await page.getByTestId('back-to-live').waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee live settings',
            passing: true,
            act: async (page) => {
                await page.getByTestId('settings').click();
                await page.getByTestId('quality-sound').waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee live sound only',
            act: async (page) => {
                await page.getByTestId('settings').click();
                await page.getByTestId('quality-sound').check();
                await page.keyboard.press('Escape');
                await page.getByTestId('audio-only-card').waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee live keys',
            act: async (page) => {
                await page.locator('body').press('?');
                await page.getByTestId('keys-help').waitFor();
            },
        },
        { ...live_, name: 'attendee live no questions', snapshot: { questions: [] } },
        {
            ...live_,
            name: 'attendee live asked',
            snapshot: { questions: [] },
            act: async (page) => {
                await page.getByTestId('ask-input').fill(QUESTION);
                await page.getByTestId('ask-anonymous').check();
                await page.getByTestId('ask-send').click();
                await page.getByTestId('withdraw').first().waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee live ask refused',
            refused: tooMany,
            act: async (page) => {
                await page.getByTestId('ask-input').fill(QUESTION);
                await page.getByTestId('ask-send').click();
                await page.getByTestId('error').first().waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee live vote refused',
            refused: tooMany,
            act: async (page) => {
                await page.getByTestId('vote').first().click();
                await page.getByTestId('error').first().waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee live new questions',
            act: async (page, stage) => {
                await page.locator('[data-testid=questions] li').last().scrollIntoViewIfNeeded();
                await page.getByTestId('questions').hover();
                stage.say(
                    [1, 2, 3].map((n) => ({
                        type: 'question.added',
                        data: {
                            id: `new-${n}`,
                            text: `${n}. ${QUESTION}`,
                            state: 'approved',
                            votes: 40,
                            at: inMinutes(0),
                        },
                    })),
                );
                await page.getByTestId('show-new').waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee offline',
            act: async (page, stage) => {
                stage.die();
                await page.locator('.bg-warn-soft[role=status]').waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee lost sign-in',
            act: async (page, stage) => {
                stage.revoke();
                await page.getByTestId('sign-in-lost').waitFor();
            },
        },
        {
            ...live_,
            name: 'attendee old browser',
            ready: card('old'),
            hash: '#old',
        },
        {
            ...live_,
            name: 'attendee loading',
            ready: '.skeleton',
            answers: { [server.session]: () => 'never' },
        },
        {
            ...live_,
            name: 'attendee waiting late',
            ready: card('waiting'),
            session: { ...before, state: 'scheduled', starts_at: inMinutes(-3) },
        },
        {
            ...live_,
            name: 'attendee waiting agenda',
            ready: card('waiting'),
            session: { ...before, state: 'scheduled', starts_at: inMinutes(90) },
            act: async (page) => {
                await page.getByTestId('check-start').click();
                await page.getByTestId('check-line').waitFor({ timeout: patience(20_000) });
            },
        },
        ...(['failed', 'none', 'ready'] as const).map((mp4) => ({
            ...live_,
            name: `attendee ended, recording ${mp4}`,
            ready: '[data-testid=state-card]',
            session: over('ended', { mp4, playlist: mp4 === 'ready' }),
        })),
        {
            name: 'home error',
            who: 'attendee',
            path: '/',
            ready: '[data-testid=error]',
            answers: { sessions: () => 500 },
        },
        {
            name: 'recordings error',
            who: 'attendee',
            path: '/recordings',
            ready: '[data-testid=error]',
            answers: { recordings: () => 503 },
        },
        {
            name: 'attendee at the staff page',
            who: 'attendee',
            path: '/staff',
            ready: card('denied'),
        },
        {
            name: 'attendee live long title',
            who: 'attendee',
            path: '/s/ID',
            ready: playing,
            session: {
                title: hostile,
                speakers: [{ name: hostile, role: hostile }],
                agenda: [{ title: hostile }],
            },
        },
        {
            name: 'attendee live asking',
            who: 'attendee',
            path: '/s/ID',
            ready: playing,
            session: live,
            act: (page) => page.getByTestId('ask-input').fill('س'.repeat(310)),
        },
        {
            name: 'attendee full',
            who: 'attendee',
            path: '/s/ID',
            ready: '[data-testid=note-fallback]',
            session: live,
            media: 'full',
        },
        {
            name: 'attendee server full',
            who: 'attendee',
            path: '/s/ID',
            ready: card('full'),
            session: live,
            media: 'full',
            answers: {
                'media-path': () => ({ status: 503, type: 'urn:majlis:problem:no-place' }),
            },
        },
        {
            name: 'attendee interrupted',
            who: 'attendee',
            path: '/s/ID',
            ready: card('interrupted'),
            session: live,
            media: 'dead',
        },
        {
            name: 'attendee paused',
            who: 'attendee',
            path: '/s/ID',
            ready: card('paused'),
            session: { ...about, state: 'paused' },
        },
        {
            name: 'attendee ended',
            who: 'attendee',
            path: '/s/ID',
            ready: card('ended'),
            session: over('ended', { mp4: 'waiting', steps: WORKING }),
        },
        {
            name: 'attendee recording ready',
            who: 'attendee',
            path: '/s/ID',
            ready: card('recording-ready'),
            session: over('published', {}),
        },
        {
            name: 'attendee recording deleted',
            who: 'attendee',
            path: '/s/ID',
            ready: '[data-testid=state-card]',
            session: over('published', { deleted_at: inMinutes(-1), mp4: 'none', steps: [] }),
        },
        {
            name: 'attendee cancelled',
            who: 'attendee',
            path: '/s/ID',
            ready: card('cancelled'),
            session: { ...before, state: 'cancelled' },
        },
        {
            name: 'attendee denied',
            who: 'attendee',
            path: '/s/ID',
            ready: card('denied'),
            answers: { [server.session]: () => 403 },
        },
        {
            name: 'attendee error',
            who: 'attendee',
            path: '/s/ID',
            ready: '[data-testid=error]',
            answers: { [server.session]: () => 500 },
        },
        {
            name: 'attendee no such session',
            who: 'attendee',
            path: '/s/nothing',
            ready: '[data-testid=error]',
        },
        {
            name: 'attendee at the presenter view',
            who: 'attendee',
            path: '/present/ID',
            ready: 'main',
        },
        {
            name: 'attendee at the desk',
            who: 'attendee',
            path: '/desk/ID',
            ready: '[data-testid=state-card]',
        },
        {
            name: 'recordings empty',
            who: 'attendee',
            path: '/recordings',
            ready: 'main h1',
            answers: noRecordings,
        },
        {
            name: 'search',
            who: 'staff',
            path: '/recordings?q=x',
            ready: '[data-testid=hits]',
            answers: { search: () => ({ items: HITS, next: '20' }) },
        },
        {
            name: 'search nothing found',
            who: 'attendee',
            path: '/?q=x',
            ready: '[data-testid=no-hits]',
            answers: { search: () => ({ items: [], next: null }) },
        },
        {
            name: 'search error',
            who: 'attendee',
            path: '/recordings?q=x',
            ready: '[data-testid=error]',
            answers: { search: () => 503 },
        },
    ]);
});

test('the presenter view @plain', async () => {
    const message = {
        type: 'presenter.message',
        data: { id: 'm1', text: 'تبقّى خمس دقائق، ويُرجى الانتقال إلى أسئلة الحضور' },
    };
    const long = { type: 'presenter.message', data: { id: 'm2', text: 'W'.repeat(200) } };
    const base = { who: 'speaker', path: '/present/ID', ready: '[data-testid=presenter]' } as const;
    await examineAll([
        {
            ...base,
            name: 'presenter scheduled',
            session: { ...before, state: 'scheduled', starts_at: inMinutes(11 * 1440) },
        },
        {
            ...base,
            name: 'presenter lobby',
            session: { ...before, state: 'lobby', starts_at: inMinutes(9) },
        },
        {
            ...base,
            name: 'presenter slides',
            session: (session: Json) => ({ ...live(session), slides: SLIDES }),
            act: (page) => page.getByTestId('slides-panel').waitFor(),
        },
        {
            ...base,
            name: 'presenter live',
            ready: '[data-testid=current-question]',
            session: live,
            events: [message],
        },
        {
            ...base,
            name: 'presenter silent',
            ready: '[data-testid=sound-alarm]',
            session: live,
            clock: { sound: 'silent' },
            events: [message],
        },
        {
            ...base,
            name: 'presenter lobby clipping',
            ready: '[data-testid=sound-alarm]',
            session: { ...before, state: 'lobby', starts_at: inMinutes(9) },
            clock: { sound: 'clipping' },
        },
        {
            ...base,
            name: 'presenter live long message',
            ready: '[data-testid=current-question]',
            session: { title: hostile },
            events: [long],
        },
        {
            ...base,
            name: 'presenter offline',
            ready: '[data-testid=current-question]',
            session: live,
            events: [message],
            act: async (page, stage) => {
                stage.die();
                await page.getByTestId('offline').waitFor();
            },
        },
        {
            ...base,
            name: 'presenter keys',
            ready: '[data-testid=current-question]',
            session: live,
            act: async (page) => {
                await page.locator('body').press('?');
                await page.getByTestId('keys-list').waitFor();
            },
        },
        {
            ...base,
            name: 'presenter camera',
            ready: '[data-testid=current-question]',
            session: live,
            act: async (page) => {
                await page.getByTestId('camera').click();
                await page.getByTestId('open-camera').waitFor();
            },
        },
        {
            ...base,
            name: 'presenter camera refused',
            ready: '[data-testid=current-question]',
            session: live,
            act: async (page) => {
                await page.getByTestId('camera').click();
                await page.getByTestId('open-camera').click();
                await page.getByTestId('device-fault').waitFor();
            },
        },
        {
            ...base,
            name: 'presenter hidden',
            ready: '[data-testid=current-question]',
            session: live,
            act: (page) => page.getByTestId('hide').click(),
        },
        {
            ...base,
            name: 'presenter largest',
            ready: '[data-testid=current-question]',
            session: live,
            act: async (page) => {
                for (let i = 0; i < 6; i++) {
                    await page.getByTestId('larger').click();
                }
            },
        },
        {
            ...base,
            name: 'presenter next and undo',
            ready: '[data-testid=current-question]',
            session: live,
            refused: undefined,
            act: async (page) => {
                await page.getByTestId('next').click();
                await page.getByTestId('undo').waitFor();
            },
        },
        {
            ...base,
            name: 'presenter refused',
            ready: '[data-testid=current-question]',
            session: live,
            refused: tooMany,
            act: async (page) => {
                await page.getByTestId('next').click();
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'presenter no questions',
            session: live,
            snapshot: { questions: [] },
        },
        {
            ...base,
            name: 'presenter last minutes',
            session: { live_at: inMinutes(-56.5), duration_minutes: 60 },
        },
        {
            ...base,
            name: 'presenter overtime',
            session: { live_at: inMinutes(-76.5), duration_minutes: 60 },
        },
        {
            ...base,
            name: 'presenter lost sign-in',
            session: live,
            act: async (page, stage) => {
                stage.revoke();
                await page.locator(card('signed-out')).waitFor();
            },
        },
        {
            ...base,
            name: 'presenter error',
            ready: '[data-testid=error]',
            answers: { [server.session]: () => 500 },
        },
        { ...base, name: 'presenter cancelled', session: { ...before, state: 'cancelled' } },
        { ...base, name: 'presenter paused', session: { ...about, state: 'paused' } },
        { ...base, name: 'presenter ended', session: over('ended', {}) },
    ]);
});

test('the desk @plain', async () => {
    const health = (parts: Record<string, Json>) => ({
        health: (json: Json) => ({
            ...json,
            sessions: ((json.sessions as Json[]) ?? []).map((one) => ({
                ...one,
                ...Object.fromEntries(
                    Object.entries(parts).map(([name, part]) => [
                        name,
                        { ...(one[name] as Json), ...part },
                    ]),
                ),
            })),
        }),
    });
    const base = { who: 'staff', path: '/desk/ID' } as const;
    const tab = (name: string) => (page: Page) => page.getByTestId(`tab-${name}`).click();
    const ready = '[data-testid=moderation] [data-question-id]';
    await examineAll([
        {
            ...base,
            name: 'desk scheduled',
            ready: '[data-testid=state-chip]',
            session: { ...before, state: 'scheduled', starts_at: inMinutes(11 * 1440) },
        },
        {
            ...base,
            name: 'desk steps',
            ready: '[data-testid=flow-gap][data-gap=notSent]',
            session: {
                ...before,
                state: 'scheduled',
                starts_at: inMinutes(-11),
                title: { ar: hostile.ar, en: '' },
                agenda: [],
                speakers: [],
            },
            answers: MAILED,
        },
        {
            ...base,
            name: 'desk lobby',
            ready: '[data-testid=start]',
            session: { ...before, state: 'lobby', starts_at: inMinutes(9) },
        },
        {
            ...base,
            name: 'desk early start',
            ready: '[data-testid=start]',
            session: { ...before, state: 'lobby', starts_at: inMinutes(45) },
            act: async (page) => {
                await page.getByTestId('start').click({ delay: 1500 });
                await page.getByTestId('ask').waitFor();
            },
        },
        {
            ...base,
            name: 'desk start refused',
            ready: '[data-testid=start]',
            session: { ...before, state: 'lobby', starts_at: inMinutes(2) },
            answers: { state: () => ({ status: 507, code: 'full' }) },
            act: async (page) => {
                await page.getByTestId('start').click({ delay: 1500 });
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'desk button let go',
            ready: '[data-testid=pause]',
            session: live,
            act: (page) => page.getByTestId('pause').click(),
        },
        { ...base, name: 'desk live', ready, session: live },
        {
            ...base,
            name: 'desk moderator',
            who: 'moderator',
            ready,
            session: live,
        },
        {
            ...base,
            name: 'desk alarm source',
            session: live,
            ready: '[data-testid=trouble][data-cell=source]',
            answers: health({
                programme: { state: 'failed', text: 'rtsp://camera.example.ae: no answer' },
            }),
        },
        {
            ...base,
            name: 'desk alarm sound',
            session: live,
            ready: '[data-testid=trouble][data-cell=sound]',
            answers: health({
                programme: {
                    sound: {
                        loudness: -22.9,
                        short_term: -19.4,
                        gain_db: -11.5,
                        alarm: 'clipping',
                    },
                },
            }),
        },
        {
            ...base,
            name: 'desk health one side',
            session: live,
            ready,
            answers: health({
                programme: {
                    sound: { loudness: -23.4, short_term: null, gain_db: 7, alarm: 'left_only' },
                },
            }),
            act: tab('health'),
        },
        {
            ...base,
            name: 'desk alarm recording',
            session: live,
            ready: '[data-testid=trouble][data-cell=recording]',
            answers: health({
                recording: { state: 'failing', text: 'No space left on device' },
                disk: { low: true, free_bytes: 4e8, minutes_left: 3 },
            }),
        },
        {
            ...base,
            name: 'desk alarm recording late, disk low',
            session: live,
            ready: '[data-testid=trouble][data-cell=disk]',
            answers: health({
                recording: { state: 'recording', stored_ms_ago: 25_000, second: 'failing' },
                disk: { low: true, free_bytes: 4e9, minutes_left: 40 },
            }),
        },
        {
            ...base,
            name: 'desk alarm all',
            session: { ...about, title: hostile },
            ready: '[data-testid=trouble][data-cell=disk]',
            answers: health({
                programme: { state: 'ended', text: 'W'.repeat(200) },
                recording: { state: 'failing', text: 'W'.repeat(200), second: 'failing' },
                disk: { low: true, free_bytes: 4e8, minutes_left: 3 },
            }),
        },
        {
            ...base,
            name: 'desk lost sign-in',
            session: live,
            ready,
            act: async (page, stage) => {
                stage.revoke();
                await page.locator('[data-testid=trouble][data-cell=link]').waitFor();
            },
        },
        {
            ...base,
            name: 'desk no questions',
            ready: '[data-testid=moderation]',
            session: live,
            snapshot: { questions: [] },
        },
        {
            ...base,
            name: 'desk undo offered',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('star').first().click();
            },
        },
        {
            ...base,
            name: 'desk moderating refused',
            ready,
            session: live,
            refused: tooMany,
            act: async (page) => {
                await page.getByTestId('approve').first().click();
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'desk agenda editing',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-agenda').click();
                await page.getByTestId('agenda-edit').click();
            },
        },
        {
            ...base,
            name: 'desk agenda empty',
            ready,
            session: {},
            act: (page) => page.getByTestId('tab-agenda').click(),
        },
        {
            ...base,
            name: 'desk source',
            ready,
            session: live,
            act: (page) => page.getByTestId('tab-source').click(),
        },
        {
            ...base,
            name: 'desk captions',
            ready,
            session: (session: Json) => ({
                ...live(session),
                speakers: [...SPEAKERS, { name: hostile, role: hostile }],
                caption: { show: 'speaker', speaker: 0, question: null },
            }),
            act: async (page) => {
                await page.getByTestId('tab-source').click();
                await page.getByTestId('caption-speaker-1').scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk slides',
            ready,
            session: (session: Json) => ({
                ...live(session),
                materials: [
                    { id: 'm1', name: hostile, url: '/', type: 'application/pdf', bytes: 9 },
                ],
                slides: { ...SLIDES, material: 'm1' },
            }),
            act: async (page) => {
                await page.getByTestId('tab-source').click();
                await page.getByTestId('slides-section').locator('summary').click();
                await page.getByTestId('slides-corner').scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk slides refused',
            ready,
            session: (session: Json) => ({
                ...live(session),
                slides: { ...SLIDES, state: 'failed', problem: 'slides-encrypted', pages: 0 },
            }),
            act: async (page) => {
                await page.getByTestId('tab-source').click();
                await page.getByTestId('slides-fault').scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk encoder',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-source').click();
                await page.getByTestId('encoder').locator('summary').click();
                await page.getByTestId('encoder-address').waitFor();
                const make = page.getByTestId('make-key');
                if (await make.isVisible()) {
                    await make.click();
                }
                await page.getByTestId('encoder-key').waitFor();
            },
        },
        {
            ...base,
            name: 'desk message sent',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-message').click();
                await page.getByTestId('message-input').fill(QUESTION.slice(0, 190));
                await page.getByTestId('message-send').click();
                await page.getByTestId('message-last').waitFor();
            },
        },
        {
            ...base,
            name: 'desk invitation made',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('invitation-name').fill('W'.repeat(150));
                await page.getByTestId('invitation-create').click();
                await page.getByTestId('invitation-made').waitFor();
            },
        },
        {
            ...base,
            name: 'desk invitation refused',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('invitation-create').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        {
            ...base,
            name: 'desk invitations error',
            ready,
            session: live,
            answers: { invitations: () => 500 },
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'desk mail off',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('mail-off').scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk mail troubled',
            ready,
            session: live,
            answers: MAILED,
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('mail-counts').waitFor();
                await page.getByTestId('mail').last().scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk invitations selected',
            ready,
            session: live,
            answers: {
                ...MAILED,
                acts: () => ({ act: 'replace', done: 2, items: [1, 2].map(linkOf) }),
            },
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('select-all').click();
                await hold(page, 'replace-selected');
                await page.getByTestId('new-links').scrollIntoViewIfNeeded();
            },
        },
        ...(['entities', 'people', 'everybody', 'session'] as const).map((whom) => ({
            ...base,
            name: `desk invite many, ${whom}`,
            ready,
            session: live,
            answers: { ...house, ...MAILED, many: () => INVITED },
            act: async (page: Page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('open-invite-many').click();
                await page.getByTestId(`invite-whom-${whom}`).click();
                if (whom === 'entities') {
                    await page.getByTestId('invite-entity').last().click();
                } else if (whom === 'people') {
                    await page.getByTestId('invite-find').fill('ن');
                    await page.getByTestId('invite-add').last().click();
                } else if (whom === 'session') {
                    return;
                }
                await page.getByTestId('invite-preview').scrollIntoViewIfNeeded();
            },
        })),
        {
            ...base,
            name: 'desk invite many, nobody to choose',
            ready,
            session: live,
            answers: { entities: items([]), many: () => 500 },
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('open-invite-many').click();
                await page.getByTestId('invite-whom-everybody').click();
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'desk registration',
            ready,
            session: live,
            answers: {
                registrations: () => REGISTRATIONS,
            },
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('open-registration').click();
                await page.getByTestId('registered-person').last().scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk registration closed',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('tab-invitations').click();
                await page.getByTestId('open-registration').click();
                await page.getByTestId('registration').scrollIntoViewIfNeeded();
            },
        },
        {
            ...base,
            name: 'desk merge confirming',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('merge').first().click();
                await page.getByTestId('merge-option').first().click();
                await page.getByTestId('merge-confirm').waitFor();
            },
        },
        {
            ...base,
            name: 'desk merge none',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('merge').first().click();
                await page.getByTestId('merge-into').fill('zzzzzz');
            },
        },
        {
            ...base,
            name: 'desk error',
            ready: '[data-testid=error]',
            answers: { [server.session]: () => 500 },
        },
        ...['approved', 'on_air', 'answered', 'rejected', 'message', 'invitations', 'health'].map(
            (name) => ({
                ...base,
                name: `desk live ${name}`,
                ready,
                session: live,
                act: tab(name),
            }),
        ),
        {
            ...base,
            name: 'desk live long title',
            ready,
            session: {
                title: hostile,
                agenda: [{ title: hostile }],
                speakers: [{ name: hostile }],
            },
        },
        {
            ...base,
            name: 'desk editing and merging',
            ready,
            session: live,
            act: async (page) => {
                await page.getByTestId('edit').first().click();
                await page.getByTestId('merge').last().click();
            },
        },
        {
            ...base,
            name: 'desk paused',
            ready: '[data-testid=resume]',
            session: { ...about, state: 'paused' },
        },
        {
            ...base,
            name: 'desk server dead',
            ready,
            session: live,
            act: async (page, stage) => {
                stage.die();
                await page.locator('[data-testid=strip-link][data-level=alarm]').waitFor();
                await page.locator('[data-testid=strip-on-air][data-old=true]').waitFor();
            },
        },
        {
            ...base,
            name: 'desk ended',
            ready: '[data-testid=recording-steps]',
            session: over('ended', { mp4: 'waiting', steps: WORKING }),
        },
        {
            ...base,
            name: 'desk published',
            ready: '[data-testid=recording-steps]',
            session: over('published', {}),
        },
        {
            ...base,
            name: 'desk recording failed, gaps, on hold',
            ready: '[data-testid=retry-steps]',
            session: over('ended', {
                mp4: 'failed',
                hold: true,
                steps: FAILED,
                gaps: [
                    { at_ms: 61_000, lost_ms: 4200, why: 'restart' },
                    { at_ms: 1_900_000, lost_ms: 700, why: 'disk' },
                ],
            }),
            act: (page) => page.locator('[data-testid=delete] summary').click(),
        },
        {
            ...base,
            name: 'desk deleting, marks set',
            ready: '[data-testid=recording-steps]',
            session: over('published', {
                in_ms: 61_000,
                out_ms: 3_400_000,
                bytes: 2_900_000_000,
                hold_changed_at: inMinutes(-30),
                hold_why: LETTERS,
            }),
            act: (page) => page.locator('[data-testid=delete] summary').click(),
        },
        {
            ...base,
            name: 'desk no recording',
            ready: '[data-testid=no-recording]',
            session: over('ended', { mp4: 'none', playlist: false, steps: [] }),
        },
        {
            ...base,
            name: 'desk deleted',
            ready: '[data-testid=deleted]',
            session: over('published', {
                deleted_at: inMinutes(-1),
                deleted_why: LETTERS,
                mp4: 'none',
                steps: [],
            }),
        },
        {
            ...base,
            name: 'desk cancelled',
            ready: '[data-testid=state-chip]',
            session: { ...before, state: 'cancelled' },
        },
    ]);
});

/** A month of sessions in every state, made of one that there is. */
const monthOf = (json: Json): Json => {
    const [one] = json.items as Json[];
    const states = ['published', 'ended', 'cancelled', 'live', 'lobby', 'scheduled', 'scheduled'];
    return {
        items: states.map((state, i) => ({
            ...one,
            id: `m${i}`,
            state,
            title: i % 3 === 1 ? hostile : { ar: 'الاتصال في أوقات الأزمات', en: 'Crisis talks' },
            starts_at: `2030-01-${i < 2 ? '08' : String(8 + 3 * i).padStart(2, '0')}T0${i}:00:00Z`,
        })),
        next: null,
    };
};

test('the staff pages @plain', async () => {
    const session = await staff.read(server.session);
    const base = { who: 'staff', path: '/staff' } as const;
    await examineAll([
        { ...base, name: 'staff', ready: '[data-testid=session]', session: live },
        {
            ...base,
            name: 'staff long title',
            ready: '[data-testid=session]',
            session: { title: hostile, speakers: [{ name: hostile, role: hostile }] },
        },
        {
            ...base,
            name: 'staff empty',
            ready: '[data-testid=new-session]',
            answers: { ...noSessions, ...noRecordings },
        },
        {
            ...base,
            name: 'staff new',
            ready: '[data-testid=new-session]',
            act: (page) => page.getByTestId('new-session').click(),
        },
        {
            ...base,
            name: 'staff new refused',
            ready: '[data-testid=new-session]',
            act: async (page) => {
                await page.getByTestId('new-session').click();
                await page.getByTestId('title-ar').fill('ط'.repeat(250));
                await page.getByTestId('title-en').fill('W'.repeat(250));
                await page.getByTestId('agenda-add').click();
                await page.getByTestId('step-next').click();
                await page.getByTestId('step-next').click();
                await page.getByTestId('starts-at').fill('2032-05-01T11:00');
                await page.getByTestId('create-session').click();
                await page.locator('[data-testid=error], [aria-invalid=true]').first().waitFor();
            },
        },
        {
            ...base,
            name: 'staff new draft',
            ready: '[data-testid=new-session]',
            act: async (page) => {
                await page.getByTestId('new-session').click();
                await page.getByTestId('title-ar').fill('جلسة');
                await page.getByTestId('step-next').click();
                await page.getByTestId('step-next').click();
                await page.getByTestId('leave-form').click();
                await page.getByTestId('new-session').click();
                await page.getByTestId('draft-kept').waitFor();
            },
        },
        {
            ...base,
            name: 'staff files',
            hash: '#edit=ID',
            ready: '[data-testid=material-row]',
            session: { materials: MATERIALS },
            act: async (page) => {
                await page.getByTestId('link-name').fill('The guide');
                await page.getByTestId('link-url').fill('guide.example');
                await page.getByTestId('link-add').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        {
            ...base,
            name: 'staff renaming a file',
            hash: '#edit=ID',
            ready: '[data-testid=material-row]',
            session: { materials: MATERIALS },
            act: async (page) => {
                await page.getByTestId('material-rename').nth(1).click();
                await page.getByTestId('rename-name').waitFor();
            },
        },
        {
            ...base,
            name: 'staff editing',
            hash: '#edit=ID',
            ready: '[data-testid=title-ar]',
            session: { ...before, state: 'scheduled' },
        },
        {
            ...base,
            name: 'staff copying',
            hash: '#copy=ID',
            ready: '[data-testid=title-ar]',
            session: live,
        },
        {
            ...base,
            name: 'staff editing a live one',
            hash: '#edit=ID',
            ready: '[data-testid=title-ar]',
            session: live,
        },
        {
            ...base,
            name: 'staff doubts',
            hash: '#copy=ID',
            ready: '[data-testid=title-ar]',
            session: { ...about, title: hostile },
            act: async (page) => {
                const now = new Date(Date.now() - 10 * 60_000 + 4 * 3_600_000);
                await page.getByTestId('starts-at').fill(now.toISOString().slice(0, 16));
                await page.getByTestId('title-ar').fill('جلسة ثانية');
                await page.getByTestId('create-session').click();
                await page.getByTestId('doubts').waitFor();
            },
        },
        {
            ...base,
            name: 'staff changed meanwhile',
            hash: '#edit=ID',
            ready: '[data-testid=title-ar]',
            session: (session: Json) => ({ ...before, title: session.title, state: 'scheduled' }),
            act: async (page, stage) => {
                stage.changes = {
                    ...stage.changes,
                    answers: { [server.session]: () => ({ status: 412, code: 'changed' }) },
                };
                await page.getByTestId('title-en').fill('Another title');
                await page.getByTestId('save-session').click();
                const yes = page.getByTestId('doubts-yes');
                await yes.or(page.getByTestId('reload')).first().waitFor();
                if (await yes.isVisible()) {
                    await yes.click();
                }
                await page.getByTestId('reload').waitFor();
            },
        },
        {
            ...base,
            name: 'staff invitation made',
            who: 'admin',
            ready: '[data-testid=staff-invitations]',
            session: live,
            act: async (page) => {
                await page.getByTestId('invitation-name').fill('ط'.repeat(150));
                await page.getByTestId('invitation-create').click();
                await page.getByTestId('invitation-made').waitFor();
            },
        },
        {
            ...base,
            name: 'staff past',
            ready: '[data-testid=sessions-past]',
            answers: {
                sessions: () => ({
                    items: [
                        {
                            ...session,
                            state: 'published',
                            recording: { ...session.recording, deleted_at: inMinutes(-1) },
                        },
                    ],
                    next: null,
                }),
            },
        },
        {
            ...base,
            name: 'staff no such session',
            hash: '#edit=nothing',
            ready: '[data-testid=error]',
        },
        {
            ...base,
            name: 'staff, a month',
            hash: '#month=2030-01',
            ready: '[data-testid=month-session]',
            answers: { sessions: monthOf },
        },
        {
            ...base,
            name: 'staff, a month by keys',
            hash: '#month=2030-01',
            ready: '[data-testid=month-session]',
            answers: { sessions: monthOf },
            act: async (page) => {
                await page.locator('[data-day="2030-01-01"]').focus();
                await page.keyboard.press('ArrowDown');
                await page.keyboard.press('End');
            },
        },
        {
            ...base,
            name: 'staff, an empty month',
            hash: '#month=2030-02',
            ready: '[data-testid=month-empty]',
            answers: noSessions,
        },
        {
            ...base,
            name: 'staff, nothing found',
            ready: '[data-testid=new-session]',
            answers: noSessions,
            act: async (page) => {
                await page.getByTestId('list-words').fill('ط'.repeat(150));
                await page.getByTestId('no-sessions').waitFor();
            },
        },
        {
            ...base,
            name: 'staff loading',
            ready: '.skeleton',
            answers: { sessions: () => 'never' },
        },
        {
            ...base,
            name: 'staff error',
            ready: '[data-testid=error]',
            answers: { sessions: () => 500 },
        },
    ]);
});

test('the pages of series and speakers @plain', async () => {
    const both = { ar: `${'سلسلة طويلة الاسم '.repeat(8)}`, en: 'W'.repeat(120) };
    const text = { ar: `${'نص السيرة '.repeat(40)}\nسطر ثانٍ`, en: 'A biography. '.repeat(40) };
    const { id: series } = await staff.json<{ id: string }>('POST', '/api/v1/series', {
        name: both,
        description: text,
        agenda: [{ title: { ar: 'العرض' }, minutes: 40 }],
        colour: '#1f4e79',
        reminders: [1440, 60],
    });
    const { id: speaker } = await staff.json<{ id: string }>('POST', '/api/v1/speakers', {
        name: both,
        title: { ar: 'خبيرة الاتصال', en: 'Expert' },
        organisation: both,
        biography: text,
    });
    for (const owner of [`series/${series}`, `speakers/${speaker}`]) {
        await sendWell(staff, 'PUT', `/api/v1/${owner}/picture`, png(60, 90, 140, 200));
    }
    const brief = (n: number) => ({
        ...{ id: `s${n}`, title: both, number: n, starts_at: inMinutes(60 * 24 * n) },
        ...{ state: n > 1 ? 'published' : 'scheduled', recording: n > 1 },
    });
    const sessions = (json: Json) => ({ ...json, sessions: [brief(1), brief(7)] });
    const base = { who: 'staff', path: '/staff/series' } as const;
    const page = { who: 'staff', path: `/speakers/${speaker}` } as const;
    const ready = '[data-testid=entry]';
    const form = '[data-testid=name-ar]';
    await examineAll([
        { ...base, name: 'series list', ready },
        {
            ...base,
            name: 'series empty',
            ready: 'main .card',
            answers: { series: () => ({ items: [], next: null }) },
        },
        { ...base, name: 'series editing', hash: `#edit=${series}`, ready: form },
        {
            ...base,
            name: 'series picture refused',
            hash: `#edit=${series}`,
            ready: '[data-testid=picture]',
            act: async (page) => {
                const file = { name: 'slides.pdf', mimeType: 'image/png', buffer: pdf };
                await page.getByTestId('picture-file').setInputFiles(file);
                await page.getByTestId('error').waitFor();
            },
        },
        { ...base, name: 'series loading', ready: '.skeleton', answers: { series: () => 'never' } },
        {
            ...base,
            name: 'series refused',
            hash: '#new',
            ready: form,
            act: async (page) => {
                await page.getByTestId('retention').fill('9999');
                await page.getByTestId('save-entry').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        {
            ...base,
            name: 'series error',
            ready: '[data-testid=error]',
            answers: { series: () => 500 },
        },
        { ...base, name: 'speakers list', path: '/staff/speakers', ready },
        { ...base, name: 'speakers new', path: '/staff/speakers', hash: '#new', ready: form },
        {
            ...page,
            name: 'speaker page',
            ready: '[data-testid=entry-session]',
            answers: { [speaker]: sessions },
        },
        { ...page, name: 'speaker without sessions', ready: '[data-testid=entry-page]' },
        {
            ...{ ...page, path: `/series/${series}`, name: 'series page' },
            ...{ ready: '[data-testid=entry-session]', answers: { [series]: sessions } },
        },
        { ...page, who: 'attendee', name: 'speaker of another', ready: '[data-testid=error]' },
        {
            ...{
                who: 'staff',
                path: '/staff',
                name: 'session of a series',
                hash: '#new',
                ready: form,
            },
            ready: '[data-testid=title-ar]',
            act: async (page) => {
                await page.getByTestId('session-series').selectOption(series);
                await page.getByTestId('title-ar').fill('جلسة');
                await page.getByTestId('step-next').click();
                await page.getByTestId('speaker-choose').selectOption(speaker);
            },
        },
        { ...page, who: 'nobody', name: 'speaker signed out', ready: card('signed-out') },
        {
            ...{
                who: 'staff',
                path: '/staff',
                name: 'search narrowed',
                ready: '[data-testid=search]',
            },
            act: async (page) => {
                await page.getByTestId('search').fill('خبيرة');
                await page.getByTestId('hit').first().waitFor();
                await page.getByTestId('filter-kind').selectOption('speaker');
                await page.getByTestId('hit').first().waitFor();
            },
        },
    ]);
    await staff.ask('DELETE', `/api/v1/series/${series}`);
    await staff.ask('DELETE', `/api/v1/speakers/${speaker}`);
});

/** An hour of the server, as the page "System" gets it. */
const hour = (system: Json): Json => {
    const of = (value: (i: number) => number) => Array.from({ length: 360 }, (_, i) => value(i));
    return {
        ...system,
        certificate_ends_at: inMinutes(60 * 24 * 90),
        backup_at: inMinutes(-60 * 7),
        load: { ...(system.load as Json), cores: 8 },
        viewers: { webrtc: 212, hls: 14 },
        history: {
            every_ms: 10_000,
            cpu: of((i) => 0.3 + 0.1 * Math.sin(i / 20)),
            majlis: of((i) => 0.2 + 0.1 * Math.sin(i / 20)),
            memory: of((i) => 0.4 + i / 4000),
            webrtc: of((i) => Math.min(212, 3 * i)),
            hls: of((i) => Math.min(14, i >> 3)),
            sent: of((i) => 350_000 * Math.min(212, 3 * i)),
        },
    };
};
const strained = (system: Json): Json => ({
    ...hour(system),
    certificate_ends_at: inMinutes(60 * 24 * 3 + 5),
    backup_damaged: 12,
    disks: ['data', 'recordings', 'second'].map((folder) => ({
        folder,
        free_bytes: 700_000_000,
        size_bytes: 500_000_000_000,
        minimum_bytes: folder === 'data' ? null : 1_073_741_824,
        low: folder !== 'data',
    })),
    history: { ...(hour(system).history as Json), cpu: Array.from({ length: 360 }, () => 0.97) },
});
const fresh = (system: Json): Json => ({
    ...system,
    certificate_ends_at: null,
    disks: [],
    load: null,
    history: { every_ms: 10_000, cpu: [], majlis: [], memory: [], webrtc: [], hls: [], sent: [] },
});

test('the system page @plain', async () => {
    const base = { who: 'staff', path: '/staff/system', ready: '[data-testid=plot-sent]' } as const;
    await examineAll([
        { ...base, name: 'system', answers: { system: hour } },
        { ...base, name: 'system strained', answers: { system: strained } },
        { ...base, name: 'system fresh', answers: { system: fresh } },
        {
            ...base,
            name: 'system over',
            answers: {
                system: (system) => ({ ...hour(system), certificate_ends_at: inMinutes(-60) }),
            },
        },
        { ...base, name: 'system loading', ready: '.skeleton', answers: { system: () => 'never' } },
        {
            ...base,
            name: 'system error',
            ready: '[data-testid=error]',
            answers: { system: () => 500 },
        },
        { ...base, name: 'system of an attendee', who: 'attendee', ready: card('denied') },
        { ...base, name: 'system signed out', who: 'nobody', ready: card('signed-out') },
    ]);
});

/** Recordings in every state, made of a session that there is. */
const catalogueOf = (session: Json) => () => {
    const step = { step: 'mp4', progress: 0.4, code: null, text: null };
    const kinds: [string, string, Json][] = [
        ['ended', 'ready', {}],
        ['published', 'ready', { hold: true }],
        ['ended', 'failed', { keep_until: '2031-04-15T10:00:00Z' }],
        ['ended', 'working', { bytes: 12_000_000_000 }],
        ['published', 'ready', { deleted_at: inMinutes(-60), bytes: 0 }],
    ];
    const items = kinds.map(([state, made, change], i) => ({
        ...session,
        id: `r${i}`,
        state,
        title: i % 2 ? hostile : session.title,
        series: { id: 's1', name: hostile },
        number: 900 + i,
        duration_ms: 3_600_000,
        mp4: made,
        recording: {
            ...(session.recording as Json),
            bytes: 889_000_000,
            keep_until: null,
            deleted_at: null,
            hold: false,
            steps: [{ ...step, state: made }],
            ...change,
        },
    }));
    return { items, next: '1.r4', total: { count: 212, bytes: 188_000_000_000 } };
};
const actOf = (ended: boolean) => () => ({
    items: [
        {
            id: 'a1',
            act: 'unpublish',
            by: LETTERS,
            begun_at: inMinutes(-1),
            ended_at: ended ? inMinutes(0) : null,
            done: ended ? 5 : 3,
            items: ['done', 'refused', 'refused', 'working', 'waiting'].map((outcome, i) => ({
                recording: `r${i}`,
                title: i % 2 ? hostile : { ar: 'جلسة', en: 'A session' },
                outcome: ended && i > 2 ? 'done' : outcome,
                code: outcome === 'refused' ? ['files-being-made', 'deleted'][i - 1] : null,
                params: {},
            })),
        },
    ],
    next: null,
});

test('the catalogue of recordings, and the settings @plain', async () => {
    const session = (await staff.read(server.session)) as unknown as Json;
    const answers = { recordings: catalogueOf(session), acts: () => ({ items: [], next: null }) };
    const base = {
        who: 'staff',
        path: '/staff/recordings',
        ready: '[data-testid=recording]',
        answers,
    } as const;
    const settings = {
        who: 'staff',
        path: '/staff/settings',
        ready: '[data-testid=setting]',
    } as const;
    const changed = (by: string | null, text: (one: Json) => unknown) => (json: Json) => ({
        ...json,
        items: (json.items as Json[]).map((one) => ({
            ...one,
            value: text(one),
            set: one.section === 'mail',
            changed: one.on_page ? { by, at: '2030-01-02T08:00:00Z', instead_of: text(one) } : null,
        })),
    });
    const long = changed(LETTERS, (one) => (one.section === 'mail' ? 'w'.repeat(200) : one.value));
    const admin = { ...settings, who: 'admin' } as const;
    const toMail = (page: Page) =>
        page
            .locator('[data-name="mail.from_name"]')
            .evaluate((one) => one.scrollIntoView({ block: 'start' }));
    const fill = async (page: Page, name: string, text: string) => {
        await page.getByTestId(`setting-${name}`).fill(text);
        await page.getByTestId(`setting-${name}`).press('Enter');
    };
    const choose = async (page: Page, kind: string) => {
        await page.getByTestId('choose-all').click();
        await page.getByTestId('act-kind').selectOption(kind);
    };
    await examineAll([
        { ...base, name: 'catalogue' },
        { ...base, name: 'catalogue chosen', act: (page) => choose(page, 'hold') },
        {
            ...base,
            name: 'catalogue refused',
            act: async (page) => {
                await choose(page, 'retain');
                await page.getByTestId('act-days').fill('0');
                await page.getByTestId('act-apply').click({ delay: 1500 });
                await page.getByTestId('field-error').waitFor();
            },
        },
        { ...base, name: 'catalogue act', answers: { ...answers, acts: actOf(false) } },
        { ...base, name: 'catalogue act done', answers: { ...answers, acts: actOf(true) } },
        {
            ...base,
            name: 'catalogue empty',
            ready: '[data-testid=no-recordings]',
            answers: { ...answers, ...noRecordings },
        },
        {
            ...base,
            name: 'catalogue loading',
            ready: '.skeleton',
            answers: { ...answers, recordings: () => 'never' },
        },
        {
            ...base,
            name: 'catalogue error',
            ready: '[data-testid=error]',
            answers: { ...answers, recordings: () => 500 },
        },
        { ...base, name: 'catalogue of an attendee', who: 'attendee', ready: card('denied') },
        { ...settings, name: 'settings' },
        { ...settings, name: 'settings long', answers: { settings: long }, act: toMail },
        { ...admin, name: 'settings of an admin' },
        { ...admin, name: 'settings of an admin, long', answers: { settings: long }, act: toMail },
        {
            ...admin,
            name: 'settings changed',
            answers: { settings: changed('نورة الشامسي', (one) => one.value) },
            act: toMail,
        },
        {
            ...admin,
            name: 'settings refused',
            act: async (page) => {
                await fill(page, 'mail.reminders', 'tomorrow');
                await page.getByTestId('field-error').waitFor();
            },
        },
        {
            ...admin,
            name: 'settings of two admins',
            act: async (page, stage) => {
                const code = { status: 412, code: 'changed', params: {} };
                stage.changes = { answers: { settings: () => code } };
                await fill(page, 'mail.from_name', 'مكتب الاتصال');
                await page.getByTestId('reload').waitFor();
            },
        },
        {
            ...admin,
            name: 'settings that delete recordings',
            act: async (page) => {
                await fill(page, 'archive.keep_days', '11');
                await page.getByTestId('ask').waitFor();
            },
        },
        {
            ...settings,
            name: 'settings error',
            ready: '[data-testid=error]',
            answers: { settings: () => 500 },
        },
    ]);
});

const ENTITIES = [
    { code: 'MOEC', name: { ar: 'وزارة الاقتصاد', en: 'Ministry of Economy' } },
    { code: 'W'.repeat(20), name: hostile },
].map((one, i) => ({
    ...one,
    id: `e${i}`,
    domains: ['economy.example'],
    people: 12,
    version: '0',
}));
const PEOPLE = [
    { name: 'نورة الشامسي', email: 'noura@economy.example', entity: ENTITIES[0].name.ar },
    { name: LETTERS, email: `${'w'.repeat(60)}@${'economy.'.repeat(20)}example`, entity: LETTERS },
    { name: 'W'.repeat(200), email: null, entity: null, disabled: true, role: 'staff' },
    { name: 'Hind', email: 'hind@economy.example', entity: null, role: 'admin' },
].map((one, i) => ({
    id: `p${i}`,
    entity_id: null,
    role: 'officer',
    disabled: false,
    created_at: '2030-01-10T08:00:00Z',
    version: '0',
    ...one,
}));
const of = { person: 'p1', name: LETTERS, email: PEOPLE[1].email, entity: LETTERS };
const ROSTER = {
    applied: false,
    encoding: 'windows-1256',
    separator: 'semicolon',
    heading: true,
    columns: [
        { heading: 'الاسم', field: 'name', sample: 'نورة الشامسي' },
        { heading: 'W'.repeat(60), field: 'email', sample: 'noura@economy.example' },
        { heading: 'ملاحظات', field: null, sample: LETTERS },
    ],
    counts: { new: 58, changed: 1, unchanged: 0, duplicate: 1, refused: 2 },
    lines: [
        { outcome: 'refused', name: '', refused: { code: 'required', params: {}, field: 'name' } },
        {
            outcome: 'refused',
            name: LETTERS,
            email: 'w'.repeat(200),
            refused: { code: 'roster-twice', params: { line: 12 } },
        },
        { outcome: 'duplicate', name: LETTERS, email: 'a@b.example', of },
        { outcome: 'new', name: 'خالد', email: 'k@economy.example', entity: LETTERS },
        { outcome: 'changed', name: 'Hind', changes: ['name', 'entity'] },
    ].map((one, i) => ({
        line: i + 2,
        email: null,
        entity: null,
        changes: [],
        of: null,
        ...one,
    })),
};
const items = (list: Json[]) => () => ({ items: list, next: list.length > 2 ? 'p2' : null });
const house = {
    people: items(PEOPLE),
    entities: items(ENTITIES),
    p1: () => PEOPLE[1],
    p3: () => PEOPLE[3],
    import: () => ROSTER,
};
const sendRoster = async (page: Page) => {
    await page.getByTestId('roster-file').setInputFiles({
        name: `${'قائمة '.repeat(20)}.csv`,
        mimeType: 'text/csv',
        buffer: Buffer.from('name\nNoura\n'),
    });
    await page.getByTestId('read-roster').click();
    await page.getByTestId('only-all').click();
};

const LONG_TEXT = `${LETTERS} {title}`;
const mailText = (subject: string, edited = false) => ({
    subject,
    body: `${LETTERS}\n\n{title}\n{series}\n\nOpen: {link}\n`,
    edited,
    version: edited ? '5' : '0',
});
const MAIL_TEXTS = [
    ['invitation', 'دعوة: {title}'],
    ['reminder', LONG_TEXT],
    ['answer', 'أُجيب عن سؤالكم: {title}'],
].map(([kind, subject]) => ({
    kind,
    placeholders: {
        subject: ['name', 'title', 'series', 'time', 'speakers'],
        body: ['name', 'title', 'series', 'time', 'speakers', 'question', 'link'],
    },
    texts: { ar: mailText(subject, true), en: mailText('Invitation: {title}') },
    built_in: { ar: mailText('دعوة: {title}'), en: mailText('Invitation: {title}') },
}));
const MAIL_PREVIEW = {
    subject: `${LETTERS} | Invitation`,
    text: `${LETTERS}\n${'w'.repeat(200)}\nhttps://majlis.example/ar/i/…`,
    html: `<body style="color:#232528;padding:16px"><div dir="rtl"><p style="margin:0">${LETTERS}</p><a href="https://x.example" style="display:inline-block;background:#92722a;color:#ffffff;padding:10px">${LETTERS}</a></div></body>`,
};

test('the pages of mails @plain', async () => {
    const base = {
        who: 'staff',
        path: '/staff/mail-texts',
        ready: '[data-testid=mail-text]',
        answers: { 'mail-texts': () => ({ items: MAIL_TEXTS, next: null }) },
    } as const;
    const edit = { ...base, hash: '#edit=reminder', ready: '[data-testid=mail-text-form]' };
    const choice = (reminders: boolean) => ({
        who: 'nobody' as const,
        path: '/unsubscribe/token',
        ready: '[data-testid=mail-choice]',
        answers: { token: () => ({ reminders }) },
    });
    const rsvp = {
        who: 'attendee',
        path: '/rsvp/ID',
        hash: '#maybe',
        ready: '[data-testid=rsvp-form]',
    } as const;
    await examineAll([
        { ...base, name: 'mail texts' },
        {
            ...base,
            name: 'mail texts error',
            ready: '[data-testid=error]',
            answers: { 'mail-texts': () => 500 },
        },
        { ...edit, name: 'mail text editing' },
        {
            ...edit,
            name: 'mail text refused',
            act: async (page) => {
                await page.getByTestId('mail-body-en').fill('Nothing to open');
                await page.getByTestId('save-mail-text').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        {
            ...edit,
            name: 'mail text preview',
            answers: { ...base.answers, preview: () => MAIL_PREVIEW },
            act: async (page) => {
                await page.getByTestId('show-preview').click();
                await page.getByTestId('mail-preview').locator('summary').click();
            },
        },
        { ...rsvp, name: 'rsvp from a mail' },
        {
            ...rsvp,
            name: 'rsvp refused',
            act: async (page) => {
                await page.getByTestId('rsvp-confirm').click();
                await page.getByTestId('error').waitFor();
            },
            answers: { rsvp: () => 500 },
        },
        { ...rsvp, who: 'nobody', name: 'rsvp signed out', ready: card('signed-out') },
        { ...choice(true), name: 'mails come' },
        { ...choice(false), name: 'mails stopped' },
        {
            ...choice(true),
            name: 'mails, an unknown link',
            ready: '[data-testid=error]',
            answers: {},
        },
    ]);
});

const linkOf = (i: number) => ({
    id: `i${i}`,
    url: 'https://majlis.example/ar/i/abcdefghijkmnpqrstuvwxyz23',
    role: 'attendee',
    name: PEOPLE[i].name,
    entity: PEOPLE[i].entity,
    email: PEOPLE[i].email,
    person: `p${i}`,
});
const INVITED = {
    dry_run: true,
    invited: 48,
    already: 9,
    left_out: { disabled: 2, staff: 1, revoked: 3, unknown: 1 },
    without_address: 4,
    mails: 44,
};
const ASKED = { mode: 'open', email: 'required', entity: 'optional', job_title: 'optional' };
const REGISTRATIONS = {
    page: ASKED,
    url: 'https://majlis.example/ar/register/s7k2m4x9qbvz',
    mailed: false,
    counts: { waiting: 2, approved: 1, refused: 1 },
    items: ['waiting', 'waiting', 'approved', 'refused'].map((state, i) => ({
        id: `r${i}`,
        name: PEOPLE[i % 3].name,
        email: PEOPLE[i % 3].email,
        entity: PEOPLE[i % 3].entity,
        entity_known: i === 0,
        job_title: i === 1 ? 'W'.repeat(200) : null,
        person: null,
        state,
        created_at: '2030-01-10T08:00:00Z',
        decided_at: null,
    })),
    next: null,
};
const REGISTRATION = {
    session: 's7k2m4x9qbvz',
    title: AGENDA[1].title,
    starts_at: '2030-01-15T09:00:00Z',
    duration_minutes: 60,
    mailed: true,
    page: ASKED,
};

test('registration and the cards on paper @plain', async () => {
    const form = '[data-testid=register-form]';
    const base = {
        who: 'nobody',
        path: '/register/s7k2m4x9qbvz',
        ready: form,
        answers: { registration: () => REGISTRATION },
    } as const;
    const print = {
        who: 'staff',
        path: `/print/${server.session}`,
        ready: '[data-testid=print-form]',
        hash: '#unopened',
        answers: { acts: () => ({ act: 'links', done: 3, items: [0, 1, 2].map(linkOf) }) },
    } as const;
    await examineAll([
        { ...base, name: 'register' },
        {
            ...base,
            name: 'register of a long title',
            answers: { registration: () => ({ ...REGISTRATION, title: hostile }) },
        },
        {
            ...base,
            name: 'register loading',
            ready: '.skeleton',
            answers: { registration: () => 'never' },
        },
        { ...base, name: 'register closed', ready: '[data-testid=error]', answers: {} },
        {
            ...base,
            name: 'register refused',
            act: async (page) => {
                await page.getByTestId('register-send').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        ...(['mail', 'approval'] as const).map((next) => ({
            ...base,
            name: `register done, ${next}`,
            act: async (page: Page, stage: Stage) => {
                stage.changes = { answers: { registration: () => ({ next }) } };
                await page.getByTestId('register-name').fill('نورة الشامسي');
                await page.getByTestId('register-email').fill('noura@economy.example');
                await page.getByTestId('register-send').click();
                await page.getByTestId('registered').waitFor();
            },
        })),
        {
            ...base,
            name: 'register too often',
            act: async (page, stage) => {
                const often = { status: 429, code: 'registration-too-often', params: {} };
                stage.changes = { answers: { registration: () => often } };
                await page.getByTestId('register-name').fill('نورة الشامسي');
                await page.getByTestId('register-email').fill('noura@economy.example');
                await page.getByTestId('register-send').click();
                await page.getByTestId('error').waitFor();
            },
        },
        { ...print, name: 'print' },
        { ...print, name: 'print none', hash: '', ready: '[data-testid=print-none]' },
        {
            ...print,
            name: 'print cards',
            act: async (page) => {
                await hold(page, 'make-cards');
                await page.getByTestId('cards').waitFor();
            },
        },
        { ...print, name: 'print of an attendee', who: 'attendee', ready: card('denied') },
        { ...print, name: 'print signed out', who: 'nobody', ready: card('signed-out') },
    ]);
});

test('the people pages @plain', async () => {
    const base = {
        who: 'staff',
        path: '/staff/people',
        ready: '[data-testid=people]',
        answers: house,
    } as const;
    const form = '[data-testid=roster-form]';
    await examineAll([
        { ...base, name: 'people' },
        { ...base, name: 'people loading', ready: '.skeleton', answers: { people: () => 'never' } },
        {
            ...base,
            name: 'people, a roster looked at',
            hash: '#import',
            ready: form,
            act: sendRoster,
        },
        {
            ...base,
            name: 'people, none yet',
            ready: '[data-testid=no-people]',
            answers: { people: items([]), entities: items([]) },
        },
        {
            ...base,
            name: 'people, a roster taken',
            hash: '#import',
            ready: form,
            act: async (page) => {
                await sendRoster(page);
                await page.getByTestId('take-roster').click();
                await page.getByTestId('roster-done').waitFor();
            },
        },
        {
            ...base,
            name: 'people, a wrong roster',
            hash: '#import',
            ready: form,
            answers: {
                ...house,
                import: () => ({ status: 400, code: 'roster-not-text', params: {} }),
            },
            act: async (page) => {
                await page.getByTestId('roster-file').setInputFiles({
                    name: 'roster.xlsx',
                    mimeType: 'text/csv',
                    buffer: Buffer.from('PK'),
                });
                await page.getByTestId('read-roster').click();
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'people, one changed by another',
            hash: '#edit=p1',
            ready: '[data-testid=person-form]',
            answers: { ...house, p1: () => PEOPLE[1] },
            act: async (page, stage) => {
                stage.changes = { answers: { ...house, p1: () => 412 } };
                await page.getByTestId('save-person').click();
                await page.getByTestId('reload').waitFor();
            },
        },
        {
            ...base,
            name: 'people, one of the staff by staff',
            hash: '#edit=p3',
            ready: '[data-testid=admins-only]',
        },
        {
            ...base,
            name: 'people, a role changed by an admin',
            who: 'admin',
            hash: '#edit=p1',
            ready: '[data-testid=role-card]',
            act: async (page) => {
                await page.getByTestId('person-role').selectOption('moderator');
                await page.getByTestId('save-role').waitFor();
            },
        },
        {
            ...base,
            name: 'people, the last admin',
            who: 'admin',
            hash: '#edit=p3',
            ready: '[data-testid=role-card]',
            act: async (page, stage) => {
                const code = { status: 409, code: 'last-admin', params: {} };
                stage.changes = { answers: { ...house, p3: () => code } };
                await page.getByTestId('person-role').selectOption('staff');
                await page.getByTestId('save-role').click();
                await page.getByTestId('error').waitFor();
            },
        },
        {
            ...base,
            name: 'people, erasing one',
            who: 'admin',
            hash: '#erase=p1',
            ready: '[data-testid=erase-form]',
        },
        {
            ...base,
            name: 'people, erasing by a wrong name',
            who: 'admin',
            hash: '#erase=p1',
            ready: '[data-testid=erase-form]',
            act: async (page, stage) => {
                const code = { status: 400, code: 'name-differs', params: {}, field: 'name' };
                stage.changes = { answers: { ...house, p1: () => code } };
                await page.getByTestId('erase-name').fill('Noura');
                await page.getByTestId('erase-person').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        { ...base, name: 'people, entities', hash: '#entities', ready: '[data-testid=entities]' },
        {
            ...base,
            name: 'people, an entity refused',
            hash: '#new-entity',
            ready: '[data-testid=entity-form]',
            act: async (page, stage) => {
                const code = { status: 409, code: 'code-taken', params: {}, field: 'code' };
                stage.changes = { answers: { ...house, entities: () => code } };
                await page.getByTestId('entity-ar').fill(LETTERS);
                await page.getByTestId('save-entity').click();
                await page.getByTestId('field-error').waitFor();
            },
        },
        { ...base, name: 'people of an attendee', who: 'attendee', ready: card('denied') },
    ]);
});

test('recordings, and the pages of a session that is over @plain', async () => {
    const path = `/api/v1/sessions/${server.session}`;
    for (const title of [AGENDA[0].title, AGENDA[1].title, hostile]) {
        await staff.ask('POST', `${path}/chapters`, { title });
    }
    await staff.state(server.session, 'ended');
    await until('it is published with its files', 30_000, async () => {
        const { state, recording } = await staff.json<{
            state: string;
            recording: { steps: { state: string }[] };
        }>('GET', path);
        return state === 'published' && recording.steps.every((step) => step.state === 'ready');
    });
    const watch = {
        path: '/recordings/ID',
        ready: '[data-testid=video][data-state=paused], [data-testid=video][data-state=playing]',
    } as const;
    await examineAll([
        {
            name: 'recordings',
            who: 'attendee',
            path: '/recordings',
            ready: 'main li',
            session: { speakers: SPEAKERS },
        },
        {
            name: 'recordings long title',
            who: 'attendee',
            path: '/recordings',
            ready: 'main li',
            session: { title: hostile, speakers: [{ name: hostile, role: hostile }] },
        },
        { ...watch, name: 'recording', who: 'attendee', session: { speakers: SPEAKERS } },
        {
            ...watch,
            name: 'recording materials',
            who: 'attendee',
            session: { speakers: SPEAKERS, materials: MATERIALS },
        },
        {
            ...watch,
            name: 'recording long title',
            who: 'attendee',
            session: { title: hostile, speakers: [{ name: hostile, role: hostile }] },
        },
        {
            ...watch,
            name: 'recording editing',
            who: 'staff',
            session: { speakers: SPEAKERS },
            act: async (page) => {
                await page.getByTestId('chapter-edit').first().click();
            },
        },
        {
            ...watch,
            name: 'recording bad marks',
            who: 'staff',
            act: async (page) => {
                await page.getByTestId('trim-in').fill('99:99:99');
                await page.getByTestId('trim-out').fill('0:01');
            },
        },
        {
            ...watch,
            name: 'recording marks refused',
            who: 'staff',
            answers: {
                [server.session]: (json) => json,
            },
            act: async (page, stage) => {
                // another one each time: the server takes it, before its answer is changed
                await page.getByTestId('trim-in').fill(`0:00.${marksSent++}`);
                stage.changes = {
                    ...stage.changes,
                    answers: {
                        [server.session]: () => ({
                            status: 422,
                            code: 'out-of-range',
                            field: 'in_ms',
                            params: { min: 0, max: 60 },
                        }),
                    },
                };
                await page.getByTestId('trim-apply').click();
                await page.locator('[data-testid=field-error], [data-testid=error]').waitFor();
            },
        },
        {
            ...watch,
            name: 'recording keys',
            who: 'attendee',
            act: async (page) => {
                await page.locator('body').press('?');
                await page.getByTestId('keys-help').waitFor();
            },
        },
        {
            ...watch,
            name: 'recording playing, shared',
            who: 'attendee',
            act: async (page) => {
                await page.getByTestId('play').click();
                await page.getByTestId('share').click();
                await page.getByTestId('speed').click();
            },
        },
        {
            ...watch,
            name: 'recording no chapters, file failed',
            who: 'attendee',
            session: over('published', { mp4: 'failed', steps: FAILED }),
            answers: { chapters: () => ({ items: [] }) },
        },
        {
            name: 'recording error',
            who: 'attendee',
            path: '/recordings/ID',
            ready: '[data-testid=error]',
            answers: { [server.session]: () => 500 },
        },
        {
            name: 'recording no such one',
            who: 'attendee',
            path: '/recordings/nothing',
            ready: '[data-testid=error]',
        },
        {
            name: 'recording being made',
            who: 'attendee',
            path: '/recordings/ID',
            ready: 'main h1',
            session: over('published', { playlist: false, mp4: 'waiting', steps: WORKING }),
        },
        {
            name: 'recording server full',
            who: 'attendee',
            path: '/recordings/ID',
            ready: card('full'),
            media: 'full',
        },
        {
            name: 'recording server restarting',
            who: 'attendee',
            path: '/recordings/ID',
            ready: card('busy'),
            media: 'soon',
        },
        {
            name: 'recording deleted',
            who: 'attendee',
            path: '/recordings/ID',
            ready: card('deleted'),
            session: over('published', { deleted_at: inMinutes(-1), mp4: 'none', steps: [] }),
        },
        {
            name: 'embed recorded',
            who: 'nobody',
            path: '/embed/ID',
            hash: `#${embed.split('#')[1]}`,
            ready: 'video',
        },
        {
            name: 'staff with a recording',
            who: 'staff',
            path: '/staff',
            ready: '[data-testid=session]',
        },
        {
            name: 'desk after the end',
            who: 'staff',
            path: '/desk/ID',
            ready: '[data-testid=recording-steps]',
        },
        {
            name: 'attendee after the end',
            who: 'attendee',
            path: '/s/ID',
            ready: card('recording-ready'),
        },
    ]);
});
