// SPDX-License-Identifier: GPL-3.0-or-later
// An exported session, opened in Chromium from file:// without a network: it plays, its chapters and questions seek.

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { Api } from '../lib/api';
import { readJournal, storedUntil } from '../lib/journal';
import { decode, end } from '../lib/recording';
import { majlis, Server, temporaryFolder } from '../lib/server';
import { patience, slow, until } from '../lib/time';

/** The rows of a CSV whose cells are all quoted. */
function cells(text: string): string[][] {
    return text
        .trim()
        .split('\r\n')
        .map((line) =>
            [...line.matchAll(/"((?:[^"]|"")*)"/g)].map((cell) => cell[1].replaceAll('""', '"')),
        );
}

test('export: files that open without majlis, and a page that plays and seeks offline', async ({
    browser,
}) => {
    test.setTimeout(patience(120_000));
    const home = temporaryFolder();
    const server = await Server.start({ data: temporaryFolder() });
    const to = join(home, 'جلسة 1'); // a name that a URL escapes
    try {
        const staff = await Api.signIn(server.staff);
        const attendee = await Api.signIn(server.attend);
        const id = server.session;
        const at = `/api/v1/sessions/${id}`;
        const folder = join(server.data, 'recordings', id);
        const recordedUntil = (ms: number) =>
            until('recorded', 30_000 * slow, async () => storedUntil(readJournal(folder)) > ms);
        await recordedUntil(0);
        const early = majlis('export', id, '--data', server.data, '--to', to);
        expect(early.status).toBe(1);
        expect(early.text).toContain(`session ${id} is live`);

        const ask = async (text: string, anonymous: boolean, ...states: string[]) => {
            const asked = await attendee.json<{ id: string }>('POST', `${at}/questions`, {
                text,
                anonymous,
            });
            for (const state of states) {
                await staff.json('PATCH', `/api/v1/questions/${asked.id}`, { state });
            }
            return asked.id;
        };
        await recordedUntil(Date.now() + 6000);
        await staff.json('POST', `${at}/chapters`, { title: { ar: 'الفصل الثاني', en: 'Second' } });
        await ask('هل يُحفظ "السؤال"؟', false, 'approved', 'on_air', 'answered');
        await ask('=HYPERLINK("http://x.example","y")', true, 'approved');
        await ask('<img src=x onerror=alert(1)> not shown to others', false);
        await recordedUntil(Date.now() + 3000);
        await end(staff, id);
        await until(
            'it is signed',
            30_000 * slow,
            async () => (await staff.ask('GET', `/recordings/${id}/manifest.json`)).ok,
        );
        const said = majlis('export', id, '--data', server.data, '--to', to);
        expect(said.status, said.text).toBe(0);
        expect(said.text).toContain('recording, 2 chapters, 2 questions');
        expect(majlis('export', id, '--data', server.data, '--to', to).text).toContain('exists');
        expect(
            majlis('export', 'nobody', '--data', server.data, '--to', join(home, 'x')).text,
        ).toContain('there is no session nobody');
        expect(readdirSync(home)).toEqual(['جلسة 1']);

        const key = ['--key', join(server.data, 'keys/signing.pub')];
        expect(majlis('verify', to, ...key).text).toContain('verified');
        expect(decode(join(to, 'recording.mp4'))).toBeGreaterThan(6);
        expect(readFileSync(join(to, 'chapters/en.vtt'), 'utf8')).toContain('Second');
        const csv = readFileSync(join(to, 'questions.csv'), 'utf8');
        expect(csv.codePointAt(0)).toBe(0xfeff);
        const rows = cells(csv.slice(1));
        expect(rows.map((row) => row[4]).slice(1)).toEqual([
            'هل يُحفظ "السؤال"؟',
            `'=HYPERLINK("http://x.example","y")`, // a text, no formula
        ]);
        expect(rows[1][0]).toMatch(/^0:00:\d\d$/);
        expect(rows[1][5]).toBe(''); // the session shows no names
        const json = JSON.parse(readFileSync(join(to, 'questions.json'), 'utf8'));
        expect(json.map((one: { text: string }) => one.text)).toEqual([
            'هل يُحفظ "السؤال"؟',
            '=HYPERLINK("http://x.example","y")',
        ]);
        const all = join(home, 'all');
        majlis('export', id, '--data', server.data, '--to', all, '--questions', 'all');
        const everything = cells(readFileSync(join(all, 'questions.csv'), 'utf8').slice(1));
        expect(everything).toHaveLength(4);
        expect(everything.map((row) => row[5] !== '').slice(1)).toEqual([true, false, true]);
        expect(readFileSync(join(all, 'data.js'), 'utf8')).toContain('onerror');

        await server.stop(); // nothing of it is needed
        const context = await browser.newContext({ offline: true, locale: 'en-GB' });
        const page = await context.newPage();
        const faults: string[] = [];
        const outside: string[] = [];
        page.on('pageerror', (error) => faults.push(error.message));
        page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
        page.on('dialog', (dialog) => faults.push(dialog.message()));
        page.on('request', (request) => {
            if (!request.url().startsWith('file:')) {
                outside.push(request.url());
            }
        });
        await page.goto(pathToFileURL(join(all, 'index.html')).href);
        const video = page.locator('video');
        const now = () => video.evaluate((it: HTMLVideoElement) => it.currentTime);
        await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
        await expect(page.getByRole('heading', { level: 1 })).toContainText('Government');
        await expect
            .poll(() => video.evaluate((it: HTMLVideoElement) => it.duration))
            .toBeGreaterThan(6);
        await page.getByRole('button', { name: /Second/ }).click();
        const chapter = await until('it seeks', 20_000, async () => (await now()) || undefined);
        await until('and plays', 20_000, async () => (await now()) > chapter + 0.5);
        await expect(page.getByRole('button', { name: /Second/ })).toHaveAttribute(
            'aria-current',
            'true',
        );
        await video.evaluate((it: HTMLVideoElement) => {
            it.pause();
            it.currentTime = 0;
        });
        const asked = page.getByRole('button', { name: /السؤال/ });
        await asked.press('Enter');
        await until('a question seeks', 20_000, async () => (await now()) > 4);
        await expect(page.getByText('<img src=x onerror=alert(1)>')).toBeVisible(); // as text
        await page.getByRole('button', { name: 'العربية' }).click();
        await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
        await expect(page.getByRole('heading', { name: 'الفصول' })).toBeVisible();
        await expect(page.getByRole('button', { name: /الفصل الثاني/ })).toBeVisible();
        expect(faults).toEqual([]);
        expect(outside).toEqual([]);
        await context.close();
    } finally {
        await server.kill();
        rmSync(server.data, { recursive: true, force: true });
        rmSync(home, { recursive: true, force: true });
    }
});
