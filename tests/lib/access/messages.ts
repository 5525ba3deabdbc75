// SPDX-License-Identifier: GPL-3.0-or-later
// The websocket in the access matrix: what is sent, what is answered, and which events are heard.
import type WebSocket from 'ws';
import { messageNames } from '../contract';
import { patience } from '../time';
import { type Asker, forAll } from './cast';
import type { Stage } from './stage';
import { type Asked, moments, when } from './table';

type Message = Record<string, unknown> & { op: string };
/** What came of a cell, for the table. */
export type Found = (name: string, who: Asker, word: string) => void;

/** A websocket that remembers what it heard. */
class Talk {
    readonly heard: Message[] = [];
    private refs = 0;
    private readonly waiting = new Set<() => void>();

    private constructor(private readonly socket: WebSocket) {
        socket.on('message', (data) => {
            this.heard.push(JSON.parse(String(data)));
            this.wake();
        });
        socket.on('close', () => this.wake());
    }

    static async open(stage: Stage, token: string): Promise<Talk> {
        const socket = stage.cast.as(token).socket();
        await new Promise((done, fail) => {
            socket.once('open', done);
            socket.once('error', fail);
        });
        return new Talk(socket);
    }

    private wake(): void {
        for (const look of this.waiting) {
            look();
        }
    }

    async until(what: string, fits: (message: Message) => boolean): Promise<Message> {
        const find = () => this.heard.find(fits);
        let look = () => {};
        const found = new Promise<Message>((done, fail) => {
            const timer = setTimeout(
                () => fail(new Error(`nothing came: ${what}; heard ${JSON.stringify(this.heard)}`)),
                patience(10_000),
            );
            look = () => {
                const message = find();
                if (message) {
                    clearTimeout(timer);
                    done(message);
                } else if (this.socket.readyState > 1) {
                    clearTimeout(timer);
                    fail(new Error(`closed before ${what}`));
                }
            };
        });
        this.waiting.add(look);
        look();
        return found.finally(() => this.waiting.delete(look));
    }

    /** The answer to a message; a snapshot answers a join. */
    async ask(message: Message): Promise<string> {
        const ref = `m${this.refs++}`;
        this.socket.send(JSON.stringify({ ...message, ref }));
        const answer = await this.until(JSON.stringify(message), (one) =>
            one.ref === undefined
                ? one.op === 'snapshot' && message.op === 'join'
                : one.ref === ref,
        );
        return answer.op === 'error' ? String(answer.code) : answer.op;
    }

    /** For a message that has no answer: whether it was refused, by the time another is answered. */
    async tell(message: Message): Promise<string> {
        this.socket.send(JSON.stringify({ ...message, ref: 'told' }));
        await this.fence();
        const refusal = this.heard.find((one) => one.ref === 'told');
        return refusal ? String(refusal.code) : 'taken';
    }

    /** All that was to be heard before this has been heard. */
    async fence(): Promise<void> {
        await this.ask({ op: 'withdraw', question: 'noquestion22' });
    }

    close(): void {
        this.socket.terminate();
    }
}

/** In the order that they are sent. */
const sends: Record<string, (stage: Stage, who: Asker) => Message> = {
    join: ({ id }) => ({ op: 'join', session: id }),
    presence: () => ({ op: 'presence', via: 'hls' }),
    ask: () => ({ op: 'ask', text: 'Who may ask this here?' }),
    vote: ({ questions }) => ({ op: 'vote', question: questions.approved, on: true }),
    "withdraw: one's own": ({ id, questions }, who) => ({
        op: 'withdraw',
        question: who.person?.own[id] ?? questions.pending,
    }),
    "withdraw: another's": ({ questions }) => ({ op: 'withdraw', question: questions.approved }),
    'moderate: star': ({ questions }) => ({
        op: 'moderate',
        question: questions.approved,
        starred: true,
    }),
    'moderate: on air': ({ questions }) => ({
        op: 'moderate',
        question: questions.air,
        to: 'on_air',
    }),
    'moderate: a pending one': ({ questions }) => ({
        op: 'moderate',
        question: questions.pending,
        to: 'pending',
    }),
    undo: ({ questions }) => ({ op: 'undo', question: questions.approved, act: 'noact2222222' }),
    message: () => ({ op: 'message', to: 'presenter', text: 'Five minutes' }),
    acknowledge: () => ({ op: 'acknowledge', message: 'nomessage222' }),
};

