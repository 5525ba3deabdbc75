// SPDX-License-Identifier: GPL-3.0-or-later
// The desk's moderation: a merge is asked for and searched, by keyboard alone, and its undo publishes nothing.
import { expect, type Page, test } from '@playwright/test';
import { Api, type Question } from '../lib/api';
import { Server } from '../lib/server';

test.describe.configure({ mode: 'serial' });

let server: Server;
let staff: Api;
let asker: Api;
let other: Api;
let desk: Page;
const id: Record<string, string> = {};

async function ask(name: string, text: string): Promise<void> {
    id[name] = (
        await asker.json<Question>('POST', `/api/v1/sessions/${server.session}/questions`, {
            text,
            anonymous: true,
        })
    ).id;
}
const seen = async (who: Api) =>
    (await who.json<{ items: Question[] }>('GET', `/api/v1/sessions/${server.session}/questions`))
        .items;
const stateOf = async (name: string) => (await seen(staff)).find((q) => q.id === id[name])?.state;
const card = (name: string) => desk.locator(`li[data-question-id="${id[name]}"][data-state]`);

test.beforeAll(async ({ browser }) => {
    server = await Server.start({ conf: { programme: { encoder: 'small' } } });
    staff = await Api.signIn(server.staff);
    asker = await Api.signIn(server.attend);
    other = await Api.signIn(await staff.invite(server.session, 'attendee', 'Badr'));
    await ask('trust', 'كيف نقيس الثقة الرقمية بعد إطلاق الخدمة؟');
    await ask('target', 'ما قياس الثقه الرقميه');
    await ask('far', `${'س'.repeat(200)} https://example.org/${'x'.repeat(70)}`);
    await staff.json('PATCH', `/api/v1/questions/${id.target}`, { state: 'approved' });
    await other.json('PUT', `/api/v1/questions/${id.target}/vote`);
    const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'ar-AE',
    });
    desk = await context.newPage();
    await desk.goto(server.staff);
    await expect(desk).not.toHaveURL(/\/i(\/|$)/);
    await desk.goto(`${server.url}/ar/desk/${server.session}`);
    await expect(card('trust')).toBeVisible();
});
test.afterAll(async () => {
    await desk?.context().close();
    await server.stop();
});

test('choosing what to merge into changes nothing before it is confirmed @media', async () => {
    await card('trust').getByTestId('merge').focus();
    await desk.keyboard.press('Enter');
    await expect(desk.getByTestId('merge-into')).toBeFocused();
    await desk.keyboard.press('ArrowDown');
    await desk.keyboard.press('ArrowUp');
    const options = desk.getByTestId('merge-option');
    await expect(options.first()).toHaveAttribute('data-question-id', id.target); // the likeliest
    await desk.keyboard.type('الثقة'); // spelt otherwise there
    await expect(options).toHaveCount(1);
    await desk.keyboard.press('Enter');
    const dialog = desk.getByTestId('merge-dialog');
    await expect(dialog).toContainText('كيف نقيس الثقة الرقمية');
    await expect(dialog).toContainText('ما قياس الثقه الرقميه');
    await expect(desk.getByTestId('merge-confirm')).toBeFocused();
    await desk.keyboard.press('r'); // no key of the desk below reaches the question
    await desk.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(card('trust').getByTestId('merge')).toBeFocused();
    expect(await stateOf('trust')).toBe('pending');
});

test('a merge is confirmed, shown on its target, and its undo publishes nothing @media', async () => {
    await card('trust').getByTestId('merge').press('Enter');
    await desk.getByTestId('merge-into').press('Enter');
    await desk.getByTestId('merge-confirm').press('Enter');
    await expect(desk.getByTestId('merge-dialog')).toHaveCount(0);
    await expect.poll(() => stateOf('trust')).toBe('merged');
    await desk.getByTestId('tab-approved').click();
    await card('target').getByTestId('merged').click();
    await expect(card('target').getByTestId('merged')).toContainText('كيف نقيس الثقة');
    await desk.keyboard.press('u');
    await expect.poll(() => stateOf('trust')).toBe('pending');
    expect((await seen(other)).map((q) => q.id)).toEqual([id.target]);
    expect((await seen(other))[0].votes).toBe(1);
});

test('an undo that another moderator overtook says so, and changes nothing @media', async () => {
    await desk.getByTestId('tab-pending').click();
    await card('far').getByTestId('approve').click();
    await expect.poll(() => stateOf('far')).toBe('approved');
    await staff.json('PATCH', `/api/v1/questions/${id.far}`, { text: 'Shorter' });
    await desk.getByTestId('undo').click();
    await expect(desk.getByTestId('moderation').getByTestId('error')).toBeVisible();
    expect(await stateOf('far')).toBe('approved');
    await desk.getByTestId('tab-approved').click();
    await card('far').getByTestId('edited').click();
    await expect(card('far').getByTestId('edited')).toContainText('سسسس'); // the original is kept
});
