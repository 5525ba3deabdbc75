// SPDX-License-Identifier: GPL-3.0-or-later
// A session that the access matrix asks about, and how it gets from one moment to the next.
import type { Api, Chapter, Question, SessionState } from '../api';
import { requestExample } from '../contract';
import { pdf, png, sendWell } from '../files';
import { patience, until } from '../time';
import type { Cast } from './cast';
import type { Access, Moment, State } from './table';

const LIST = 'v360p.m3u8';

/** Those of its questions that are another's to everybody. */
interface Questions {
    pending: string;
    approved: string;
    air: string;
}

export class Stage {
    moment: Moment;
    questions!: Questions;
    chapter = '';
    material = 'nomaterial22';
    author!: Api;
    /** media that is public, that is closed to attendees now, and that was in the lobby */
    part = '1/v360p/0.0.m4s';
    closed = '1/v360p/0.0.m4s';
    lobby = '1/v360p/0.m4s';
    file = '1/v360p/1.m4s';
    viewer = '';

    private constructor(
        readonly cast: Cast,
        readonly id: string,
        readonly word: string,
    ) {
        this.moment = { state: 'scheduled', access: 'open' };
    }

    /** An open session. `word` is in its title, and the word with "pending" in its pending question. */
    static async make(cast: Cast, word: string): Promise<Stage> {
        return new Stage(cast, (await cast.create(word, 'open')).id, word);
    }

    /** One that is not there, asked about by those of `like`. */
    static unknown(like: Stage): Stage {
        const stage = new Stage(like.cast, 'nosessionhere', like.word);
        stage.moment = { state: 'unknown' };
        const none = 'noquestion22';
        stage.questions = { pending: none, approved: none, air: none };
        stage.chapter = like.chapter;
        return stage;
    }

    async furnish(): Promise<void> {
        const { staff } = this.cast;
        const author = await this.cast.author(this.id);
        this.author = author;
        const ask = async (text: string) =>
            (
                await author.json<Question>('POST', `/api/v1/sessions/${this.id}/questions`, {
                    text,
                })
            ).id;
        const to = async (id: string, ...states: string[]) => {
            for (const state of states) {
                await staff.json('PATCH', `/api/v1/questions/${id}`, { state });
            }
            return id;
        };
        this.questions = {
            pending: await ask(`A ${this.word}pending one`),
            approved: await to(await ask('A public one'), 'approved'),
            air: await to(await ask('One on air'), 'approved', 'on_air'),
        };
        this.chapter = await this.mark();
        const at = `/api/v1/sessions/${this.id}`;
        await sendWell(staff, 'PUT', `${at}/picture`, png());
        const slides = `${at}/materials?name=Slides`;
        this.material = (await sendWell<{ id: string }>(staff, 'POST', slides, pdf)).id;
    }

    async mark(): Promise<string> {
        const at = `/api/v1/sessions/${this.id}/chapters`;
        const chapter = { title: { en: 'A chapter' }, media_ms: 1000 };
        return (await this.cast.staff.json<Chapter>('POST', at, chapter)).id;
    }

    async change(body: Record<string, unknown>): Promise<void> {
        const { staff } = this.cast;
        await until('the session is changed', patience(20_000), async () => {
            const answer = await staff.ask('PATCH', `/api/v1/sessions/${this.id}`, body);
            return (
                answer.ok || (answer.status === 409 ? null : Promise.reject(await answer.text()))
            );
        });
    }

    async open(access: Access): Promise<void> {
        if (this.moment.access !== access) {
            await this.change({ access });
            this.moment = { ...this.moment, access };
        }
    }

    /** Brings it to the state; answers when what is asked there is there. */
    async to(state: State): Promise<void> {
        const { staff } = this.cast;
        if (state === 'deleted') {
            await staff.json('DELETE', `/api/v1/recordings/${this.id}`, { reason: 'The matrix' });
        } else {
            await staff.state(this.id, state as SessionState);
        }
        this.moment = { ...this.moment, state };
        await this.arrive[state]?.();
    }

    private readonly arrive: Partial<Record<State, () => Promise<void>>> = {
        lobby: async () => {
            this.closed = await this.newest(async () => (await this.parts(this.cast.staff)).pop());
            this.lobby = this.closed.replace(/\.\d+\.m4s$/, '.m4s');
            await this.watch();
        },
        live: async () => {
            this.part = await this.newest(async () => (await this.parts(this.attendee())).pop());
            await this.watch();
        },
        paused: async () => {
            this.closed = await this.newest(async () => {
                const all = await this.parts(this.cast.staff);
                const shown = await this.parts(this.attendee()); // later: it has all that is public of those
                return all.filter((one) => !shown.includes(one)).pop();
            });
            await this.watch();
        },
        ended: async () => {
            await until('its files are made', patience(60_000), async () => {
                const { steps } = (await this.cast.staff.read(this.id)).recording;
                return steps.length > 0 && steps.every((one) => one.state === 'ready');
            });
            const at = `/recordings/${this.id}/${LIST}`;
            const list = await (await this.cast.staff.ask('GET', at)).text();
            this.file = /^[^#].*\.m4s$/m.exec(list)?.[0] as string;
        },
    };

    private attendee(): Api {
        return this.cast.as(this.cast.one(`attendee ${this.id}`).token);
    }

    private newest(find: () => Promise<string | undefined>): Promise<string> {
        return until('a part', patience(20_000), find);
    }

    /** Those that a list names now, the newest last. An attendee's waits before the first one. */
    private async parts(api: Api): Promise<string[]> {
        const answer = await api.ask('GET', `/sessions/${this.id}/hls/${LIST}`);
        const text = answer.ok ? await answer.text() : '';
        return [...text.matchAll(/^#EXT-X-PART:.*URI="([^"]+)"/gm)].map((found) => found[1]);
    }

    private async watch(): Promise<void> {
        this.viewer = await until('a viewer', patience(20_000), async () => {
            const answer = await fetch(`${this.cast.url}/sessions/${this.id}/whep`, {
                method: 'POST',
                headers: { ...this.cast.staff.headers, 'Content-Type': 'application/sdp' },
                body: requestExample('watch'),
            });
            return answer.status === 201 && answer.headers.get('location')?.split('/').pop();
        });
    }
}
