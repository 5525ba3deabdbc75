// SPDX-License-Identifier: GPL-3.0-or-later
// Staff invite everybody on the desk, print cards, approve somebody who registered; their links open the session.
import { expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { hold } from '../lib/page';
import { Server } from '../lib/server';
import { patience } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server, in this order

let server: Server;
let staff: Api;

test.beforeAll(async () => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    for (let i = 0; i < 12; i++) {
        await staff.json('POST', '/api/v1/people', {
            name: `Officer ${i}`,
            entity: 'وزارة الاقتصاد والسياحة',
        });
    }
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

async function openDesk(page: Page): Promise<void> {
    await page.context().addCookies([{ name: 'majlis', value: staff.token, url: server.url }]);
    await page.goto(`${server.url}/en/desk/${server.session}`);
    await page.getByTestId('tab-invitations').click();
}

test('everybody in one act, then cards on paper, eight on a sheet', async ({ page, browser }) => {
    test.setTimeout(patience(60_000));
    await openDesk(page);
    await page.getByTestId('open-invite-many').click();
    await page.getByTestId('invite-whom-everybody').click();
    await expect(page.getByTestId('invite-preview')).toContainText('12');
    await page.getByTestId('invite-now').click();
    await expect(page.getByTestId('invite-done')).toContainText('12');
    const rows = page.getByTestId('invitation');
    await expect(rows.filter({ hasText: 'Officer' })).toHaveCount(12);

    await page.getByTestId('find-invitation').fill('officer');
    await expect(rows).toHaveCount(12);
    await page.getByTestId('select-all').click();
    const [paper] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByTestId('print-selected').click(),
    ]);
    await paper.getByTestId('print-form').waitFor();
    await hold(paper, 'make-cards');
    const cards = paper.getByTestId('card');
    await expect(cards).toHaveCount(12);

    await paper.emulateMedia({ media: 'print' });
    await paper.setViewportSize({ width: 718, height: 1047 }); // A4 within its margins
    await expect(paper.locator('header')).toBeHidden();
    await expect(paper.getByTestId('print-now')).toBeHidden();
    const boxes = await cards.evaluateAll((all) =>
        all.map((one) => {
            const { left, top, bottom, right } = one.getBoundingClientRect();
            const inside = one.scrollWidth <= one.clientWidth;
            return { left, top, bottom, right, inside };
        }),
    );
    expect(boxes.every(({ inside }) => inside)).toBe(true);
    expect(new Set(boxes.map(({ left }) => Math.round(left))).size).toBe(2);
    expect(boxes[7].bottom - boxes[0].top).toBeLessThanOrEqual(1047);

    const url = String(await paper.getByTestId('card-url').first().textContent());
    const guest = await browser.newPage();
    await guest.goto(server.url + new URL(url).pathname);
    await guest.waitForURL(/\/s\//, { timeout: patience(10_000) });
    await guest.close();
    await paper.reload(); // the links were shown this once
    await paper.getByTestId('print-form').waitFor();
    await expect(cards).toHaveCount(0);
});

test('somebody registers, staff approve, and the link opens the session', async ({
    page,
    browser,
}) => {
    test.setTimeout(patience(60_000));
    await openDesk(page);
    await page.getByTestId('open-registration').click();
    await page.getByTestId('registration-approval').check();
    await page.getByTestId('save-registration').click();
    const address = await page.getByTestId('registration-url').inputValue();

    const visitor = await browser.newPage();
    await visitor.goto(address.replace('/ar/', '/en/'));
    await visitor.getByTestId('register-send').click();
    await visitor.getByTestId('field-error').waitFor();
    await visitor.getByTestId('register-name').fill('Reem');
    await visitor.getByTestId('register-email').fill('reem@somewhere.example');
    await visitor.getByTestId('register-send').click();
    await expect(visitor.getByTestId('registered')).toHaveAttribute('data-next', 'approval');

    await page.reload();
    await page.getByTestId('tab-invitations').click();
    await page.getByTestId('open-registration').click();
    const waiting = page.getByTestId('registered-person');
    await expect(waiting).toContainText('reem@somewhere.example');
    await page.getByTestId('approve-registration').click();
    const url = await page.getByTestId('new-link-url').inputValue();
    await expect(waiting).toHaveAttribute('data-state', 'approved');
    await visitor.goto(server.url + new URL(url).pathname);
    await visitor.waitForURL(/\/s\//, { timeout: patience(10_000) });
    await visitor.close();
});
