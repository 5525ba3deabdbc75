// SPDX-License-Identifier: GPL-3.0-or-later
// The staff's console: sessions by filter and month, a session's steps, recordings changed many at once, settings.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Session, type SettingList } from '../lib/api';
import { Server } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' });

let server: Server;
let staff: Api;
let context: BrowserContext;
let page: Page;

const create = (title: string, starts_at: string, more = {}) =>
    staff.json<Session>('POST', '/api/v1/sessions', {
        title: { ar: title, en: title },
        starts_at,
        ...more,
    });

test.beforeAll(async ({ browser }) => {
    server = await Server.start();
    staff = await Api.signIn(server.staff);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ar-AE' });
    page = await context.newPage();
    await page.goto(server.staff);
    await page.waitForURL('**/staff');
});
test.afterAll(async () => {
    await context?.close();
    expect(await server?.stop()).toBe(0);
});

test('sessions are found by words, and a month is walked by keys', async () => {
    const first = await create('لقاء أول', '2030-01-15T06:00:00Z');
    const late = await create('لقاء متأخر', '2030-01-31T21:00:00Z'); // the first of February, in the UAE
    await page.goto(`${server.url}/ar/staff`);
    await page.getByTestId('list-words').fill('اول');
    await expect(page.getByTestId('session')).toHaveCount(1);
    await expect(page.getByTestId('session')).toHaveAttribute('data-session-id', first.id);
    await page.getByTestId('list-words').fill('لا شيء');
    await expect(page.getByTestId('no-sessions')).toBeVisible();
    await page.getByTestId('list-clear').click();
    await expect(page.locator(`[data-session-id="${late.id}"]`)).toBeVisible();

    await page.goto(`${server.url}/ar/staff#month=2030-01`);
    const grid = page.getByTestId('month-grid');
    const day = (text: string) => grid.locator(`[data-day="${text}"]`);
    await expect(day('2030-01-15').getByTestId('month-session')).toHaveCount(1);
    await expect(day('2030-02-01').getByTestId('month-session')).toHaveCount(1);
    await day('2030-01-01').focus();
    await page.keyboard.press('ArrowLeft'); // right to left: the next day
    await expect(day('2030-01-02')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(day('2030-01-09')).toBeFocused();
    await page.keyboard.press('PageDown');
    await expect(page.getByTestId('month')).toHaveAttribute('data-month', '2030-02');
    await expect(day('2030-02-09')).toBeFocused();
    expect(new URL(page.url()).hash).toBe('#month=2030-02');
    await page.reload(); // the month is in the address
    await expect(page.getByTestId('month')).toHaveAttribute('data-month', '2030-02');

    await page.setViewportSize({ width: 390, height: 844 });
    await expect(page.getByTestId('month-agenda').getByTestId('month-session')).toHaveCount(1);
    await expect(grid).toHaveCount(0);
    await page.setViewportSize({ width: 1280, height: 800 });
});

test('one menu is there for those who cannot see, at each width', async () => {
    for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await expect(page.getByRole('navigation', { name: 'القائمة الرئيسية' })).toHaveCount(1);
    }
});

test('a desk says what is missing, and leads to where it is mended', async () => {
    const { id } = await create('ناقصة', '2030-02-01T10:00:00Z');
    await page.goto(`${server.url}/ar/desk/${id}`);
    const gap = (name: string) => page.locator(`[data-testid=flow-gap][data-gap=${name}]`);
    for (const name of ['speaker', 'agenda', 'nobody', 'speakerLink', 'rehearsal']) {
        await expect(gap(name)).toBeVisible();
    }
    await gap('nobody').click();
    await expect(page.getByTestId('tab-invitations')).toBeFocused();
    await expect(page.getByTestId('invitation-name')).toBeVisible();
    await gap('rehearsal').click();
    await expect(page.locator('#run')).toBeFocused();
    await gap('speaker').click();
    await expect(page.getByTestId('title-ar')).toHaveValue('ناقصة');
    await staff.json('PATCH', `/api/v1/sessions/${id}`, { speakers: [{ name: { ar: 'مريم' } }] });
    await staff.invite(id, 'attendee', 'Noura');
    await page.goto(`${server.url}/ar/desk/${id}`);
    await expect(gap('agenda')).toBeVisible();
    await expect(gap('speaker')).toHaveCount(0);
    await expect(gap('nobody')).toHaveCount(0);
});

