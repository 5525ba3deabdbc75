// SPDX-License-Identifier: GPL-3.0-or-later
// Every form: what is refused of a field stands beside it, in the reader's language, and takes the
// focus; a refusal that comes after an edit is never shown as that of the newer input.
import { signal } from '@preact/signals';
import { type ComponentChild, h, render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Problem } from '../src/core/api';
import { loadDeskWords, loadLanguage } from '../src/core/i18n';
import { loadCodeWords } from '../src/core/problem';
import { Questions } from '../src/core/session/questions';
import type { SessionSocket } from '../src/core/session/session-socket';
import type { Lang, Question, Session } from '../src/core/types';
import { ChapterEditor } from '../src/desk/after/chapters';
import RecordingParts from '../src/desk/after/recording';
import { Acts } from '../src/desk/moderation/acts';
import MergeDialog from '../src/desk/moderation/merge';
import { Moderation } from '../src/desk/moderation/moderation';
import { NewChapter } from '../src/desk/new-chapter';
import { QuestionPanel } from '../src/questions/panel';
import { SessionForm } from '../src/staff/session-form';
import { useAct } from '../src/ui/form';
import type { Chapters } from '../src/ui/hooks/use-chapters';
import { useChapters } from '../src/ui/hooks/use-chapters';

const root = document.createElement('div');
const find = <T extends HTMLElement>(name: string) =>
    root.querySelector<T>(`[data-testid=${name}]`);
const AT = '2026-01-01T00:00:00Z';

/** Requests under way, by fetch or by the socket; each is answered by the test. */
let open: { answer: (problem?: Problem) => void }[] = [];
const pending = () =>
    new Promise<null>((resolve, reject) => {
        open.push({ answer: (problem) => (problem ? reject(problem) : resolve(null)) });
    });
const turn = () => act(async () => void (await new Promise((done) => setTimeout(done, 30))));
async function answer(problem?: Problem): Promise<void> {
    await act(async () => open.shift()?.answer(problem));
    await turn();
}
const refusal = (code: string, field: string) =>
    new Problem(422, '', '', 'The server’s own English', 'r1', 0, code, { max: 4 }, field);

async function type(name: string, text: string): Promise<void> {
    const control = find<HTMLInputElement>(name);
    expect(control, name).not.toBeNull();
    await act(async () => {
        (control as HTMLInputElement).value = text;
        control?.dispatchEvent(new Event('input', { bubbles: true }));
    });
}
const click = (name: string) => act(async () => find(name)?.click());
const hold = (name: string) =>
    act(async () => {
        find(name)?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        await new Promise((done) => setTimeout(done, 800));
    });
const show = async (node: ComponentChild) => {
    await act(async () => render(node, root));
    await turn();
};

const session = { id: 's1', title: { ar: 'س', en: 'S' }, starts_at: AT, duration_minutes: 60 };
const question = (id: string, more: Partial<Question> = {}) =>
    ({ id, text: `Text of ${id}`, state: 'pending', votes: 0, at: AT, ...more }) as Question;

function socketOf(questions: Question[] = []): SessionSocket {
    const model = new Questions();
    model.reset(questions);
    return {
        id: 's1',
        questions: model,
        session: signal({ ...session, state: 'live' }),
        link: signal('open'),
        change: pending,
        moderate: pending,
        refresh: async () => undefined,
    } as unknown as SessionSocket;
}

function Chapter() {
    const chapters = useChapters('s1', '');
    return h(NewChapter, {
        label: 'Title',
        button: 'Add',
        testId: { input: 'chapter-title', button: 'chapter-add' },
        add: (title) => chapters.mark({ ar: title }),
    });
}

const chapters = {
    items: [{ id: 'c1', kind: 'agenda', title: { ar: 'باب', en: 'Chapter' }, media_ms: 0 }],
    loading: { problem: signal(null), value: signal(null), again: () => undefined },
    problem: signal(null),
    busy: signal(false),
    rename: pending,
} as unknown as Chapters;

