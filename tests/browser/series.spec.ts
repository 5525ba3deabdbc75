// SPDX-License-Identifier: GPL-3.0-or-later
// Staff write a series and a speaker, a session takes from both; an officer reads the speaker's page and finds them.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Session } from '../lib/api';
import { odp, pdf, png } from '../lib/files';
import { hold } from '../lib/page';
import { Server, staffLink } from '../lib/server';

test.describe.configure({ mode: 'serial' }); // one story

let server: Server;
let staff: Api;
let context: BrowserContext;
let page: Page;
let session: Session;

test.beforeAll(async ({ browser }) => {
    server = await Server.start({ command: 'serve' });
    const link = staffLink(server);
    staff = await Api.signIn(link);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ar-AE' });
    page = await context.newPage();
    await page.goto(link);
    await page.waitForURL('**/staff');
});
test.afterAll(async () => {
    await context?.close();
    expect(await server?.stop()).toBe(0);
});

const fill = (name: string, text: string) => page.getByTestId(name).fill(text);

test('a series and a speaker are written', async () => {
    await page.getByTestId('to-series').click();
    await page.getByTestId('new-entry').click();
    await fill('duration', '90');
    await page.getByTestId('save-entry').click();
    await expect(page.getByTestId('name-ar')).toHaveAttribute('aria-invalid', 'true');
    await fill('name-ar', 'لقاءات الاتصال');
    await page.getByTestId('agenda-add').click();
    await fill('agenda-ar', 'العرض');
    await fill('agenda-minutes', '٤٠');
    await page.getByTestId('colour-own').check();
    await fill('colour', '#ffee88');
    await page.getByTestId('reminders-own').check();
    await fill('reminders', '٣٠، 1440');
    await page.getByTestId('save-entry').click();
    await expect(page.getByTestId('colour')).toHaveAttribute('aria-invalid', 'true');
    await fill('colour', '#1f4e79');
    await page.getByTestId('save-entry').click();
    await expect(page.getByTestId('entry')).toContainText('لقاءات الاتصال');
    const { items } = await staff.json<{ items: object[] }>('GET', '/api/v1/series');
    expect(items[0]).toMatchObject({ colour: '#1f4e79', reminders: [1440, 30] });
    await page.goto(`${server.url}/ar/staff/speakers#new`);
    await fill('name-ar', 'مريم الكتبي');
    await fill('title-ar', 'خبيرة الاتصال');
    await fill('biography-ar', 'سيرة من سطرين\nوهذا الثاني');
    await page.getByTestId('save-entry').click();
    await expect(page.getByTestId('entry')).toContainText('خبيرة الاتصال');
});

test('a session takes the defaults of its series, and a speaker of the list', async () => {
    await page.goto(`${server.url}/ar/staff#new`);
    await page.getByTestId('session-series').selectOption({ label: 'لقاءات الاتصال' });
    await expect(page.getByTestId('agenda-minutes')).toHaveValue('40');
    await fill('title-ar', 'جلسة السلسلة');
    await fill('session-tags', 'أزمات، إعلام');
    await page.getByTestId('step-next').click();
    await page.getByTestId('speaker-choose').selectOption({ label: 'مريم الكتبي' });
    await expect(page.getByTestId('speaker-role-ar')).toHaveValue('خبيرة الاتصال');
    await page.getByTestId('step-next').click();
    await expect(page.getByTestId('duration')).toHaveValue('90');
    await fill('starts-at', '2031-05-01T11:00');
    await page.reload(); // the draft is kept
    await expect(page.getByTestId('draft-kept')).toBeVisible();
    await page.getByTestId('step-back').click();
    await expect(page.getByTestId('speaker-role-ar')).toHaveValue('خبيرة الاتصال');
    await page.getByTestId('step-next').click();
    await page.getByTestId('create-session').click();
    await page.waitForURL('**/desk/*');
    session = await staff.read(String(page.url().split('/').pop()));
    expect(session).toMatchObject({ number: 1, tags: ['أزمات', 'إعلام'], duration_minutes: 90 });
    expect(session.speakers[0]?.id).toBeTruthy();
    await page.goto(`${server.url}/ar/staff#copy=${session.id}`);
    await expect(page.getByTestId('session-number')).toHaveValue(''); // the next one
    await expect(page.getByTestId('draft-kept')).toHaveCount(0);
    await expect(page.getByTestId('session-tags')).toHaveValue('أزمات، إعلام');
    await page.goto(`${server.url}/ar/staff`);
    await expect(page.getByTestId('series-line')).toHaveText(/الجلسة\s1 · لقاءات الاتصال/);
});

const choose = (name: string, file: string, buffer: Buffer) =>
    page.getByTestId(name).setInputFiles({ name: file, mimeType: 'application/pdf', buffer });

