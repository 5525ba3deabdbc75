// SPDX-License-Identifier: GPL-3.0-or-later
// A stand-in for the C server while working on the pages: serves dist/ under the real content
// security policy, with an API and a websocket in memory. Not shipped, not a test of anything.
//
//   npm run build && npm run mock [PORT] [FOLDER of an HLS recording: video.m3u8, audio.m3u8]
//
// With a folder the recording plays, and the live and the event playlist are cut from it by the
// clock. STATE is the session's state at the start; FAIL=1 lets a step fail; DISK=low, SECOND=failing.
// Invitation codes are the roles: /ar/i/attendee, /ar/i/speaker, /ar/i/moderator, /ar/i/staff.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import { openapi } from '../scripts/contract.mjs';

const [port = '8099', hls = ''] = process.argv.slice(2);
const dist = new URL('../dist/', import.meta.url).pathname;
const CSP =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:";
const TYPES = {
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
    '.m3u8': 'application/vnd.apple.mpegurl',
    '.m4s': 'video/mp4',
    '.mp4': 'video/mp4',
    '.m4a': 'audio/mp4',
};
const iso = (offset = 0) => new Date(Date.now() + offset).toISOString();

/** The contract's example of an answer: what the mock does not say itself. */
const example = (path, method, status) =>
    openapi().paths[path][method].responses[status].content['application/json'].example;
const { recording: noRecording, ...plainSession } = example('/api/v1/sessions', 'post', '201');
const plainHealth = example('/api/v1/health', 'get', '200');

const session = {
    ...plainSession,
    id: 'demo',
    title: {
        ar: 'الاتصال الحكومي في عصر الذكاء الاصطناعي: من الرسالة إلى الثقة',
        en: 'Government communication in the age of AI: from message to trust',
    },
    speakers: [
        {
            name: { ar: 'د. مريم الكتبي', en: 'Dr Mariam Al Ketbi' },
            role: { ar: 'خبيرة الاتصال الاستراتيجي', en: 'Strategic communication expert' },
        },
    ],
    starts_at: iso(-22 * 60000),
    duration_minutes: 60,
    access: 'invited',
    show_names: true,
    state: process.env.STATE ?? 'live',
    epoch: iso(-24 * 60000),
    live_at: iso(-21.5 * 60000),
    ended_at: null,
    live_ms: 150_000,
    ended_ms: null,
    agenda: [
        { title: { ar: 'كلمة الافتتاح', en: 'Opening words' } },
        {
            title: {
                ar: 'الثقة الرقمية: من الرسالة الرسمية إلى الحوار المفتوح مع الجمهور',
                en: 'Digital trust: from the official message to an open conversation',
            },
        },
        { title: { ar: 'أدوات الذكاء الاصطناعي في غرفة الأخبار', en: '' } },
        { title: { ar: 'أسئلة الحضور', en: 'Questions from the audience' } },
    ],
};
const LENGTH_MS = 1_290_000;
const origin = session.live_ms;
const chapter = (id, kind, title, atMs) => ({
    id,
    kind,
    title: { ar: '', en: '', ...title },
    media_ms: origin + atMs,
});
const chapters = [
    chapter('c1', 'agenda', session.agenda[0].title, 4000),
    chapter('c2', 'agenda', session.agenda[1].title, 183_000),
    chapter('q3', 'question', { ar: 'هل هناك تجارب محلية ناجحة في مواجهة الشائعات؟' }, 524_000),
    chapter(
        'q2',
        'question',
        { en: 'How do we keep one voice when every team uses its own AI tools?' },
        760_000,
    ),
    chapter('c9', 'agenda', { ar: 'مداخلة معالي الوزير' }, 905_000),
];
const marks = { in_ms: null, out_ms: null };
const recording = { hold: false, deleted_at: null, failed: process.env.FAIL === '1', from: 0 };
if (['scheduled', 'lobby'].includes(session.state)) {
    session.starts_at = iso(13 * 60000);
    session.live_at = session.live_ms = null;
}
const TEXTS = [
    ['كيف نقيس أثر الحملات الاتصالية على ثقة الجمهور بعيدًا عن أرقام التفاعل؟', 'approved', 34],
    ['ما الضوابط التي تقترحونها لاستخدام النماذج اللغوية في صياغة الأخبار الرسمية؟', 'on_air', 52],
    [
        'How do we keep one voice across federal entities when every team uses its own AI tools?',
        'approved',
        18,
    ],
    ['هل هناك تجارب محلية ناجحة في مواجهة الشائعات خلال الساعة الأولى؟', 'answered', 27],
    ['ما دور المتحدث الرسمي حين تصبح الإجابات الآلية أسرع منه؟', 'approved', 11],
    ['هل سيُتاح عرض الجلسة بعد انتهائها؟', 'pending', 0],
    [
        'كيف نوازن بين السرعة والدقة في الأزمات؟ وهل من إطار زمني تنصحون به للبيان الأول؟',
        'pending',
        0,
    ],
];
const people = ['سالم المهيري', 'نورة الشامسي', 'Fatima Al Ali', 'خالد البلوشي'];
const questions = TEXTS.map(([text, state, votes], i) => ({
    id: `q${i}`,
    media_ms: null,
    merged_into: null,
    text,
    state,
    votes,
    at: iso(-(20 - i) * 60000),
    starred: i === 2,
    by: { name: people[i % 4], entity: 'وزارة الاقتصاد', anonymous: i === 4 },
    owner: i === 5 ? 'attendee' : '',
    voters: new Set(i === 0 ? ['attendee'] : []),
}));
const sockets = new Set();
let cursor = 0;
let serial = 100;
let coming = null;

