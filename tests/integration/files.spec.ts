// SPDX-License-Identifier: GPL-3.0-or-later
// Uploaded pictures and materials: types by content, sizes, bodies cut off, rights, tricks with paths and names, what
// becomes of them with their owner and over a restart, and a backup's way back.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Api, type Material, type Problem, type Session } from '../lib/api';
import * as files from '../lib/files';
import { dial, majlis, Server, staffLink, temporaryFolder } from '../lib/server';
import { patience, until } from '../lib/time';

test.describe.configure({ mode: 'default' }); // one server, in this order

const MATERIAL_BYTES = 32 * 1024 * 1024;
const PICTURE_BYTES = 4 * 1024 * 1024;

let server: Server;
let staff: Api;
let session: string;

const create = async (access = 'invited') =>
    (
        await staff.json<Session>('POST', '/api/v1/sessions', {
            title: { ar: 'جلسة', en: 'A session' },
            starts_at: '2031-03-01T10:00:00Z',
            access,
        })
    ).id;
const entry = async (kind: string) =>
    (await staff.json<{ id: string }>('POST', `/api/v1/${kind}`, { name: { en: 'One' } })).id;
const materials = (id = session) => `/api/v1/sessions/${id}/materials`;
const add = (content: Buffer, name = 'Slides', id = session) =>
    files.sendWell<Material>(
        staff,
        'POST',
        `${materials(id)}?name=${encodeURIComponent(name)}`,
        content,
    );
const refused = async (answer: Response) => {
    const { code, params } = (await answer.json()) as Problem;
    return [answer.status, code, params];
};
const stored = () => readdirSync(join(server.data, 'files')).sort();
const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
/** Contents are removed behind the answer. */
const storedIs = (contents: Buffer[]) =>
    until('the folder is as it should be', patience(10_000), async () => {
        return JSON.stringify(stored()) === JSON.stringify(contents.map(digest).sort());
    });

test.beforeAll(async () => {
    server = await Server.start({ command: 'serve', data: temporaryFolder() });
    staff = await Api.signIn(staffLink(server));
    session = await create();
});
test.afterAll(async () => {
    expect(await server.stop()).toBe(0);
    rmSync(server.data, { recursive: true, force: true });
});

test('pictures are told by their content, shown in place, and run nothing', async () => {
    const owners = [
        `series/${await entry('series')}`,
        `speakers/${await entry('speakers')}`,
        `sessions/${session}`,
    ];
    const pictures: [Buffer, string][] = [
        [files.png(), 'image/png'],
        [files.jpeg, 'image/jpeg'],
        [files.webp, 'image/webp'],
    ];
    for (const owner of owners) {
        const at = `/api/v1/${owner}/picture`;
        expect((await staff.json<{ picture: null }>('GET', `/api/v1/${owner}`)).picture).toBeNull();
        expect(await refused(await staff.ask('GET', at))).toEqual([404, 'no-file', {}]);
        const paths = new Set<string>();
        for (const [content, type] of pictures) {
            const { picture } = await files.sendWell<{ picture: string }>(
                staff,
                'PUT',
                at,
                content,
                'text/html',
            );
            paths.add(picture);
            const answer = await staff.ask('GET', picture);
            expect(answer.headers.get('content-type')).toBe(type);
            expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
            expect(answer.headers.get('content-security-policy')).toContain('sandbox');
            expect(answer.headers.get('content-disposition')).toBeNull();
            expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
            const etag = String(answer.headers.get('etag'));
            const again = await staff.ask('GET', picture, undefined, { 'If-None-Match': etag });
            expect(again.status).toBe(304);
            const told = await staff.json<{ picture: string }>('GET', `/api/v1/${owner}`);
            expect(told.picture).toBe(picture);
        }
        expect(paths.size).toBe(pictures.length);
        await storedIs(owner === owners[0] ? [files.webp] : [files.webp]);
        expect((await staff.ask('DELETE', at)).status).toBe(204);
        expect(await refused(await staff.ask('DELETE', at))).toEqual([404, 'no-file', {}]);
        await storedIs([]);
    }
    const nowhere = await files.send(staff, 'PUT', '/api/v1/speakers/nobody/picture', files.png());
    expect(nowhere.status).toBe(404);
});

