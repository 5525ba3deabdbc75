// SPDX-License-Identifier: GPL-3.0-or-later
// One session as a page holds it: the object, its questions, the socket that keeps both fresh.
import { signal } from '@preact/signals';
import { Questions } from '../questions/model';
import { asProblem, get, type Problem } from './api';
import { setServerTime } from './clock';
import { whoAmI } from './me';
import { RoomSocket, type SocketState } from './socket';
import type { Question, Session } from './types';

export interface DirectorMessage {
    id: string;
    text: string;
}

export class Room {
    readonly session = signal<Session | null>(null);
    readonly problem = signal<Problem | null>(null);
    readonly signedOut = signal(false);
    readonly link = signal<SocketState>('connecting');
    readonly present = signal<number | null>(null);
    readonly message = signal<DirectorMessage | null>(null);
    readonly questions = new Questions();
    /** How often something was told of the session itself: chapters are read again then. */
    readonly told = signal(0);

    private socket: RoomSocket | null = null;
    private presence: ReturnType<typeof setInterval> | undefined;
    private serial = 0;
    /** What the presence message says; a page with a player replaces it. */
    where: () => { playhead_ms: number; via: string } = () => ({ playhead_ms: 0, via: 'none' });

    constructor(readonly id: string) {
        void this.load();
    }

    async load(): Promise<void> {
        this.problem.value = null;
        try {
            if (!(await whoAmI())) {
                this.signedOut.value = true;
                return;
            }
            this.take(await get<Session>(`sessions/${encodeURIComponent(this.id)}`));
        } catch (error) {
            this.problem.value = asProblem(error);
            return;
        }
        this.join();
    }

    async refresh(): Promise<void> {
        this.take(await get<Session>(`sessions/${encodeURIComponent(this.id)}`));
    }

    /** Resolves with the question as committed. */
    async change(message: Record<string, unknown>): Promise<Question | null> {
        if (!this.socket) {
            throw asProblem('closed');
        }
        const ok = await this.socket.request(message);
        const question = (ok.question ?? null) as Question | null;
        if (question) {
            this.questions.put(question);
        }
        return question;
    }

    close(): void {
        clearInterval(this.presence);
        this.socket?.close();
        this.socket = null;
    }

    private take(session: Session): void {
        if (session.server_time) {
            setServerTime(session.server_time);
        }
        this.session.value = { ...this.session.value, ...session };
    }

    private join(): void {
        this.socket = new RoomSocket(
            { session: this.id },
            {
                snapshot: (snapshot) => {
                    this.take(snapshot.session);
                    this.questions.reset(snapshot.questions);
                    this.tellPresence();
                },
                event: (type, data) => this.event(type, data),
                state: (state) => {
                    this.link.value = state;
                },
            },
        );
        this.presence = setInterval(() => this.tellPresence(), 15000);
    }

    private tellPresence(): void {
        const { playhead_ms, via } = this.where();
        this.socket?.tell({ op: 'presence', playhead_ms: Math.round(playhead_ms), via });
    }

    private event(type: string, data: unknown): void {
        const fields = (data ?? {}) as Record<string, unknown>;
        if (type === 'session.state') {
            this.take((fields.session ?? fields) as unknown as Session);
            this.told.value++;
        } else if (type === 'presence.count') {
            const count = fields.present ?? fields.count ?? data;
            this.present.value = typeof count === 'number' ? count : null;
        } else if (type === 'presenter.message') {
            this.message.value = {
                id: String(fields.id ?? ++this.serial),
                text: String(fields.text ?? ''),
            };
        } else {
            this.questions.event(type, data);
        }
    }
}
