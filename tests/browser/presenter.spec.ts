// SPDX-License-Identifier: GPL-3.0-or-later
// The presenter's screen at every size: nothing leaves the window, nothing covers anything, and a message stays
// until it is acknowledged.

import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { Api, type Question } from '../lib/api';
import { Server, temporaryFolder } from '../lib/server';

const axeSource = readFileSync(
    createRequire(`${__dirname}/../../web/package.json`).resolve('axe-core/axe.min.js'),
    'utf8',
);

test.describe.configure({ mode: 'serial' });

const SIZES = [
    [1280, 800],
    [1920, 1080],
    [1024, 560],
    [640, 400],
    [844, 390],
    [390, 844],
    [320, 568],
];

/** As many characters, of whole words. */
function words(sentence: string, length: number): string {
    return `${sentence} `
        .repeat(20)
        .slice(0, length - 1)
        .trim()
        .padEnd(length, '؟');
}

const ARABIC = words(
    'كيف تقيس الجهات الاتحادية أثر الاتصال الحكومي في ثقة الجمهور، وما المؤشرات التي تنصحون بمتابعتها شهريًا؟',
    280,
);
const ENGLISH = words(
    'How do federal entities measure the effect of communication on public trust, and which figures should we follow?',
    280,
);
const MESSAGE = 'بقيت خمس دقائق، ثم سؤال أخير من الجمهور قبل الختام';

const data = temporaryFolder();
const shots = process.env.MAJLIS_SHOTS; // a folder that keeps the screenshots
let server: Server;
let staff: Api;
let context: BrowserContext;
let page: Page;
let deskContext: BrowserContext;
let desk: Page;
let session = '';
let attend = '';
let ids: string[] = [];

async function ask(asker: Api, text: string, anonymous = false): Promise<string> {
    const asked = await asker.json<Question>('POST', `/api/v1/sessions/${session}/questions`, {
        text,
        anonymous,
    });
    return asked.id;
}

const move = (id: string, to: string) =>
    staff.json('PATCH', `/api/v1/questions/${id}`, { state: to });

test.beforeAll(async ({ browser }) => {
    server = await Server.start({ data });
    staff = await Api.signIn(server.staff);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ar-AE' });
    page = await context.newPage();
    await page.goto(server.present);
    await expect(page.getByTestId('lamp')).toHaveAttribute('data-state', 'on');
    await staff.state(server.session, 'ended'); // what follows needs no picture
    await expect(page.getByTestId('lamp')).toHaveAttribute('data-state', 'ended');
    await expect(page.getByTestId('next')).toHaveCount(0); // nothing is put on air after the end
    const starts_at = new Date(Date.now() + 3_600_000).toISOString();
    const title = { ar: 'جلسة الاختبار', en: 'Test session' };
    ({ id: session } = await staff.json<{ id: string }>('POST', '/api/v1/sessions', {
        title,
        starts_at,
        duration_minutes: 60,
        access: 'invited',
        show_names: true,
    }));
    attend = await staff.invite(session, 'attendee', 'نورة الشامسي');
    const asker = await Api.signIn(attend);
    ids = [
        await ask(asker, ARABIC),
        await ask(asker, ENGLISH, true),
        await ask(asker, ARABIC.slice(0, 200)),
        await ask(asker, ENGLISH.slice(0, 200)),
        await ask(asker, 'W'.repeat(300)),
    ];
    for (const id of ids) {
        await move(id, 'approved');
    }
    await page.goto(await staff.invite(session, 'speaker', 'Speaker'));
    await expect(page.getByTestId('presenter')).toBeVisible();
    deskContext = await browser.newContext();
    desk = await deskContext.newPage();
    await desk.goto(server.staff);
    await expect(desk).not.toHaveURL(/\/i(\/|$)/);
    await desk.goto(`${server.url}/en/desk/${session}`);
});
test.afterAll(async () => {
    server.process.kill('SIGCONT');
    await deskContext.close();
    await context.close();
    expect(await server.stop()).toBe(0);
});

