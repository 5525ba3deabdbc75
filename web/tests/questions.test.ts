// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, test } from 'vitest';
import { hold, order, Questions } from '../src/core/session/questions';
import type { Question, QuestionState } from '../src/core/types';
import { question as sample } from './samples';

let minute = 0;
function question(id: string, state: QuestionState, votes = 0, extra: Partial<Question> = {}) {
    const at = new Date(Date.UTC(2026, 0, 1, 9, minute++)).toISOString();
    return sample({ id, text: id, state, votes, at, ...extra });
}
const ids = (list: Question[]) => list.map((q) => q.id).join(' ');

describe('order', () => {
    const list = [
        question('answered', 'answered', 90),
        question('early', 'approved', 5),
        question('late', 'approved', 5),
        question('most', 'approved', 9),
        question('mine', 'pending', 0, { mine: true }),
        question('air', 'on_air', 1),
        question('gone', 'withdrawn', 50),
        question('theirs', 'merged', 50),
        question('own', 'merged', 0, { mine: true }),
    ];
    test('most voted: on air first, equals by age, answered last, then own merged ones, withdrawn never', () => {
        expect(ids(order(list, 'votes'))).toBe('air mine most early late answered own');
    });
    test('newest', () => {
        expect(ids(order(list, 'newest'))).toBe('air mine most late early answered own');
    });
    test('the given list stays as it was', () => {
        const before = ids(list);
        order(list, 'votes');
        expect(ids(list)).toBe(before);
    });
});

describe('hold', () => {
    const a = question('a', 'approved', 1);
    const b = question('b', 'approved', 2);
    test('votes do not move what is being read, new ones are counted', () => {
        const wanted = [question('new', 'approved', 9), b, a];
        expect(hold(['a', 'b'], wanted)).toEqual({ ids: ['a', 'b'], news: 1 });
    });
    test('what is gone leaves at once; on air and one own question come at once', () => {
        const air = question('air', 'on_air');
        const own = question('own', 'pending', 0, { mine: true });
        expect(hold(['a', 'b'], [air, own, b])).toEqual({ ids: ['air', 'own', 'b'], news: 0 });
    });
});

describe('events', () => {
    const event = { op: 'event', cursor: 'k:1' } as const;
    test('a change that says nothing of my vote keeps it', () => {
        const questions = new Questions();
        questions.reset([question('a', 'approved', 3, { voted: true, mine: false })]);
        questions.event({ ...event, type: 'question.changed', data: question('a', 'on_air', 4) });
        expect(questions.onAir.value).toMatchObject({ id: 'a', voted: true, votes: 4 });
    });
    test('votes come as totals; unknown questions are ignored', () => {
        const questions = new Questions();
        questions.reset([question('a', 'approved', 3)]);
        const data = [
            { question: 'a', votes: 7 },
            { question: 'zz', votes: 1 },
        ];
        questions.event({ ...event, type: 'votes', data });
        expect(questions.list.value.map((q) => q.votes)).toEqual([7]);
    });
    test('removed', () => {
        const questions = new Questions();
        questions.reset([question('a', 'approved'), question('b', 'approved')]);
        questions.event({ ...event, type: 'question.removed', data: { id: 'a' } });
        expect(ids(questions.list.value)).toBe('b');
    });
});
