// SPDX-License-Identifier: GPL-3.0-or-later
// The answer to an invitation, chosen in a mail (#yes, #maybe, #no) and confirmed here: programs that scan
// mails open links too, and say nothing by that.
import { useSignal } from '@preact/signals';
import { get } from '../core/api';
import { pick } from '../core/i18n';
import { whoAmI } from '../core/me';
import { href } from '../core/router';
import { isOver } from '../core/session/state';
import type { Coming, Session } from '../core/types';
import { ANSWERS, useAnswer } from '../home/answer';
import { w } from '../home/words';
import { SpeakerLine, Title, When } from '../sessions/session-card';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';

export const chosenIn = (hash: string): Coming =>
    ANSWERS.find((one) => hash === `#${one}`) ?? 'yes';

function Choices({ chosen, choose }: { chosen: Coming; choose: (one: Coming) => void }) {
    return (
        <fieldset class="grid gap-2">
            <legend class="mb-2 font-bold">{w('coming')}</legend>
            {ANSWERS.map((one) => (
                <label key={one} class="flex min-h-11 items-center gap-3">
                    <input
                        type="radio"
                        name="coming"
                        value={one}
                        data-testid={`choose-${one}`}
                        checked={chosen === one}
                        onChange={() => choose(one)}
                    />
                    {w(`coming_${one}`)}
                </label>
            ))}
        </fieldset>
    );
}

function Choose({ session }: { session: Session }) {
    const { plan, act, answer, coming } = useAnswer(session);
    const chosen = useSignal(chosenIn(location.hash));
    const choose = (one: Coming) => {
        chosen.value = one;
        act.edited();
    };
    return (
        <form
            class="grid gap-4"
            data-testid="rsvp-form"
            onSubmit={(event) => {
                event.preventDefault();
                void answer(chosen.value);
            }}
        >
            <Choices chosen={chosen.value} choose={choose} />
            <p class="text-sm text-soft">{w('confirmText')}</p>
            <div class="flex flex-wrap gap-2">
                <button
                    type="submit"
                    class="btn btn-main"
                    data-testid="rsvp-confirm"
                    aria-disabled={act.busy}
                >
                    <Icon name="check" size={18} />
                    {w('confirm', { answer: w(`coming_${chosen.value}`) })}
                </button>
                <a class="btn" href={href('s', session.id)}>
                    {w('toSession')}
                </a>
            </div>
            {coming && (
                <p class="font-bold" role="status" data-testid="rsvp-noted" data-coming={coming}>
                    {w(`noted_${coming}`)}
                </p>
            )}
            {act.problem ? (
                <ErrorBox problem={act.problem} />
            ) : (
                plan.problem.value && <ErrorBox problem={plan.problem.value} retry={plan.again} />
            )}
        </form>
    );
}

export default function Rsvp({ id }: { id: string }) {
    const loaded = useLoad(id, async () => ({
        session: (await whoAmI()) ? await get<Session>(`sessions/${encodeURIComponent(id)}`) : null,
    }));
    const session = loaded.value.value?.session;
    useTitle(session ? pick(session.title) : w('coming'));
    return (
        <Shell session={session}>
            <div class="page max-w-2xl py-8 sm:py-12">
                {loaded.problem.value ? (
                    <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
                ) : session ? (
                    <section class="card grid gap-5 p-5 sm:p-8">
                        <div class="grid gap-1.5">
                            <h1 class="text-xl sm:text-2xl">
                                <Title title={session.title} />
                            </h1>
                            <SpeakerLine speakers={session.speakers} />
                            <When at={session.starts_at} minutes={session.duration_minutes} />
                        </div>
                        {isOver(session.state) ? (
                            <p data-testid="rsvp-over">{w('over')}</p>
                        ) : (
                            <Choose session={session} />
                        )}
                    </section>
                ) : session === null ? (
                    <SignInCard />
                ) : (
                    <Skeleton />
                )}
            </div>
        </Shell>
    );
}
