// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's handbook: each shell block marked "sh" is run as written, but for places; links lead somewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { binary, root, Server, temporaryFolder } from '../lib/server';
import { patience } from '../lib/time';

const folder = join(root, 'deploy/handbook');
const pages = readdirSync(folder).map((name) => join(folder, name));
const blocks = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map((found) =>
        found[2].replaceAll(new RegExp(`^${found[1]}`, 'gm'), ''),
    ),
);

/** As on the server: what is the user's, the machine's or the domain's is the test's. */
function runs(block: string, server: Server, path: string) {
    const { host, port } = new URL(server.url);
    const script = block
        .replaceAll(/sudo (-u majlis )?/g, '')
        .replaceAll('-o majlis -g majlis ', '')
        .replaceAll('/etc/majlis/majlis.conf', join(server.data, 'test.conf'))
        .replaceAll('/etc/majlis/fullchain.pem', join(server.data, 'tls.pem'))
        .replaceAll('/var/lib/majlis', server.data)
        .replaceAll('/mnt/backup', join(path, 'backup'))
        .replaceAll('majlis.example.gov.ae:443', `localhost:${port}`)
        .replaceAll('curl ', 'curl --insecure ') // signed by itself
        .replaceAll('majlis.example.gov.ae', host);
    // with a socket as its input and SHLVL below 1, bash takes itself for ssh's, and reads ~/.bashrc
    const done = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
        encoding: 'utf8',
        timeout: patience(60_000),
        env: { ...process.env, PATH: `${path}:${process.env.PATH}` },
    });
    return { status: done.status, said: done.stdout, text: script + done.stdout + done.stderr };
}

test('the shell blocks of the handbook run as written @plain', async () => {
    expect(blocks.length).toBeGreaterThan(5);
    const path = join(temporaryFolder(), 'bin');
    mkdirSync(path);
    symlinkSync(binary, join(path, 'majlis'));
    const server = await Server.start({ command: 'serve', data: temporaryFolder(), tls: true });
    const stopped = blocks.filter((block) => /majlis (recover|check|restore)/.test(block));
    stopped.sort((a, b) => Number(a.includes('restore')) - Number(b.includes('restore'))); // moves the folder
    for (const block of blocks.filter((one) => !stopped.includes(one))) {
        const { status, said, text } = runs(block, server, path);
        expect(status, text).toBe(0);
        expect(said, text).not.toMatch(/^503$/m); // what curl prints of a server that only starts
    }
    await server.stop();
    const backup = `majlis backup --config /etc/majlis/majlis.conf --data /var/lib/majlis --to /mnt/backup`;
    expect(runs(backup, server, path).status).toBe(0);
    for (const block of stopped) {
        const said = runs(block, server, path);
        const most = block.includes('check') ? 1 : 0; // a slow machine is a problem that check names
        expect(said.status, said.text).toBeLessThanOrEqual(most);
        expect(said.text).toMatch(block.includes('check') ? /(ready|problem\(s\))\n$/ : /majlis/);
    }
    expect(existsSync(join(server.data, 'configuration/majlis.conf'))).toBe(true);
    const aside = `${server.data}.old`; // nothing is deleted: a disk may be mounted in it
    expect(existsSync(join(aside, 'test.conf'))).toBe(true);
    rmSync(aside, { recursive: true });
});

test('the links of the handbook lead to a page and to a heading of it', () => {
    const anchor = (heading: string) =>
        heading
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N} -]/gu, '')
            .replaceAll(' ', '-');
    for (const page of [...pages, join(root, 'deploy/README.md')]) {
        for (const [, target, at] of readFileSync(page, 'utf8').matchAll(
            /\]\(([^)#:]*)#?([^)]*)\)/g,
        )) {
            const file = target === '' ? page : join(dirname(page), target);
            expect(existsSync(file), `${page}: ${target}`).toBe(true);
            const headings = at ? readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm) : [];
            const anchors = [...headings].map((heading) => anchor(heading[1]));
            expect(at === '' || anchors.includes(at), `${page}: ${target}#${at}`).toBe(true);
        }
    }
});
