// SPDX-License-Identifier: GPL-3.0-or-later
// Slides as a browser prints them to PDF: each page of one colour, with Arabic words on it.
import type { BrowserContext, Page } from '@playwright/test';

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
