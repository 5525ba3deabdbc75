// SPDX-License-Identifier: GPL-3.0-or-later
// Slides as a browser prints them to PDF: each page of one colour, with Arabic words on it.
import type { BrowserContext, Page } from '@playwright/test';
import type { Api } from './api';
import { sendWell } from './files';
import { patience, until } from './time';

/** Far apart in brightness, so that a decoded picture tells the page. */
export const GREYS = [40, 90, 140, 190, 240];

/** A page per text. */
export async function printPdf(context: BrowserContext, texts: string[]): Promise<Buffer> {
    const page = await context.newPage();
    const sheets = texts.map((text, i) => {
        const grey = GREYS[i % GREYS.length] ?? 0;
        return `<section style="background:rgb(${grey},${grey},${grey});color:${grey > 120 ? '#000' : '#fff'}">${text}</section>`;
    });
    await page.setContent(
        `<html dir="rtl"><style>@page{size:1280px 720px;margin:0}body{margin:0}section{width:1280px;height:720px;display:grid;place-content:end center;font:32px "Noto Sans Arabic",sans-serif;break-after:page}</style>${sheets.join('')}</html>`,
    );
    const pdf = await page.pdf({ width: '1280px', height: '720px', printBackground: true });
    await page.close();
    return pdf;
}

/** The page whose grey is at the top of the page's video, from 0; -1: none. */
export function pageSeen(page: Page): Promise<number> {
    return page.evaluate((greys) => {
        const video = document.querySelector('video');
        if (!video?.videoWidth) {
            return -1;
        }
        const canvas = new OffscreenCanvas(32, 18);
        const brush = canvas.getContext('2d');
        brush?.drawImage(video, 0, 0, 32, 18);
        const seen = brush?.getImageData(10, 3, 1, 1).data[0] ?? -100;
        return greys.findIndex((grey) => Math.abs(grey - seen) < 15);
    }, GREYS);
}

/** A PDF of one page with one line on it, written by hand. */
export function smallPdf(line = 'Government communication'): Buffer {
    const stream = `BT /F 48 Tf 60 300 Td (${line}) Tj ET`;
    const objects = [
        '<</Type/Catalog/Pages 2 0 R>>',
        '<</Type/Pages/Kids[3 0 R]/Count 1>>',
        '<</Type/Page/Parent 2 0 R/MediaBox[0 0 960 540]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>',
        `<</Length ${stream.length}>>\nstream\n${stream}\nendstream`,
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ];
    let text = '%PDF-1.4\n';
    const at = objects.map((object, i) => {
        const offset = text.length;
        text += `${i + 1} 0 obj\n${object}\nendobj\n`;
        return offset;
    });
    const rows = at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
    const head = `xref\n0 ${at.length + 1}\n0000000000 65535 f \n${rows}`;
    const tail = `trailer\n<</Size ${at.length + 1}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`;
    return Buffer.from(text + head + tail, 'latin1');
}

/** Chooses `pdf` as the session's slides and waits until they are rendered. */
export async function chooseSlides(staff: Api, session: string, pdf: Buffer): Promise<void> {
    const at = `/api/v1/sessions/${session}`;
    const { id } = await sendWell<{ id: string }>(
        staff,
        'POST',
        `${at}/materials?name=Slides`,
        pdf,
    );
    await staff.json('PATCH', `${at}/slides`, { material: id });
    await until('the slides are rendered', patience(20_000), async () => {
        return (await staff.read(session)).slides?.state === 'ready';
    });
}
