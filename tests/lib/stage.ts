// SPDX-License-Identifier: GPL-3.0-or-later
// One person's browser, whose answers from the server are changed on the way: it shows states that
// would take long, or much, to bring about.
import type { Browser, BrowserContext, Page, Route, WebSocketRoute } from '@playwright/test';
import { patience } from './time';

export type Json = Record<string, unknown>;

/** What an honest server answers, changed where a state needs it. */
export interface Changes {
    /** laid over the session wherever the server tells of it */
    session?: Json | ((session: Json) => Json);
    /** answers of the API by the end of their path */
    answers?: Record<string, (json: Json) => Json | number | Problem | 'never'>;
    /** laid over the socket's snapshot */
    snapshot?: Json;
    /** the socket says this after its snapshot */
    events?: { type: string; data: Json }[];
    /** laid over the socket's clocks */
    clock?: Json;
    /** the socket's requests are refused so */
    refused?: Json;
    /** WebRTC and recordings: refused for want of a place (full); HLS and recordings: the rest */
    media?: 'full' | 'dead' | 'gone' | 'over' | 'soon';
}

/** What a refusal says besides its status. */
export interface Problem {
    status: number;
    [member: string]: unknown;
}

/** Other times of day have other places on the timeline of the server below. */
function onTimeline(session: Json, real: Json): Json {
    const at = (json: Json, key: string) => Date.parse(String(json[key] ?? real.epoch));
    const shift = at(session, 'live_at') - at(real, 'live_at');
    const live_ms = session.live_at ? Number(real.live_ms) + shift : null;
    const ran = at(session, 'ended_at') - at(session, 'live_at');
    return { ...session, live_ms, ended_ms: session.ended_at ? Number(live_ms) + ran : null };
}

export class Stage {
    changes: Changes = {};
    dead = false;
    private readonly sockets = new Set<WebSocketRoute>();

    private constructor(
        readonly context: BrowserContext,
        readonly page: Page,
    ) {}

    static async open(browser: Browser, url: string, token: string): Promise<Stage> {
        const context = await browser.newContext({
            viewport: { width: 1280, height: 800 },
            reducedMotion: 'reduce',
        });
        if (token) {
            await context.addCookies([{ name: 'majlis', value: token, url }]);
        }
        context.setDefaultTimeout(patience(5000));
        const stage = new Stage(context, await context.newPage());
        await context.addInitScript(() => {
            sessionStorage.clear(); // drafts and choices of the state before
            localStorage.clear();
            if (location.hash === '#old') {
                Object.assign(window, {
                    RTCPeerConnection: undefined,
                    MediaSource: undefined,
                    ManagedMediaSource: undefined,
                });
                HTMLMediaElement.prototype.canPlayType = () => '';
            }
        });
        await context.route('**/api/v1/**', (route) => stage.answer(route));
        await context.route(/\/(sessions|recordings)\/[^/]+\/(whep|hls|t-|main)/, (route) =>
            stage.media(route),
        );
        await context.routeWebSocket(/\/ws$/, (socket) => stage.socket(socket));
        return stage;
    }

    die(): void {
        this.dead = true;
        for (const socket of this.sockets) {
            void socket.close({ code: 1001 });
        }
    }

    /** The socket says this now. */
    say(events: { type: string; data: Json }[]): void {
        for (const socket of this.sockets) {
            for (const event of events) {
                socket.send(JSON.stringify({ op: 'event', ...event }));
            }
        }
    }

    /** The sign-in has ended, as another browser took it or staff revoked it. */
    revoke(): void {
        this.changes = {
            ...this.changes,
            answers: { ...this.changes.answers, me: () => 401, health: () => 401 },
        };
        for (const socket of this.sockets) {
            void socket.close({ code: 4401 });
        }
    }

    private session(json: Json): Json {
        const { session } = this.changes;
        const change = typeof session === 'function' ? session(json) : session;
        return onTimeline({ ...json, ...change }, json);
    }

