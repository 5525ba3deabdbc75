// SPDX-License-Identifier: GPL-3.0-or-later
import { defineConfig } from '@playwright/test';
import { BROWSER_ARGS } from './lib/browser-args';

export default defineConfig({
    testDir: '.',
    workers: 2,
    fullyParallel: true,
    timeout: 480_000, // ends what hangs; each wait has a limit of its own (lib/time)
    expect: { timeout: 45_000 }, // generous: what passes costs nothing
    forbidOnly: true,
    retries: 0,
    reporter: [['list'], ['json'], ['./lib/contract-report.ts']],
    outputDir: 'results/playwright',
    projects: [
        {
            name: 'integration',
            testMatch: 'integration/*.spec.ts',
            testIgnore: /(players|nginx|nginx-full)\.spec/,
        },
        { name: 'players', testMatch: /integration\/((web-)?players|nginx|nginx-full)\.spec/ },
        { name: 'browser', testMatch: 'browser/*.spec.ts' },
        { name: 'faults', testMatch: 'faults/*.spec.ts' },
    ],
    use: {
        // an act or a page that hangs fails at its own line
        actionTimeout: 90_000,
        navigationTimeout: 90_000,
        ignoreHTTPSErrors: true, // a test's own certificate
        browserName: 'chromium',
        trace: 'off',
        launchOptions: {
            executablePath: '/usr/bin/chromium',
            args: BROWSER_ARGS,
        },
    },
});
