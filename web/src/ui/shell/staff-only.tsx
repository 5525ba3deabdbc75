// SPDX-License-Identifier: GPL-3.0-or-later
// A page for staff: shown to them, else how to sign in, or that it is not for this sign-in.
import type { ComponentChildren } from 'preact';
import { isStaff, me, whoAmI } from '../../core/me';
import { useLoad } from '../hooks/use-load';
import { ErrorBox, Skeleton } from '../parts';
import { NotForYou } from './not-for-you';
import { Shell } from './shell';
import { SignInCard } from './sign-in-card';

export function StaffOnly({ children }: { children: ComponentChildren }) {
    const loaded = useLoad('me', async () => ({ who: me.value ?? (await whoAmI()) }));
    const answer = loaded.value.value;
    return (
        <Shell>
            <div class="page max-w-6xl py-8 sm:py-10">
                {loaded.problem.value ? (
                    <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
                ) : !answer ? (
                    <Skeleton />
                ) : !answer.who ? (
                    <SignInCard />
                ) : !isStaff(answer.who) ? (
                    <NotForYou page="staff" id={answer.who.session ?? ''} />
                ) : (
                    children
                )}
            </div>
        </Shell>
    );
}