test('recordings are taken back many at once, and a reload shows what became of it', async () => {
    await staff.state(server.session, 'ended');
    await until('the recording is made', 60_000, async () => {
        const { state, recording } = await staff.read(server.session);
        return state === 'published' && recording.mp4 === 'ready';
    });
    await page.goto(`${server.url}/ar/staff/recordings`);
    const row = page.locator(`[data-recording-id="${server.session}"]`);
    const chip = (state: string) =>
        row.locator(`[data-testid=recording-chip][data-state=${state}]`);
    await expect(chip('published')).toBeVisible({ timeout: patience(5000) });
    await expect(page.getByTestId('total')).toHaveAttribute('data-count', '1');
    await row.getByTestId('choose').check();
    await page.getByTestId('act-kind').selectOption('unpublish');
    await page.getByTestId('act-apply').focus();
    await page.keyboard.down('Enter');
    const act = page.getByTestId('act');
    await expect(act).toHaveAttribute('data-ended', 'true', { timeout: patience(5000) });
    await page.keyboard.up('Enter');
    await expect(act).toHaveAttribute('data-refused', '0');
    await expect(chip('unpublished')).toBeVisible();
    expect((await staff.read(server.session)).state).toBe('ended');
    await page.reload();
    await expect(act).toHaveAttribute('data-act', 'unpublish');
    await expect(page.getByTestId('choice')).toHaveAttribute('data-count', '0');
    await page.getByTestId('list-state').selectOption('published');
    await expect(page.getByTestId('no-recordings')).toBeVisible();
    await page.getByTestId('list-clear').click();
    await expect(row).toBeVisible();
});

test('settings show what the file sets, and lead to what is set here', async () => {
    await page.goto(`${server.url}/ar/staff/settings`);
    const encoder = page.locator('[data-testid=setting][data-name="programme.encoder"]');
    await expect(encoder).toContainText('small');
    await expect(encoder).toHaveAttribute('data-origin', 'file');
    await page.getByTestId('change-entities').click();
    await expect(page.getByRole('heading', { name: 'الجهات', level: 1 })).toBeVisible();
});

test('an admin changes settings by keys, is told at the field what is wrong, and gives them back', async ({
    browser,
}) => {
    await page.goto(`${server.url}/ar/staff/settings`); // staff see who may
    const shown = page.locator('[data-testid=setting][data-name="mail.reminders"]');
    await expect(shown).toHaveAttribute('data-origin', 'default');
    await expect(page.getByTestId('setting-form')).toHaveCount(0);

    const admin = await Api.signIn(server.admin);
    const inUse = async (section: string, name: string) => {
        const { items } = await admin.json<SettingList>('GET', '/api/v1/settings');
        return items.find((one) => one.section === section && one.name === name)?.value;
    };
    const own = await browser.newContext({ locale: 'ar-AE' });
    const desk = await own.newPage();
    await desk.goto(server.admin);
    await desk.waitForURL('**/staff');
    await desk.goto(`${server.url}/ar/staff/settings`);
    const row = (name: string) => desk.locator(`[data-testid=setting][data-name="${name}"]`);
    const write = async (name: string, text: string) => {
        const field = desk.getByTestId(`setting-${name}`);
        await field.focus();
        await desk.keyboard.press('ControlOrMeta+a');
        await desk.keyboard.type(text);
        await desk.keyboard.press('Enter');
        return field;
    };
    const reminders = row('mail.reminders');
    const field = await write('mail.reminders', 'غدًا');
    await expect(reminders.getByTestId('field-error')).toBeVisible();
    await expect(field).toBeFocused();
    await write('mail.reminders', '٢d، ٣٠m');
    await expect(reminders).toHaveAttribute('data-origin', 'page');
    await expect(reminders.getByTestId('field-error')).toHaveCount(0);
    expect(await inUse('mail', 'reminders')).toBe('2d, 30m');

    // another admin was faster
    await admin.json('PATCH', '/api/v1/settings', { mail: { per_minute: '7' } });
    await write('mail.per_minute', '9');
    await row('mail.per_minute').getByTestId('reload').click();
    await expect(desk.getByTestId('setting-mail.per_minute')).toHaveValue('7');
    await expect(row('mail.per_minute').getByTestId('error')).toHaveCount(0);
    await write('mail.per_minute', '9');
    await expect(row('mail.per_minute').getByTestId('save-setting')).toHaveCount(0);
    expect(await inUse('mail', 'per_minute')).toBe('9');

    await write('archive.keep_days', '30'); // would delete
    await desk.getByTestId('ask-cancel').click();
    expect(await inUse('archive', 'keep_days')).toBe('0');
    await write('archive.keep_days', '30');
    await desk.getByTestId('ask-confirm').click();
    await expect(row('archive.keep_days')).toHaveAttribute('data-origin', 'page');

    await row('mail.follow_ups').getByTestId('follow-live').uncheck();
    await row('mail.follow_ups').getByTestId('save-setting').press('Enter');
    await expect(row('mail.follow_ups')).toHaveAttribute('data-origin', 'page');
    await expect(row('mail.follow_ups').getByTestId('follow-live')).toBeFocused();
    expect(await inUse('mail', 'follow_ups')).toBe('recording, answers');
    await reminders.getByTestId('back-to-file').press('Enter');
    await expect(reminders).toHaveAttribute('data-origin', 'default');
    await expect(field).toHaveValue('1d, 1h');
    await expect(field).toBeFocused();
    await own.close();
});
