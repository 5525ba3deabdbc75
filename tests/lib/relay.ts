// SPDX-License-Identifier: GPL-3.0-or-later
// A UDP relay that delays, reorders and doubles datagrams, by a seed; and that can be cut, or have another address.
import { createSocket, type Socket } from 'node:dgram';

export interface Line {
    delayMs: number;
    /** a datagram's own delay is off by at most so much, so that later ones overtake it */
    jitterMs: number;
    /** share of the datagrams that come twice */
    doubled: number;
}

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

function bound(): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    return new Promise((done) => socket.bind(0, '127.0.0.1', () => done(socket)));
}

export class Relay {
    readonly seen = { passed: 0, overtaken: 0, doubled: 0, cut: 0 };
    private readonly next: () => number;
    private cutOff = false;
    private client = 0; // port of the last one that spoke
    private order = 0;
    private newest = [0, 0]; // that left, of each direction

    private constructor(
        private readonly front: Socket,
        private back: Socket,
        private readonly server: number,
        private readonly line: Line,
        seed: number,
    ) {
        this.next = random(seed);
        front.on('message', (bytes, from) => {
            this.client = from.port;
            this.pass(0, () => this.back.send(bytes, this.server, '127.0.0.1'));
        });
        this.listen();
    }

    /** In front of the server's UDP port `server`, on 127.0.0.1. */
    static async start(server: number, line: Line, seed: number): Promise<Relay> {
        return new Relay(await bound(), await bound(), server, line, seed);
    }

    get port(): number {
        return this.front.address().port;
    }

    cut(off: boolean): void {
        this.cutOff = off;
    }

    /** The server sees the client under another port from now on, as behind a router that forgot it. */
    async move(): Promise<void> {
        const before = this.back;
        this.back = await bound();
        this.listen();
        before.removeAllListeners('message');
        setTimeout(() => before.close(), 1000);
    }

    close(): void {
        this.cutOff = true;
        this.front.close();
        this.back.close();
    }

    private listen(): void {
        this.back.on('message', (bytes) =>
            this.pass(1, () => this.front.send(bytes, this.client, '127.0.0.1')),
        );
    }

    private pass(direction: number, send: () => void): void {
        const order = ++this.order;
        const copies = this.next() < this.line.doubled ? 2 : 1;
        this.seen.doubled += copies - 1;
        for (let copy = 0; copy < copies; copy++) {
            setTimeout(
                () => {
                    if (this.cutOff) {
                        this.seen.cut++;
                        return;
                    }
                    this.seen.passed++;
                    this.seen.overtaken += order < this.newest[direction] ? 1 : 0;
                    this.newest[direction] = Math.max(this.newest[direction], order);
                    send();
                },
                this.line.delayMs + (2 * this.next() - 1) * this.line.jitterMs,
            );
        }
    }
}
