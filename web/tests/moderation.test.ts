// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { Problem } from '../src/core/api';
import { fold, likeness, matches } from '../src/core/fold';
import type { Moderate, Question, QuestionState, Undo } from '../src/core/types';
import { Acts, columnOf, mergedInto } from '../src/desk/moderation/acts';
import { candidates } from '../src/desk/moderation/merge';
import { question as sample } from './samples';

function question(id: string, state: QuestionState, extra: Partial<Question> = {}): Question {
    return sample({ id, text: id, state, at: `2026-01-01T00:00:0${id.length}Z`, ...extra });
}

/** A server that answers when told to. */
function server() {
    const asked: Record<string, unknown>[] = [];
    const answers: ((act: string | null | Problem) => void)[] = [];
    return {
        asked,
        answer: async (act: string | null | Problem) => {
            answers.shift()?.(act);
            await new Promise((done) => setTimeout(done));
        },
        moderate: (message: Moderate | Undo) => {
            asked.push({ ...message });
            return new Promise<string | null>((resolve, reject) => {
                answers.push((act) => (act instanceof Problem ? reject(act) : resolve(act)));
            });
        },
    };
}
const refused = new Problem(409, 'conflict', '', 'changed since', '');
const turn = () => new Promise((done) => setTimeout(done));

test('undo sends the acts that the server named, the last first', async () => {
    const socket = server();
    const acts = new Acts(socket, () => {});
    void acts.move(question('q1', 'pending'), 'approved');
    await socket.answer('a1');
    void acts.merge(question('q2', 'pending'), question('q1', 'approved'));
    await socket.answer('a2');
    void acts.star(question('q1', 'approved')); // somebody else was quicker
    await socket.answer(null);
    void acts.takeBack();
    await turn();
    expect(socket.asked.at(-1)).toEqual({ op: 'undo', question: 'q2', act: 'a2' });
    await socket.answer(null);
    expect(acts.done.value).toEqual([{ question: 'q1', act: 'a1' }]);
});

test('an undo waits for the act under way, and never passes over it', async () => {
    const socket = server();
    const acts = new Acts(socket, () => {});
    void acts.move(question('q1', 'pending'), 'approved');
    await socket.answer('a1');
    void acts.move(question('q2', 'pending'), 'rejected');
    const undone = acts.takeBack();
    await turn();
    expect(socket.asked).toHaveLength(2); // not the approval of the other question
    await socket.answer('a2');
    expect(socket.asked.at(-1)).toEqual({ op: 'undo', question: 'q2', act: 'a2' });
    await socket.answer(null);
    expect(await undone).toBe(true);
});

test('what cannot be undone is told and not tried again', async () => {
    const socket = server();
    const told: (Problem | null)[] = [];
    const acts = new Acts(socket, (problem) => told.push(problem));
    void acts.move(question('q1', 'pending'), 'approved');
    await socket.answer('a1');
    const undone = acts.takeBack();
    await turn();
    await socket.answer(refused);
    expect(await undone).toBe(false);
    expect(told.at(-1)).toBe(refused);
    expect(await acts.takeBack()).toBe(false);
    expect(socket.asked).toHaveLength(2);
});

test('what was done can be undone after a reload, the last first', async () => {
    sessionStorage.clear();
    const socket = server();
    const before = new Acts(socket, () => undefined, 'majlis.acts.s1.p1');
    void before.move(question('q1', 'pending'), 'approved');
    await socket.answer('a1');
    void before.star(question('q2', 'pending'));
    await socket.answer('a2');
    const after = new Acts(socket, () => undefined, 'majlis.acts.s1.p1');
    expect(after.done.value.map(({ act }) => act)).toEqual(['a1', 'a2']);
    const undone = after.takeBack();
    await turn();
    expect(socket.asked.at(-1)).toEqual({ op: 'undo', question: 'q2', act: 'a2' });
    await socket.answer(null);
    expect(await undone).toBe(true);
    const last = new Acts(socket, () => undefined, 'majlis.acts.s1.p1');
    expect(last.done.value.map(({ act }) => act)).toEqual(['a1']);
    expect(new Acts(socket, () => undefined, 'majlis.acts.s1.p2').done.value).toEqual([]);
});

test('a refused merge or edit is told to its form alone', async () => {
    const socket = server();
    const told: unknown[] = [];
    const acts = new Acts(socket, (problem) => told.push(problem));
    const answer = acts.edit(question('q1', 'pending'), 'new').catch((problem) => problem);
    await socket.answer(refused);
    expect(await answer).toBe(refused);
    expect(told).toEqual([]);
});

test('what was merged is found under its last target', () => {
    const list = [
        question('a', 'merged', { merged_into: 'b' }),
        question('b', 'merged', { merged_into: 'c' }),
        question('c', 'approved'),
        question('d', 'merged', { merged_into: 'gone' }),
    ];
    const found = mergedInto(list);
    expect(found.get('c')?.map((q) => q.id)).toEqual(['a', 'b']);
    expect(found.size).toBe(1);
});

test('the merge picker knows Arabic spelling, and puts the likeliest first', () => {
    expect(matches('اسئله', 'أسئلة')).toBe(true);
    expect(matches('الى', 'إلي')).toBe(true);
    expect(matches('سؤال ١٢', 'سـؤالٌ 12')).toBe(true);
    expect(matches('CAFE', 'café')).toBe(true);
    expect(matches('غير', 'سؤال')).toBe(false);
    expect(fold('ٱلرَّحْمَٰنِ')).toBe('الرحمن');
    expect(likeness('كيف نقيس الثقة الرقمية؟', 'قياس الثقه الرقميه')).toBe(2);
    const asked = question('q', 'pending', { text: 'متى يبدأ التدريب؟' });
    const list = [
        asked,
        question('voted', 'approved', { text: 'سؤال آخر', votes: 9 }),
        question('like', 'pending', { text: 'متى التدريب' }),
        question('gone', 'rejected', { text: 'متى التدريب' }),
    ];
    expect(candidates(list, asked, '').map((q) => q.id)).toEqual(['like', 'voted']);
    expect(candidates(list, asked, 'اخر').map((q) => q.id)).toEqual(['voted']);
});

test('approved ones stand by star, votes and age', () => {
    const list = [
        question('aa', 'approved', { votes: 2 }),
        question('a', 'approved', { votes: 2 }),
        question('aaa', 'approved', { votes: 1, starred: true }),
    ];
    expect(columnOf(list, 'approved').map((q) => q.id)).toEqual(['aaa', 'a', 'aa']);
});
