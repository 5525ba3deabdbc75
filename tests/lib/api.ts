// SPDX-License-Identifier: GPL-3.0-or-later
// The API as a program uses it: with a bearer token.
import WebSocket from 'ws';
import type { InvitationMade, Role, Session, SessionState, SignIn } from '../../web/src/core/types';
import { checkMessage, noteSocket } from './contract';

export type * from '../../web/src/core/types';
export { until } from './time';

export class Api {
    token = '';
    role: Role | '' = '';
    session: string | null = null;

    constructor(public url: string) {}

    static async signIn(link: string): Promise<Api> {
        const at = new URL(link);
        const api = new Api(at.origin);
        const answer = await api.ask('POST', '/api/v1/sign-in', {
            invitation: at.pathname.split('/').pop(),
        });
        if (!answer.ok) {
            throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
        }
        const who = (await answer.json()) as SignIn;
        api.token = who.token;
        api.role = who.role;
        api.session = who.session;
        return api;
    }

    get headers(): Record<string, string> {
        return this.token ? { Authorization: `Bearer ${this.token}` } : {};
    }

    /** The websocket, not joined yet. What it hears is checked. */
    socket(): WebSocket {
        const socket = new WebSocket(`${this.url.replace(/^http/, 'ws')}/ws`, 'majlis.v1', {
            headers: this.headers,
        });
        socket.on('open', noteSocket);
        socket.on('message', (data) => checkMessage('ServerMessage', String(data)));
        return socket;
    }

    ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
        return fetch(this.url + path, {
            method,
            headers: {
                ...this.headers,
                ...(body !== undefined ? { 'Content-Type': 'application/json' } : {}),
                ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
            redirect: 'manual',
        });
    }

    async json<T>(method: string, path: string, body?: unknown): Promise<T> {
        const answer = await this.ask(method, path, body);
        if (!answer.ok) {
            throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
        }
        return (answer.status === 204 ? undefined : await answer.json()) as T;
    }

    async invite(session: string, role: Role, name: string): Promise<string> {
        const made = await this.json<InvitationMade>(
            'POST',
            `/api/v1/sessions/${session}/invitations`,
            {
                name,
                role,
            },
        );
        return made.url;
    }

    /** A session by invitation that begins now; its id. */
    async create(): Promise<string> {
        const made = await this.json<Session>('POST', '/api/v1/sessions', {
            title: { ar: 'جلسة اختبار', en: 'A test session' },
            starts_at: new Date().toISOString(),
            duration_minutes: 60,
            access: 'invited',
            speakers: [],
        });
        return made.id;
    }

    read(session: string): Promise<Session> {
        return this.json<Session>('GET', `/api/v1/sessions/${session}`);
    }

    state(session: string, to: SessionState) {
        return this.json<Session>('POST', `/api/v1/sessions/${session}/state`, { to });
    }
}