test('materials are downloads with the name that staff gave', async () => {
    const types: [Buffer, string, string][] = [
        [files.pdf, 'application/pdf', 'pdf'],
        [files.png(), 'image/png', 'png'],
        [files.jpeg, 'image/jpeg', 'jpg'],
        [files.webp, 'image/webp', 'webp'],
        [files.odp, 'application/vnd.oasis.opendocument.presentation', 'odp'],
        [
            files.pptx,
            'application/vnd.openxmlformats-officedocument.presentationml.presentation',
            'pptx',
        ],
    ];
    for (const [content, type, ending] of types) {
        const made = await add(content, 'عرض الجلسة');
        expect(made).toMatchObject({ name: 'عرض الجلسة', type, bytes: content.length });
        const answer = await staff.ask('GET', made.url);
        expect(answer.headers.get('content-type')).toBe(type);
        expect(answer.headers.get('content-disposition')).toBe(
            `attachment; filename="___ ______.${ending}"; filename*=UTF-8''${encodeURIComponent(`عرض الجلسة.${ending}`)}`,
        );
        expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
        expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
        const part = await staff.ask('GET', made.url, undefined, { Range: 'bytes=1-3' });
        expect([part.status, await part.text()]).toEqual([
            206,
            content.subarray(1, 4).toString('utf8'),
        ]);
        expect((await staff.read(session)).materials).toEqual([made]);
        expect((await staff.ask('DELETE', made.url)).status).toBe(204);
        expect(await refused(await staff.ask('GET', made.url))).toEqual([404, 'no-file', {}]);
    }
    await storedIs([]);
});

test('what is none of the types, or not all of one, is refused with what is allowed', async () => {
    const at = `${materials()}?name=x`;
    const allowed = { allowed: 'PNG, JPEG, WebP, PDF, ODP, PPTX' };
    const others: (Buffer | string)[] = [
        '',
        '<!doctype html><script>alert(1)</script>',
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        'GIF89a',
        files.withMacros,
        files.zip([['word/document.xml', '<x/>']]),
        Buffer.concat([Buffer.from('x'), files.png()]),
    ];
    for (const other of others) {
        const answer = await files.send(staff, 'POST', at, other, 'application/pdf');
        expect(await refused(answer), String(other).slice(0, 40)).toEqual([
            400,
            'file-type',
            allowed,
        ]);
    }
    const picture = `/api/v1/sessions/${session}/picture`;
    const pdf = await files.send(staff, 'PUT', picture, files.pdf, 'image/png');
    expect(await refused(pdf)).toEqual([400, 'file-type', { allowed: 'PNG, JPEG, WebP' }]);
    const whole = [files.png(), files.jpeg, files.webp, files.pdf, files.odp, files.pptx];
    for (const file of whole) {
        const answer = await files.send(staff, 'POST', at, file.subarray(0, file.length - 6));
        expect(await refused(answer)).toEqual([400, 'file-cut', {}]);
    }
    const nameless = await files.send(staff, 'POST', materials(), files.pdf);
    expect(await refused(nameless)).toEqual([400, 'required', {}]);
    expect((await staff.read(session)).materials).toEqual([]);
    expect(stored()).toEqual([]);
});

/** Sends a head and what begins a body; the first line of the answer. */
function raw(head: string[], body = Buffer.alloc(0)): Promise<string> {
    return new Promise((done) => {
        let text = '';
        const socket = dial(server.url, () => {
            socket.write(`${[...head, `Host: ${new URL(server.url).host}`].join('\r\n')}\r\n\r\n`);
            socket.write(body);
        });
        socket.on('data', (more) => {
            text += more;
            if (text.includes('\r\n\r\n')) {
                socket.destroy();
            }
        });
        socket.on('error', () => {});
        socket.on('close', () => done(text.split('\r\n')[0]));
    });
}

