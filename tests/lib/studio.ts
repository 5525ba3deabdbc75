// SPDX-License-Identifier: GPL-3.0-or-later
// A session with its speaker's page and its desk open, at the picture.
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { Api } from './api';
import type { Server } from './server';

const viewport = { width: 1280, height: 800 };

export interface Studio {
    speaker: BrowserContext;
    stage: Page;
    desk: Page;
}

export async function openStudio(
    browser: Browser,
    server: Server,
    staff: Api,
    permissions: string[] = [],
): Promise<Studio> {
    const speaker = await browser.newContext({ viewport, permissions });
    const stage = await speaker.newPage();
    await stage.goto(await staff.invite(server.session, 'speaker', 'خبيرة'));
    await stage.waitForURL('**/present/*');
    const desk = await (await browser.newContext({ viewport })).newPage();
    await desk.goto(server.staff);
    await desk.waitForURL('**/staff');
    await desk.goto(`${server.url}/ar/desk/${server.session}#source`);
    return { speaker, stage, desk };
}