const staffish = (role) => role === 'staff' || role === 'moderator';
function view(q, role) {
    const { owner, voters, by, ...rest } = q;
    return {
        ...rest,
        ...(role === 'attendee' ? {} : { by }),
        mine: owner === role,
        voted: voters.has(role),
    };
}
const sees = (q, role) =>
    staffish(role) || ['approved', 'on_air', 'answered'].includes(q.state) || q.owner === role;
const shown = () => ({
    ...session,
    picture: null,
    materials: [],
    server_time: iso(),
    recording: steps() ?? noRecording,
});
const STEPS = ['playlists', 'chapters', 'pictures', 'mp4', 'audio', 'manifest'];
function range() {
    return [Math.max(origin, marks.in_ms ?? 0), Math.min(origin + LENGTH_MS, marks.out_ms ?? 1e12)];
}
function atOf(mediaMs) {
    const [from, to] = range();
    return mediaMs >= from && mediaMs < to ? mediaMs - from : null;
}
function steps() {
    if (!['ended', 'published'].includes(session.state)) {
        return null;
    }
    const ran = Date.now() - recording.from;
    const each = STEPS.map((step, i) => {
        const done = Math.min(1, Math.max(0, ran / 2000 - i));
        if (recording.failed && step === 'audio' && done > 0.5) {
            return { step, state: 'failed', progress: 0.5, text: 'write: No space left on device' };
        }
        const state = done >= 1 ? 'ready' : done > 0 ? 'working' : 'waiting';
        return { step, state, progress: done, text: null };
    });
    const [from, to] = range();
    return {
        ...noRecording,
        playlist: each[0].state === 'ready',
        mp4: recording.deleted_at ? 'none' : each[3].state,
        progress: each[3].progress,
        duration_ms: to - from,
        text: null,
        steps: recording.deleted_at ? [] : each,
        ...marks,
        gaps: [{ at_ms: 723_000, lost_ms: 700, why: 'restart' }],
        hold: recording.hold,
        keep_until: recording.hold ? null : iso(90 * 86400000),
        deleted_at: recording.deleted_at,
        deleted_why: recording.why ?? null,
        bytes: 412e6,
    };
}
const remake = () => {
    recording.from = Date.now();
    tell('session.state', shown);
};
function tell(type, make) {
    cursor++;
    for (const socket of sockets) {
        const data = make(socket.role);
        if (data) {
            socket.send(JSON.stringify({ op: 'event', cursor: `m:${cursor}`, type, data }));
        }
    }
}
let lastMessage = null;
setInterval(
    () => tell('clock', () => ({ server_time: iso(), state: session.state, media_ms: null })),
    1000,
);
const roleOf = (request) => /majlis=(\w+)/.exec(request.headers.cookie ?? '')?.[1];

