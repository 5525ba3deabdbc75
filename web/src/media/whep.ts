// SPDX-License-Identifier: GPL-3.0-or-later
// One WHEP session (draft-ietf-wish-whep): offer, answer, ICE restart, goodbye. The server is
// ICE-lite and never needs our candidates, so the offer goes out without waiting for any.
import { type Problem, problemOf } from '../core/api';
import { iceServers, type Road, roadOf, useServers } from './ice';

// For the server's answer: a network that lost it would keep the page waiting. A restart may take
// longer: what there was before it goes on as soon as the network is back.
export const ANSWER_MS = 4000;
export const RESTART_ANSWER_MS = 8000;
const CONFIGURATION: RTCConfiguration = { bundlePolicy: 'max-bundle' };

export class VideoRefused extends Error {}

export interface WhepEvents {
    stream(stream: MediaStream): void;
    /** The path to the server: up, shaky (may come back by itself), lost. */
    path(state: 'up' | 'shaky' | 'lost'): void;
}

export interface Measured {
    /** Whole frames of video, packets of either kind, since the session began. */
    frames: number;
    videoPackets: number;
    audioPackets: number;
    /** Of the path and the jitter buffer. */
    delayMs: number | null;
    road: Road | null;
}

export interface WhepEnvironment {
    peer: () => RTCPeerConnection;
    fetch: typeof fetch;
}

const browser: WhepEnvironment = {
    peer: () => new RTCPeerConnection(CONFIGURATION),
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
    readonly stream: MediaStream;
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
        const response = await this.environment.fetch(this.url, {
            method: 'POST',
            credentials: 'same-origin',
            headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp' },
            body: offer.sdp,
            signal: AbortSignal.timeout(ANSWER_MS),
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
        // Candidates are gathered from setLocalDescription on: the servers must be known by then.
        // All roads are tried at once after that, and ICE takes the best by priority: UDP, TCP,
        // a relay.
        useServers(this.peer, CONFIGURATION, iceServers(response.headers.get('link')));
        await this.peer.setLocalDescription(offer);
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
            signal: AbortSignal.timeout(RESTART_ANSWER_MS),
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

    async measure(): Promise<Measured> {
        const measured = { frames: 0, videoPackets: 0, audioPackets: 0 };
        const reports = [...(await this.peer.getStats()).values()];
        let buffered: number | null = null;
        let trip = 0;
        for (const report of reports) {
            if (report.type === 'inbound-rtp' && report.kind === 'video') {
                measured.frames = report.framesReceived ?? report.framesDecoded ?? 0;
                measured.videoPackets = report.packetsReceived ?? 0;
                const emitted = report.jitterBufferEmittedCount ?? 0;
                buffered = emitted > 0 ? (1000 * report.jitterBufferDelay) / emitted : null;
            } else if (report.type === 'inbound-rtp' && report.kind === 'audio') {
                measured.audioPackets = report.packetsReceived ?? 0;
            } else if (report.type === 'candidate-pair' && report.nominated) {
                trip = 1000 * (report.currentRoundTripTime ?? 0);
            }
        }
        const delayMs = buffered === null ? null : buffered + trip / 2;
        return { ...measured, delayMs, road: roadOf(reports) };
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
