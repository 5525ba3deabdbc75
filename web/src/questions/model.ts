// SPDX-License-Identifier: GPL-3.0-or-later
// The questions of one session as this person may see them. Pure, but for the signal that shows it.
import { computed, signal } from '@preact/signals';
import type { Question, QuestionState } from '../core/types';

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

/** On air first, then one's own under review, then open ones by the wish, then answered ones. */
export function order(questions: Question[], sort: Sort): Question[] {
    return questions
        .filter((q) => q.state !== 'merged' && q.state !== 'withdrawn')
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

/** Keeps the order on the screen; what is gone leaves at once, what is new is only counted. On air
 *  and one's own new questions do not wait. */
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

    /** What an event leaves unsaid (voted, mine) stays as it was. */
    put(question: Question): void {
        const next = new Map(this.all.value);
        next.set(question.id, { ...next.get(question.id), ...question });
        this.all.value = next;
    }

    event(type: string, data: unknown): void {
        if (type === 'question.added' || type === 'question.changed') {
            this.put(data as Question);
        } else if (type === 'question.removed') {
            const next = new Map(this.all.value);
            next.delete((data as { id: string }).id);
            this.all.value = next;
        } else if (type === 'votes') {
            this.votes(data as { question: string; votes: number; voted?: boolean }[]);
        }
    }

    private votes(list: { question: string; votes: number; voted?: boolean }[]): void {
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
