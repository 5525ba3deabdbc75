// SPDX-License-Identifier: GPL-3.0-or-later
// Cold opens of an officer's personal link: a new browser with an empty profile each time, over WebRTC.
//
//   node tests/bench/cold-opens.mjs [--opens 3] [--lang ar] [--bin build/src/majlis]
//
// Prints, from the click on the link in ms: first paint, first contentful paint, first frame of the picture; then
// requests, bytes received by what they are, tasks over 50 and 200 ms, layout shift. Asserts only that it ran. Stand-alone,
// as a machine of its own is needed: `majlis` and the browser share its cores.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(join(root, 'web/package.json'))('@playwright/test');
const { values: options } = parseArgs({
    options: {
        opens: { type: 'string', default: '3' },
        lang: { type: 'string', default: 'ar' },
        bin: { type: 'string', default: join(root, 'build/src/majlis') },
        encoder: { type: 'string', default: 'small' },
        shot: { type: 'string' }, // a folder for a picture of each open
    },
});
const SETTLE_MS = 2500; // after the first frame: late fonts, late shifts

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** The links that `majlis demo` prints, as { attend, … }, and how to end it. */
async function startServer() {
    const folder = mkdtempSync(join(tmpdir(), 'majlis-bench-'));
    const conf = join(folder, 'bench.conf');
    writeFileSync(conf, `[rtc]\nlisten=127.0.0.1:0\n[programme]\nencoder=${options.encoder}\n`);
    const server = spawn(
        options.bin,
        ['demo', '--config', conf, '--data', folder, '--listen', '127.0.0.1:0'],
        { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const links = {};
    await new Promise((done, fail) => {
        server.once('exit', () => fail(new Error('the server ended')));
        let text = '';
        server.stdout.on('data', (more) => {
            text += more;
            for (const line of text.split('\n').slice(0, -1)) {
                const [word, value] = line.split(' ');
                links[word] = value;
            }
            if (links.staff) {
                done();
            }
        });
    });
    const stop = () =>
        new Promise((done) => {
            server.removeAllListeners('exit').once('exit', () => {
                rmSync(folder, { recursive: true, force: true });
                done();
            });
            server.kill('SIGTERM');
        });
    return { links, stop };
}

/** In every document of the page: tells what happens, by the clock of the machine. */
function observe() {
    const tell = (kind, at, value = 0) => window.told(kind, performance.timeOrigin + at, value);
    const watch = (type, note) =>
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
                note(entry);
            }
        }).observe({ type, buffered: true });
    watch('paint', (entry) => tell(entry.name, entry.startTime));
    watch('longtask', (entry) => tell('task', entry.startTime, entry.duration));
    watch(
        'layout-shift',
        (entry) => entry.hadRecentInput || tell('shift', entry.startTime, entry.value),
    );
    const seek = setInterval(() => {
        const video = document.querySelector('video');
        if (video) {
            clearInterval(seek);
            video.requestVideoFrameCallback((now) => tell('frame', now));
        }
    }, 5);
}

function kindOf(url, type) {
    const path = new URL(url).pathname;
    return /\.woff2$/.test(path)
        ? 'fonts'
        : /\.css$/.test(path)
          ? 'styles'
          : /\.js$/.test(path)
            ? 'scripts'
            : type === 'Document'
              ? 'page'
              : 'other';
}

async function open(link, number) {
    const browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--autoplay-policy=no-user-gesture-required',
        ],
    });
    try {
        const page = await (
            await browser.newContext({ viewport: { width: 1280, height: 800 } })
        ).newPage();
        const told = [];
        await page.exposeFunction('told', (kind, at, value) => told.push({ kind, at, value }));
        await page.addInitScript(observe);
        const network = await page.context().newCDPSession(page);
        await network.send('Network.enable');
        const types = new Map();
        const bytes = {};
        const requests = [];
        network.on('Network.requestWillBeSent', ({ requestId, request, type }) => {
            if (request.url.startsWith('http')) {
                types.set(requestId, kindOf(request.url, type));
                requests.push(`${request.method} ${new URL(request.url).pathname}`);
            }
        });
        network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
            const kind = types.get(requestId) ?? 'other';
            bytes[kind] = (bytes[kind] ?? 0) + encodedDataLength;
        });
        const click = Date.now();
        await page.goto(link);
        while (!told.some(({ kind }) => kind === 'frame')) {
            if (Date.now() - click > 30_000) {
                throw new Error('no frame in 30 s');
            }
            await wait(20);
        }
        await wait(SETTLE_MS);
        if (options.shot) {
            await page.screenshot({ path: join(options.shot, `open-${number}.png`) });
        }
        const first = (name) =>
            Math.round(
                Math.min(...told.filter(({ kind }) => kind === name).map(({ at }) => at)) - click,
            );
        const tasks = told.filter(({ kind }) => kind === 'task').map(({ value }) => value);
        return {
            paint: first('first-paint'),
            contentful: first('first-contentful-paint'),
            frame: first('frame'),
            requests: requests.length,
            bytes,
            over50: tasks.length,
            over200: tasks.filter((ms) => ms > 200).length,
            longest: Math.round(Math.max(0, ...tasks)),
            shift: told
                .filter(({ kind }) => kind === 'shift')
                .reduce((sum, { value }) => sum + value, 0),
            asked: requests,
        };
    } finally {
        await browser.close();
    }
}

const { links, stop } = await startServer();
try {
    const link = links.attend.replace('/ar/', `/${options.lang}/`);
    await wait(3000); // the programme has begun, and the server has done its work of a start
    for (let i = 1; i <= Number(options.opens); i++) {
        const one = await open(link, i);
        const all = Object.values(one.bytes).reduce((sum, n) => sum + n, 0);
        const kb = (n) => (n / 1024).toFixed(0);
        console.log(
            `open ${i} (${options.lang}): paint ${one.paint} ms, contentful ${one.contentful} ms, frame ${one.frame} ms; ${one.requests} requests, ` +
                `${kb(all)} KB (${Object.entries(one.bytes)
                    .map(([kind, n]) => `${kind} ${kb(n)}`)
                    .join(
                        ', ',
                    )}); tasks over 50 ms: ${one.over50}, over 200 ms: ${one.over200}, longest ${one.longest} ms; layout shift ${one.shift.toFixed(3)}`,
        );
        if (process.env.VERBOSE) {
            console.log(one.asked.join('\n'));
        }
    }
} finally {
    await stop();
}
