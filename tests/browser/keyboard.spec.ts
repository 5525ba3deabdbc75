// SPDX-License-Identifier: GPL-3.0-or-later
// One session from its creation to the shared recording, without a pointer: staff and an officer use only keys after each
// has opened a personal link. Wherever Tab leads the focus can be seen, is not covered and is not caught.

import { type Browser, expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { lookAtFocus } from '../lib/layout';
import { held } from '../lib/page';
import { Server, staffLink } from '../lib/server';
import { patience, until } from '../lib/time';

const MOST_STOPS = 160;

/** A person at a keyboard. */
class Keys {
    constructor(readonly page: Page) {}

    press(key: string): Promise<void> {
        return this.page.keyboard.press(key);
    }

    type(text: string): Promise<void> {
        return this.page.keyboard.type(text);
    }

    private has(selector: string): Promise<boolean> {
        return this.page.evaluate(
            (wanted) => document.activeElement?.matches(wanted) ?? false,
            selector,
        );
    }

    /** Tab until the focus is on `selector`. */
    async to(selector: string): Promise<void> {
        await this.page
            .locator(selector)
            .first()
            .waitFor({ timeout: patience(15_000) });
        for (let stops = 0; stops < MOST_STOPS; stops++) {
            if (await this.has(selector)) {
                return;
            }
            await this.press('Tab');
            const stop = await lookAtFocus(this.page);
            if (stop && stop.findings.length > 0) {
                await expect
                    .poll(
                        async () => (await lookAtFocus(this.page))?.findings,
                        `${stop.name}, on the way to ${selector}`,
                    )
                    .toEqual([]);
            }
        }
        throw new Error(`Tab does not lead to ${selector}`);
    }

    async enter(id: string): Promise<void> {
        await this.to(`[data-testid=${id}]`);
        await this.press('Enter');
    }

    async write(id: string, text: string): Promise<void> {
        await this.to(`[data-testid=${id}]`);
        await this.type(text);
    }

    /** Shows `tab` by the arrow keys, unless it is shown. */
    async tab(name: string): Promise<void> {
        const tab = `[data-testid=tab-${name}]`;
        await this.to(
            `[role=tablist]:has(${tab}) [role=tab][tabindex="0"], ${tab}:not([tabindex="-1"])`,
        );
        for (let steps = 0; steps < 8 && !(await this.has(tab)); steps++) {
            await this.press('ArrowLeft');
        }
        expect(await this.has(tab), `the arrow keys lead to ${name}`).toBe(true);
        await this.press('Enter');
    }

    async hold(id: string, key = 'Enter'): Promise<void> {
        await this.to(`[data-testid=${id}]`);
        await this.page.keyboard.down(key);
        await held(this.page, id);
        await this.page.keyboard.up(key);
    }
}

async function person(browser: Browser, link: string): Promise<Keys> {
    const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(link);
    await expect(page).not.toHaveURL(/\/i(\/|$)/);
    return new Keys(page);
}

/** A field for date and time, part by part. */
async function writeTime(keys: Keys, at: Date): Promise<void> {
    await keys.to('[data-testid=starts-at]');
    const [date, time] = new Date(at.getTime() + 4 * 3_600_000).toISOString().split('T');
    const [year, month, day] = date.split('-');
    const [hour, minute] = time.split(':').map(Number);
    const two = (n: number) => String(n).padStart(2, '0');
    await keys.type(month + day + year);
    await keys.press('ArrowRight');
    await keys.type(`${two(hour % 12 || 12)}${two(minute)}${hour < 12 ? 'AM' : 'PM'}`);
    await expect(keys.page.getByTestId('starts-at')).toHaveValue(
        `${date}T${two(hour)}:${two(minute)}`,
    );
}

test('a session by keys alone, from its creation to the shared recording @plain', async ({
    browser,
}) => {
    const server = await Server.start({
        command: 'serve',
        conf: { rtc: { listen: '127.0.0.1:0' }, programme: { encoder: 'small' } },
    });
    try {
        const staff = await person(browser, staffLink(server, 'Staff'));
        const api = new Api(server.url);
        const { page } = staff;

        await test.step('staff create a session and invite an officer', async () => {
            await staff.enter('new-session');
            await staff.write('title-ar', 'جلسة بلوحة المفاتيح');
            await staff.write('title-en', 'A session by keyboard');
            await staff.enter('agenda-add');
            await staff.write('agenda-ar', 'كلمة الافتتاح');
            await staff.enter('step-next');
            await staff.enter('step-next');
            await writeTime(staff, new Date(Date.now() + 120_000));
            await staff.enter('create-session');
            await expect(page).toHaveURL(/\/desk\//);
            await staff.tab('invitations');
            await staff.write('invitation-name', 'نورة');
            await staff.enter('invitation-create');
        });
        const link = await page.getByTestId('invitation-url').inputValue();
        const session = new URL(page.url()).pathname.split('/').pop() ?? '';
        api.token = (await Api.signIn(link)).token;
        const program = await Api.signIn(staffLink(server, 'Program')); // for what is not this test's
        const allMade = async () =>
            (await program.read(session)).recording.steps.every(({ state }) => state === 'ready');

        await test.step('staff open the lobby and start', async () => {
            await staff.hold('lobby');
            await staff.hold('start', ' ');
            await expect(page.getByTestId('state-chip').first()).toHaveAttribute(
                'data-state',
                'live',
            );
        });
        const liveAt = Date.now();
        const officer = await person(browser, link);

        await test.step('the officer turns the sound on and asks', async () => {
            const video = officer.page.getByTestId('video');
            await expect(video).toHaveAttribute('data-state', 'playing', {
                timeout: patience(10_000),
            });
            await officer.enter('tap-for-sound');
            expect(await video.evaluate((element) => (element as HTMLVideoElement).muted)).toBe(
                false,
            );
            await officer.write('ask-input', 'كيف نقيس الأثر؟');
            await officer.enter('ask-send');
            await expect(
                officer.page.locator('[data-question-id][data-mine=true]'),
            ).toHaveAttribute('data-state', 'pending');
        });

        await test.step('staff approve it, put it on air and mark it answered', async () => {
            const question = page
                .locator('[data-question-id]', { hasText: 'كيف نقيس الأثر؟' })
                .first();
            await expect(question).toBeVisible();
            await staff.enter('approve');
            await staff.tab('approved');
            await staff.enter('on-air');
            await expect(officer.page.locator('[data-question-id][data-state=on_air]')).toHaveCount(
                1,
            );
            await staff.tab('on_air');
            await staff.enter('answered');
            await expect(
                officer.page.locator('[data-question-id][data-state=answered]'),
            ).toHaveCount(1);
        });

        await test.step('the officer votes for another one', async () => {
            const other = await Api.signIn(await program.invite(session, 'attendee', 'خالد'));
            const { id } = await other.json<{ id: string }>(
                'POST',
                `/api/v1/sessions/${session}/questions`,
                { text: 'وما الخطوة التالية؟' },
            );
            await staff.tab('pending');
            await staff.enter('approve');
            await officer.to(`[data-question-id="${id}"] [data-testid=vote]`);
            await officer.press(' ');
            await expect(
                officer.page.locator(`[data-question-id="${id}"] [data-testid=vote]`),
            ).toHaveAttribute('aria-pressed', 'true');
        });

        await test.step('staff end the session and publish it', async () => {
            await expect.poll(() => Date.now() - liveAt, { timeout: 20_000 }).toBeGreaterThan(6000); // enough to cut something
            await staff.hold('end');
            await staff.hold('publish');
            await expect(page.getByTestId('state-chip').first()).toHaveAttribute(
                'data-state',
                'published',
            );
            await until('its files are there', 30_000, allMade);
        });

        await test.step('staff set a chapter and the beginning', async () => {
            await staff.enter('edit-recording');
            await expect(page).toHaveURL(/\/recordings\//);
            await staff.write('chapter-title', 'فصل جديد');
            await staff.enter('chapter-add');
            await expect(
                page.locator('[data-testid=chapters] li', { hasText: 'فصل جديد' }),
            ).toHaveCount(1);
            await staff.to('[data-testid=trim-in]');
            await staff.press('Control+A');
            await staff.type('0:02');
            await staff.enter('trim-apply');
            const refused = page.locator('[data-testid=error], [data-testid=field-error]');
            await until('it is made anew', 30_000, async () => {
                if (await refused.count()) {
                    await until('the chapter is in its files', 30_000, allMade);
                    await staff.enter('trim-apply'); // as the refusal says
                }
                const { recording } = await api.json<{
                    recording: { duration_ms: number; playlist: boolean; in_ms: number | null };
                }>('GET', `/api/v1/sessions/${session}`);
                return recording.playlist && recording.in_ms !== null;
            });
        });

        await test.step('the officer watches the recording and shares a moment of it', async () => {
            await officer.enter('recording-link');
            const video = officer.page.getByTestId('video');
            const at = () => video.evaluate((element) => (element as HTMLVideoElement).currentTime);
            await officer.enter('play');
            await expect.poll(at, { timeout: patience(15_000) }).toBeGreaterThan(1.2);
            await officer.press('k');
            await officer.enter('share');
            await expect(officer.page).toHaveURL(/#t=\d/);
            const shared = officer.page.url();
            const again = await officer.page.context().newPage();
            await again.goto(shared);
            await expect
                .poll(
                    () =>
                        again
                            .getByTestId('video')
                            .evaluate((element) => (element as HTMLVideoElement).currentTime),
                    { timeout: patience(15_000) },
                )
                .toBeGreaterThan(0.9);
        });
    } finally {
        await server.stop();
    }
});
