// SPDX-License-Identifier: GPL-3.0-or-later
// The websocket of one session (subprotocol majlis.v1): catches up by cursor after a break, and
// sends again what was not answered. Refs are unique to the page, so a server can tell a repeat.
import { asProblem, Problem, problemFrom } from '../api';
import { backoff } from '../backoff';
import { setServerTime } from '../clock';
import type {
    ClientMessage,
    Join,
    Ok,
    Presence,
    Refusal,
    ServerEvent,
    ServerMessage,
    Snapshot,
} from '../types';

export interface SocketEvents {
    snapshot(snapshot: Snapshot): void;
    event(event: ServerEvent): void;
    /** `status`: what the API said where it is 'refused' (401, 403 or 404). */
    state(state: SocketState, status?: number): void;
    /** Anything came: the socket is ordered, so what the page has is the present state. */
    heard?(): void;
}

export type SocketState = 'connecting' | 'open' | 'offline' | 'refused';
/** What has an ok or an error as its answer. */
export type RequestMessage = Exclude<ClientMessage, Join | Presence>;
type Waiting = {
    message: RequestMessage;
    resolve: (ok: Ok) => void;
    reject: (why: Problem) => void;
};

export interface SocketOptions {
    session: string;
    url?: string;
    random?: () => number;
}

const PROTOCOL = 'majlis.v1';
// Our own closing codes for "who you are no longer gets you in".
const DENIED = 4403;
const REFUSED = [4401, DENIED, 4404];
const AGAIN = 1013; // try again later (RFC 6455's registry)
const LOST_RIGHTS = ['denied', 'signed_out', 'not_found'];
const JOIN_REF = 'join';
const ASK_MS = 4000;
const STATUS: Record<Refusal['type'], number> = {
    invalid: 422,
    denied: 403,
    signed_out: 401,
    not_found: 404,
    conflict: 409,
    limit: 429,
    unavailable: 503,
    full: 507,
};
const ASK_AFTER = 2;
const ANSWER_MS = 20000;
// The server tells the time each second. Values are old after three seconds without it (age.ts); the
// line is given up later, since a mobile network may stall for some seconds and go on.
const SILENCE_MS = 8000;
const LISTEN_MS = 1000;

export class ResumingSocket {
    private socket: WebSocket | null = null;
    private cursor: string | null = null;
    private attempt = 0;
    private opened = false;
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
        this.watch = setInterval(this.listen, LISTEN_MS);
        this.connect();
    }

    /** Resolves with the server's ok, which comes only once the change is committed. */
    request(message: RequestMessage): Promise<Ok> {
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
    tell(message: Presence): void {
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

    private send(message: ClientMessage): void {
        if (this.socket?.readyState === 1) {
            this.socket.send(JSON.stringify(message));
        }
    }

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

    /** Connects at once instead of at the next attempt's time. */
    readonly hurry = () => {
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
            this.opened = true;
            socket.send(
                JSON.stringify({
                    op: 'join',
                    ref: JOIN_REF,
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
            this.events.heard?.();
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
        // A refusal before the socket opens has no code of ours: after some, the API is asked.
        const again = !this.opened && this.attempt >= ASK_AFTER;
        this.opened = false;
        if (REFUSED.includes(code) || again) {
            void this.refused();
        } else {
            this.later();
        }
    }

    private later(): void {
        this.retry = setTimeout(
            () => this.connect(),
            backoff(this.attempt++, 500, 15000, this.options.random),
        );
    }

    /** Stops where the API refuses as well. Signing in again in another tab ends the sign-in of this
     *  one, which then has the new cookie; a server that does not answer is tried again. */
    private async refused(): Promise<void> {
        const asked = async (path: string) => {
            const signal = AbortSignal.timeout(ASK_MS);
            const answer = await fetch(`/api/v1/${path}`, { signal }).catch(() => null);
            return answer && [401, 403, 404].includes(answer.status) ? answer.status : 0;
        };
        const no =
            (await asked('me')) ||
            (await asked(`sessions/${encodeURIComponent(this.options.session)}`));
        if (this.closed || this.socket !== null) {
            return;
        }
        if (no) {
            this.closed = true;
            this.events.state('refused', no);
        } else if (this.attempt === 0) {
            this.attempt++;
            this.connect();
        } else {
            this.later();
        }
    }

    private receive(text: string): void {
        let message: ServerMessage;
        try {
            message = JSON.parse(text);
        } catch {
            return;
        }
        if (message.op !== 'error') {
            this.cursor = message.cursor;
        }
        if (message.op === 'snapshot') {
            this.attempt = 0;
            this.events.snapshot(message);
        } else if (message.op === 'event') {
            this.attempt = 0;
            if (message.type === 'clock') {
                setServerTime(message.data.server_time, message.data.media_ms);
            }
            this.events.event(message);
        } else if (message.op === 'error' && message.ref === JOIN_REF) {
            this.joinRefused(message);
        } else {
            this.answered(message);
        }
    }

    /** A full server is tried again later; where the right is gone the API says which. */
    private joinRefused(message: Refusal): void {
        const socket = this.socket;
        if (socket) {
            socket.close();
            this.lost(socket, LOST_RIGHTS.includes(message.type) ? DENIED : AGAIN);
        }
    }

    private answered(message: Ok | Refusal): void {
        const waiting = this.waiting.get(message.ref ?? '');
        if (!waiting) {
            return;
        }
        this.waiting.delete(message.ref ?? '');
        if (message.op === 'ok') {
            waiting.resolve(message);
        } else {
            waiting.reject(problemFrom(STATUS[message.type], { ...message }));
        }
    }
}
