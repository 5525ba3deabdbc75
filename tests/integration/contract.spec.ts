// SPDX-License-Identifier: GPL-3.0-or-later
// The contract and the server say the same: routes on both sides, each example sent, each answer as listed.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type WebSocket from 'ws';
import { Api } from '../lib/api';
import {
    checkMessage,
    messageExamples,
    type Operation,
    operations,
    requestExamples,
} from '../lib/contract';
import { pdf, png, sendWell } from '../lib/files';
import { choiceToken, mailConf, mails } from '../lib/mail';
import { root, Server, temporaryFolder } from '../lib/server';
import { chooseSlides, smallPdf } from '../lib/slides';
import { patience, until } from '../lib/time';

test('every route is in the contract, and nothing else is', () => {
    const table = execFileSync(join(root, 'build/tests/unit/http/routes'), { encoding: 'utf8' });
    const listed = operations.map(
        ({ method, path }) =>
            `${method} ${path.replace(/\{(file|page)\}$/, '{*}').replace(/\{\w+\}/g, '{}')}`,
    );
    expect(listed.sort()).toEqual(table.trim().split('\n').sort());
});

test("every example of a websocket's message is one", () => {
    const examples = messageExamples();
    expect(examples.length).toBeGreaterThan(12);
    for (const example of examples) {
        const ours = ['event', 'ok', 'error', 'snapshot'].includes(String(example.op));
        checkMessage(ours ? 'ServerMessage' : 'ClientMessage', JSON.stringify(example));
    }
});

const METRICS_TOKEN = 'a-token-that-nobody-guesses';

/** How an example is sent. What is missing: by staff, to the session that is on, as it stands. */
interface Sending {
    as?: Api;
    path?: Record<string, string>;
    query?: string;
    headers?: Record<string, string>;
    /** Replaces what an example cannot know: ids and codes. */
    fields?: Record<string, unknown>;
    /** The same of an example that is a text. */
    text?: (example: string) => string;
}

