// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9 while mails are being sent: none lost, none twice, and what is not known is said.
import { expect, test } from '@playwright/test';
import { Api, type Mail, type Session } from '../lib/api';
import { codeIn, mailConf, mails, Relay, settled } from '../lib/mail';
import { long, Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until, wait } from '../lib/time';

const ROUNDS = long ? 20 : 3;
const PEOPLE = 4; // a round

test('mails survive kills', async () => {
    test.setTimeout(patience(20_000 + ROUNDS * 10_000));
    const relay = await Relay.start(temporaryFolder(), ['--delay', '0.06']);
    const data = temporaryFolder();
    const start = () => Server.start({ command: 'serve', data, conf: mailConf(relay.port) });
    let server = await start();
    const link = staffLink(server);
    let staff = await Api.signIn(link);
    const again = async () => {
        server = await start();
        staff = await Api.signIn(server.url + new URL(link).pathname);
    };
    const { id } = await staff.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: 'جلسة', en: 'A session' },
        starts_at: '2031-12-01T11:00:00+04:00',
    });
    const at = `/api/v1/sessions/${id}`;
    for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < PEOPLE; i++) {
            const email = `p${round}x${i}@entity.test`;
            await staff.json('POST', `${at}/invitations`, { name: 'Guest', email });
        }
        await staff.json('POST', `${at}/mails`, { kind: 'invitation', to: 'not-sent' });
        await until(
            'sending',
            patience(20_000),
            async () => (await mails(staff, id)).counts.sending > 0,
        );
        await wait(Math.random() * 300); // any instant will do
        await server.kill();
        await again();
    }
    const end = await settled(staff, id, ['sent', 'doubt']);
    const doubts = end.items.filter(({ state }) => state === 'doubt');
    expect(end.items.length).toBe(ROUNDS * PEOPLE);
    expect(doubts.length).toBeLessThanOrEqual(ROUNDS); // one connection: one mail at a time
    for (const { reason } of doubts) {
        expect(reason).toBe('interrupted');
    }
    const read = relay.read();
    const taken = (mail: Mail) => read.filter(({ rcpt }) => rcpt === mail.address).length;
    for (const mail of end.items) {
        expect(taken(mail), `${mail.address} ${mail.state}`).toBeLessThanOrEqual(1);
        expect(mail.state === 'doubt' || taken(mail) === 1).toBe(true);
    }
    let arrived = 0;
    for (const mail of doubts) {
        const came = taken(mail) === 1;
        arrived += Number(came);
        await staff.json('POST', `/api/v1/mails/${mail.id}`, { act: came ? 'cancel' : 'retry' });
    }
    await settled(staff, id, ['sent']);
    const all = relay.read();
    expect(all.map(({ rcpt }) => rcpt).sort()).toEqual(
        end.items.map(({ address }) => address).sort(),
    );
    expect(new Set(all.map((mail) => mail.id)).size).toBe(all.length);
    for (const mail of all.slice(0, 8)) {
        await Api.signIn(`${server.url}/ar/i/${codeIn(mail)}`); // also of one that was in doubt
    }
    console.log(
        `  mail: ${ROUNDS} kills, ${all.length} mails once each, ${doubts.length} in doubt, of which ${arrived} had arrived`,
    );
    expect(await server.stop()).toBe(0);
    await relay.stop();
});