function change(role, message) {
    const q = questions.find((one) => one.id === message.question);
    if (message.op === 'ask') {
        const made = {
            id: `q${serial++}`,
            media_ms: null,
            merged_into: null,
            text: message.text,
            state: 'pending',
            votes: 0,
            at: iso(),
            starred: false,
            by: { name: role, entity: 'وزارة', anonymous: message.anonymous },
            owner: role,
            voters: new Set(),
        };
        questions.push(made);
        tell('question.added', (r) => sees(made, r) && r !== role && view(made, r));
        return made;
    }
    if (message.op === 'message' || message.op === 'acknowledge') {
        lastMessage =
            message.op === 'message'
                ? {
                      id: `m${serial++}`,
                      text: message.text,
                      at: iso(),
                      from: role,
                      acknowledged_at: null,
                  }
                : { ...lastMessage, acknowledged_at: iso() };
        tell('presenter.message', (r) => r !== 'attendee' && lastMessage);
        return null;
    }
    if (!q) {
        return null;
    }
    if (message.op === 'vote') {
        const had = q.voters.has(role);
        q.votes += Number(message.on) - Number(had);
        message.on ? q.voters.add(role) : q.voters.delete(role);
        tell('votes', () => [{ question: q.id, votes: q.votes }]);
        return q;
    }
    const before = q.state;
    if (message.text) {
        q.original ??= q.text;
        q.text = message.text;
    }
    q.starred = message.starred ?? q.starred;
    q.state = message.op === 'withdraw' ? 'withdrawn' : (message.to ?? q.state);
    for (const other of questions) {
        if (q.state === 'on_air' && other !== q && other.state === 'on_air') {
            other.state = 'answered';
            tell('question.changed', (r) => view(other, r));
        }
    }
    tell(before === 'pending' ? 'question.added' : 'question.changed', (r) =>
        sees(q, r) ? view(q, r) : null,
    );
    return q;
}

const whoIs = (role) => ({ person: role, name: role, role, session: 'demo', entity: null });

function feeds() {
    const at = `http://127.0.0.1:${port}/feeds/t-mock${serial++}`;
    return { sessions: `${at}/sessions.ics`, recordings: `${at}/recordings.rss` };
}

