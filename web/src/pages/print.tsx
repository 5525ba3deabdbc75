// SPDX-License-Identifier: GPL-3.0-or-later
// Invitations on paper: the address names which, and the links are made by its button, shown and never kept.
import { useSignal } from '@preact/signals';
import { get, post } from '../core/api';
import { isStaff, me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { InvitationActs, InvitationsActed, Session } from '../core/types';
import { type InviteKey, w } from '../invite/words';
import { Title, When } from '../sessions/session-card';
import { useLoad } from '../ui/hooks/use-load';
import { useRequest } from '../ui/hooks/use-request';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { NotForYou } from '../ui/shell/not-for-you';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';

const Cards = lazy(() => import('../invite/cards'));

const KINDS = ['valid', 'unopened', 'unmailed', 'unanswered'] as const;

/** Null: the address names none. */
export function chosenOf(hash: string): InvitationActs['of'] | null {
    const text = hash.replace(/^#/, '');
    const kind = KINDS.find((one) => one === text);
    if (kind) {
        return kind;
    }
    return /^[a-z0-9]+(,[a-z0-9]+)*$/.test(text) ? text.split(',') : null;
}

const kindWords = (kind: string) =>
    w(`show_${kind}` as InviteKey)
        .replace(/\s*\(.*\)/, '')
        .trim();

function Choice({ replace, set }: { replace: boolean; set: (replace: boolean) => void }) {
    return (
        <fieldset class="grid gap-1">
            {[false, true].map((one) => (
                <label key={String(one)} class="flex min-h-11 cursor-pointer items-center gap-3">
                    <input
                        type="radio"
                        name="print-links"
                        class="shrink-0"
                        data-testid={one ? 'print-replace' : 'print-add'}
                        checked={replace === one}
                        onChange={() => set(one)}
                    />
                    {w(one ? 'linksReplace' : 'linksAdd')}
                </label>
            ))}
        </fieldset>
    );
}

function Sheet({ session, of }: { session: Session; of: InvitationActs['of'] }) {
    const replace = useSignal(false);
    const made = useSignal<InvitationsActed | null>(null);
    const { busy, problem, run } = useRequest();
    const make = () =>
        void run(async () => {
            const body: InvitationActs = { act: replace.value ? 'replace' : 'links', of };
            const at = `sessions/${encodeURIComponent(session.id)}/invitations/acts`;
            made.value = await post<InvitationsActed>(at, body);
        });
    if (made.value) {
        return (
            <>
                <div class="no-print flex flex-wrap items-center gap-3">
                    <button
                        type="button"
                        class="btn btn-main"
                        data-testid="print-now"
                        disabled={made.value.items.length === 0}
                        onClick={() => window.print()}
                    >
                        {w('printNow')}
                    </button>
                    <span role="status">{w('cards', { n: made.value.items.length })}</span>
                    <span class="text-sm text-soft">{w('printOnce')}</span>
                </div>
                <Cards links={made.value.items} session={session} />
            </>
        );
    }
    return (
        <div class="card grid gap-4 p-6" data-testid="print-form">
            <p>
                {typeof of === 'string'
                    ? w('printAll', { kind: kindWords(of) })
                    : w('printHow', { n: of.length })}
            </p>
            <Choice
                replace={replace.value}
                set={(one) => {
                    replace.value = one;
                }}
            />
            <p class="text-sm text-soft">{w('printOnce')}</p>
            {problem.value && <ErrorBox problem={problem.value} />}
            <HoldButton
                class="btn-main w-fit"
                testId="make-cards"
                disabled={busy.value}
                onHold={make}
            >
                <Icon name="plus" /> {w(busy.value ? 'making' : 'make')}
            </HoldButton>
        </div>
    );
}

function Staffed({ id }: { id: string }) {
    const path = `sessions/${encodeURIComponent(id)}`;
    const loaded = useLoad(path, () => get<Session>(path));
    const session = loaded.value.value;
    const of = chosenOf(location.hash);
    if (loaded.problem.value) {
        return <ErrorBox problem={loaded.problem.value} retry={loaded.again} />;
    }
    if (!session) {
        return <Skeleton />;
    }
    return (
        <div class="grid gap-5">
            <div class="no-print grid gap-2">
                <a class="btn btn-small btn-quiet w-fit" href={href('desk', id)}>
                    {w('toDesk')}
                </a>
                <h1 class="text-2xl">{w('printTitle')}</h1>
                <p class="font-bold">
                    <Title title={session.title} />
                </p>
                <When at={session.starts_at} minutes={session.duration_minutes} />
            </div>
            {of ? (
                <Sheet session={session} of={of} />
            ) : (
                <p class="card p-6" data-testid="print-none">
                    {w('printNone')}
                </p>
            )}
        </div>
    );
}

export default function Print({ id }: { id: string }) {
    useTitle(w('printTitle'));
    const who = useLoad('me', async () => ({ me: await whoAmI() }));
    const asked = who.value.value;
    return (
        <Shell>
            <div class="page max-w-4xl py-8">
                {who.problem.value ? (
                    <ErrorBox problem={who.problem.value} retry={who.again} />
                ) : !asked ? (
                    <Skeleton />
                ) : !asked.me ? (
                    <SignInCard />
                ) : !isStaff(me.value) ? (
                    <NotForYou page="desk" id={id} />
                ) : (
                    <Staffed id={id} />
                )}
            </div>
        </Shell>
    );
}
