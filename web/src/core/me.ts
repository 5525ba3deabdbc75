// SPDX-License-Identifier: GPL-3.0-or-later
import { signal } from '@preact/signals';
import { asProblem, get, type Problem, post } from './api';
import { href } from './router';
import type { Me } from './types';

export const me = signal<Me | null>(null);

/** Null: not signed in. Other failures are thrown, since they are no answer to who one is. */
export async function whoAmI(): Promise<Me | null> {
    try {
        me.value = await get<Me>('me');
    } catch (error) {
        const problem: Problem = asProblem(error);
        if (problem.status !== 401 && problem.status !== 403) {
            throw problem;
        }
        me.value = null;
    }
    return me.value;
}

export async function signOut(): Promise<void> {
    await post('sign-out', {});
    location.assign(href('sign-in'));
}