const ended = (recording: object) =>
    h(RecordingParts, {
        socket: socketOf(),
        session: { ...session, state: 'ended', recording } as Session,
    });
const STEPS = [{ step: 'mp4', state: 'ready' }];
const written = (mode: 'edit' | 'new') =>
    h(SessionForm, {
        mode,
        session: {
            ...{ ...session, state: 'lobby', starts_at: '2036-01-01T00:00:00Z' },
            ...{ picture: null, materials: [] },
        } as unknown as Session,
        others: [],
        choices: { series: [], speakers: [] },
        saved: () => undefined,
        cancel: () => undefined,
        reload: () => undefined,
    });

interface Case {
    what: string;
    node: () => ComponentChild;
    /** Up to the input that is sent. */
    before?: () => Promise<void>;
    control: string;
    text?: string;
    send: () => Promise<void>;
    field: string;
}

const CASES: Case[] = [
    {
        what: 'the ask form',
        node: () =>
            h(QuestionPanel, { socket: socketOf(), input: { current: null }, canAsk: true }),
        control: 'ask-input',
        text: 'A question?',
        send: () => click('ask-send'),
        field: 'text',
    },
    {
        what: 'a free chapter, a chapter here',
        node: () => h(Chapter, {}),
        control: 'chapter-title',
        text: 'A chapter',
        send: () => click('chapter-add'),
        field: 'title.ar',
    },
    {
        what: 'renaming a chapter',
        node: () => h(ChapterEditor, { chapters, published: false }),
        before: () => click('chapter-edit'),
        control: 'chapter-en',
        text: 'Another name',
        send: () => click('chapter-save'),
        field: 'title.en',
    },
    {
        what: 'the reason for lifting a hold',
        node: () => ended({ hold: true, steps: STEPS }),
        control: 'hold-reason',
        text: 'A reason',
        send: () => hold('hold-toggle'),
        field: 'reason',
    },
    {
        what: 'the reason for deleting',
        node: () => ended({ hold: false, steps: STEPS }),
        before: () =>
            act(async () => {
                const details = find<HTMLDetailsElement>('delete');
                if (details) {
                    details.open = true;
                    details.dispatchEvent(new Event('toggle'));
                }
            }),
        control: 'delete-reason',
        text: 'A reason',
        send: () => hold('delete-recording'),
        field: 'reason',
    },
    {
        what: 'who may attend',
        node: () => written('edit'),
        control: 'access',
        send: () => click('save-session'),
        field: 'access',
    },
    {
        what: 'whether names are shown',
        node: () => written('edit'),
        control: 'show-names',
        send: () => click('save-session'),
        field: 'show_names',
    },
    {
        what: 'the text of a question, edited',
        node: () => h(Moderation, { socket: socketOf([question('q1')]) }),
        before: () => click('edit'),
        control: 'edit-text',
        text: 'Better words',
        send: () => click('edit-save'),
        field: 'text',
    },
    {
        what: 'what a question is merged into',
        node: () => {
            const socket = socketOf([question('q1'), question('q2')]);
            return h(MergeDialog, {
                socket,
                acts: new Acts(socket, () => undefined),
                question: question('q1'),
                close: () => undefined,
            });
        },
        before: () => click('merge-option'),
        control: 'merge-into',
        send: () => click('merge-confirm'),
        field: 'merge_into',
    },
];

beforeEach(async () => {
    open = [];
    document.body.append(root);
    sessionStorage.clear();
    vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
        if (init.method === 'GET') {
            return new Response('{"items":[]}');
        }
        try {
            await pending();
        } catch (error) {
            const { status, code, params, field } = error as Problem;
            return new Response(JSON.stringify({ code, params, field, detail: address }), {
                status,
            });
        }
        return new Response('{}');
    });
});
afterEach(() => {
    render(null, root);
    root.remove();
    vi.unstubAllGlobals();
});

