// SPDX-License-Identifier: GPL-3.0-or-later
// Whether one comes to a session.
import { get, request } from '../core/api';
import { announce } from '../core/live-region';
import type { Coming, Plan, Session } from '../core/types';
import { useAct } from '../ui/form';
import { useFresh } from '../ui/hooks/use-fresh';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { w } from './words';

export const ANSWERS: Coming[] = ['yes', 'maybe', 'no'];

export function useAnswer(session: Session) {
    const path = `sessions/${encodeURIComponent(session.id)}/rsvp`;
    const plan = useLoad(path, () => get<Plan>(path));
    const act = useAct();
    useFresh(plan.again);
    const answer = (one: Coming) =>
        act.run(async () => {
            plan.set(await request<Plan>('PUT', path, { coming: one }));
            announce(w(`noted_${one}`));
        });
    return { plan, act, answer, coming: plan.value.value?.coming ?? null };
}

export function Answer({ session }: { session: Session }) {
    const { plan, act, answer, coming } = useAnswer(session);
    return (
        <fieldset class="grid gap-2" data-testid="rsvp">
            <legend class="mb-2 font-bold">{w('coming')}</legend>
            <div class="flex flex-wrap gap-2">
                {ANSWERS.map((one) => (
                    <button
                        key={one}
                        type="button"
                        class={`btn ${coming === one ? 'btn-main' : ''}`}
                        data-testid={`rsvp-${one}`}
                        aria-pressed={coming === one}
                        aria-disabled={act.busy}
                        onClick={() => void answer(one)}
                    >
                        {coming === one && <Icon name="check" size={18} />}
                        {w(`coming_${one}`)}
                    </button>
                ))}
            </div>
            {coming && <p class="text-sm text-soft">{w(`noted_${coming}`)}</p>}
            {act.problem && <ErrorBox problem={act.problem} />}
            {plan.problem.value && !plan.value.value && (
                <ErrorBox problem={plan.problem.value} retry={plan.again} />
            )}
        </fieldset>
    );
}
