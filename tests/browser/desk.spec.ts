// SPDX-License-Identifier: GPL-3.0-or-later
// The desk in Chromium: its strip, alarms, tabs, what it says of a server that is gone, and after the end.
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api } from '../lib/api';
import { hold } from '../lib/page';
import { Server } from '../lib/server';
import { patience, until, wait } from '../lib/time';

test.describe.configure({ mode: 'serial' });

const SIZES = [
    [640, 400],
    [844, 390],
    [390, 844],
    [320, 568],
];

let server: Server;
let staff: Api;
let context: BrowserContext;
let desk: Page;

test.beforeAll(async ({ browser }) => {
    server = await Server.start({ conf: { programme: { encoder: 'small' } } });
    staff = await Api.signIn(server.staff);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    desk = await context.newPage();
    await desk.goto(server.staff);
    await expect(desk).not.toHaveURL(/\/i(\/|$)/);
});
test.afterAll(async () => {
    await context?.close();
    await server?.stop();
});

const open = (lang = 'en', session = server.session) =>
    desk.goto(`${server.url}/${lang}/desk/${session}`);
const cell = (name: string) => desk.getByTestId(`strip-${name}`);

/** Live values that do not say they are old, and words or colours that claim something. */
const claims = () =>
    desk.evaluate(() => {
        const live = [...document.querySelectorAll<HTMLElement>('[data-old]')];
        const fresh = live
            .filter((one) => one.dataset.old !== 'true')
            .map((one) => one.dataset.testid ?? one.textContent?.slice(0, 40));
        const green = [...document.querySelectorAll('[data-level=good], .chip-green')].map((one) =>
            one.textContent?.slice(0, 40),
        );
        return { values: live.length, fresh, green };
    });

test('the strip says what matters and stays in sight; health is in its tab', async () => {
    await open();
    for (const name of ['on-air', 'recording', 'source', 'sound', 'link']) {
        await expect(cell(name), name).toHaveAttribute('data-level', 'good');
    }
    await expect(cell('recording')).toContainText(/Recording · [\d.]+.s ago/);
    await expect(cell('viewers')).toContainText(/\d \(WebRTC \d+.* · HLS \d+\)/);
    await expect(desk.getByTestId('strip')).toHaveAttribute('data-alarm', '');
    await desk.getByTestId('tab-health').click();
    await expect(desk.getByTestId('recording-light')).toContainText('on disk');
    const fps = async () => Number(await desk.getByTestId('plot-fps').getAttribute('data-value'));
    await until('pictures are counted', 15_000, async () => (await fps()) > 5);
    await desk.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    expect((await desk.getByTestId('strip').boundingBox())?.y).toBe(0);
});

test('tabs by keys: one stop, arrows in reading direction, a draft stays', async () => {
    await open('ar');
    const first = desk.getByTestId('tab-agenda');
    await first.focus();
    await desk.keyboard.press('ArrowLeft'); // forward, from right to left
    await expect(desk.getByTestId('tab-message')).toBeFocused();
    await expect(desk.getByTestId('tab-message')).toHaveAttribute('aria-selected', 'true');
    await desk.getByTestId('message-input').fill('سؤال أخير');
    await desk.getByTestId('tab-message').focus();
    await desk.keyboard.press('Home');
    await expect(first).toBeFocused();
    await expect(desk.getByTestId('message-input')).toBeHidden();
    await desk.keyboard.press('ArrowLeft');
    await expect(desk.getByTestId('message-input')).toHaveValue('سؤال أخير');
});

test('long words wrap, and nothing that has the focus is covered, at four sizes', async () => {
    const person = await Api.signIn(await staff.invite(server.session, 'attendee', 'ن'.repeat(90)));
    for (const text of ['ا'.repeat(280), `https://example.org/${'a'.repeat(250)}`]) {
        await person.json('POST', `/api/v1/sessions/${server.session}/questions`, {
            text,
            anonymous: false,
        });
    }
    await open();
    await expect(desk.locator('[data-question-id]')).toHaveCount(2);
    for (const [width, height] of [[1280, 800], ...SIZES]) {
        await desk.setViewportSize({ width, height });
        await desk.evaluate(() => scrollTo(0, 0));
        const outside = await desk.evaluate(() => [
            document.documentElement.scrollWidth - document.documentElement.clientWidth,
            ...[...document.querySelectorAll('[data-question-id], [data-question-id] button')]
                .map((one) => one.getBoundingClientRect())
                .map((box) => Math.max(-box.left, box.right - innerWidth)),
        ]);
        expect(Math.max(...outside), `beyond the edge at ${width}x${height}`).toBeLessThanOrEqual(
            0,
        );
    }
    for (const [width, height] of SIZES) {
        await desk.setViewportSize({ width, height });
        const { covered, names } = await desk.evaluate(() => {
            scrollTo(0, 0);
            const all = [
                ...document.querySelectorAll<HTMLElement>(
                    'a[href], button:not(:disabled), input, textarea, summary',
                ),
            ];
            const reached = all.filter((one) => one.tabIndex >= 0 && one.checkVisibility());
            const hidden = reached.filter((one) => {
                one.focus();
                const box = one.getBoundingClientRect();
                const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return (
                    !one.contains(at) && !one.matches('.skip, [type=range]') && !at?.contains(one)
                );
            });
            const name = (one: HTMLElement) =>
                one.dataset.testid ?? one.textContent?.slice(0, 30) ?? '';
            return { covered: hidden.map(name), names: reached.map(name) };
        });
        expect(covered, `covered with the focus at ${width}x${height}`).toEqual([]);
        for (const name of ['pause', 'end', 'tab-questions', 'approve', 'alarm-mute']) {
            expect(names, `at ${width}x${height}`).toContain(name);
        }
    }
    await desk.setViewportSize({ width: 1280, height: 800 });
});

