// SPDX-License-Identifier: GPL-3.0-or-later
// The people of the access matrix: a server with sign-ins of every kind, made once, and signed paths of each.
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api, type InvitationMade, type MediaPath, type Role, type Session } from '../api';
import { majlis, Server, staffLink, temporaryFolder } from '../server';
import { patience, until } from '../time';
import type { Column } from './table';

export const METRICS_TOKEN = 'a-token-that-nobody-guesses';
const AT_ONCE = 8;
const DAY_US = 24 * 3600 * 1e6;
const SIGN_IN_LIFE_DAYS = 30; // not prolonged beyond, by any use
const EXPIRES_IN_MS = 3000; // after it was written, and the server started again

/** Carries out `act` for all, some at a time. */
export async function forAll<T>(items: T[], act: (item: T) => Promise<unknown>): Promise<void> {
    const left = [...items];
    const worker = async () => {
        for (let item = left.shift(); item !== undefined; item = left.shift()) {
            await act(item);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export class Person {
    token = '';
    /** by session: the token of a path, and of the one that other sites show */
    paths: Record<string, { path: string; embed: string }> = {};
    /** by session: a question of theirs */
    own: Record<string, string> = {};

    constructor(
        readonly kind: string,
        readonly made: InvitationMade,
        readonly session: string | null,
    ) {}

    get code(): string {
        return this.made.url.split('/').pop() as string;
    }

    get invitation(): string {
        const at = this.session === null ? '' : `/sessions/${this.session}`;
        return `/api/v1${at}/invitations/${this.made.id}`;
    }
}

/** Somebody who asks, as one column of the table. */
export interface Asker {
    column: Column;
    name: string;
    token: string;
    path: string; // the token of a signed path
    person?: Person;
}

const GONE = ['revoked', 'disabled', 'signed out', 'expired'] as const;
const ORPHAN = 'invited to a deleted session';
const roles: Role[] = ['attendee', 'speaker', 'moderator'];
const ofServer: Column[] = ['everywhere', 'staff', 'admin'];
const pathToken = (text: string) => /[/#]t-([^/]+)/.exec(text)?.[1] as string;

export class Cast {
    private readonly groups: Record<string, Person[]> = {};
    readonly victims: Record<string, Person> = {};
    staff!: Api;
    other = '';
    private expiredPath: Record<string, string> = {};

    private constructor(public server: Server) {}

    get url(): string {
        return this.server.url;
    }

    static async start(): Promise<Cast> {
        const data = temporaryFolder();
        writeFileSync(join(data, 'metrics.token'), METRICS_TOKEN, { mode: 0o600 });
        const cast = new Cast(await Cast.serve(data, '127.0.0.1:0'));
        cast.staff = await Api.signIn(staffLink(cast.server));
        return cast;
    }

    /** Limits by address are out of the way: each request names another, as if through a proxy. */
    private static serve(data: string, listen: string): Promise<Server> {
        return Server.start({
            command: 'serve',
            data,
            listen,
            conf: {
                server: {
                    trusted_proxies: '127.0.0.1',
                    max_load: '0',
                    min_memory: '0',
                    public_feeds: 'yes',
                },
                programme: { encoder: 'small' },
                archive: { minimum_free: '16M' },
                hls: { window: '600' }, // parts stay however slow the machine is
                metrics: { token_file: 'metrics.token' },
            },
        });
    }

    async stop(): Promise<number | null> {
        const code = await this.server.stop();
        rmSync(this.server.data, { recursive: true, force: true });
        return code;
    }

    create(word: string, access: 'open' | 'invited'): Promise<Session> {
        return this.staff.json<Session>('POST', '/api/v1/sessions', {
            title: { en: word },
            starts_at: '2030-01-15T09:00:00Z',
            access,
        });
    }

    /** `session` null: to the server. */
    async invite(kind: string, role: Role, session: string | null): Promise<Person> {
        const at = session === null ? '' : `/sessions/${session}`;
        const made = await this.staff.json<InvitationMade>('POST', `/api/v1${at}/invitations`, {
            name: kind,
            role,
        });
        return new Person(kind, made, session);
    }

    async signIn(person: Person): Promise<string> {
        return (await Api.signIn(`${this.url}/ar/i/${person.code}`)).token;
    }

    as(token: string): Api {
        const api = new Api(this.url);
        api.token = token;
        return api;
    }

    private async enter(kind: string, role: Role, session: string | null): Promise<Person> {
        const person = await this.invite(kind, role, session);
        person.token = await this.signIn(person);
        return person;
    }

    private async sign(person: Person, session: string): Promise<void> {
        const made = await this.as(person.token).json<MediaPath>(
            'GET',
            `/api/v1/sessions/${session}/media-path?minutes=60`,
        );
        person.paths[session] = { path: pathToken(made.path), embed: pathToken(made.embed) };
    }

    /** Everybody, for these open sessions. Several of each kind, as a person may ask only so often. */
    async fill(sessions: string[]): Promise<void> {
        this.other = (await this.create('Elsewhere', 'invited')).id;
        type Wanted = [kind: string, role: Role, session: string | null, count: number];
        const wanted: Wanted[] = [
            ...sessions.flatMap((session, i) =>
                roles.map((role): Wanted => [`${role} ${session}`, role, session, i === 0 ? 4 : 2]),
            ),
            ...roles.map((role): Wanted => [`${role} elsewhere`, role, this.other, 3]),
            ['everywhere', 'moderator', null, 3],
            ['staff', 'staff', null, 3],
            ['admin', 'admin', null, 3],
            ...GONE.flatMap((how): Wanted[] => [
                [`${how} attendee`, 'attendee', sessions[0], 1],
                [`${how} staff`, 'staff', null, 1],
            ]),
            [ORPHAN, 'moderator', (await this.create('Deleted', 'invited')).id, 1],
        ];
        const each = wanted.flatMap(([kind, role, session, count]) =>
            Array.from({ length: count }, () => ({ kind, role, session })),
        );
        await forAll(each, async ({ kind, role, session }) => {
            const person = await this.enter(kind, role, session);
            this.groups[kind] = [...(this.groups[kind] ?? []), person];
            for (const one of [...sessions, ...(session === null ? [this.other] : [])]) {
                await this.sign(person, one);
            }
            await this.ask(person, sessions);
        });
        this.victims.staff = await this.invite('victim', 'staff', null);
        for (const session of sessions) {
            this.victims[session] = await this.invite('victim', 'attendee', session);
        }
        await this.endSignIns(sessions);
    }

    /** A question of theirs wherever they may ask. */
    private async ask(person: Person, sessions: string[]): Promise<void> {
        const everywhere = person.session === null || person.session === this.other;
        for (const session of sessions.filter((id) => everywhere || id === person.session)) {
            const { id } = await this.as(person.token).json<{ id: string }>(
                'POST',
                `/api/v1/sessions/${session}/questions`,
                { text: 'One of mine' },
            );
            person.own[session] = id;
        }
    }

    /** Ends the sign-ins that the table says have ended. The server starts again on the way. */
    private async endSignIns(sessions: string[]): Promise<void> {
        const gone = (how: string) =>
            ['attendee', 'staff'].map((role) => this.one(`${how} ${role}`));
        await this.server.stop();
        const at = (Date.now() + EXPIRES_IN_MS) * 1000;
        const ids = gone('expired').map((person) => `'${person.made.person}'`);
        execFileSync('sqlite3', [
            join(this.server.data, 'majlis.db'),
            `UPDATE tokens SET expires_us = ${at}, created_us = ${at - SIGN_IN_LIFE_DAYS * DAY_US}
             WHERE person IN (${ids.join()})`,
        ]);
        this.server = await Cast.serve(this.server.data, new URL(this.url).host);
        for (const person of gone('revoked')) {
            await this.staff.json('DELETE', person.invitation);
        }
        for (const person of gone('signed out')) {
            await this.as(person.token).json('POST', '/api/v1/sign-out', {});
        }
        for (const person of gone('disabled')) {
            const done = majlis('user', 'disable', person.made.person, '--data', this.server.data);
            if (done.status !== 0) {
                throw new Error(done.text);
            }
        }
        await this.staff.json('DELETE', `/api/v1/sessions/${this.one(ORPHAN).session}`);
        const ended = GONE.flatMap(gone);
        await until('those sign-ins have ended', patience(15_000), async () => {
            const all = ended.map(({ token }) => this.as(token).ask('GET', '/api/v1/me'));
            return (await Promise.all(all)).every(({ status }) => status === 401);
        });
        for (const session of sessions) {
            this.expiredPath[session] = this.expire(session, this.one('staff').paths[session].path);
        }
    }

    /** The same path as of an hour ago, signed as in auth/paths.c. */
    private expire(session: string, path: string): string {
        const key = readFileSync(join(this.server.data, 'keys/paths.key'));
        const sign = (token: Buffer) => {
            const text = Buffer.concat([Buffer.from(`majlis media path 1\0${session}\0`), token]);
            const mac = createHmac('sha512', key).update(text).digest().subarray(0, 32);
            return Buffer.concat([token, mac]).toString('base64url');
        };
        const token = Buffer.from(path, 'base64url').subarray(0, 40);
        if (sign(token) !== path) {
            throw new Error('paths are signed in another way by now: it would be refused for that');
        }
        token.writeBigUInt64BE(BigInt((Date.now() - 3_600_000) * 1000));
        return sign(token);
    }

    one(kind: string): Person {
        return this.groups[kind][0];
    }

    /** An attendee of the session who is in no group: the author of its questions. */
    async author(session: string): Promise<Api> {
        return this.as((await this.enter('author', 'attendee', session)).token);
    }

    private people(column: Column, kinds: string[]): Asker[] {
        const most = Math.max(...kinds.map((kind) => this.groups[kind].length));
        const rounds = Array.from({ length: most }, (_, i) =>
            kinds.flatMap((kind) => this.groups[kind].slice(i, i + 1)),
        );
        return rounds.flat().map((person) => ({
            column,
            name: person.kind.replace(` ${person.session}`, ''),
            token: person.token,
            path: '',
            person,
        }));
    }

    private signed(asker: Asker, session: string, what: 'path' | 'embed' = 'path'): Asker {
        const name = `${what === 'embed' ? 'embedded ' : ''}path of ${asker.name}`;
        return { ...asker, name, path: asker.person?.paths[session]?.[what] ?? '' };
    }

    /** Groups of askers of a session: of each group one at a time is enough. */
    private bySignIn(session: string): Asker[][] {
        const none = (name: string, token: string): Asker => ({
            column: 'nobody',
            name,
            token,
            path: '',
        });
        const gone = GONE.flatMap((how) => [`${how} attendee`, `${how} staff`]).concat(ORPHAN);
        return [
            [
                none('nobody', ''),
                none('a made-up token', 'abcdefghijkmnpqrstuvwxyz23'),
                none('the scraper', METRICS_TOKEN),
                ...this.people('nobody', gone),
            ],
            this.people(
                'elsewhere',
                roles.map((role) => `${role} elsewhere`),
            ),
            ...roles.map((role) => this.people(role as Column, [`${role} ${session}`])),
            ...ofServer.map((column) => this.people(column, [column])),
        ];
    }

    private byPath(session: string): Asker[][] {
        const [gone, elsewhere, attendee, ...others] = this.bySignIn(session);
        const none = (name: string, path: string): Asker => ({
            column: 'nobody',
            name,
            token: '',
            path,
        });
        const plain = (group: Asker[]) => group.map((one) => this.signed(one, session));
        const embedded = [attendee, ...others].map(
            ([first]): Asker => ({ ...this.signed(first, session, 'embed'), column: 'attendee' }),
        );
        return [
            [
                none('a made-up path', 'A'.repeat(96)),
                none('an expired path', this.expiredPath[session]),
                none('a path of another session', this.one('staff').paths[this.other].path),
                ...plain(gone.filter(({ person }) => person)),
            ],
            elsewhere.flatMap((one) => [
                this.signed(one, session),
                this.signed(one, session, 'embed'),
            ]),
            [...plain(attendee), ...embedded],
            ...others.map(plain),
        ];
    }

    /** Who asks. `serial` takes turns, so that all of a group come in time; `all`: each kind now. */
    askers(session: string, byPath: boolean, serial: number, all: boolean): Asker[] {
        const groups = byPath ? this.byPath(session) : this.bySignIn(session);
        return groups.flatMap((group) => {
            const turned = group.map((_, i) => group[(serial + i) % group.length]);
            return all
                ? turned.filter((one, i) => turned.findIndex(({ name }) => name === one.name) === i)
                : turned.slice(0, 1);
        });
    }

    /** Whose links are refused. */
    code(kind: string): string {
        return this.one(kind).code;
    }
}
