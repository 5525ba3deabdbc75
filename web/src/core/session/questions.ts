// SPDX-License-Identifier: GPL-3.0-or-later
// The questions of one session as this person may see them. Pure, but for the signal that shows it.
import { computed, signal } from '@preact/signals';
import type { Question, QuestionState, ServerEvent, VoteCount } from '../types';

export type Sort = 'votes' | 'newest';

const RANK: Record<QuestionState, number> = {
    on_air: 0,
    pending: 1,
    rejected: 1,
    approved: 2,
    answered: 3,
    merged: 4,
    withdrawn: 4,
};

/** On air first, then the reader's own under review, then open ones by `sort`, then answered ones, and
 *  last the reader's own that were merged into another. */
export function order(questions: Question[], sort: Sort): Question[] {
    return questions
        .filter((q) => q.state !== 'withdrawn' && (q.state !== 'merged' || q.mine))
        .sort((a, b) => {
            if (RANK[a.state] !== RANK[b.state]) {
                return RANK[a.state] - RANK[b.state];
            }
            if (sort === 'votes' && a.votes !== b.votes) {
                return b.votes - a.votes;
            }
            const later = b.at.localeCompare(a.at);
            // Among equals the earlier question wins the most-voted order: it has waited longer.
            return (sort === 'votes' ? -later : later) || a.id.localeCompare(b.id);
        });
}

/** The approved questions in the order in which the presenter gets them: starred ones first, then by
 *  votes, then the earlier one. */
export function approvedQueue(questions: Question[]): Question[] {
    return questions
        .filter((q) => q.state === 'approved')
        .sort(
            (a, b) =>
                Number(b.starred ?? false) - Number(a.starred ?? false) ||
                b.votes - a.votes ||
                a.at.localeCompare(b.at),
        );
}

/** Keeps the order on the screen: questions that are gone leave at once, new ones are only counted.
 *  The one on air and the reader's own new ones do not wait. */
export function hold(shown: string[], wanted: Question[]): { ids: string[]; news: number } {
    const there = new Map(wanted.map((q) => [q.id, q]));
    const urgent = wanted.filter((q) => q.state === 'on_air' || (q.mine && !shown.includes(q.id)));
    const top = urgent.map((q) => q.id);
    const rest = shown.filter((id) => there.has(id) && !top.includes(id));
    const ids = [...top, ...rest];
    return { ids, news: wanted.length - ids.length };
}

export class Questions {
    readonly all = signal<ReadonlyMap<string, Question>>(new Map());
    readonly list = computed(() => [...this.all.value.values()]);
    readonly onAir = computed(() => this.list.value.find((q) => q.state === 'on_air') ?? null);

    reset(questions: Question[]): void {
        this.all.value = new Map(questions.map((q) => [q.id, q]));
    }

    /** Fields that an event leaves out (voted, mine) stay as they were. */
    put(question: Question): void {
        const next = new Map(this.all.value);
        next.set(question.id, { ...next.get(question.id), ...question });
        this.all.value = next;
    }

    event(event: ServerEvent): void {
        if (event.type === 'question.added' || event.type === 'question.changed') {
            this.put(event.data);
        } else if (event.type === 'question.removed') {
            const next = new Map(this.all.value);
            next.delete(event.data.id);
            this.all.value = next;
        } else if (event.type === 'votes') {
            this.votes(event.data);
        }
    }

    private votes(list: VoteCount[]): void {
        const next = new Map(this.all.value);
        for (const { question, votes, voted } of list) {
            const there = next.get(question);
            if (there) {
                next.set(question, {
                    ...there,
                    votes,
                    ...(voted === undefined ? {} : { voted }),
                });
            }
        }
        this.all.value = next;
    }
}
