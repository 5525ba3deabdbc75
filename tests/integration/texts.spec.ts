// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that people write: nothing invisible is taken anywhere; and names, which only a session that says so shows.
import { expect, test } from '@playwright/test';
import { Api, type Question } from '../lib/api';
import { Server } from '../lib/server';

test.describe.configure({ mode: 'default' });

let server: Server;
let staff: Api;
let asker: Api;
let other: Api;
let at = '';

test.beforeAll(async () => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    at = `/api/v1/sessions/${server.session}`;
    asker = await Api.signIn(await staff.invite(server.session, 'attendee', 'Aisha'));
    other = await Api.signIn(server.attend);
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

const BLANK = [
    '   ',
    '\u200b',
    '\u2800\u2800',
    '\u3164\u3164',
    '\u0301',
    '\ufe0f',
    '\u202e \u2066',
];
const MARKS = `a${'\u0301'.repeat(40)}`;

test('blank texts and heaps of marks are refused wherever a text is taken @plain', async () => {
    const question = await asker.json<Question>('POST', `${at}/questions`, {
        text: 'Why?',
        anonymous: true,
    });
    const takers: [string, (text: string) => Promise<Response>][] = [
        ['question', (text) => asker.ask('POST', `${at}/questions`, { text, anonymous: true })],
        ['edit', (text) => staff.ask('PATCH', `/api/v1/questions/${question.id}`, { text })],
        ['title', (text) => staff.ask('PATCH', at, { title: { ar: text, en: text } })],
        ['speaker', (text) => staff.ask('PATCH', at, { speakers: [{ name: { en: text } }] })],
        ['agenda', (text) => staff.ask('PATCH', at, { agenda: [{ title: { en: text } }] })],
        ['chapter', (text) => staff.ask('POST', `${at}/chapters`, { title: { en: text } })],
        ['name', (text) => staff.ask('POST', `${at}/invitations`, { name: text })],
        [
            'reason',
            (text) => staff.ask('DELETE', `/api/v1/recordings/${server.session}`, { reason: text }),
        ],
    ];
    for (const [what, take] of takers) {
        const answers = await Promise.all(BLANK.map(take));
        expect(
            answers.map((answer) => answer.status),
            what,
        ).toEqual(BLANK.map(() => 400));
        for (const answer of answers) {
            expect(['blank', 'required'], what).toContain(
                ((await answer.json()) as { code: string }).code,
            );
        }
        const body = (await (await take(MARKS)).json()) as { code: string; params: object };
        expect([body.code, body.params], what).toEqual(['too-many-marks', { max: 4 }]);
    }
    const invited = await staff.json<{ name: string; entity: string | null }>(
        'POST',
        `${at}/invitations`,
        {
            name: ' \u202eBadr\u2066\t ',
            entity: '\u3164',
        },
    );
    expect([invited.name, invited.entity]).toEqual(['Badr', null]);
});

test('a name is shown where the session says so, and nowhere else @plain', async () => {
    const ask = (anonymous: boolean) =>
        asker.json<Question>('POST', `${at}/questions`, {
            text: `Asked ${anonymous ? 'hidden' : 'open'}`,
            anonymous,
        });
    const seen = async (who: Api) =>
        (await who.json<{ items: Question[] }>('GET', `${at}/questions`)).items;
    const before = await ask(false);
    expect((await staff.json<{ show_names: boolean }>('GET', at)).show_names).toBe(false);
    await staff.json('PATCH', at, { show_names: true });
    const [open, hidden] = [await ask(false), await ask(true)];
    for (const { id } of [before, open, hidden]) {
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'approved' });
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'on_air' });
        await staff.json('PATCH', `/api/v1/questions/${id}`, { state: 'answered' });
    }
    const speaker = await Api.signIn(server.present);
    for (const who of [other, speaker]) {
        const named = (await seen(who)).filter((q) => q.by);
        expect(named.map((q) => [q.id, q.by])).toEqual([
            [open.id, { name: 'Aisha', entity: null }],
        ]);
    }
    const chapters = await (await other.ask('GET', `${at}/chapters`)).text();
    expect(chapters).toContain('Asked open');
    expect(chapters).not.toContain('Aisha');
    await staff.json('PATCH', at, { show_names: false });
    expect(JSON.stringify(await seen(other))).not.toContain('Aisha');
});
