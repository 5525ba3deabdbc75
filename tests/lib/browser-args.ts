// SPDX-License-Identifier: GPL-3.0-or-later
/** For launchOptions: Chromium as root, silent on the network, which plays without a click. */
export const BROWSER_ARGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--autoplay-policy=no-user-gesture-required',
];
