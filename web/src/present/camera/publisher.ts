// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a stream over WHIP (RFC 9725), and again when the path is lost, until it is stopped.
import { type Signal, signal } from '@preact/signals';
import { asProblem, type Problem } from '../../core/api';
import { useServers } from '../../media/whep/ice';
import { CONFIGURATION, postOffer } from '../../media/whep/offer';

export type Sending = 'off' | 'connecting' | 'sending' | 'lost';

const RETRY_MS = [500, 1000, 2000, 4000];
/** A path that is shaky may come back by itself. */
const SHAKY_MS = 3000;

export interface PublishEnvironment {
    peer: () => RTCPeerConnection;
    fetch: typeof fetch;
}

const browser: PublishEnvironment = {
    peer: () => new RTCPeerConnection(CONFIGURATION),
    fetch: (...args) => fetch(...args),
};

/** What another attempt cannot mend: a refusal. The session may still open, and a full server may empty. */
export const isFinal = (problem: Problem) =>
    problem.status >= 400 && problem.status < 500 && problem.status !== 429;

export class Publisher {
    readonly state: Signal<Sending> = signal('off');
    /** Of the last attempt. */
    readonly problem: Signal<Problem | null> = signal(null);
    private stream: MediaStream | null = null;
    private peer: RTCPeerConnection | null = null;
    private resource = '';
    private attempts = 0;
    private timer: ReturnType<typeof setTimeout> | undefined;

    constructor(
        private readonly url: string,
        private readonly environment: PublishEnvironment = browser,
    ) {}

    /** Another stream takes the place of the one before, track by track where it is sent already. */
    start(stream: MediaStream): void {
        const before = this.stream;
        this.stream = stream;
        if (!before) {
            this.problem.value = null;
            this.attempts = 0;
            void this.connect();
            return;
        }
        for (const sender of this.peer?.getSenders() ?? []) {
            const track = stream.getTracks().find(({ kind }) => kind === sender.track?.kind);
            if (track) {
                void sender.replaceTrack(track);
            }
        }
    }

    stop(): void {
        this.stream = null;
        this.hangUp();
        this.state.value = 'off';
    }

    private hangUp(): void {
        clearTimeout(this.timer);
        if (this.peer) {
            this.peer.onconnectionstatechange = null;
            this.peer.close();
        }
        this.peer = null;
        if (this.resource) {
            this.environment
                .fetch(this.resource, { method: 'DELETE', keepalive: true })
                .catch(() => undefined); // the server notices by itself
        }
        this.resource = '';
    }

    private later(): void {
        this.hangUp();
        this.state.value = 'lost';
        const ms = RETRY_MS[Math.min(this.attempts, RETRY_MS.length - 1)];
        this.attempts++;
        this.timer = setTimeout(() => void this.connect(), ms);
    }

    private async connect(): Promise<void> {
        const { stream } = this;
        if (!stream) {
            return;
        }
        this.state.value = 'connecting';
        const peer = this.environment.peer();
        this.peer = peer;
        try {
            await this.offer(peer, stream);
        } catch (error) {
            if (this.peer !== peer) {
                return; // stopped meanwhile
            }
            const problem = asProblem(error);
            this.problem.value = problem;
            if (isFinal(problem)) {
                this.stop();
            } else {
                this.later();
            }
        }
    }

    private async offer(peer: RTCPeerConnection, stream: MediaStream): Promise<void> {
        for (const track of stream.getTracks()) {
            peer.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
        }
        const offer = await peer.createOffer();
        const answer = await postOffer(this.url, offer.sdp, this.environment.fetch);
        const sdp = await answer.sdp();
        this.resource = answer.resource;
        if (this.peer !== peer) {
            this.hangUp(); // stopped meanwhile
            return;
        }
        // as in WHEP: the servers must be known before candidates are gathered
        useServers(peer, CONFIGURATION, answer.servers);
        peer.onconnectionstatechange = () => this.follow(peer);
        await peer.setLocalDescription(offer);
        await peer.setRemoteDescription({ type: 'answer', sdp });
    }

    private follow(peer: RTCPeerConnection): void {
        clearTimeout(this.timer);
        if (peer.connectionState === 'connected') {
            this.attempts = 0;
            this.problem.value = null;
            this.state.value = 'sending';
        } else if (peer.connectionState === 'disconnected') {
            this.state.value = 'lost';
            this.timer = setTimeout(() => this.later(), SHAKY_MS);
        } else if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
            this.later();
        }
    }
}