test('sizes are bounded while a body comes, and strangers send none', async () => {
    const filled = (bytes: number) =>
        Buffer.concat([
            files.pdf.subarray(0, 9),
            Buffer.alloc(bytes - files.pdf.length, '%'),
            files.pdf.subarray(9),
        ]);
    const largest = await add(filled(MATERIAL_BYTES));
    expect(largest.bytes).toBe(MATERIAL_BYTES);
    expect((await staff.ask('DELETE', largest.url)).status).toBe(204);
    await storedIs([]);

    const post = `POST ${materials()}?name=x HTTP/1.1`;
    const picture = `PUT /api/v1/sessions/${session}/picture HTTP/1.1`;
    const as = `Authorization: Bearer ${staff.token}`;
    const length = (bytes: number) => `Content-Length: ${bytes}`;
    expect(await raw([post, as, length(MATERIAL_BYTES + 1)])).toContain(' 413 ');
    expect(await raw([picture, as, length(PICTURE_BYTES + 1)])).toContain(' 413 ');
    // without a length: at the byte that is one too many
    const chunk = Buffer.concat([
        Buffer.from(`${(512 * 1024).toString(16)}\r\n`),
        Buffer.alloc(512 * 1024),
        Buffer.from('\r\n'),
    ]);
    const chunks = Buffer.concat(Array.from({ length: 9 }, () => chunk));
    const chunked = await raw([picture, as, 'Transfer-Encoding: chunked'], chunks);
    expect(chunked).toContain(' 413 ');

    // who may not send one is told before its body is received
    const large = length(1024 * 1024);
    expect(await raw([post, large])).toContain(' 401 ');
    const guest = await Api.signIn(await staff.invite(session, 'attendee', 'Guest'));
    const guests = `Authorization: Bearer ${guest.token}`;
    expect(await raw([post, guests, large])).toContain(' 403 ');
    const roster = 'POST /api/v1/people/import HTTP/1.1';
    expect(await raw([roster, guests, large])).toContain(' 403 ');

    // two at a time; those that are cut off leave nothing and give their places back
    const half = filled(1024 * 1024).subarray(0, 512 * 1024);
    const { host } = new URL(server.url);
    const late: number[] = [];
    const begin = (i: number) =>
        dial(server.url, () => {
            open[i]?.write(`${[post, as, large, `Host: ${host}`].join('\r\n')}\r\n\r\n`);
            open[i]?.write(half);
        })
            .on('data', () => late.push(i))
            .on('error', () => {});
    const open: ReturnType<typeof dial>[] = [];
    open.push(begin(0), begin(1));
    const whole = Buffer.alloc(64 * 1024);
    await until('both places are taken', patience(10_000), async () => {
        for (const i of late.splice(0)) {
            open[i]?.destroy(); // the request below was quicker than the second of them
            open[i] = begin(i);
        }
        return (await files.send(staff, 'POST', `${materials()}?name=x`, whole)).status === 503;
    });
    expect((await add(files.pdf)).bytes).toBe(files.pdf.length); // a small one needs none
    for (const socket of open) {
        socket.destroy();
    }
    const after = filled(1024 * 1024);
    const taken = await until('a place', patience(10_000), async () => {
        const answer = await files.send(staff, 'POST', `${materials()}?name=x`, after);
        return answer.status === 201 ? ((await answer.json()) as Material) : null;
    });
    expect(taken.bytes).toBe(after.length);
    await storedIs([files.pdf, after]);
    for (const { url } of (await staff.read(session)).materials) {
        await staff.json('DELETE', url);
    }
    await storedIs([]);
});

