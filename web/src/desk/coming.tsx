// SPDX-License-Identifier: GPL-3.0-or-later
// How many people say that they will come, in all and by entity.
import { useSignal } from '@preact/signals';
import { get } from '../core/api';
import { formatNumber, t } from '../core/i18n';
import type { Plan } from '../core/types';
import { useFresh } from '../ui/hooks/use-fresh';
import { useLoad } from '../ui/hooks/use-load';
import { lazy } from '../ui/lazy';
import { ErrorBox } from '../ui/parts';

const LOOK_AGAIN_MS = 30_000;

type Counts = Pick<NonNullable<Plan['counts']>, 'yes' | 'maybe' | 'no'>;

const words = ({ yes, maybe, no }: Counts) =>
    t('comingCounts', {
        yes: formatNumber(yes),
        maybe: formatNumber(maybe),
        no: formatNumber(no),
    });

const Replies = lazy(() => import('./replies'));

/** Fetched once it is opened. */
function CalendarReplies({ changed }: { changed: () => void }) {
    const open = useSignal(false);
    return (
        <details
            class="text-sm"
            onToggle={(event) => {
                open.value = event.currentTarget.open;
            }}
        >
            <summary class="cursor-pointer font-bold" data-testid="replies">
                {t('replies')}
            </summary>
            {open.value && <Replies changed={changed} />}
        </details>
    );
}

function Counted({ counts }: { counts: NonNullable<Plan['counts']> }) {
    const text = `${t('comingTotal')} ${words(counts)}`;
    if (counts.entities.length === 0) {
        return (
            <p class="text-sm" data-testid="coming">
                {text}
            </p>
        );
    }
    return (
        <details class="text-sm">
            <summary class="cursor-pointer font-bold" data-testid="coming">
                {text}
            </summary>
            <ul class="mt-2 grid gap-1">
                {counts.entities.map((one) => (
                    <li key={one.entity ?? ''} class="user-text">
                        <bdi>{one.entity ?? t('noEntity')}</bdi>: {words(one)}
                    </li>
                ))}
            </ul>
        </details>
    );
}

export function Coming({ session }: { session: string }) {
    const path = `sessions/${encodeURIComponent(session)}/rsvp`;
    const plan = useLoad(path, () => get<Plan>(path));
    useFresh(plan.again, LOOK_AGAIN_MS);
    const counts = plan.value.value?.counts;
    if (plan.problem.value && !counts) {
        return <ErrorBox problem={plan.problem.value} retry={plan.again} />;
    }
    return counts ? (
        <div class="grid gap-2">
            <Counted counts={counts} />
            <CalendarReplies changed={plan.again} />
        </div>
    ) : null;
}
