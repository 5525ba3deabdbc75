// SPDX-License-Identifier: GPL-3.0-or-later
// Staff prepare sessions and invite people: what is refused stands beside its field, in Arabic; an answer belongs to
// its request; what may be a slip is asked about.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Session } from '../lib/api';
import { Server } from '../lib/server';

test.describe.configure({ mode: 'default' });

const shots = process.env.MAJLIS_SHOTS; // a folder that keeps the screenshots
const LONG = 'ط'.repeat(190);

let server: Server;
let staff: Api;
let context: BrowserContext;
let page: Page;

const create = (title: string, starts_at: string, more = {}) =>
    staff.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: title, en: 'Title' },
        starts_at,
        ...more,
    });
const read = (id: string) => staff.json<Session>('GET', `/api/v1/sessions/${id}`);
/** Days from now, at a time of the UAE, as the field has it. */
const local = (days: number, time: string) =>
    `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${time}`;

test.beforeAll(async ({ browser }) => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    await staff.state(server.session, 'ended'); // nothing here needs a picture
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ar-AE' });
    page = await context.newPage();
    await page.goto(server.staff);
    await page.waitForURL('**/staff');
});

test.afterAll(async () => {
    await context?.close();
    expect(await server?.stop()).toBe(0);
});

async function invitations(id: string): Promise<void> {
    await page.goto(`${server.url}/ar/desk/${id}`);
    await page.getByTestId('tab-invitations').click();
    await expect(page.getByTestId('invitation-name')).toBeVisible();
}

const held = async (name: string) => {
    await page.getByTestId(name).focus();
    await page.keyboard.down('Enter');
    await page.waitForTimeout(900); // the time that such a button wants to be held
    await page.keyboard.up('Enter');
};

