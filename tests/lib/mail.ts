// SPDX-License-Identifier: GPL-3.0-or-later
// A mail relay that a test scripts, and what it took.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Api, Mail, MailList } from './api';
import { root, type Server } from './server';
import { patience, until } from './time';

export interface Read {
    rcpt: string;
    envelope: string;
    subject: string;
    to: string;
    to_name: string;
    from: string;
    from_name: string;
    reply_to: string;
    id: string;
    auto: string;
    unsubscribe: string;
    one_click: string;
    date: string;
    names: string[];
    types: string[];
    text: string;
    html: string;
    calendar_method: string | null;
    calendar: string;
    event: {
        method: string;
        zones: string[];
        uid: string;
        sequence: number;
        status: string;
        summary: string;
        start: string;
        minutes: number;
        zone: string;
        organizer: string;
        attendee: string;
        attendee_name: string;
        rsvp: string;
        alarms: number;
    } | null;
    longest: number;
    defects: string[];
}

export class Relay {
    port = 0;
    private child: ChildProcess | null = null;

    private constructor(
        readonly folder: string,
        private readonly words: string[],
    ) {}

    /** `words`: options of peers/smtp-relay; its mails are in `folder`. */
    static async start(folder: string, words: string[] = []): Promise<Relay> {
        const relay = new Relay(join(folder, 'mails'), words);
        mkdirSync(relay.folder, { recursive: true });
        await relay.begin();
        return relay;
    }

    /** Again, on the same port. */
    async begin(): Promise<void> {
        const words = [this.folder, '--port', String(this.port), ...this.words];
        const child = spawn(join(root, 'tests/peers/smtp-relay'), words, {
            stdio: ['pipe', 'pipe', 'ignore'],
        });
        this.child = child;
        this.port = await new Promise((done, fail) => {
            let said = '';
            child.stdout.on('data', (text) => {
                said += text;
                const port = /^port (\d+)\n/.exec(said)?.[1];
                if (port) {
                    done(Number(port));
                }
            });
            child.once('exit', (code) => fail(new Error(`smtp-relay ended with ${code}`)));
        });
    }

    async stop(): Promise<void> {
        const { child } = this;
        if (child && child.exitCode === null) {
            const gone = new Promise((done) => child.once('exit', done));
            child.kill('SIGKILL');
            await gone;
        }
        this.child = null;
    }

    files(): string[] {
        const names = readdirSync(this.folder).filter((name) => name.endsWith('.eml'));
        return names.sort().map((name) => join(this.folder, name));
    }

    read(): Read[] {
        const files = this.files();
        return files.length === 0
            ? []
            : JSON.parse(
                  execFileSync(join(root, 'tests/peers/read-mail'), files, {
                      encoding: 'utf8',
                      maxBuffer: 64 << 20,
                  }),
              );
    }

    forget(): void {
        for (const file of this.files()) {
            rmSync(file);
        }
    }
}

/** [mail] and the address of links, for a relay without encryption. */
export const mailConf = (port: number, more: Record<string, string> = {}) => ({
    server: { public_url: `${process.env.MAJLIS_TLS ? 'https' : 'http'}://majlis.test` },
    mail: {
        relay: `127.0.0.1:${port}`,
        security: 'none',
        from: 'sessions@majlis.test',
        from_name: '60 دقيقة اتصال',
        reply_to: 'office@majlis.test',
        per_minute: '6000',
        ...more,
    },
});

export const mails = (staff: Api, session: string) =>
    staff.json<MailList>('GET', `/api/v1/sessions/${session}/mails`);

/** Once each mail of the session is in one of `states`. */
export const settled = (staff: Api, session: string, states: Mail['state'][]) =>
    until(`all mails ${states.join(' or ')}`, patience(20_000), async () => {
        const list = await mails(staff, session);
        return list.items.every(({ state }) => states.includes(state)) ? list : null;
    });

/** The token of the link that stops such mails, as the mail program finds it. */
export const stopIn = (mail: Read) =>
    /^<https?:\/\/majlis\.test\/ar\/unsubscribe\/([\w-]+)>,/.exec(mail.unsubscribe)?.[1] ?? '';

/** A token as a mail to the person has, by the server's key. */
export function choiceToken(server: Server, person: string): string {
    const sum = createHmac('sha512', readFileSync(join(server.data, 'keys/paths.key')))
        .update(`majlis mail choice 1\0${person}\0`)
        .update(Buffer.alloc(8))
        .digest();
    return Buffer.concat([sum.subarray(0, 32), Buffer.from(person)]).toString('base64url');
}

/** The code of the personal link in a mail. */
export const codeIn = (mail: Read) =>
    /https?:\/\/majlis\.test\/ar\/i\/(\w{26})\b/.exec(mail.text)?.[1] ?? '';