test('pictures and materials are uploaded in the forms', async () => {
    await page.goto(`${server.url}/ar/staff/speakers`);
    await page.getByTestId('edit-entry').click();
    await choose('picture-file', 'portrait.png', pdf);
    await expect(page.getByTestId('error')).toContainText('PNG, JPEG, WebP');
    await expect(page.getByTestId('picture')).toHaveCount(0);
    await choose('picture-file', 'portrait.pdf', png());
    await expect(page.getByTestId('error')).toHaveCount(0);
    const shown = page.getByTestId('picture');
    await expect(shown).toBeVisible();
    await expect.poll(() => shown.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(8);
    await page.goto(`${server.url}/ar/staff/series`);
    await page.getByTestId('edit-entry').click();
    await choose('picture-file', 'series.png', png(20, 90, 60));
    await expect(page.getByTestId('picture')).toBeVisible();
    await page.getByTestId('picture-remove').click();
    await expect(page.getByTestId('picture')).toHaveCount(0);

    await page.goto(`${server.url}/ar/staff#edit=${session.id}`);
    await choose('picture-file', 'cover.png', png(90, 20, 60));
    await expect(page.getByTestId('picture')).toBeVisible();
    await choose('material-file', 'العرض.pdf', pdf);
    await expect(page.getByTestId('material-row')).toContainText('العرض');
    await fill('material-name', 'المراجع');
    await choose('material-file', 'references.odp', odp);
    await expect(page.getByTestId('material-row')).toHaveCount(2);
    await choose('material-file', 'large.pdf', Buffer.alloc(33 * 1024 * 1024));
    await expect(page.getByTestId('file-too-large')).toBeVisible();
    await fill('link-name', 'الدليل');
    await fill('link-url', 'guide.example');
    await page.getByTestId('link-add').click();
    await expect(page.getByTestId('link-url')).toHaveAttribute('aria-invalid', 'true');
    await fill('link-url', 'https://guide.example/comms');
    await page.getByTestId('link-add').click();
    await expect(page.getByTestId('material-row')).toHaveCount(3);
    // by keyboard: the focus stays with the row that moves, and the place is announced
    const rows = page.getByTestId('material-row');
    await page.getByTestId('material-up').nth(2).focus();
    await page.keyboard.press('Enter');
    await expect(rows.nth(1)).toContainText('الدليل');
    await expect(rows.nth(1).getByTestId('material-up')).toBeFocused();
    await page.getByTestId('material-down').nth(1).click();
    await expect(rows.nth(2)).toContainText('الدليل');
    await rows.nth(2).getByTestId('material-rename').click();
    await expect(page.getByTestId('rename-name')).toBeFocused();
    await page.getByTestId('rename-name').fill('الدليل الكامل');
    await page.keyboard.press('Enter');
    await expect(rows.nth(2)).toContainText('الدليل الكامل');
    await expect(rows.nth(2).getByTestId('material-rename')).toBeFocused();
    await page.getByTestId('material-remove').nth(1).click();
    await expect(page.getByTestId('material-row')).toHaveCount(2);
    const { materials, picture } = await staff.read(session.id);
    expect(materials.map(({ name }) => name)).toEqual(['العرض', 'الدليل الكامل']);
    expect(picture).toBeTruthy();
});

test('the second of two editors is told', async () => {
    await page.goto(`${server.url}/ar/staff/series`);
    await page.getByTestId('edit-entry').click();
    await fill('name-en', 'Talks of one');
    const { id } = session.series ?? { id: '' };
    await staff.json('PATCH', `/api/v1/series/${id}`, { name: { ar: 'لقاءات', en: 'Other' } });
    await page.getByTestId('save-entry').click();
    await page.getByTestId('reload').click();
    await expect(page.getByTestId('name-en')).toHaveValue('Other');
    await staff.json('PATCH', `/api/v1/series/${id}`, { name: { ar: 'لقاءات', en: 'Third' } });
    await hold(page, 'delete-entry');
    await page.getByTestId('reload').click();
    await expect(page.getByTestId('name-en')).toHaveValue('Third');
});

test('an officer reads who speaks, and finds by series', async ({ browser }) => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const other = await phone.newPage();
    await other.goto(await staff.invite(session.id, 'attendee', 'Officer'));
    await expect(other).not.toHaveURL(/\/i(\/|$)/);
    await other.goto(`${server.url}/ar/speakers/${session.speakers[0]?.id}`);
    await expect(other.getByTestId('entry-page')).toContainText('وهذا الثاني');
    await expect(other.getByTestId('entry-session')).toContainText('جلسة السلسلة');
    await expect(other.getByTestId('entry-picture')).toBeVisible();
    await other.goto(`${server.url}/ar/s/${session.id}`);
    await other.getByTestId('tab-materials').click();
    const [saved] = await Promise.all([
        other.waitForEvent('download'),
        other.getByTestId('material').first().getByRole('link').click(),
    ]);
    expect(saved.suggestedFilename()).toBe('العرض.pdf');
    await other.goto(`${server.url}/ar/`);
    await other.getByTestId('search').fill('الكتبي');
    await expect(other.locator('[data-testid=hit][data-kind=speaker]')).toHaveCount(1);
    await other.getByTestId('filter-kind').selectOption('session');
    await expect(other.getByTestId('hit')).toHaveCount(1);
    await expect(other).toHaveURL(/kind=session/);
    await other.getByTestId('filter-year').selectOption({ index: 3 });
    await expect(other.getByTestId('no-hits')).toBeVisible();
    await phone.close();
});