interface Box {
    left: number;
    top: number;
    right: number;
    bottom: number;
}

/** What of the screen is wrong: outside of the window, cut off, covered, too small. */
function faults(names: string[]): string[] {
    const found: string[] = [];
    const one = (name: string) => document.querySelector(`[data-testid="${name}"]`);
    const box = (element: Element): DOMRect => element.getBoundingClientRect();
    const boxes: [string, Box][] = [];
    for (const name of names) {
        const element = one(name);
        if (!element || box(element).right === box(element).left) {
            found.push(`${name} is not there`);
            continue;
        }
        const at = box(element);
        if (
            at.left < -0.5 ||
            at.top < -0.5 ||
            at.right > innerWidth + 0.5 ||
            at.bottom > innerHeight + 0.5
        ) {
            found.push(`${name} leaves the window: ${JSON.stringify(at)}`);
        }
        const middle = document.elementFromPoint(
            (at.left + at.right) / 2,
            (at.top + at.bottom) / 2,
        );
        if (!middle || !(element.contains(middle) || middle.contains(element))) {
            found.push(`${name} is covered by ${middle?.outerHTML.slice(0, 80)}`);
        }
        boxes.push([name, at]);
    }
    for (const [i, [name, a]] of boxes.entries()) {
        for (const [other, b] of boxes.slice(i + 1)) {
            if (
                a.left < b.right - 1 &&
                b.left < a.right - 1 &&
                a.top < b.bottom - 1 &&
                b.top < a.bottom - 1
            ) {
                found.push(`${name} and ${other} lie on each other`);
            }
        }
    }
    const text = one('current-question');
    for (
        let around = text?.parentElement;
        text && around && around !== document.body;
        around = around.parentElement
    ) {
        if (
            text.scrollWidth > text.clientWidth + 1 ||
            box(text).bottom > box(around).bottom + 1 ||
            box(text).top < box(around).top - 1
        ) {
            found.push(
                `the question is cut off by ${around.tagName} ${around.className.slice(0, 40)}`,
            );
            break;
        }
    }
    for (const button of document.querySelectorAll('[data-testid="presenter"] button')) {
        if (box(button).width < 44 || box(button).height < 44) {
            found.push(
                `a button of ${box(button).width}x${box(button).height}: ${button.textContent}`,
            );
        }
    }
    if (
        document.documentElement.scrollWidth > innerWidth ||
        document.documentElement.scrollHeight > innerHeight
    ) {
        found.push('the page scrolls');
    }
    return found;
}

const px = (name: string) =>
    page
        .getByTestId(name)
        .evaluate((element) =>
            Number.parseFloat(getComputedStyle(element.querySelector('p') ?? element).fontSize),
        );

async function shoot(name: string): Promise<void> {
    if (shots) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: `${shots}/${name}.png` });
    }
}

/** From the desk, which stays open. */
async function send(text: string): Promise<void> {
    const input = desk.getByTestId('message-input');
    if (!(await input.isVisible())) {
        await desk.getByTestId('tab-message').click();
    }
    await input.fill(text);
    await desk.getByTestId('message-send').click();
    await expect(page.getByTestId('director-message')).toContainText(text);
}

const current = (id: string) =>
    page.locator(`[data-testid="current-question"][data-question-id="${id}"]`);

async function restart(): Promise<void> {
    await server.stop();
    server = await Server.start({ data, listen: new URL(server.url).host });
}

