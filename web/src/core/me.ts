// SPDX-License-Identifier: GPL-3.0-or-later
import { signal } from '@preact/signals';
import { asProblem, get, type Problem, post } from './api';
import { href } from './router';
import type { Me, SignIn } from './types';

export const me = signal<Me | null>(null);

let answered = false;

/** Keeps a sign-in's answer: the next whoAmI() need not ask. */
export function signedIn({ person, name, role, session, entity }: SignIn): void {
    me.value = { person, name, role, session, entity };
    answered = true;
}

/** Null: not signed in. Other failures are thrown, since they are no answer to who one is. */
export async function whoAmI(): Promise<Me | null> {
    if (answered) {
        answered = false;
        return me.value;
    }
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

/** The server decides; these say beforehand whose page it is (src/auth/may.c). */
export const isAdmin = (who: Me | null) => who?.role === 'admin';
export const isStaff = (who: Me | null) => who?.role === 'staff' || isAdmin(who);

/** Without a session: of every one. */
export function mayPresent(who: Me, session: string): boolean {
    return who.role !== 'attendee' && (who.session === null || who.session === session);
}

export function mayModerate(who: Me, session: string): boolean {
    return who.role !== 'speaker' && mayPresent(who, session);
}

export async function signOut(): Promise<void> {
    await post('sign-out', {});
    location.assign(href('sign-in'));
}
