// SPDX-License-Identifier: GPL-3.0-or-later
// One WHEP session (draft-ietf-wish-whep): offer, answer, ICE restart, goodbye. The server is
// ICE-lite and never needs our candidates, so the offer goes out without waiting for any.
import { type Problem, problemOf } from '../core/api';

export class VideoRefused extends Error {}

export interface WhepEvents {
    stream(stream: MediaStream): void;
    /** The path to the server: up, shaky (may come back by itself), lost. */
    path(state: 'up' | 'shaky' | 'lost'): void;
}

export interface WhepEnvironment {
    peer: () => RTCPeerConnection;
    fetch: typeof fetch;
}

const browser: WhepEnvironment = {
    peer: () => new RTCPeerConnection({ bundlePolicy: 'max-bundle' }),
    fetch: (...args) => fetch(...args),
};

export function videoRefused(sdp: string): boolean {
    return /^m=video 0 /m.test(sdp) || !/^m=video /m.test(sdp);
}

function credential(sdp: string, name: string): string {
    return new RegExp(`^a=${name}:(.+?)\\r?$`, 'm').exec(sdp)?.[1] ?? '';
}

/** The restart's offer as RFC 8840's fragment: new credentials, no candidates. */
export function restartFragment(offer: string): string {
    const media = /^m=.*$/m.exec(offer)?.[0].trim() ?? 'm=video 9 UDP/TLS/RTP/SAVPF 96';
    return [
        `a=ice-ufrag:${credential(offer, 'ice-ufrag')}`,
        `a=ice-pwd:${credential(offer, 'ice-pwd')}`,
        media,
        `a=mid:${credential(offer, 'mid') || '0'}`,
        '',
    ].join('\r\n');
}

/** The old answer with the server's new credentials and candidates. */
export function restartedAnswer(answer: string, fragment: string): string {
    const candidates = fragment.match(/^a=candidate:.*$/gm)?.map((line) => line.trim()) ?? [];
    let placed = candidates.length === 0;
    return answer
        .split(/\r?\n/)
        .flatMap((line) => {
            if (line.startsWith('a=ice-ufrag:')) {
                return [`a=ice-ufrag:${credential(fragment, 'ice-ufrag')}`];
            }
            if (line.startsWith('a=ice-pwd:')) {
                const here = placed ? [] : candidates;
                placed = true;
                return [`a=ice-pwd:${credential(fragment, 'ice-pwd')}`, ...here];
            }
            return line.startsWith('a=candidate:') && candidates.length > 0 ? [] : [line];
        })
        .join('\r\n');
}

export class WhepSession {
    private readonly peer: RTCPeerConnection;
    private readonly stream: MediaStream;
    private resource = '';
    private etag = '';
    private over = false;

    constructor(
        private readonly url: string,
        private readonly events: WhepEvents,
        private readonly environment: WhepEnvironment = browser,
    ) {
        this.peer = environment.peer();
        this.stream = new MediaStream();
        this.peer.ontrack = (event) => {
            this.stream.addTrack(event.track);
            this.events.stream(this.stream);
        };
        this.peer.onconnectionstatechange = () => this.pathChanged();
    }

    /** Throws a Problem (the server's refusal), VideoRefused, or what the browser says. */
    async start(): Promise<void> {
        this.peer.addTransceiver('video', { direction: 'recvonly' });
        this.peer.addTransceiver('audio', { direction: 'recvonly' });
        const offer = await this.peer.createOffer();
        await this.peer.setLocalDescription(offer);
        const response = await this.environment.fetch(this.url, {
            method: 'POST',
            credentials: 'same-origin',
            headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp' },
            body: this.peer.localDescription?.sdp ?? offer.sdp,
        });
        if (response.status !== 201) {
            throw await problemOf(response);
        }
        this.resource = new URL(
            response.headers.get('location') ?? '',
            response.url || location.href,
        ).href;
        this.etag = response.headers.get('etag') ?? '';
        const answer = await response.text();
        if (this.over) {
            this.goodbye();
            return;
        }
        if (videoRefused(answer)) {
            throw new VideoRefused();
        }
        await this.peer.setRemoteDescription({ type: 'answer', sdp: answer });
    }

    async restartIce(): Promise<void> {
        const before = this.peer.remoteDescription?.sdp ?? '';
        const offer = await this.peer.createOffer({ iceRestart: true });
        await this.peer.setLocalDescription(offer);
        const response = await this.environment.fetch(this.resource, {
            method: 'PATCH',
            credentials: 'same-origin',
            headers: {
                'Content-Type': 'application/trickle-ice-sdpfrag',
                // RFC 9725 section 4.3.3: a restart is for whatever ICE session is there now.
                'If-Match': '*',
            },
            body: restartFragment(offer.sdp ?? ''),
        });
        if (response.status !== 200) {
            throw await problemOf(response);
        }
        this.etag = response.headers.get('etag') ?? this.etag;
        await this.peer.setRemoteDescription({
            type: 'answer',
            sdp: restartedAnswer(before, await response.text()),
        });
    }

    get entityTag(): string {
        return this.etag;
    }

    /** Frames that arrived, and the delay of the path and the jitter buffer in milliseconds. */
    async measure(): Promise<{ frames: number; delayMs: number | null }> {
        let frames = 0;
        let buffered: number | null = null;
        let trip = 0;
        for (const report of (await this.peer.getStats()).values()) {
            if (report.type === 'inbound-rtp' && report.kind === 'video') {
                frames = report.framesReceived ?? report.framesDecoded ?? 0;
                const emitted = report.jitterBufferEmittedCount ?? 0;
                buffered = emitted > 0 ? (1000 * report.jitterBufferDelay) / emitted : null;
            } else if (report.type === 'candidate-pair' && report.nominated) {
                trip = 1000 * (report.currentRoundTripTime ?? 0);
            }
        }
        return { frames, delayMs: buffered === null ? null : buffered + trip / 2 };
    }

    /** Ends the session here and on the server; the request outlives the page. */
    close(): void {
        if (this.over) {
            return;
        }
        this.over = true;
        this.peer.ontrack = null;
        this.peer.onconnectionstatechange = null;
        this.peer.close();
        this.goodbye();
    }

    private goodbye(): void {
        if (this.resource) {
            this.environment
                .fetch(this.resource, {
                    method: 'DELETE',
                    credentials: 'same-origin',
                    keepalive: true,
                })
                .catch((_gone: Problem) => undefined);
        }
    }

    private pathChanged(): void {
        const state = this.peer.connectionState;
        if (state === 'connected') {
            this.events.path('up');
        } else if (state === 'disconnected') {
            this.events.path('shaky');
        } else if (state === 'failed' || state === 'closed') {
            this.events.path('lost');
        }
    }
}
