// SPDX-License-Identifier: GPL-3.0-or-later
// One WHEP session (draft-ietf-wish-whep): offer, answer, ICE restart, goodbye. The server is
// ICE-lite and never needs our candidates, so the offer goes out without waiting for any.
import { type Problem, problemOf } from '../../core/api';
import { type Road, roadOf, useServers } from './ice';
import { CONFIGURATION, postOffer } from './offer';

// A restart may take longer than a first answer: what there was before it goes on as soon as the
// network is back.
export const RESTART_ANSWER_MS = 8000;

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
    /** Of the path and the jitter buffer, since the measurement before. Null: nothing was played. */
    delayMs: number | null;
    /** When the picture that is shown was captured, by the server's clock; Chromium alone tells. */
    shownAt?: number;
    road: Road | null;
}

export interface WhepEnvironment {
    peer: () => RTCPeerConnection;
    fetch: typeof fetch;
}

/** From 1900 (RFC 5905) to 1970. */
const NTP_EPOCH_MS = 2_208_988_800_000;

const browser: WhepEnvironment = {
    peer: () => new RTCPeerConnection(CONFIGURATION),
    fetch: (...args) => fetch(...args),
};

export function videoRefused(sdp: string): boolean {
    return /^m=video 0 /m.test(sdp) || !/^m=video /m.test(sdp);
}

export class WhepSession {
    private readonly peer: RTCPeerConnection;
    private shown: MediaStream;
    private emitted = 0;
    private buffered = 0;
    private resource = '';
    private etag = '';
    private over = false;

    constructor(
        private readonly url: string,
        private events: WhepEvents,
        readonly soundOnly = false,
        private readonly environment: WhepEnvironment = browser,
    ) {
        this.peer = environment.peer();
        this.shown = new MediaStream();
        this.peer.ontrack = (event) => {
            this.shown.addTrack(event.track);
            this.events.stream(this.shown);
        };
        this.peer.onconnectionstatechange = () => this.pathChanged();
    }

    get stream(): MediaStream {
        return this.shown;
    }

    /** Shows this session in the place of `before`: the element keeps its stream and the last
     *  picture, so nothing flashes black. A stream that lost all its tracks would end, so the new
     *  ones come first. */
    replace(before: WhepSession): void {
        const old = before.shown.getTracks();
        for (const track of this.shown.getTracks()) {
            before.shown.addTrack(track);
        }
        for (const track of old) {
            before.shown.removeTrack(track);
        }
        this.shown = before.shown;
    }

    /** Throws a Problem (the server's refusal), VideoRefused, or what the browser says. */
    async start(): Promise<void> {
        if (!this.soundOnly) {
            this.peer.addTransceiver('video', { direction: 'recvonly' });
        }
        this.peer.addTransceiver('audio', { direction: 'recvonly' });
        const offer = await this.peer.createOffer();
        const answer = await postOffer(this.url, offer.sdp, this.environment.fetch);
        this.resource = answer.resource;
        this.etag = answer.etag;
        const sdp = await answer.sdp();
        if (this.over) {
            this.goodbye();
            return;
        }
        if (!this.soundOnly && videoRefused(sdp)) {
            throw new VideoRefused();
        }
        // Candidates are gathered from setLocalDescription on: the servers must be known by then.
        // All roads are tried at once after that, and ICE takes the best by priority: UDP, TCP,
        // a relay.
        useServers(this.peer, CONFIGURATION, answer.servers);
        await this.peer.setLocalDescription(offer);
        await this.peer.setRemoteDescription({ type: 'answer', sdp });
    }

    /** Tells `events` from now on, and of the stream at once where there is one. */
    tell(events: WhepEvents): void {
        this.events = events;
        if (this.stream.getTracks().length > 0) {
            events.stream(this.stream);
        }
    }

    async restartIce(): Promise<void> {
        // A network that loses everything also loses the script, whose import has no limit.
        const { restartFragment, restartedAnswer } = await Promise.race([
            import('./restart'),
            new Promise<never>((_, fail) => setTimeout(fail, RESTART_ANSWER_MS)),
        ]);
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
        const measured = { frames: 0, videoPackets: 0, audioPackets: 0, shownAt: 0 };
        const reports = [...(await this.peer.getStats()).values()];
        let buffered: number | null = null;
        let trip = 0;
        const judged = this.soundOnly ? 'audio' : 'video';
        for (const report of reports) {
            if (report.type === 'inbound-rtp' && report.kind === judged) {
                buffered = this.bufferedMs(report);
            }
            if (report.type === 'inbound-rtp' && report.kind === 'video') {
                measured.frames = report.framesReceived ?? report.framesDecoded ?? 0;
                measured.videoPackets = report.packetsReceived ?? 0;
                measured.shownAt = (report.estimatedPlayoutTimestamp ?? 0) - NTP_EPOCH_MS;
            } else if (report.type === 'inbound-rtp' && report.kind === 'audio') {
                measured.audioPackets = report.packetsReceived ?? 0;
            } else if (report.type === 'candidate-pair' && report.nominated) {
                trip = 1000 * (report.currentRoundTripTime ?? 0);
            }
        }
        const delayMs = buffered === null ? null : buffered + trip / 2;
        return { ...measured, delayMs, road: roadOf(reports) };
    }

    private bufferedMs(report: {
        jitterBufferEmittedCount?: number;
        jitterBufferDelay?: number;
    }): number | null {
        const { jitterBufferEmittedCount: emitted = 0, jitterBufferDelay: delay = 0 } = report;
        const since = emitted - this.emitted;
        const ms = since > 0 ? (1000 * (delay - this.buffered)) / since : null;
        this.emitted = emitted;
        this.buffered = delay;
        return ms;
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
