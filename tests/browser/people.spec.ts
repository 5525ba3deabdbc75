// SPDX-License-Identifier: GPL-3.0-or-later
// Staff import a roster by keyboard alone, find somebody of it, and are told when a colleague was quicker.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type EntityList, type Person, type PersonList } from '../lib/api';
import { lookAtFocus } from '../lib/layout';
import { Server } from '../lib/server';
import { patience } from '../lib/time';

test.describe.configure({ mode: 'default' });

const MOST_STOPS = 80;

let server: Server;
let staff: Api;
let context: BrowserContext;
let page: Page;
let file = '';

const TEXT = [
    'الاسم;البريد;الجهة',
    'نورة الشامسي;noura@economy.example;وزارة الاقتصاد',
    'خالد البلوشي;khalid@economy;وزارة الاقتصاد',
    'مريم الهاشمي;maryam@economy.example;وزاره الإقتصاد',
    'سالم;salem@other.example;جهة أخرى',
].join('\r\n');

test.beforeAll(async ({ browser }) => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    file = join(server.data, 'roster.csv');
    writeFileSync(file, execFileSync('iconv', ['-f', 'UTF-8', '-t', 'CP1256'], { input: TEXT }));
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ar-AE' });
    page = await context.newPage();
    await page.goto(server.staff);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
});
test.afterAll(async () => {
    await context?.close();
    expect(await server?.stop()).toBe(0);
});

/** Tab until the focus is there. */
async function to(selector: string): Promise<void> {
    await page.locator(selector).first().waitFor();
    for (let stops = 0; stops < MOST_STOPS; stops++) {
        if (await page.evaluate((one) => document.activeElement?.matches(one), selector)) {
            return;
        }
        await page.keyboard.press('Tab');
        expect((await lookAtFocus(page))?.findings ?? []).toEqual([]);
    }
    throw new Error(`Tab does not lead to ${selector}`);
}

async function press(id: string): Promise<void> {
    await to(`[data-testid=${id}]`);
    await page.keyboard.press('Enter');
}

test('an entity, then a roster of its people, by keyboard alone', async () => {
    await page.goto(`${server.url}/ar/staff/people`);
    await press('to-entities');
    await press('new-entity');
    await to('[data-testid=entity-ar]');
    await page.keyboard.type('وزارة الاقتصاد');
    await to('[data-testid=entity-code]');
    await page.keyboard.type('وزارة');
    await press('save-entity');
    await expect(page.getByTestId('field-error')).toBeVisible();
    await expect(page.getByTestId('entity-code')).toBeFocused();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('MOEC');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('entity')).toHaveCount(1);

    await press('back');
    await press('to-import');
    await press('read-roster'); // no file yet
    await expect(page.getByTestId('field-error')).toBeVisible();
    await to('[data-testid=roster-file]');
    await expect(async () => {
        const chooser = page.waitForEvent('filechooser', { timeout: patience(2000) });
        await page.keyboard.press('Enter'); // the form may just be drawing its refusal
        await (await chooser).setFiles(file);
    }).toPass();
    await press('read-roster');
    await expect(page.getByTestId('step-2')).toBeFocused();
    await expect(page.getByTestId('review')).toContainText('Windows-1256');
    await expect(page.getByTestId('only-refused')).toHaveAttribute('data-count', '2');
    await expect(page.getByTestId('roster-line')).toHaveCount(2);
    await expect(page.getByTestId('roster-line').first()).toHaveAttribute('data-line', '3');
    expect((await staff.json<PersonList>('GET', '/api/v1/people?q=economy')).items).toEqual([]);
    await press('only-new');
    await expect(page.getByTestId('roster-line')).toHaveCount(2);
    await press('take-roster');
    await expect(page.getByTestId('step-3')).toBeFocused();
    await press('to-people');
    await to('[data-testid=find-people]');
    await page.keyboard.type('نوره');
    await expect(page.getByTestId('person')).toHaveCount(1);
    await expect(page.getByTestId('person')).toContainText('وزارة الاقتصاد');
});

test('the second of two editors is told, and shown what is there', async () => {
    const [noura] = (await staff.json<PersonList>('GET', '/api/v1/people?q=noura')).items;
    await page.goto(`${server.url}/en/staff/people#edit=${noura.id}`);
    await expect(page.getByTestId('person-name')).toHaveValue('نورة الشامسي');
    await staff.json<Person>('PATCH', `/api/v1/people/${noura.id}`, { name: 'نورة علي' });
    await page.getByTestId('person-name').fill('Noura');
    await page.getByTestId('save-person').click();
    await page.getByTestId('reload').click();
    await expect(page.getByTestId('person-name')).toHaveValue('نورة علي');
    await page.getByTestId('person-email').fill('maryam@economy.example');
    await page.getByTestId('save-person').click();
    await expect(page.getByTestId('field-error')).toContainText('مريم الهاشمي');
    const { items } = await staff.json<EntityList>('GET', '/api/v1/entities');
    expect(items[0].people).toBe(2);
});
