// SPDX-License-Identifier: GPL-3.0-or-later
// A player's view of a live session: what the media playlist has told so far.
import type { Api } from './api';
import { wait } from './time';

/** The end of the newest part that a media playlist names, in milliseconds of the wall clock; 0: none. */
export function playlistEnd(text: string): number {
    let at = 0;
    let parts = 0;
    let duration = 0;
    for (const line of text.split('\n')) {
        const value = line.slice(line.indexOf(':') + 1);
        if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) {
            at = Date.parse(value);
            parts = 0;
        } else if (line.startsWith('#EXT-X-PART:')) {
            parts += Number(/DURATION=([\d.]+)/.exec(value)?.[1] ?? 0) * 1000;
        } else if (line.startsWith('#EXTINF:')) {
            duration = Number.parseFloat(value) * 1000;
        } else if (line !== '' && !line.startsWith('#')) {
            at += duration;
            parts = 0;
        }
    }
    return at > 0 ? at + parts : 0;
}

/** Polls a media playlist until stopped, and keeps how old its newest part was at the worst. */
export class Watch {
    end = 0; // of the newest part told
    worstAgeMs = 0;
    delayMs = 0; // from the end of a part to its being told, at the worst: encoding and segmenting
    private going = true;
    private readonly done: Promise<void>;

    constructor(
        private readonly api: Api,
        private readonly path: string,
    ) {
        this.done = this.poll();
    }

    private async poll(): Promise<void> {
        while (this.going) {
            try {
                const answer = await this.api.ask('GET', this.path);
                const end = answer.ok ? playlistEnd(await answer.text()) : 0;
                if (end > this.end) {
                    this.delayMs = this.end > 0 ? Math.max(this.delayMs, Date.now() - end) : 0;
                    this.end = end;
                }
            } catch {
                // the server is being killed
            }
            if (this.end > 0 && this.going) {
                this.worstAgeMs = Math.max(this.worstAgeMs, Date.now() - this.end);
            }
            await wait(25);
        }
    }

    /** From now on anew. */
    resetAge(): number {
        const worst = this.worstAgeMs;
        this.worstAgeMs = 0;
        return worst;
    }

    stop(): Promise<void> {
        this.going = false;
        return this.done;
    }
}