test('a question of 280 characters, the next ones, the keys and a message fit at every size', async () => {
    await send(MESSAGE);
    for (const [language, id] of [
        ['ar', ids[0]],
        ['en', ids[1]],
    ] as const) {
        await page.goto(`${server.url}/${language}/present/${session}`);
        await move(id, 'on_air');
        await expect(current(id)).toBeVisible();
        for (const [width, height] of SIZES) {
            await page.setViewportSize({ width, height });
            const what = `${language} ${width}x${height}`;
            await shoot(`${language}-${width}x${height}-message`);
            const names = [
                'lamp',
                'countdown',
                'wall-clock',
                'director-message',
                'question-box',
                'next-questions',
                'presenter-keys',
            ];
            await expect.poll(() => page.evaluate(faults, names), what).toEqual([]);
            expect(
                await px('current-question'),
                `${what}: size of the question`,
            ).toBeGreaterThanOrEqual(width >= 1280 ? 24 : 12);
            if (width >= 1280) {
                expect(
                    await px('director-message'),
                    `${what}: size of the message`,
                ).toBeGreaterThanOrEqual(28);
                expect(
                    await px('next-questions'),
                    `${what}: size of the next ones`,
                ).toBeGreaterThanOrEqual(28);
            }
        }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
});

test('the asker is named, an anonymous one never', async () => {
    await expect(current(ids[1])).toBeVisible(); // anonymous
    await expect(page.locator('section').getByTestId('asker')).toHaveCount(0);
    await move(ids[0], 'on_air');
    await expect(current(ids[0])).toBeVisible();
    await expect(page.locator('section').getByTestId('asker')).toContainText('نورة الشامسي');
    expect(
        (await page.locator('li[data-question-id]', { hasText: 'How do' }).allTextContents())
            .length,
    ).toBeGreaterThan(0);
});

test('the screen as staff run it follows the session, too, in whether names are shown', async () => {
    const screen = await deskContext.newPage();
    await screen.goto(`${server.url}/ar/present/${session}`);
    const asker = screen.locator('section').getByTestId('asker');
    await expect(asker).toContainText('نورة الشامسي');
    await staff.json('PATCH', `/api/v1/sessions/${session}`, { show_names: false });
    await expect(asker).toHaveCount(0);
    await expect(page.locator('section').getByTestId('asker')).toHaveCount(0);
    await staff.json('PATCH', `/api/v1/sessions/${session}`, { show_names: true });
    await expect(asker).toHaveCount(1);
    await screen.close();
});

test('letters without end break anywhere and move nothing', async () => {
    await move(ids[4], 'on_air');
    await expect(current(ids[4])).toBeVisible();
    for (const [width, height] of [
        [1280, 800],
        [640, 400],
        [320, 568],
    ]) {
        await page.setViewportSize({ width, height });
        const names = [
            'lamp',
            'director-message',
            'question-box',
            'next-questions',
            'presenter-keys',
        ];
        // On the smallest screen it is longer than its box even at the smallest size, and scrolls there.
        const found = async () =>
            (await page.evaluate(faults, names)).filter(
                (one) => width > 320 || !one.includes('cut off'),
            );
        await expect.poll(found, { message: `${width}x${height}` }).toEqual([]); // its size follows the window
        expect(
            await page
                .getByTestId('question-box')
                .evaluate((box) => box.scrollWidth - box.clientWidth),
        ).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await move(ids[0], 'on_air'); // which returns the other one to the queue
    await move(ids[4], 'rejected');
});

test('the size moves, is remembered, and the default fits again for the next question', async () => {
    await page.goto(`${server.url}/ar/present/${session}`);
    await expect(current(ids[0])).toBeVisible();
    const usual = await px('current-question');
    await page.keyboard.press('-');
    const smaller = await px('current-question');
    expect(smaller).toBeLessThan(usual);
    await page.reload();
    await expect(current(ids[0])).toBeVisible();
    expect(await px('current-question')).toBe(smaller);
    for (let i = 0; i < 8; i++) {
        await page.keyboard.press('+');
    }
    expect(await px('current-question')).toBeGreaterThan(usual); // larger than fits: it scrolls
    await page.reload();
    await expect(current(ids[0])).toBeVisible();
    expect(
        await page.evaluate(faults, ['question-box', 'next-questions', 'presenter-keys']),
    ).toEqual([]);
});

test('axe finds nothing, with a message and with the keys listed', async () => {
    await page.evaluate(axeSource);
    for (const help of [false, true]) {
        if (help) {
            await page.keyboard.press('?');
        }
        const found = await page.evaluate(async () => {
            const { axe } = window as unknown as {
                axe: {
                    run: (
                        options: object,
                    ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
                };
            };
            return (
                await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
            ).violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`);
        });
        expect(found).toEqual([]);
    }
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('keys-list')).toHaveCount(0); // until then keys do nothing
});

test('next and answered are taken back by one key; a short press is no answer', async () => {
    const state = async (id: string) => {
        const list = await staff.json<{ items: Question[] }>(
            'GET',
            `/api/v1/sessions/${session}/questions`,
        );
        return list.items.find((one) => one.id === id)?.state;
    };
    await page.keyboard.press('Enter'); // short
    await page.keyboard.press('n');
    await expect(page.getByTestId('current-question')).not.toHaveAttribute(
        'data-question-id',
        ids[0],
    );
    expect(await state(ids[0])).toBe('answered');
    await page.keyboard.press('u');
    await expect(current(ids[0])).toBeVisible();
    await page.getByTestId('answered').hover();
    await page.mouse.down();
    await expect(page.getByTestId('current-question')).toHaveCount(0);
    await page.mouse.up();
    await page.getByTestId('undo').click();
    await expect(current(ids[0])).toBeVisible();
    await expect(page.getByTestId('undo')).toHaveCount(0);
    await page.keyboard.press('?');
    await expect(page.getByTestId('keys-list')).toBeVisible();
    await page.keyboard.press('n'); // does nothing behind it
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('keys-list')).toHaveCount(0);
    await expect(current(ids[0])).toBeVisible();
});

test('the lamp claims nothing while the server is silent, and the clock runs on', async () => {
    const lamp = page.getByTestId('lamp');
    await expect(lamp).toHaveAttribute('data-state', 'off');
    server.process.kill('SIGSTOP');
    await expect(lamp).toHaveAttribute('data-state', 'unknown');
    const clock = await page.getByTestId('wall-clock').textContent();
    await expect(page.getByTestId('wall-clock')).not.toHaveText(clock ?? '');
    for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await shoot(`ar-${width}x${height}-silent`);
        const names = [
            'lamp',
            'offline',
            'countdown',
            'wall-clock',
            'director-message',
            'question-box',
            'next-questions',
            'presenter-keys',
        ];
        await expect.poll(() => page.evaluate(faults, names), `${width}x${height}`).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    const { width } = (await page.getByTestId('offline').boundingBox()) as { width: number };
    expect(width).toBeLessThan(400); // a mark, no bar
    server.process.kill('SIGCONT');
    await expect(lamp).toHaveAttribute('data-state', 'off');
    await expect(page.getByTestId('offline')).toHaveCount(0);
});

test('an acknowledged message stays away after a reload and a restart, and the desk sees it', async () => {
    await restart();
    await page.reload();
    await expect(page.getByTestId('director-message')).toContainText(MESSAGE); // not acknowledged: it is still there
    await page.keyboard.press('y');
    await expect(page.getByTestId('director-message')).toHaveCount(0);
    await expect(desk.getByTestId('message-last')).toHaveAttribute('data-acknowledged', 'true');
    for (const again of [async () => {}, restart]) {
        await again();
        await page.reload();
        await expect(page.getByTestId('lamp')).toHaveAttribute('data-old', 'false');
        await expect(page.getByTestId('presenter-keys')).toBeVisible();
        await expect(page.getByTestId('director-message')).toHaveCount(0);
    }
});

test('who opens the page of another role is told no, with the way to their own', async () => {
    await page.goto(`${server.url}/ar/desk/${session}`); // the speaker
    await expect(page.locator('[data-testid="state-card"][data-card="denied"]')).toBeVisible();
    await expect(page.locator('main a').first()).toHaveAttribute('href', `/ar/present/${session}`);
    await page.goto(attend);
    await expect(page).toHaveURL(/\/s\//);
    await page.goto(`${server.url}/ar/present/${session}`);
    await expect(page.locator('[data-testid="state-card"][data-card="denied"]')).toBeVisible();
    await expect(page.getByTestId('presenter')).toHaveCount(0);
    await expect(page.locator('main a').first()).toHaveAttribute('href', `/ar/s/${session}`);
});
