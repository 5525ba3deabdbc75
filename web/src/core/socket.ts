// SPDX-License-Identifier: GPL-3.0-or-later
// The websocket of one session (subprotocol majlis.v1): catches up by cursor after a break, and
// sends again what was not answered. Refs are unique to the page, so a server can tell a repeat.
import { asProblem, Problem } from './api';
import { backoff } from './backoff';
import { clockFromEvent } from './clock';
import type { Question, Session } from './types';

export interface Snapshot {
    cursor: string;
    session: Session;
    questions: Question[];
    you?: unknown;
}

export interface SocketEvents {
    snapshot(snapshot: Snapshot): void;
    event(type: string, data: unknown): void;
    state(state: SocketState): void;
}

export type SocketState = 'connecting' | 'open' | 'offline' | 'refused';
type Message = Record<string, unknown>;
type Waiting = {
    message: Message;
    resolve: (ok: Message) => void;
    reject: (why: Problem) => void;
};

export interface SocketOptions {
    session: string;
    url?: string;
    random?: () => number;
}

const PROTOCOL = 'majlis.v1';
// Our own closing codes for "who you are no longer gets you in".
const REFUSED = [4401, 4403, 4404];
const ANSWER_MS = 20000;
const SILENCE_MS = 25000;

export class RoomSocket {
    private socket: WebSocket | null = null;
    private cursor: string | null = null;
    private attempt = 0;
    private serial = 0;
    private readonly page = Math.random().toString(36).slice(2, 10);
    private readonly waiting = new Map<string, Waiting>();
    private retry: ReturnType<typeof setTimeout> | undefined;
    private heardAt = 0;
    private readonly watch: ReturnType<typeof setInterval>;
    private closed = false;

    constructor(
        private readonly options: SocketOptions,
        private readonly events: SocketEvents,
    ) {
        addEventListener('online', this.hurry);
        addEventListener('offline', this.drop);
        this.watch = setInterval(this.listen, 5000);
        this.connect();
    }

    /** Resolves with the server's ok, which comes only once the change is committed. */
    request(message: Message): Promise<Message> {
        const ref = `${this.page}-${++this.serial}`;
        const whole = { ...message, ref };
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.waiting.delete(ref);
                reject(new Problem(0, 'offline', '', '', ''));
            }, ANSWER_MS);
            this.waiting.set(ref, {
                message: whole,
                resolve: (ok) => {
                    clearTimeout(timer);
                    resolve(ok);
                },
                reject: (why) => {
                    clearTimeout(timer);
                    reject(why);
                },
            });
            this.send(whole);
        });
    }

    /** Sent when connected, forgotten otherwise. */
    tell(message: Message): void {
        this.send(message);
    }

    close(): void {
        this.closed = true;
        clearTimeout(this.retry);
        removeEventListener('online', this.hurry);
        removeEventListener('offline', this.drop);
        clearInterval(this.watch);
        this.socket?.close(1000);
        for (const { reject } of this.waiting.values()) {
            reject(asProblem('closed'));
        }
        this.waiting.clear();
    }

    private send(message: Message): void {
        if (this.socket?.readyState === 1) {
            this.socket.send(JSON.stringify(message));
        }
    }

    /** The server's clock speaks each 10 s: a silence longer than two of them is a dead line. */
    private readonly listen = () => {
        if (this.socket && performance.now() - this.heardAt > SILENCE_MS) {
            this.drop();
        }
    };

    private readonly drop = () => {
        const socket = this.socket;
        if (socket) {
            socket.close();
            this.lost(socket, 1006);
        }
    };

    private readonly hurry = () => {
        if (!this.socket && !this.closed) {
            clearTimeout(this.retry);
            this.connect();
        }
    };

    private connect(): void {
        this.events.state('connecting');
        const url =
            this.options.url ??
            `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
        const socket = new WebSocket(url, PROTOCOL);
        this.socket = socket;
        socket.onopen = () => {
            socket.send(
                JSON.stringify({
                    op: 'join',
                    session: this.options.session,
                    ...(this.cursor ? { since: this.cursor } : {}),
                }),
            );
            for (const { message } of this.waiting.values()) {
                this.send(message);
            }
            this.events.state('open');
        };
        this.heardAt = performance.now();
        socket.onmessage = (event) => {
            this.heardAt = performance.now();
            this.receive(String(event.data));
        };
        socket.onclose = (event) => this.lost(socket, event.code);
    }

    private lost(socket: WebSocket, code: number): void {
        if (this.socket !== socket) {
            return;
        }
        this.socket = null;
        if (this.closed) {
            return;
        }
        this.events.state('offline');
        if (REFUSED.includes(code)) {
            void this.refused();
            return;
        }
        this.retry = setTimeout(
            () => this.connect(),
            backoff(this.attempt++, 500, 15000, this.options.random),
        );
    }

    /** Signing in again in another tab ends the sign-in of this one, which then has the new cookie. */
    private async refused(): Promise<void> {
        const again = await fetch('/api/v1/me').then(
            (answer) => answer.ok,
            () => false,
        );
        if (this.closed || this.socket !== null) {
            return;
        }
        if (again) {
            this.connect();
            return;
        }
        this.closed = true;
        this.events.state('refused');
    }

    private receive(text: string): void {
        let message: Message;
        try {
            message = JSON.parse(text) as Message;
        } catch {
            return;
        }
        if (typeof message.cursor === 'string') {
            this.cursor = message.cursor;
        }
        if (message.op === 'snapshot') {
            this.attempt = 0;
            this.events.snapshot(message as unknown as Snapshot);
        } else if (message.op === 'event') {
            this.attempt = 0;
            if (message.type === 'clock') {
                clockFromEvent(message.data);
            }
            this.events.event(String(message.type), message.data);
        } else if (message.op === 'ok' || message.op === 'error') {
            this.answered(message);
        }
    }

    private answered(message: Message): void {
        const ref = String(message.ref ?? '');
        const waiting = this.waiting.get(ref);
        if (!waiting) {
            return;
        }
        this.waiting.delete(ref);
        if (message.op === 'ok') {
            waiting.resolve(message);
        } else {
            waiting.reject(
                new Problem(
                    422,
                    String(message.type ?? ''),
                    String(message.title ?? ''),
                    String(message.detail ?? ''),
                    String(message.request_id ?? ''),
                ),
            );
        }
    }
}