    private async answer(route: Route): Promise<void> {
        if (this.dead) {
            return route.abort('connectionrefused');
        }
        const path = new URL(route.request().url()).pathname.slice('/api/v1/'.length);
        const change = Object.entries(this.changes.answers ?? {}).find(
            ([end]) => path === end || path.endsWith(`/${end}`),
        )?.[1];
        const told =
            this.changes.session && /^(sessions|recordings)(\/(?!acts$)[^/]+)?$/.test(path);
        if (!change && !told) {
            return route.continue();
        }
        // what a state answers to a write is never written: other states would meet what it did
        const written = change && route.request().method() !== 'GET';
        const response = written ? null : await route.fetch().catch(() => null);
        if (!response && !written) {
            return route.abort();
        }
        let json = ((await response?.json().catch(() => null)) ?? {}) as Json;
        if (told && response?.ok()) {
            json = Array.isArray(json.items)
                ? { ...json, items: json.items.map((one) => this.session(one as Json)) }
                : this.session(json);
        }
        const changed = change ? change(json) : json;
        if (changed === 'never') {
            return;
        }
        const refused = typeof changed === 'number' ? { status: changed } : changed;
        if (change && typeof refused.status === 'number') {
            const problem = {
                type: 'about:blank',
                title: 'Changed',
                request_id: 'r7f3a9c2b1d0',
                ...refused,
            };
            return route.fulfill({
                status: refused.status,
                contentType: 'application/problem+json',
                body: JSON.stringify(problem),
            });
        }
        return route.fulfill({
            status: change || !response ? 200 : response.status(),
            contentType: 'application/json',
            body: JSON.stringify(changed),
        });
    }

    private async media(route: Route): Promise<void> {
        const whep = route.request().url().includes('/whep');
        const recorded = route.request().url().includes('/recordings/');
        if (this.dead || this.changes.media === 'dead') {
            return route.abort('connectionrefused');
        }
        if (route.request().url().endsWith('/session.json')) {
            const response = await route.fetch().catch(() => null);
            if (!response) {
                return route.abort(); // the page has left
            }
            if (!response.ok()) {
                console.log(response.status(), await response.text());
                return route.fulfill({ response });
            }
            return route.fulfill({ json: this.session((await response.json()) as Json) });
        }
        const status = { gone: 410, over: 403, soon: 503 }[this.changes.media as string];
        if (status && !whep) {
            const live = route.request().url().includes('/sessions/');
            return route.fulfill({ status: live ? 404 : status, body: '' });
        }
        if (this.changes.media === 'full' && (whep || recorded)) {
            const problem = { type: 'urn:majlis:problem:no-place', title: 'No place', status: 503 };
            return route.fulfill({
                status: 503,
                headers: { 'Retry-After': '30' },
                contentType: 'application/problem+json',
                body: JSON.stringify(problem),
            });
        }
        return route.continue();
    }

    private socket(page: WebSocketRoute): void {
        if (this.dead) {
            void page.close({ code: 1001 });
            return;
        }
        this.sockets.add(page);
        const server = page.connectToServer();
        page.onMessage((data) => {
            const { refused } = this.changes;
            const { op, ref } = JSON.parse(String(data)) as Json;
            if (refused && op !== 'join' && op !== 'presence') {
                page.send(JSON.stringify({ op: 'error', ref, ...refused }));
            } else {
                server.send(data);
            }
        });
        server.onMessage((data) => {
            const message = JSON.parse(String(data)) as Json & { data?: Json };
            if (message.op === 'snapshot') {
                message.session = this.session(message.session as Json);
                Object.assign(message, this.changes.snapshot);
            } else if (message.type === 'session.state' && message.data) {
                const data = message.data;
                message.data = data.session
                    ? { ...data, session: this.session(data.session as Json) }
                    : this.session(data);
            }
            if (message.type === 'clock') {
                Object.assign(message.data ?? {}, this.changes.clock);
            }
            page.send(JSON.stringify(message));
            if (message.op === 'snapshot') {
                for (const event of this.changes.events ?? []) {
                    page.send(JSON.stringify({ op: 'event', cursor: message.cursor, ...event }));
                }
            }
        });
    }
}