const api = {
    'POST sign-in': (_role, body, response) => {
        response.setHeader('Set-Cookie', `majlis=${body.invitation}; Path=/`);
        return { ...whoIs(body.invitation), token: body.invitation };
    },
    'GET me': (role) => whoIs(role),
    'GET sessions': () => ({ items: [shown()], next: null }),
    'GET sessions/demo': shown,
    'POST sessions/demo/state': (_role, body) => {
        session.state = body.to;
        session.live_at ??= body.to === 'live' ? iso() : null;
        session.ended_at ??= body.to === 'ended' ? iso() : null;
        session.live_ms =
            session.live_at && Date.parse(session.live_at) - Date.parse(session.epoch);
        session.ended_ms =
            session.ended_at && Date.parse(session.ended_at) - Date.parse(session.epoch);
        recording.from = body.to === 'ended' ? Date.now() : recording.from;
        tell('session.state', shown);
        return shown();
    },
    'GET series': () => ({ items: [], next: null }),
    'GET speakers': () => ({ items: [], next: null }),
    'GET recordings': () => ({
        items: [{ ...shown(), duration_ms: LENGTH_MS, state: 'published', mp4: 'ready' }],
        next: null,
    }),
    'GET search': () => ({ items: [], next: null }),
    'GET me/questions': () => ({ items: [], next: null }),
    'GET me/feeds': () => feeds(),
    'POST me/feeds': () => feeds(),
    'GET sessions/demo/rsvp': (role) => ({
        coming,
        ...(role === 'staff' && { counts: { yes: 31, maybe: 4, no: 2, entities: [] } }),
    }),
    'PUT sessions/demo/rsvp': (_role, body) => {
        coming = body.coming;
        return { coming };
    },
    'GET sessions/demo/invitations': () => ({
        items: [
            { id: 'i1', name: 'نورة الشامسي', entity: 'وزارة الاقتصاد', role: 'attendee' },
            { id: 'i2', name: 'Dr Mariam Al Ketbi', role: 'speaker' },
        ],
    }),
    'POST sessions/demo/invitations': (_role, body) => ({
        id: `i${serial++}`,
        url: `http://127.0.0.1:${port}/ar/i/${body.role}`,
        ...body,
    }),
    'GET health': () => {
        const low = process.env.DISK === 'low';
        const own = {
            programme: {
                state: 'playing',
                text: 'camera 1',
                levels: [-18, -21],
                sound: { loudness: -23.2, short_term: -22.1, gain_db: 4.5, alarm: null },
            },
            recording: {
                state: 'recording',
                stored_ms_ago: 400,
                second: process.env.SECOND ?? 'ok',
            },
            viewers: { whep: 412, hls: 37, present: 449 },
            session: 'demo',
        };
        const disk = {
            free_bytes: low ? 0.6e9 : 812e9,
            minimum_bytes: 1e9,
            low,
            minutes_left: low ? 11 : 5200,
        };
        return { ...plainHealth, ...own, disk, sessions: [{ ...own, disk }] };
    },
    'PATCH sessions/demo': (_role, body) => {
        Object.assign(session, body);
        tell('session.state', shown);
        return shown();
    },
    'GET sessions/demo/chapters': () => ({
        items: chapters.map((one) => ({
            ...one,
            at_ms: steps()?.playlist ? atOf(one.media_ms) : null,
        })),
        next: null,
    }),
    'POST sessions/demo/chapters': (_role, body) => {
        const made = {
            id: `c${serial++}`,
            kind: 'agenda',
            title: body.title,
            media_ms: body.media_ms ?? Date.now() - Date.parse(session.epoch),
        };
        chapters.push(made);
        tell('session.state', shown);
        return made;
    },
    'PATCH sessions/demo/chapters/*': (_role, body, _response, id) => {
        Object.assign(
            chapters.find((one) => one.id === id),
            body,
        );
        tell('session.state', shown);
        return {};
    },
    'DELETE sessions/demo/chapters/*': (_role, _body, _response, id) => {
        chapters.splice(
            chapters.findIndex((one) => one.id === id),
            1,
        );
        tell('session.state', shown);
        return {};
    },
    'GET recordings/demo': () => {
        const [start_ms, end_ms] = range();
        return { ...shown(), public: [{ start_ms, end_ms }] };
    },
    'PATCH recordings/demo': (_role, body) => {
        if ('hold' in body) {
            recording.hold = body.hold;
            tell('session.state', shown);
        } else {
            Object.assign(marks, body);
            remake();
        }
        return {};
    },
    'DELETE recordings/demo': (_role, body) => {
        recording.deleted_at = iso();
        recording.why = body.reason;
        tell('session.state', shown);
        return {};
    },
    'POST recordings/demo/retry': () => {
        recording.failed = false;
        tell('session.state', shown);
        return {};
    },
};

/** An address of the recording's folder, or of a playlist cut from it. */
function media(response, path) {
    const name = path.split('/').pop();
    const live = path.startsWith('/sessions/');
    const text = (body, type = 'application/vnd.apple.mpegurl') => {
        response.setHeader('Content-Type', type);
        response.end(body);
    };
    if (!live && !steps()?.playlist) {
        response.setHeader('Retry-After', '2');
        return problem(response, 503);
    }
    if (name === 'thumbnails.vtt') {
        const stamp = (s) => new Date(1000 * s).toISOString().slice(11, 23);
        const cues = Array.from({ length: 129 }, (_, i) => 10 * i).map(
            (s) => `${stamp(s)} --> ${stamp(s + 10)}\nthumbs/${1000 * s}.jpg`,
        );
        return text(`WEBVTT\n\n${cues.join('\n\n')}\n`, 'text/vtt');
    }
    if (name.endsWith('.jpg')) {
        const hue = (Number.parseInt(name, 10) / 4000) % 360 || 40;
        return text(
            `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 90"><rect width="160" height="90" fill="hsl(${hue} 40% 35%)"/><circle cx="80" cy="40" r="18" fill="#eee"/><rect x="50" y="60" width="60" height="30" rx="14" fill="#eee"/></svg>`,
            'image/svg+xml',
        );
    }
    if (!hls) {
        return problem(response, 404);
    }
    const kind = /^(main|event)\.m3u8$/.exec(name)?.[1];
    if (kind) {
        const end = live ? `.${kind === 'main' ? 'live' : 'event'}.m3u8` : '.m3u8';
        return text(
            `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=170000,RESOLUTION=480x270,CODECS="avc1.42c015,mp4a.40.2"\nvideo${end}\n#EXT-X-STREAM-INF:BANDWIDTH=40000,CODECS="mp4a.40.2"\naudio${end}\n`,
        );
    }
    const [, track, cut] = /^(\w+)\.(live|event)\.m3u8$/.exec(name) ?? [];
    if (cut) {
        const lines = readFileSync(join(hls, `${track}.m3u8`), 'utf8').split('\n');
        const first = lines.findIndex((line) => line.startsWith('#EXTINF'));
        const there = Math.floor((Date.now() - Date.parse(session.live_at)) / 4000);
        const skip = cut === 'live' ? Math.max(0, there - 6) : 0;
        const head = lines
            .slice(0, first)
            .filter((line) => cut === 'event' || !line.includes('PLAYLIST-TYPE'))
            .map((line) => line.replace('TYPE:VOD', 'TYPE:EVENT'))
            .map((line) => line.replace('SEQUENCE:0', `SEQUENCE:${skip}`));
        const body = lines.slice(first + 2 * skip, first + 2 * there);
        return text(`${[...head, ...body].join('\n')}\n`);
    }
    return file(response, join(hls, name));
}

