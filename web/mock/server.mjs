// SPDX-License-Identifier: GPL-3.0-or-later
// A stand-in for the C server while working on the pages: serves dist/ under the real content
// security policy, with an API and a websocket in memory. Not shipped, not a test of anything.
//
//   npm run build && npm run mock [PORT] [FOLDER of a live HLS stream]
//
// Invitation codes are the roles: /ar/i/attendee, /ar/i/speaker, /ar/i/moderator, /ar/i/staff.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';

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
};
const iso = (offset = 0) => new Date(Date.now() + offset).toISOString();

const session = {
    id: 'demo',
    series: '60 دقيقة اتصال',
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
    state: process.env.STATE ?? 'live',
    live_at: iso(-21.5 * 60000),
    ended_at: null,
};
if (['scheduled', 'lobby'].includes(session.state)) {
    session.starts_at = iso(13 * 60000);
    session.live_at = null;
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
const shown = () => ({ ...session, server_time: iso(), recording: steps() });
function steps() {
    if (!['ended', 'published'].includes(session.state)) {
        return null;
    }
    const ran = Date.now() - Date.parse(session.ended_at ?? iso(-60000));
    return {
        playlist: true,
        mp4: ran > 8000 ? 'ready' : 'working',
        progress: Math.min(1, ran / 8000),
    };
}
function tell(type, make) {
    cursor++;
    for (const socket of sockets) {
        const data = make(socket.role);
        if (data) {
            socket.send(JSON.stringify({ op: 'event', cursor: `m:${cursor}`, type, data }));
        }
    }
}
const roleOf = (request) => /majlis=(\w+)/.exec(request.headers.cookie ?? '')?.[1];

function change(role, message) {
    const q = questions.find((one) => one.id === message.question);
    if (message.op === 'ask') {
        const made = {
            id: `q${serial++}`,
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
    if (message.op === 'message') {
        tell(
            'presenter.message',
            (r) => r === 'speaker' && { id: `m${serial++}`, text: message.text },
        );
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

const api = {
    'POST sign-in': (_role, body, response) => {
        response.setHeader('Set-Cookie', `majlis=${body.invitation}; Path=/`);
        return { role: body.invitation, session: 'demo', person: body.invitation };
    },
    'GET me': (role) => ({ person: role, name: role, role, session: 'demo' }),
    'GET sessions': () => ({ items: [shown()], next: null }),
    'GET sessions/demo': shown,
    'POST sessions/demo/state': (_role, body) => {
        session.state = body.to;
        session.live_at ??= body.to === 'live' ? iso() : null;
        session.ended_at ??= body.to === 'ended' ? iso() : null;
        tell('session.state', shown);
        return shown();
    },
    'GET recordings': () => ({
        items: [
            { ...session, id: 'demo', duration_ms: 3_541_000, state: 'published', mp4: 'ready' },
        ],
    }),
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
    'GET health': () => ({
        programme: { state: 'playing', text: 'camera 1', levels: [-18, -21] },
        recording: { state: 'recording', stored_ms_ago: 400, free_bytes: 812e9 },
        viewers: { whep: 412, hls: 37, present: 449 },
        session: 'demo',
    }),
};

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

function shell(response, path) {
    const lang = path.startsWith('/en') ? 'en' : 'ar';
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', CSP);
    response.end(
        readFileSync(join(dist, 'index.html'), 'utf8')
            .replaceAll('{{lang}}', lang)
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
        const handler = api[name];
        if (!handler) {
            return problem(response, 404);
        }
        const answer = handler(role, text ? JSON.parse(text) : {}, response);
        response.setHeader('Content-Type', 'application/json');
        return response.end(JSON.stringify(answer));
    }
    if (/^\/(sessions\/demo\/hls|recordings\/demo)\//.test(path) && hls) {
        return file(response, join(hls, path.split('/').pop()));
    }
    if (/^\/(ar|en)(\/|$)/.test(path)) {
        return shell(response, path);
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