const WORDS: Record<Lang, RegExp> = {
    ar: /علام/,
    en: /more marks than allowed/,
};

for (const language of ['ar', 'en'] as const) {
    describe(language, () => {
        beforeEach(async () => {
            await loadLanguage(language);
            await loadDeskWords();
            await loadCodeWords(language);
        });

        test.each(CASES)('$what: a refusal stands beside its field', async (one) => {
            await show(one.node());
            await one.before?.();
            await turn();
            if (one.text) {
                await type(one.control, one.text);
            }
            await one.send();
            expect(open.length).toBe(1);
            await answer(refusal('too-many-marks', one.field));
            const error = find('field-error');
            expect(error?.textContent).toMatch(WORDS[language]);
            const control = find<HTMLInputElement>(one.control);
            expect(control?.getAttribute('aria-invalid')).toBe('true');
            expect(control?.getAttribute('aria-describedby')?.split(' ')).toContain(error?.id);
            expect(document.activeElement).toBe(control);
            expect(root.textContent).not.toContain('own English');
            if (one.text) {
                await type(one.control, `${one.text}, changed`);
                expect(find('field-error')).toBeNull();
                expect(control?.getAttribute('aria-invalid')).toBe('false');
            }
        });
    });
}

test.each(CASES.filter(({ text }) => text))(
    '$what: a late refusal is not that of the newer text',
    async (one) => {
        await loadLanguage('en');
        await loadDeskWords();
        await show(one.node());
        await one.before?.();
        await turn();
        await type(one.control, one.text ?? '');
        await one.send();
        await type(one.control, `${one.text}, newer`);
        await answer(refusal('too-many-marks', one.field));
        expect(find('field-error')).toBeNull();
        expect(find(one.control)?.getAttribute('aria-invalid')).toBe('false');
        expect(root.textContent).toContain('before the last edit');
        expect(find<HTMLInputElement>(one.control)?.value).toBe(`${one.text}, newer`);
    },
);

describe('the ask form', () => {
    beforeEach(async () => {
        await loadLanguage('en');
        await show(
            h(QuestionPanel, { socket: socketOf(), input: { current: null }, canAsk: true }),
        );
    });
    const tick = () => find<HTMLInputElement>('ask-anonymous');

    test('"without my name" is off after a question, also when text was typed meanwhile', async () => {
        await type('ask-input', 'First?');
        await act(async () => tick()?.click());
        expect(tick()?.checked).toBe(true);
        await click('ask-send');
        await type('ask-input', 'Second?');
        await answer();
        expect(tick()?.checked).toBe(false);
        expect(find<HTMLTextAreaElement>('ask-input')?.value).toBe('Second?');
        expect(find('ask-sent')).not.toBeNull();
    });

    test('a tick that was set while sending is meant for the next question', async () => {
        await type('ask-input', 'First?');
        await click('ask-send');
        await act(async () => tick()?.click());
        await answer();
        expect(tick()?.checked).toBe(true);
    });
});

test('a form that refuses its input while a request runs stays busy', async () => {
    let last: ReturnType<typeof useAct> | undefined;
    const Probe = () => {
        last = useAct();
        return h('i', null);
    };
    await show(h(Probe, {}));
    await act(async () => void last?.run(pending));
    await act(async () => last?.refuse(refusal('required', 'text')));
    expect(last?.busy).toBe(true);
    await answer();
    expect(last?.busy).toBe(false);
});

test('a refusal of no field comes into sight', async () => {
    const into = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => undefined);
    await show(h(Chapter, {}));
    await type('chapter-title', 'فصل');
    await click('chapter-add');
    expect(into).not.toHaveBeenCalled();
    await answer(new Problem(503, '', '', 'Later', 'r1', 0, 'unavailable', {}));
    expect(into.mock.contexts).toEqual([find('error')?.parentElement]);
    into.mockRestore();
});