function problem(response, status) {
    response.writeHead(status, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'mock', title: 'Mock', status, request_id: 'r-7f3a9c' }));
}

function file(response, path) {
    try {
        const body = readFileSync(path);
        response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
        response.end(body);
    } catch {
        problem(response, 404);
    }
}

function shell(request, response, path) {
    const lang = path.startsWith('/en') ? 'en' : 'ar';
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', CSP);
    response.end(
        readFileSync(join(dist, 'index.html'), 'utf8')
            .replaceAll('{{lang}}', lang)
            .replaceAll(
                '{{theme}}',
                /majlis-theme=(light|dark)/.exec(request.headers.cookie ?? '')?.[1] ?? 'auto',
            )
            .replaceAll('{{dir}}', lang === 'ar' ? 'rtl' : 'ltr'),
    );
}

async function serve(request, response) {
    const path = normalize(new URL(request.url, 'http://mock').pathname);
    const role = roleOf(request);
    let text = '';
    for await (const chunk of request) {
        text += chunk;
    }
    if (path.startsWith('/api/v1/')) {
        const name = `${request.method} ${path.slice(8)}`;
        if (!role && name !== 'POST sign-in') {
            return problem(response, 401);
        }
        const [, folder, last] = /^(.*\/)([^/]+)$/.exec(name) ?? [];
        const handler = api[name] ?? api[`${folder}*`];
        if (!handler) {
            return problem(response, 404);
        }
        const answer = handler(role, text ? JSON.parse(text) : {}, response, last);
        response.setHeader('Content-Type', 'application/json');
        return response.end(JSON.stringify(answer));
    }
    if (/^\/(sessions\/demo\/hls|recordings\/demo)\//.test(path)) {
        return media(response, path);
    }
    if (/^\/(ar|en)(\/|$)/.test(path)) {
        return shell(request, response, path);
    }
    if (path.startsWith('/assets/')) {
        return file(response, join(dist, path));
    }
    return problem(response, 404);
}

const server = createServer((request, response) => {
    serve(request, response).catch(() => problem(response, 500));
});
new WebSocketServer({ server, path: '/ws' }).on('connection', (socket, request) => {
    socket.role = roleOf(request);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        if (message.op === 'join') {
            socket.send(
                JSON.stringify({
                    op: 'snapshot',
                    message: socket.role === 'attendee' ? undefined : lastMessage,
                    cursor: `m:${cursor}`,
                    session: shown(),
                    questions: questions
                        .filter((q) => sees(q, socket.role))
                        .map((q) => view(q, socket.role)),
                }),
            );
        } else if (message.ref) {
            const q = change(socket.role, message);
            socket.send(
                JSON.stringify({ op: 'ok', ref: message.ref, question: q && view(q, socket.role) }),
            );
        }
    });
});
server.listen(Number(port), '127.0.0.1', () => console.log(`mock http://127.0.0.1:${port}`));