/** Sends everything as each of them, who has a sign-in. */
export async function send(stage: Stage, askers: Asker[], found: Found): Promise<void> {
    await forAll(askers, async (who) => {
        const talk = await Talk.open(stage, who.token);
        for (const [name, make] of Object.entries(sends)) {
            const message = make(stage, who);
            const word = name === 'presence' ? talk.tell(message) : talk.ask(message);
            found(`send ${name}`, who, await word);
        }
        talk.close();
    });
}

type Hears = (message: Message, ids: { question: string }) => boolean;
type Data = { id?: string; state?: string; whep?: number; sound?: string | null };
const of = (message: Message): Data => (message.data as Data) ?? {};
const event = (type: string, fits: (data: Data, id: string) => boolean = () => true): Hears => {
    return (message, { question }) => message.type === type && fits(of(message), question);
};

const hears: Record<string, Hears> = {
    'session.state': event('session.state'),
    votes: event('votes'),
    clock: event('clock'),
    'clock: what is wrong with the sound': event('clock', ({ sound }) => sound !== undefined),
    'presence.count': event('presence.count'),
    'presence.count: how they watch': event('presence.count', ({ whep }) => whep !== undefined),
    'question.added: a pending one': event(
        'question.added',
        ({ id, state }, question) => id === question && state === 'pending',
    ),
    'question.added: a public one': event(
        'question.added',
        ({ id, state }, question) => id === question && state === 'approved',
    ),
    'question.changed: to public': event(
        'question.changed',
        ({ id, state }, question) => id === question && state === 'approved',
    ),
    'question.removed': event('question.removed', ({ id }, question) => id === question),
    'presenter.message': event('presenter.message'),
};

/** All join, or try to; then everything happens once. */
export async function listen(stage: Stage, askers: Asker[], found: Found): Promise<void> {
    const talks = new Map<Asker, Talk>();
    await forAll(askers, async (who) => {
        const talk = await Talk.open(stage, who.token);
        talks.set(who, talk);
        await talk.ask({ op: 'join', session: stage.id });
        talk.heard.length = 0;
    });
    const { staff } = stage.cast;
    const director = await Talk.open(stage, staff.token);
    await director.ask({ op: 'join', session: stage.id });
    const asked = await stage.author.json<{ id: string }>(
        'POST',
        `/api/v1/sessions/${stage.id}/questions`,
        { text: 'What will be heard of this?' },
    );
    const at = `/api/v1/questions/${asked.id}`;
    await staff.json('PATCH', at, { state: 'approved' });
    await stage.author.json('PUT', `${at}/vote`); // the voter hears of it earlier than others
    await director.until('votes', (one) => one.type === 'votes');
    await staff.json('PATCH', at, { state: 'rejected' });
    await director.ask({ op: 'message', to: 'presenter', text: 'Two minutes' });
    await stage.change({ duration_minutes: 61 });
    await director.until('presence.count', (one) => one.type === 'presence.count');
    await director.until('a clock', (one) => one.type === 'clock');
    await forAll([...talks], async ([who, talk]) => {
        await talk.fence();
        for (const [name, fits] of Object.entries(hears)) {
            const heard = talk.heard.some((one) => fits(one, { question: asked.id }));
            found(`hear ${name}`, who, heard ? 'heard' : 'silent');
        }
        talk.close();
    });
    director.close();
}

export const messages: Asked[] = [
    ...Object.keys(sends).map((name) => ({ name: `send ${name}`, moments })),
    ...Object.keys(hears).map((name) => ({
        name: `hear ${name}`,
        moments: moments.filter(when('live')),
    })),
].map((one) => ({ ...one, from: 'src/api/ws.schema.json' }));

/** Messages of the contract that this file does not send or listen for, and the reverse. */
export function messageFaults(): string[] {
    const differ = (verb: string, all: Record<string, unknown>, theirs: string[]) => {
        const ours = Object.keys(all).map((name) => name.replace(/: .*/, ''));
        const here = 'tests/lib/access/messages.ts';
        return [
            ...theirs
                .filter((name) => !ours.includes(name))
                .map((name) => `${here} does not ${verb} ${name}`),
            ...ours
                .filter((name) => !theirs.includes(name))
                .map((name) => `${here}: ${name} is not in src/api/ws.schema.json`),
        ];
    };
    return [
        ...differ('send', sends, messageNames('ClientMessage')),
        ...differ('hear', hears, messageNames('ServerEvent')),
    ];
}