test('a refused invitation takes the link of the one before away', async () => {
    const { id } = await create('دعوات', '2031-01-01T10:00:00Z');
    await invitations(id);
    await page.getByTestId('invitation-name').fill('أحمد');
    await page.getByTestId('invitation-create').click();
    await expect(page.getByTestId('invitation-url')).toHaveValue(/\/ar\/i\//);
    await page.getByTestId('invitation-name').fill('ن'.repeat(801)); // longer than any limit of names there was
    await page.getByTestId('invitation-create').click();
    const name = page.getByTestId('invitation-name');
    await expect(page.getByTestId('field-error').or(page.getByTestId('error'))).toBeVisible();
    await expect(page.getByTestId('invitation-url')).toHaveCount(0);
    await expect(name).toHaveAttribute('aria-invalid', 'true');
    await expect(name).toBeFocused();
    const error = page.getByTestId('field-error');
    await expect(name).toHaveAttribute('aria-describedby', (await error.getAttribute('id')) ?? '');
    await expect(error).toContainText('200');
    expect(await error.innerText()).not.toMatch(/[A-Za-z]/);
    await name.fill('سارة'); // what was said of the former input goes with it
    await expect(error).toHaveCount(0);
    await expect(name).toHaveAttribute('aria-invalid', 'false');
});

test('a late answer never stands under newer input, and two clicks invite once', async () => {
    const { id } = await create('دعوات متأخرة', '2031-01-02T10:00:00Z');
    await invitations(id);
    let free: () => void = () => undefined;
    const wait = new Promise<void>((done) => {
        free = done;
    });
    await page.route('**/invitations', async (route) => {
        if (route.request().method() === 'POST') {
            await wait;
        }
        await route.continue();
    });
    await page.getByTestId('invitation-name').fill('خالد');
    await page.getByTestId('invitation-create').dblclick();
    await page.getByTestId('invitation-name').fill('نورة');
    free();
    const items = page.getByTestId('invitation').filter({ hasText: 'خالد' });
    await expect(items).toHaveCount(1);
    await expect(items.getByTestId('invitation-copy-again')).toBeVisible(); // not lost, and said whose it is
    await expect(page.getByTestId('invitation-url')).toHaveCount(0);
    await expect(page.getByTestId('invitation-name')).toHaveValue('نورة');
    await page.getByTestId('invitation-create').click();
    await expect(page.getByTestId('invitation-made')).toContainText('نورة');
    await expect(page.getByTestId('invitation').first()).toContainText('نورة'); // newest first
    await page.unroute('**/invitations');
});

test('a start in the past and a clash are asked about; Arabic digits count', async () => {
    await create('جلسة قائمة', new Date(`${local(3, '11:00')}:00+04:00`).toISOString());
    await page.goto(`${server.url}/ar/staff`);
    await page.getByTestId('new-session').click();
    await page.getByTestId('step-next').click();
    await expect(page.getByTestId('title-ar')).toBeFocused();
    await expect(page.getByTestId('field-error')).toHaveCount(1);
    await page.getByTestId('title-ar').fill('جلسة جديدة');
    await page.getByTestId('step-next').click();
    await expect(page.getByTestId('step-who')).toBeFocused();
    await page.getByTestId('step-next').click();
    await page.getByTestId('starts-at').fill(local(-1, '11:00'));
    await page.getByTestId('duration').fill('٤٥');
    await page.getByTestId('create-session').click();
    await expect(page.getByTestId('doubt-past')).toBeVisible();
    await page.getByTestId('doubts-no').click();
    await page.getByTestId('starts-at').fill(local(3, '11:30'));
    await page.getByTestId('create-session').click();
    await expect(page.getByTestId('doubt-clash')).toContainText('جلسة قائمة');
    await expect(page.getByTestId('doubt-past')).toHaveCount(0);
    if (shots) {
        await page.screenshot({ path: `${shots}/staff-doubts.png`, fullPage: true });
    }
    await page.getByTestId('doubts-yes').click();
    await page.waitForURL('**/desk/*');
    const made = await read(page.url().split('/').pop() ?? '');
    expect(made).toMatchObject({
        duration_minutes: 45,
        title: { ar: 'جلسة جديدة' },
        state: 'scheduled',
    });
});

test('a session is corrected, and a change of somebody else is not lost', async () => {
    const { id } = await create('قبل التعديل', '2031-02-01T10:00:00Z', {
        speakers: [{ name: { ar: 'المتحدث' } }],
    });
    await page.goto(`${server.url}/ar/staff`);
    await page.locator(`[data-session-id="${id}"]`).getByTestId('edit-session').click();
    await expect(page.getByTestId('title-ar')).toHaveValue('قبل التعديل');
    await expect(page.getByTestId('starts-at')).toHaveValue('2031-02-01T14:00');
    await page.getByTestId('title-ar').fill('بعد التعديل');
    await page.getByTestId('show-names').check();
    await staff.json('PATCH', `/api/v1/sessions/${id}`, { duration_minutes: 75 });
    await page.getByTestId('save-session').click();
    await expect(page.getByTestId('error')).toBeVisible();
    expect((await page.getByTestId('error').locator('p').first().innerText()).trim()).not.toMatch(
        /[A-Za-z]/,
    );
    expect(await read(id)).toMatchObject({ title: { ar: 'قبل التعديل' }, duration_minutes: 75 });
    await page.getByTestId('reload').click();
    await expect(page.getByTestId('duration')).toHaveValue('75');
    await page.getByTestId('title-ar').fill('بعد التعديل');
    await page.getByTestId('show-names').check();
    await page.getByTestId('speaker-name-ar').fill('ن'.repeat(201));
    await page.getByTestId('save-session').click();
    await expect(page.getByTestId('speaker-name-ar')).toBeFocused();
    await expect(page.getByTestId('field-error')).toContainText('200');
    await page.getByTestId('speaker-name-ar').fill('متحدث آخر');
    await page.getByTestId('save-session').click();
    await expect(page.locator(`[data-session-id="${id}"]`)).toContainText('بعد التعديل');
    expect(await read(id)).toMatchObject({
        title: { ar: 'بعد التعديل' },
        duration_minutes: 75,
        show_names: true,
    });
});

test('a session is copied, cancelled and deleted', async () => {
    const { id } = await create('الأصل', '2031-03-01T10:00:00Z', { duration_minutes: 90 });
    await page.goto(`${server.url}/ar/staff`);
    await page.locator(`[data-session-id="${id}"]`).getByTestId('copy-session').click();
    await expect(page.getByTestId('title-ar')).toHaveValue('الأصل');
    await expect(page.getByTestId('starts-at')).toHaveValue('');
    await page.getByTestId('starts-at').fill('2031-04-01T11:00');
    await page.getByTestId('create-session').click();
    await page.waitForURL('**/desk/*');
    const copy = page.url().split('/').pop() ?? '';
    expect(await read(copy)).toMatchObject({ title: { ar: 'الأصل' }, duration_minutes: 90 });
    await page.goto(`${server.url}/ar/staff#edit=${copy}`);
    await held('cancel-session');
    await expect(
        page.getByTestId('sessions-past').locator(`[data-session-id="${copy}"]`),
    ).toBeVisible();
    expect((await read(copy)).state).toBe('cancelled');
    await page.locator(`[data-session-id="${copy}"]`).getByTestId('edit-session').click();
    await held('delete-session');
    await expect(page.locator(`[data-session-id="${copy}"]`)).toHaveCount(0);
    expect((await staff.ask('GET', `/api/v1/sessions/${copy}`)).status).toBe(404);
});

test('a bad link is called one, and there is no password form', async ({ browser }) => {
    const made = await staff.json<{ id: string; url: string }>(
        'POST',
        `/api/v1/sessions/${server.session}/invitations`,
        { name: 'ملغى' },
    );
    await staff.ask('DELETE', `/api/v1/sessions/${server.session}/invitations/${made.id}`);
    const nobody = await browser.newContext();
    const other = await nobody.newPage();
    for (const [code, words] of [
        ['cut', 'غير مكتمل'],
        ['abcdefghijkmnpqrstuvwxyz23', 'غير صحيح'],
        [made.url.split('/').pop(), 'أُلغيت'],
    ]) {
        await other.goto(`${server.url}/ar/i/${code}`);
        await expect(other.getByTestId('error')).toContainText(words ?? '');
    }
    await other.goto(`${server.url}/ar/sign-in`);
    await expect(other.getByTestId('sign-in-code')).toBeVisible();
    await expect(other.locator('input[type=password], input[type=email]')).toHaveCount(0);
    await other.getByTestId('sign-in-code').fill('١٢٣');
    await other.getByTestId('sign-in-enter').click();
    await expect(other.getByTestId('error')).toContainText('غير مكتمل');
    await nobody.close();
});

test('a skeleton stands before the script runs, and goes', async ({ browser }) => {
    const bare = await browser.newContext({ javaScriptEnabled: false });
    const other = await bare.newPage();
    await other.goto(`${server.url}/ar/`);
    await expect(other.locator('#before .skeleton').first()).toBeVisible();
    await bare.close();
    await page.goto(`${server.url}/ar/staff`);
    await expect(page.getByTestId('sessions')).toBeVisible();
    await expect(page.locator('#before')).toBeHidden();
});

test('long words scroll no page sideways', async () => {
    await create(LONG, '2031-05-01T10:00:00Z', {
        speakers: [{ name: { ar: LONG }, role: { ar: LONG } }],
    });
    for (const [width, height] of [
        [320, 568],
        [640, 400],
        [1280, 800],
    ]) {
        await page.setViewportSize({ width: width ?? 0, height: height ?? 0 });
        for (const [path, ready] of [
            ['staff', 'sessions'],
            ['staff#new', 'session-form'],
            ['recordings', ''],
            ['sign-in', 'sign-in-code'],
        ]) {
            await page.goto('about:blank'); // a fragment alone would not load the page again
            await page.goto(`${server.url}/ar/${path}`);
            await expect(ready ? page.getByTestId(ready) : page.locator('main h1')).toBeVisible();
            const over = await page.evaluate(
                () => document.documentElement.scrollWidth - innerWidth,
            );
            expect(over, `${path} at ${width}x${height}`).toBeLessThanOrEqual(0);
            if (shots) {
                await page.screenshot({ path: `${shots}/${path.replace('#', '-')}-${width}.png` });
            }
        }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
});
