// SPDX-License-Identifier: GPL-3.0-or-later
// Two desks choose what stands over the picture, by buttons and keys, and agree. MAJLIS_SHOTS=FOLDER keeps pictures of it.
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { Api, type Question } from '../lib/api';
import { Server } from '../lib/server';

test.describe.configure({ mode: 'default' });

let server: Server;
let staff: Api;
const desks: Page[] = [];

async function openDesk(browser: Browser, lang: string): Promise<Page> {
    const office = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const desk = await office.newPage();
    await desk.goto(server.staff);
    await desk.waitForURL('**/staff');
    await desk.goto(`${server.url}/${lang}/desk/${server.session}#source`);
    await desk.getByTestId('captions').waitFor();
    return desk;
}

/** On both desks. */
async function isPressed(name: string): Promise<void> {
    for (const desk of desks) {
        await expect(desk.getByTestId(`caption-${name}`)).toHaveAttribute('aria-pressed', 'true');
        await expect(desk.locator('[data-testid=captions] [aria-pressed=true]')).toHaveCount(1);
    }
}

test.beforeAll(async ({ browser }) => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    await staff.json('PATCH', `/api/v1/sessions/${server.session}`, {
        speakers: [
            {
                name: { ar: 'د. مريم الكتبي', en: 'Dr Mariam Al Ketbi' },
                role: { ar: 'خبيرة الاتصال الحكومي', en: 'Government communication expert' },
            },
            {
                name: { ar: 'علي السويدي', en: 'Ali Al Suwaidi' },
                role: { ar: 'مدير الحوار', en: 'Host' },
            },
        ],
    });
    desks.push(await openDesk(browser, 'ar'), await openDesk(browser, 'en'));
});
test.afterAll(async () => {
    for (const desk of desks) {
        await desk.context().close();
    }
    expect(await server?.stop()).toBe(0);
});

test('a strap by a button on one desk, none by a key on the other', async () => {
    const [one, other] = desks;
    await isPressed('none');
    await expect(one.getByTestId('caption-question')).toBeDisabled();
    await one.getByTestId('caption-speaker-1').click();
    await isPressed('speaker-1');
    await other.keyboard.press('1');
    await isPressed('speaker-0');
    if (process.env.MAJLIS_SHOTS) {
        for (const [i, desk] of desks.entries()) {
            const path = join(process.env.MAJLIS_SHOTS, `desk-captions-${i}.png`);
            await desk.getByTestId('source-panel').screenshot({ path });
        }
    }
    await other.keyboard.press('0');
    await isPressed('none');
});

test('the question on air, until it is answered', async () => {
    const [one] = desks;
    const asker = await Api.signIn(await staff.invite(server.session, 'attendee', 'نورة'));
    const { id } = await asker.json<Question>(
        'POST',
        `/api/v1/sessions/${server.session}/questions`,
        {
            text: 'متى يبدأ العمل بالنظام الجديد؟',
        },
    );
    const move = (state: string) => staff.json('PATCH', `/api/v1/questions/${id}`, { state });
    await move('approved');
    await move('on_air');
    await expect(one.getByTestId('caption-question')).toContainText('النظام الجديد');
    await one.keyboard.press('q');
    await isPressed('question');
    await move('answered');
    await isPressed('none');
    await expect(one.getByTestId('caption-question')).toBeDisabled();
});
