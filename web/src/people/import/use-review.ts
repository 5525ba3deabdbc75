// SPDX-License-Identifier: GPL-3.0-or-later
// A roster under review: each choice is looked at by the server again, the last one always.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Roster } from '../../core/types';
import { useAct } from '../../ui/form';
import { type Choices, sendRoster } from './send';
import { taking } from './taking';

export interface Chosen {
    name: string;
    content: Blob;
    roster: Roster;
    choices: Choices;
}

/** The browser asks before it leaves the page while the roster is being taken. */
function useStay(): void {
    useEffect(() => {
        const stay = (event: BeforeUnloadEvent) => event.preventDefault();
        if (taking.value) {
            addEventListener('beforeunload', stay);
        }
        return () => removeEventListener('beforeunload', stay);
    }, [taking.value]);
}

export function useReview({ content, ...first }: Chosen, taken: (roster: Roster) => void) {
    const seen = useSignal({ roster: first.roster, choices: first.choices });
    /** Ahead of `seen` while the server looks. */
    const wanted = useSignal(first.choices);
    /** Taking was begun at least once. */
    const tried = useSignal(false);
    const act = useAct<Roster>();
    useStay();
    const look = async () => {
        for (;;) {
            const choices = wanted.value;
            const roster = await sendRoster(content, choices, true);
            if (choices === wanted.value) {
                seen.value = { roster, choices };
                return roster;
            }
        }
    };
    const choose = async (change: Partial<Choices>) => {
        wanted.value = { ...wanted.value, ...change };
        await act.run(async () => {
            try {
                return await look();
            } catch (error) {
                wanted.value = seen.value.choices;
                throw error;
            }
        });
    };
    const take = () =>
        act.run(async () => {
            tried.value = true;
            taking.value = true;
            try {
                const roster = await sendRoster(content, seen.value.choices, false);
                taken(roster);
                return roster;
            } finally {
                taking.value = false;
            }
        });
    return { seen: seen.value, wanted: wanted.value, tried: tried.value, act, choose, take };
}