test('a failing source is an alarm with words; muting it is remembered', async () => {
    await desk.route('**/api/v1/health*', async (route) => {
        const answer = await route.fetch().catch(() => null);
        if (!answer) {
            return route.abort();
        }
        const health = await answer.json();
        for (const one of health.sessions) {
            Object.assign(one.programme, { state: 'failed', text: 'no such device' });
        }
        return route.fulfill({ response: answer, json: health });
    });
    await open();
    const trouble = desk.getByTestId('trouble');
    await expect(trouble).toContainText(
        'The source has failed. Attendees see a still card. Check the camera',
    );
    await expect(desk.getByTestId('strip')).toHaveAttribute('data-alarm', 'source');
    await expect(cell('source')).toHaveAttribute('data-level', 'alarm');
    const mute = desk.getByTestId('alarm-mute');
    await expect(mute).toHaveAttribute('aria-pressed', 'false');
    await mute.click();
    await desk.reload();
    await expect(mute).toHaveAttribute('aria-pressed', 'true');
    await mute.click();
    await desk.unrouteAll({ behavior: 'wait' }); // a request may be under way
    await expect(desk.getByTestId('trouble')).toHaveCount(0);
});

test('a server that stands still is noticed: nothing claims, clocks stop, all comes back by itself', async () => {
    await open();
    await desk.getByTestId('tab-health').click();
    await expect(cell('recording')).toHaveAttribute('data-level', 'good');
    server.process.kill('SIGSTOP');
    const stopped = Date.now();
    try {
        await until('every value is old', 12_000, async () => {
            const { fresh, green } = await claims();
            return fresh.length === 0 && green.length === 0;
        });
        console.log(
            `printed: a stopped server is marked on the desk after ${((Date.now() - stopped) / 1000).toFixed(1)} s`,
        );
        const { values } = await claims();
        expect(values).toBeGreaterThanOrEqual(9);
        await expect(desk.getByTestId('trouble')).toContainText(
            /does not answer this desk · not heard for \d+.s/,
        );
        const clocks = async () => [
            await desk.getByTestId('elapsed').textContent(),
            await desk.getByTestId('strip-clock').textContent(),
        ];
        const before = await clocks();
        await wait(2500);
        expect(await clocks()).toEqual(before);
    } finally {
        server.process.kill('SIGCONT');
    }
    await until('all is fresh again', 25_000, async () => {
        const { fresh, values } = await claims();
        return fresh.length === values && (await desk.getByTestId('trouble').count()) === 0;
    });
});

test('a lobby that was opened in error is left by cancelling, after a question', async () => {
    const { id } = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title: { en: 'Opened in error' },
        starts_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await staff.state(id, 'lobby');
    await open('en', id);
    await hold(desk, 'cancel');
    await desk.getByTestId('ask-cancel').click();
    await expect(desk.getByTestId('ask')).toHaveCount(0);
    await hold(desk, 'cancel');
    await desk.getByTestId('ask-confirm').click();
    await until('it is cancelled', patience(5000), async () => {
        const { state } = await staff.json<{ state: string }>('GET', `/api/v1/sessions/${id}`);
        return state === 'cancelled';
    });
    await expect(desk.getByTestId('cancel')).toHaveCount(0);
    await open();
});

test('paused, then after the end: another page, with steps, ends, chapters and publishing', async () => {
    await hold(desk, 'pause');
    await expect(desk.getByTestId('preview-note')).toContainText('Paused: attendees see the card');
    await hold(desk, 'end');
    await expect(desk.getByTestId('desk-after')).toBeVisible();
    await expect(desk.getByTestId('strip')).toHaveCount(0);
    await expect(desk.getByTestId('video')).toHaveCount(0);
    await expect(desk.getByTestId('recording-steps')).toBeVisible();
    await expect(desk.getByTestId('edit-recording')).toBeVisible();
    await expect(desk.getByTestId('publish-state')).toContainText('Published'); // the demo publishes at its end
    await desk.getByTestId('tab-questions').click();
    await expect(desk.getByTestId('moderation')).toBeVisible();
});

test('a server that is killed is noticed', async () => {
    const { id } = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title: { ar: 'أخرى', en: 'Other' },
        starts_at: new Date(Date.now() + 60 * 60_000).toISOString(),
        duration_minutes: 30,
        access: 'open',
    });
    await open('ar', id);
    await expect(desk.getByTestId('strip-link')).toHaveAttribute('data-level', 'good');
    server.process.kill('SIGKILL');
    await expect(desk.getByTestId('trouble')).toContainText('لا يستجيب الخادم', {
        timeout: patience(12_000),
    });
    await until('nothing claims', 12_000, async () => {
        const { fresh, green } = await claims();
        return fresh.length === 0 && green.length === 0;
    });
});