test('names and ids lead nowhere else', async () => {
    const names: [string, string, string][] = [
        ['../../etc/passwd', '../../etc/passwd', '.._.._etc_passwd.pdf'],
        ['a"; filename="evil.html', 'a"; filename="evil.html', 'a__ filename=_evil.html.pdf'],
        ['slides.PDF', 'slides.PDF', 'slides.PDF'],
        ['\u202egnp.exe', 'gnp.exe', 'gnp.exe.pdf'],
        ['a\r\nX-Evil: 1', 'a X-Evil: 1', 'a X-Evil_ 1.pdf'],
    ];
    for (const [sent, kept, saved] of names) {
        const made = await add(files.pdf, sent);
        expect(made.name).toBe(kept);
        const answer = await staff.ask('GET', made.url);
        const disposition = String(answer.headers.get('content-disposition'));
        expect(/filename="([^"]*)"/.exec(disposition)?.[1]?.replaceAll('=', '_')).toBe(
            saved.replaceAll('=', '_'),
        );
        expect(answer.headers.get('x-evil')).toBeNull();
        await staff.json('DELETE', made.url);
    }
    const other = await create();
    const { id } = await add(files.pdf);
    const ids = [
        `${materials(other)}/${id}`,
        `${materials()}/..%2f..%2fmajlis.db`,
        `${materials()}/${digest(files.pdf)}`,
    ];
    for (const path of ids) {
        expect((await staff.ask('GET', path)).status, path).toBe(path.includes('%2f') ? 400 : 404);
    }
    expect((await staff.ask('DELETE', `${materials(other)}/${id}`)).status).toBe(404);
    const links = `/api/v1/sessions/${session}/links`;
    for (const url of [
        'javascript:alert(1)',
        'data:text/html,x',
        '/api/v1/me',
        'https://',
        'https://a b',
        'https://me:secret@guide.example/',
        'x'.repeat(2000),
        null,
    ]) {
        const answer = await staff.ask('POST', links, { name: 'A link', url });
        expect((await refused(answer)).slice(0, 2), String(url)).toEqual([400, 'bad-value']);
    }
    const link = await staff.json<Material>('POST', links, {
        name: 'الدليل',
        url: 'https://guide.example/a?b=1',
    });
    expect(link).toMatchObject({ url: 'https://guide.example/a?b=1', type: null, bytes: null });
    expect((await staff.ask('GET', `${materials()}/${link.id}`)).status).toBe(404);
    for (let i = (await staff.read(session)).materials.length; i < 20; i++) {
        await add(files.pdf, `${i}`);
    }
    for (const answer of [
        await files.send(staff, 'POST', `${materials()}?name=x`, files.pdf),
        await staff.ask('POST', links, { name: 'x', url: 'https://guide.example/' }),
    ]) {
        expect(await refused(answer)).toEqual([429, 'too-many-files', { max: 20 }]);
    }
    for (const { id: one } of (await staff.read(session)).materials) {
        await staff.json('DELETE', `${materials()}/${one}`);
    }
});

test('a material is renamed and moved, and stays so over a restart', async () => {
    const id = await create();
    const link = { name: 'C', url: 'https://guide.example/' };
    const a = await add(files.pdf, 'A', id);
    const b = await add(files.odp, 'B', id);
    const c = await staff.json<Material>('POST', `/api/v1/sessions/${id}/links`, link);
    const change = (one: Material, body: Record<string, unknown>) =>
        staff.ask('PATCH', `${materials(id)}/${one.id}`, body);
    const names = async () => (await staff.read(id)).materials.map(({ name }) => name).join(' ');
    const moves: [Material, Record<string, unknown>, string][] = [
        [c, { before: a.id }, 'C A B'],
        [c, { before: b.id }, 'A C B'],
        [a, { before: null }, 'C B A'],
        [b, { before: b.id }, 'C B A'],
        [b, { before: c.id, name: ' \u202eالعرض ' }, 'العرض C A'],
        [a, { name: 'D' }, 'العرض C D'],
        [a, {}, 'العرض C D'],
    ];
    for (const [one, body, order] of moves) {
        const answer = await change(one, body);
        expect([answer.status, (await answer.json()).id, await names()]).toEqual([
            200,
            one.id,
            order,
        ]);
    }
    const elsewhere = await add(files.pdf, 'E', await create());
    const wrong: [Record<string, unknown>, string][] = [
        [{ name: '' }, 'required'],
        [{ name: 5 }, 'required'],
        [{ name: 'x'.repeat(201) }, 'too-long'],
        [{ name: 'F', before: elsewhere.id }, 'bad-value'],
        [{ before: 1 }, 'bad-value'],
        [{ url: 'https://guide.example/' }, 'unknown-field'],
    ];
    for (const [body, code] of wrong) {
        expect((await refused(await change(a, body))).slice(0, 2)).toEqual([400, code]);
    }
    expect(await refused(await change(elsewhere, { name: 'F' }))).toEqual([404, 'no-file', {}]);
    expect(await names()).toBe('العرض C D');
    await add(files.pdf, 'Last', id);
    expect(await server.stop()).toBe(0);
    server = await Server.start({ command: 'serve', data: server.data });
    staff.url = server.url;
    expect(await names()).toBe('العرض C D Last');
    for (const one of (await staff.read(id)).materials.slice(0, 3)) {
        await staff.json('DELETE', `${materials(id)}/${one.id}`);
    }
    expect(await names()).toBe('Last');
    await staff.json('DELETE', elsewhere.url);
    expect((await staff.ask('DELETE', `/api/v1/sessions/${id}`)).status).toBe(204);
});

