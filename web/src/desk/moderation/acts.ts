// SPDX-License-Identifier: GPL-3.0-or-later
// A moderator's acts on questions, and their undo. The server undoes: it knows the earlier state of
// every question of an act, and whether somebody changed one since.
import { signal } from '@preact/signals';
import { asProblem, type Problem } from '../../core/api';
import { approvedQueue } from '../../core/session/questions';
import type { Moderate, Question, QuestionState, Undo } from '../../core/types';

export const COLUMNS = ['pending', 'approved', 'on_air', 'answered', 'rejected'] as const;
export type Column = (typeof COLUMNS)[number];

export function columnOf(questions: Question[], column: Column): Question[] {
    if (column === 'approved') {
        return approvedQueue(questions);
    }
    // New questions in order of arrival; in the finished columns the latest first.
    const direction = column === 'pending' ? 1 : -1;
    return questions
        .filter((q) => q.state === column)
        .sort((a, b) => direction * a.at.localeCompare(b.at));
}

export type Move = NonNullable<Moderate['to']>;

export const MOVES: Record<QuestionState, Move[]> = {
    pending: ['approved', 'rejected'],
    approved: ['on_air', 'answered', 'rejected'],
    on_air: ['answered', 'approved'],
    answered: ['on_air', 'approved'],
    rejected: ['approved'],
    merged: [],
    withdrawn: [],
};

export function mayMerge(question: Question): boolean {
    return question.state === 'pending' || question.state === 'approved';
}

/** The questions merged into each, also by way of another. */
export function mergedInto(questions: Question[]): Map<string, Question[]> {
    const byId = new Map(questions.map((q) => [q.id, q]));
    const result = new Map<string, Question[]>();
    for (const question of questions) {
        let target = question;
        while (target.state === 'merged' && target.merged_into) {
            const next = byId.get(target.merged_into);
            if (!next || next === question) {
                break;
            }
            target = next;
        }
        if (target !== question) {
            result.set(target.id, [...(result.get(target.id) ?? []), question]);
        }
    }
    return result;
}

/** Carries a message out; resolves with the act that it was, or null where it changed nothing. */
export interface Moderated {
    moderate(message: Moderate | Undo): Promise<string | null>;
}

interface Act {
    question: string;
    act: string;
}

const MOST_KEPT = 100;

function readKept(key: string): Act[] {
    try {
        const list: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
        return Array.isArray(list) ? list.filter((one) => one?.question && one?.act) : [];
    } catch {
        return [];
    }
}

async function thrown(request: Promise<Problem | null>): Promise<void> {
    const problem = await request;
    if (problem) {
        throw problem;
    }
}

export class Acts {
    /** Acts that may be undone, the last at the end. Kept in this tab over a reload. */
    readonly done = signal<Act[]>([]);
    /** Requests under way: an undo must not pass over one of them. */
    private settled: Promise<unknown> = Promise.resolve();

    constructor(
        private readonly socket: Moderated,
        private readonly fail: (problem: Problem | null) => void,
        /** Names the list in sessionStorage; '': it is not kept. */
        key = '',
    ) {
        if (key) {
            this.done.value = readKept(key);
            this.done.subscribe((list) =>
                sessionStorage.setItem(key, JSON.stringify(list.slice(-MOST_KEPT))),
            );
        }
    }

    /** Null: done; else why not. */
    private send(
        question: string,
        change: Omit<Moderate, 'op' | 'question'>,
    ): Promise<Problem | null> {
        const request = this.socket.moderate({ op: 'moderate', question, ...change }).then(
            (act) => {
                if (act) {
                    this.done.value = [...this.done.value, { question, act }];
                }
                return null;
            },
            (error) => asProblem(error),
        );
        this.settled = Promise.all([this.settled, request]);
        return request;
    }

    /** Resolves with whether it was done. */
    private async tell(request: Promise<Problem | null>): Promise<boolean> {
        this.fail(null);
        const problem = await request;
        if (problem) {
            this.fail(problem);
        }
        return !problem;
    }

    move(question: Question, to: Move): Promise<boolean> {
        return this.tell(this.send(question.id, { to }));
    }

    star(question: Question): Promise<boolean> {
        return this.tell(this.send(question.id, { starred: !question.starred }));
    }

    /** Throws the refusal, which a form shows beside the text. */
    edit(question: Question, text: string): Promise<void> {
        return thrown(this.send(question.id, { text }));
    }

    merge(question: Question, into: Question): Promise<void> {
        return thrown(this.send(question.id, { to: 'merged', merge_into: into.id }));
    }

    /** As it was before the merge; without the act (made by an older server) to be looked at again. */
    separate(question: Question): Promise<boolean> {
        const { id, act } = question;
        if (!act) {
            return this.tell(this.send(id, { to: 'pending' }));
        }
        this.done.value = this.done.value.filter((one) => one.act !== act);
        return this.tell(this.undo({ question: id, act }));
    }

    private undo({ question, act }: Act): Promise<Problem | null> {
        const request = this.socket.moderate({ op: 'undo', question, act }).then(
            () => null,
            (error) => asProblem(error),
        );
        this.settled = Promise.all([this.settled, request]);
        return request;
    }

    /** The last act of this page. False: there is none, or it cannot be undone. */
    async takeBack(): Promise<boolean> {
        await this.settled;
        const last = this.done.value.at(-1);
        if (!last) {
            return false;
        }
        this.done.value = this.done.value.slice(0, -1);
        return this.tell(this.undo(last));
    }
}