test.describe('each example', () => {
    let server: Server;
    let staff: Api;
    let attendee: Api;
    const seen = new Map<string, number[]>();

    const here = (link: string) => server.url + new URL(link).pathname; // not public_url

    test.beforeAll(async () => {
        const data = temporaryFolder();
        writeFileSync(join(data, 'metrics.token'), METRICS_TOKEN, { mode: 0o600 });
        const mail = mailConf(1); // no relay is there: what is queued waits
        const conf = {
            metrics: { token_file: 'metrics.token' },
            ...mail,
            server: { ...mail.server, public_feeds: 'yes' },
        };
        server = await Server.start({ data, conf });
        staff = await Api.signIn(here(server.admin)); // who may all that staff may
        attendee = await Api.signIn(here(server.attend));
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
        rmSync(server.data, { recursive: true });
    });

    const scheduled = async () => {
        const made = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
            title: { en: 'Another' },
            starts_at: '2030-01-15T09:00:00Z',
        });
        return made.id;
    };
    const asked = async (text: string) => {
        const at = `/api/v1/sessions/${server.session}/questions`;
        return (await attendee.json<{ id: string }>('POST', at, { text })).id;
    };
    const approved = async (text: string) => {
        const id = await asked(text);
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'approved' });
        return id;
    };
    const invited = async (at: string, role: string) =>
        (await staff.json<{ id: string }>('POST', at, { name: 'Guest', role })).id;
    const person = async () =>
        (await staff.json<{ id: string }>('POST', '/api/v1/people', { name: 'Somebody' })).id;
    const entity = async () => {
        const body = { code: `E${Math.random().toString(36).slice(2, 10)}`, name: { en: 'Some' } };
        return (await staff.json<{ id: string }>('POST', '/api/v1/entities', body)).id;
    };
    const chapter = async () => {
        const at = `/api/v1/sessions/${server.session}/chapters`;
        return (await staff.json<{ id: string }>('POST', at, { title: { en: 'Now' } })).id;
    };
    const entry = async (kind: string) => {
        const made = { name: { en: 'Another' } };
        return (await staff.json<{ id: string }>('POST', `/api/v1/${kind}`, made)).id;
    };
    const pictured = async (kind: string) => {
        const id = await entry(kind);
        await sendWell(staff, 'PUT', `/api/v1/${kind}/${id}/picture`, png());
        return id;
    };
    const covered = async () => {
        const session = await scheduled();
        await sendWell(staff, 'PUT', `/api/v1/sessions/${session}/picture`, png());
        return { path: { session } };
    };
    const slide = async () => {
        await chooseSlides(staff, server.session, smallPdf());
        await staff.json('PATCH', `/api/v1/sessions/${server.session}/slides`, { shown: 'full' });
        return { path: { slide: '1.png' } };
    };
    const material = async () => {
        const at = `/api/v1/sessions/${server.session}/materials?name=Slides`;
        return { path: { material: (await sendWell<{ id: string }>(staff, 'POST', at, pdf)).id } };
    };
    const token = async (kind: string) => {
        const at = `/api/v1/${kind}/${server.session}/media-path`;
        return /\/t-([^/]+)\//.exec((await staff.json<{ path: string }>('GET', at)).path)?.[1];
    };
    const viewer = async () => {
        const [[, offer]] = requestExamples(named('watch'));
        const answer = await fetch(`${server.url}/sessions/${server.session}/whep`, {
            method: 'POST',
            headers: { ...staff.headers, 'Content-Type': 'application/sdp' },
            body: String(offer),
        });
        return String(answer.headers.get('location')?.split('/').pop());
    };
    const publisher = async () => {
        const [[, offer]] = requestExamples(named('publish'));
        const answer = await fetch(`${server.url}/sessions/${server.session}/whip/speaker`, {
            method: 'POST',
            headers: { ...staff.headers, 'Content-Type': 'application/sdp' },
            body: String(offer),
        });
        const own = String(answer.headers.get('location')?.split('/').pop());
        return { path: { input: 'speaker', publisher: own } };
    };
    const choice = async () => ({ path: { choice: choiceToken(server, await person()) } });
    const made = () =>
        until('the recording', patience(60_000), async () => {
            const { mp4 } = await staff.json<{ mp4: string }>(
                'GET',
                `/api/v1/recordings/${server.session}`,
            );
            return mp4 === 'ready';
        });
    const feed = async () => {
        const { sessions } = await attendee.json<{ sessions: string }>('GET', '/api/v1/me/feeds');
        return { path: { token: String(/\/t-([^/]+)\//.exec(sessions)?.[1]), file: 'audio.m4a' } };
    };
    const registering = async () => {
        const page = { mode: 'approval', email: 'optional', entity: 'off', job_title: 'off' };
        await staff.json('PUT', `/api/v1/sessions/${server.session}/registration`, page);
        return {};
    };
    const named = (id: string) => operations.find((one) => one.operationId === id) as Operation;

    const before: Record<string, (example: string) => Promise<Sending>> = {
        signIn: async () => {
            const link = await staff.invite(server.session, 'attendee', 'Guest');
            return { as: new Api(server.url), fields: { invitation: link.split('/').pop() } };
        },
        signOut: async () => ({
            as: await Api.signIn(here(await staff.invite(server.session, 'attendee', 'Guest'))),
        }),
        changeSession: async () => ({ path: { session: await scheduled() } }),
        deleteSession: async () => ({ path: { session: await scheduled() } }),
        setState: async () => ({ path: { session: await scheduled() } }),
        revokeInvitation: async () => ({
            path: {
                invitation: await invited(
                    `/api/v1/sessions/${server.session}/invitations`,
                    'speaker',
                ),
            },
        }),
        revokeStaffInvitation: async () => ({
            path: { invitation: await invited('/api/v1/invitations', 'staff') },
        }),
        getRegistration: registering,
        register: registering,
        changeEntity: async () => ({ path: { entity: await entity() } }),
        deleteEntity: async () => ({ path: { entity: await entity() } }),
        getPerson: async () => ({ path: { person: await person() } }),
        changePerson: async () => ({ path: { person: await person() } }),
        getPersonData: async () => ({ path: { person: await person() } }),
        erasePerson: async () => ({
            path: { person: await person() },
            fields: { name: 'Somebody' },
        }),
        mergePerson: async () => ({
            path: { person: await person() },
            fields: { into: await person() },
        }),
        decideMail: async () => ({
            path: { mail: (await mails(staff, server.session)).items[0].id },
        }),
        ask: async () => ({ as: attendee }),
        changeQuestion: async (example) => {
            const question = await asked(`To ${example}`);
            const path = { question };
            if (example === 'merge') {
                return { path, fields: { merge_into: await approved('The target') } };
            }
            if (example === 'undo') {
                const at = `/api/v1/questions/${question}`;
                const { act } = await staff.json<{ act: string }>('PATCH', at, {
                    state: 'rejected',
                });
                return { path, fields: { undo: act } };
            }
            return example === 'withdraw' ? { as: attendee, path } : { path };
        },
        getMetrics: async () => {
            const scraper = new Api(server.url);
            scraper.token = METRICS_TOKEN;
            return { as: scraper };
        },
        changeMailText: async () => ({ path: { kind: 'reminder', lang: 'ar' } }),
        resetMailText: async () => ({ path: { kind: 'reminder', lang: 'ar' } }),
        previewMailText: async () => ({ path: { kind: 'reminder' } }),
        getMailChoice: choice,
        setMailChoice: choice,
        unsubscribe: choice,
        takeCalendarReply: async () => {
            const guest = { name: 'Noura', email: 'noura@economy.example' };
            const at = `/api/v1/sessions/${server.session}/invitations`;
            await staff.ask('POST', at, guest); // or is invited already
            return { text: (example) => example.replace('s4x9k2m7qbvz', server.session) };
        },
        search: async () => ({ query: `?q=${encodeURIComponent('اتصال')}` }),
        vote: async () => ({ as: attendee, path: { question: await approved('To vote for') } }),
        takeVoteBack: async () => ({ as: attendee, path: { question: await approved('Not to') } }),
        getSeries: async () => ({ path: { series: await entry('series') } }),
        changeSeries: async () => ({ path: { series: await entry('series') } }),
        deleteSeries: async () => ({ path: { series: await entry('series') } }),
        getSpeaker: async () => ({ path: { speaker: await entry('speakers') } }),
        changeSpeaker: async () => ({ path: { speaker: await entry('speakers') } }),
        deleteSpeaker: async () => ({ path: { speaker: await entry('speakers') } }),
        getSeriesPicture: async () => ({ path: { series: await pictured('series') } }),
        putSeriesPicture: async () => ({ path: { series: await entry('series') } }),
        removeSeriesPicture: async () => ({ path: { series: await pictured('series') } }),
        getSpeakerPicture: async () => ({ path: { speaker: await pictured('speakers') } }),
        putSpeakerPicture: async () => ({ path: { speaker: await entry('speakers') } }),
        removeSpeakerPicture: async () => ({ path: { speaker: await pictured('speakers') } }),
        getSessionPicture: covered,
        removeSessionPicture: covered,
        addMaterial: async () => ({ query: '?name=Slides' }),
        getSlide: slide,
        getShownSlide: async () => {
            const at = `/api/v1/recordings/${server.session}/slides`;
            const { items } = await staff.json<{ items: { id: string }[] }>('GET', at);
            return { path: { shown: items[0].id } };
        },
        getMaterial: material,
        changeMaterial: material,
        removeMaterial: material,
        changeChapter: async () => ({ path: { chapter: await chapter() } }),
        removeChapter: async () => ({ path: { chapter: await chapter() } }),
        setCaption: async () => {
            const session = await scheduled();
            const speakers = [{ name: { en: 'Mariam' } }];
            await staff.json('PATCH', `/api/v1/sessions/${session}`, { speakers });
            return { path: { session } };
        },
        makeInputKey: async () => ({ path: { input: 'guest' } }),
        revokeInputKey: async () => ({ path: { input: 'guest' } }),
        publish: async () => ({ path: { input: 'speaker' } }),
        changePublisher: publisher,
        stopPublishing: publisher,
        changeViewer: async () => ({ path: { viewer: await viewer() } }),
        stopWatching: async () => ({ path: { viewer: await viewer() } }),
        watchByPath: async () => ({ path: { token: String(await token('sessions')) } }),
        checkPath: async () => ({ path: { token: String(await token('sessions')) } }),
        getAnnounced: async () => ({ path: { token: String(await token('sessions')) } }),
        getHlsByPath: async () => ({ path: { token: String(await token('sessions')) } }),
        getFileByPath: async () => ({ path: { token: String(await token('recordings')) } }),
        getOwnCalendarFeed: feed,
        getOwnPodcast: feed,
        getOwnPodcastChapters: feed,
        getOwnPodcastFile: feed,
        getAsset: async () => {
            const shell = await (await fetch(`${server.url}/en/`)).text();
            return { path: { file: String(/src="\/assets\/([^"]+)"/.exec(shell)?.[1]) } };
        },
        changeRecording: async () => made().then(() => ({})),
        retryRecording: async () => made().then(() => ({})),
    };

    async function send(operation: Operation): Promise<void> {
        for (const [example, body, type] of requestExamples(operation)) {
            const how = (await before[operation.operationId]?.(example)) ?? {};
            const names: Record<string, string> = {
                session: server.session,
                recording: server.session,
                file: 'main.m3u8',
                page: '',
                ...how.path,
            };
            const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => names[name]);
            const json = type === 'application/json';
            const sent = how.fields
                ? { ...(body as object), ...how.fields }
                : (how.text?.(String(body)) ?? body);
            const ask = () =>
                fetch(server.url + path + (how.query ?? ''), {
                    method: operation.method,
                    redirect: 'manual',
                    headers: {
                        ...(how.as ?? staff).headers,
                        ...(type ? { 'Content-Type': type } : {}),
                    },
                    body: type ? (json ? JSON.stringify(sent) : String(sent)) : undefined,
                });
            // What changes a recording is refused while its files are being made.
            const { answer, text } = await until(
                'its files are made',
                patience(60_000),
                async () => {
                    const answer = await ask();
                    const text = await answer.text();
                    const early = answer.status === 409 && text.includes('"files-being-made"');
                    return early ? null : { answer, text };
                },
            );
            expect(
                answer.status,
                `${operation.method} ${path} ${example}: ${text.slice(0, 500)}`,
            ).toBeLessThan(400);
            seen.set(operation.operationId, [
                ...(seen.get(operation.operationId) ?? []),
                answer.status,
            ]);
        }
    }

    /** Of these the session has to be over; the one that deletes comes last. */
    const after = (one: Operation) =>
        one.tags.includes('recordings') ||
        one.path.startsWith('/recordings/') ||
        one.operationId === 'getRecordingPath';

    test('is taken, and answered as listed', async () => {
        test.setTimeout(patience(180_000));
        const live = `/sessions/${server.session}/hls/main.m3u8`;
        await until('the picture', patience(20_000), async () => (await staff.ask('GET', live)).ok);
        for (const operation of operations) {
            if (!after(operation) && operation.operationId !== 'openWebsocket') {
                await send(operation);
            }
        }
        await staff.state(server.session, 'ended');
        await made();
        const last = (one: Operation) => Number(one.operationId === 'deleteRecording');
        for (const operation of operations.filter(after).sort((a, b) => last(a) - last(b))) {
            await send(operation);
        }
        const names = operations.map(({ operationId }) => operationId);
        expect([...seen.keys(), 'openWebsocket'].sort()).toEqual(names.sort());
    });
});

test.describe('each message of a client', () => {
    let server: Server;
    let staff: Api;

    test.beforeAll(async () => {
        server = await Server.start();
        staff = await Api.signIn(server.staff);
    });
    test.afterAll(async () => {
        expect(await server.stop()).toBe(0);
    });

    type Message = Record<string, unknown> & { op: string; ref?: string };

    /** A socket that has joined, and how to have a message answered. */
    async function talk(api: Api) {
        const socket: WebSocket = api.socket();
        const heard: Message[] = [];
        socket.on('message', (data) => heard.push(JSON.parse(String(data))));
        await new Promise((done) => socket.once('open', done));
        const until1 = async (fits: (message: Message) => boolean) => {
            await until('an answer', patience(5000), async () => heard.some(fits));
            return heard.find(fits) as Message;
        };
        return {
            heard,
            until: until1,
            ask: (message: Message) => {
                checkMessage('ClientMessage', JSON.stringify(message));
                socket.send(JSON.stringify(message));
                return until1(({ ref, op }) => ref === message.ref && op !== 'event');
            },
            tell: (message: Message) => socket.send(JSON.stringify(message)),
            close: () => socket.close(),
        };
    }

    test('is taken, and answered as listed', async () => {
        const all = new Map<string, Message>();
        for (const example of messageExamples() as Message[]) {
            all.set(example.merge_into ? 'merge' : example.op, example);
        }
        const message = (op: string, more: Record<string, unknown> = {}) =>
            ({ ...all.get(op), ...more }) as Message;
        const [desk, room] = [await talk(staff), await talk(await Api.signIn(server.attend))];
        for (const one of [desk, room]) {
            one.tell(message('join', { session: server.session, since: undefined }));
            await one.until(({ op }) => op === 'snapshot');
            one.tell(message('presence'));
        }
        let serial = 0;
        const put = async (by: typeof desk, op: string, more: Record<string, unknown> = {}) => {
            const answer = await by.ask(message(op, { ...more, ref: `r${serial++}` }));
            expect(answer.op, `${op}: ${JSON.stringify(answer)}`).toBe('ok');
            return answer as Message & { act: string; question: { id: string } };
        };
        const [one, two] = [await put(room, 'ask'), await put(room, 'ask', { text: 'And again?' })];
        const question = one.question.id;
        await put(desk, 'moderate', { question });
        await put(room, 'vote', { question });
        const merged = await put(desk, 'merge', {
            question: two.question.id,
            merge_into: question,
        });
        await put(desk, 'undo', { question: two.question.id, act: merged.act });
        await put(room, 'withdraw', { question: two.question.id });
        await put(desk, 'message');
        const told = (await desk.until(({ type }) => type === 'presenter.message')) as Message & {
            data: { id: string };
        };
        await put(desk, 'acknowledge', { message: told.data.id });
        const refused = await room.ask({ op: 'vote', ref: 'no', question: 'none', on: true });
        expect(refused).toMatchObject({ op: 'error', code: 'no-question' });
        const types = ['question.added', 'question.changed', 'votes', 'presence.count', 'clock'];
        for (const type of types) {
            await desk.until((event) => event.type === type);
        }
        await staff.state(server.session, 'paused');
        await room.until(({ type }) => type === 'session.state');
        await put(desk, 'moderate', { question, to: 'rejected' });
        desk.close();
        room.close();
    });
});