test('who may see the owner may see its files, and pages hear of new ones', async () => {
    const [speaker, series] = [await entry('speakers'), await entry('series')];
    await staff.json('PATCH', `/api/v1/sessions/${session}`, {
        series,
        speakers: [{ id: speaker }],
    });
    for (const owner of [`speakers/${speaker}`, `series/${series}`, `sessions/${session}`]) {
        await files.sendWell(staff, 'PUT', `/api/v1/${owner}/picture`, files.png());
    }
    const guest = await Api.signIn(await staff.invite(session, 'attendee', 'Guest'));
    const stranger = await Api.signIn(await staff.invite(await create(), 'attendee', 'Stranger'));
    const nobody = new Api(server.url);

    const socket = guest.socket();
    const heard: Session[] = [];
    let joined = false;
    socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        joined ||= message.op === 'snapshot';
        if (message.op === 'event' && message.type === 'session.state') {
            heard.push(message.data);
        }
    });
    await new Promise((done) => socket.once('open', done));
    socket.send(JSON.stringify({ op: 'join', session }));
    await until('the page has joined', patience(10_000), async () => joined);
    const { url } = await add(files.pdf);
    await until('the page hears of it', patience(10_000), async () =>
        heard.some((one) => one.materials?.some((material) => material.url === url)),
    );
    socket.close();

    const paths = [
        url,
        ...[`speakers/${speaker}`, `series/${series}`, `sessions/${session}`].map(
            (owner) => `/api/v1/${owner}/picture`,
        ),
    ];
    const statuses = (api: Api) =>
        Promise.all(paths.map(async (path) => (await api.ask('GET', path)).status));
    expect(await statuses(guest)).toEqual([200, 200, 200, 200]);
    expect(await statuses(stranger)).toEqual([403, 404, 404, 403]);
    expect(await statuses(nobody)).toEqual([401, 401, 401, 401]);
});

test('they come back after a kill, in a backup too, and go with their owner', async () => {
    const kept = await add(files.odp, 'Kept');
    await server.kill();
    writeFileSync(join(server.data, 'files', 'a'.repeat(64)), 'of no row');
    writeFileSync(join(server.data, 'files', `${'b'.repeat(64)}.part`), 'cut off');
    server = await Server.start({ command: 'serve', data: server.data });
    staff.url = server.url;
    await storedIs([files.png(), files.pdf, files.odp]);
    const at = await staff.ask('GET', kept.url);
    expect(Buffer.from(await at.arrayBuffer())).toEqual(files.odp);

    const to = temporaryFolder();
    const data = join(to, 'restored');
    const backup = () => majlis('backup', '--data', server.data, '--to', join(to, 'backups'));
    const made = backup();
    expect(made.status, made.text).toBe(0);
    const back = majlis('restore', '--from', join(to, 'backups'), '--data', data);
    expect(back.status, back.text).toBe(0);
    for (const content of [files.png(), files.pdf, files.odp]) {
        expect(readFileSync(join(data, 'files', digest(content)))).toEqual(content);
    }
    const again = await Server.start({ command: 'serve', data });
    const api = new Api(again.url);
    api.token = staff.token;
    const restored = await api.ask('GET', kept.url);
    expect(Buffer.from(await restored.arrayBuffer())).toEqual(files.odp);
    expect(await again.stop()).toBe(0);

    // a damaged one is named and left out; the rest is taken
    const damaged = join(server.data, 'files', digest(files.odp));
    const content = readFileSync(damaged);
    writeFileSync(damaged, 'other bytes');
    const said = backup();
    expect([said.status, said.text]).toEqual([3, expect.stringContaining(damaged)]);
    writeFileSync(damaged, content);
    rmSync(to, { recursive: true });

    const { series, speakers } = await staff.read(session);
    expect((await staff.ask('DELETE', `/api/v1/sessions/${session}`)).status).toBe(204);
    await storedIs([files.png()]);
    expect((await staff.ask('DELETE', `/api/v1/speakers/${speakers[0].id}`)).status).toBe(204);
    expect((await staff.ask('DELETE', `/api/v1/series/${series?.id}`)).status).toBe(204);
    await storedIs([]);
    expect(existsSync(join(server.data, 'majlis.db'))).toBe(true);
});
