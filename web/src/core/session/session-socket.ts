// SPDX-License-Identifier: GPL-3.0-or-later
// One session as a page holds it: the object, its questions, the socket that keeps both fresh.
import { signal } from '@preact/signals';
import { Heard } from '../age';
import { asProblem, get, type Problem } from '../api';
import { serverNow, setServerTime } from '../clock';
import { whoAmI } from '../me';
import type {
    DirectorMessage,
    Ok,
    Presence,
    Question,
    Roads,
    ServerEvent,
    Session,
    SoundAlarm,
} from '../types';
import { Questions } from './questions';
import { type RequestMessage, ResumingSocket, type SocketState } from './resuming-socket';

export class SessionSocket {
    readonly session = signal<Session | null>(null);
    readonly problem = signal<Problem | null>(null);
    readonly signedOut = signal(false);
    readonly link = signal<SocketState>('connecting');
    /** Where `link` is 'refused': 401, 403 or 404. */
    readonly refusal = signal(0);
    readonly present = signal<number | null>(null);
    /** Staff only: how those who watch over WebRTC are reached. */
    readonly roads = signal<Roads>({ udp: 0, tcp: 0, relay: 0 });
    readonly message = signal<DirectorMessage | null>(null);
    /** Presenters and moderators: what is wrong with the programme's sound. */
    readonly sound = signal<SoundAlarm | null>(null);
    readonly questions = new Questions();
    /** When the server was last heard: the age of the session, its questions and counts. */
    readonly heard = new Heard();
    /** How often something was told of the session itself: chapters are read again then. */
    readonly told = signal(0);

    private socket: ResumingSocket | null = null;
    private presence: ReturnType<typeof setInterval> | undefined;
    /** What the presence message says; a page with a player replaces it. */
    where: () => Omit<Presence, 'op'> = () => ({
        via: 'none',
    });

    constructor(readonly id: string) {
        void this.load();
    }

    async load(): Promise<void> {
        this.problem.value = null;
        try {
            const session = get<Session>(`sessions/${encodeURIComponent(this.id)}`);
            session.catch(() => undefined); // awaited only by those who are signed in
            if (!(await whoAmI())) {
                this.signedOut.value = true;
                return;
            }
            this.take(await session);
        } catch (error) {
            this.problem.value = asProblem(error);
            return;
        }
        this.join();
    }

    async refresh(): Promise<void> {
        this.take(await get<Session>(`sessions/${encodeURIComponent(this.id)}`));
    }

    private async request(message: RequestMessage): Promise<Ok> {
        if (!this.socket) {
            throw asProblem('closed');
        }
        const ok = await this.socket.request(message);
        if (ok.question) {
            this.questions.put(ok.question);
        }
        return ok;
    }

    /** Resolves with the question as committed. */
    async change(message: RequestMessage): Promise<Question | null> {
        return (await this.request(message)).question ?? null;
    }

    /** "moderate" or "undo". Resolves with the act that it was, to undo it; null where it changed
     *  nothing. */
    async moderate(message: RequestMessage): Promise<string | null> {
        return (await this.request(message)).act ?? null;
    }

    async acknowledge(id: string): Promise<void> {
        await this.change({ op: 'acknowledge', message: id });
        const last = this.message.value;
        if (last?.id === id && !last.acknowledged_at) {
            this.message.value = { ...last, acknowledged_at: new Date(serverNow()).toISOString() };
        }
    }

    /** The server answered elsewhere: a lost socket need not wait for its next attempt. */
    hurry(): void {
        this.socket?.hurry();
    }

    close(): void {
        clearInterval(this.presence);
        this.socket?.close();
        this.socket = null;
    }

    private take(session: Session): void {
        setServerTime(session.server_time);
        this.session.value = session;
    }

    private join(): void {
        this.socket = new ResumingSocket(
            { session: this.id },
            {
                snapshot: (snapshot) => {
                    this.take(snapshot.session);
                    this.questions.reset(snapshot.questions);
                    this.message.value = snapshot.message ?? null;
                    this.tellPresence();
                },
                event: (event) => this.event(event),
                state: (state, status = 0) => {
                    this.refusal.value = status;
                    this.link.value = state;
                },
                heard: () => this.heard.heard(),
            },
        );
        this.presence = setInterval(() => this.tellPresence(), 15000);
    }

    private tellPresence(): void {
        this.socket?.tell({ op: 'presence', ...this.where() });
    }

    private event(event: ServerEvent): void {
        if (event.type === 'session.state') {
            this.take(event.data);
            this.told.value++;
        } else if (event.type === 'presence.count') {
            this.present.value = event.data.count;
            this.roads.value = event.data.roads ?? this.roads.value;
        } else if (event.type === 'clock') {
            this.sound.value = event.data.sound ?? null;
        } else if (event.type === 'presenter.message') {
            this.message.value = event.data;
        } else {
            this.questions.event(event);
        }
    }
}
