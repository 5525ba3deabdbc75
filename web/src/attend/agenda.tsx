// SPDX-License-Identifier: GPL-3.0-or-later
// The agenda of a session with the times of its plan, for those who attend it.
import { formatTime, pick, t } from '../core/i18n';
import type { Session } from '../core/types';
import { UserText } from '../ui/user-text';
import { agendaTimes } from './agenda-times';

/** When it begins by the plan, and for how long. */
function Times({ at, minutes }: { at: number | null; minutes: number }) {
    const texts = [at !== null && formatTime(at), minutes > 0 && t('minutes', { n: minutes })];
    const known = texts.filter(Boolean);
    return known.length > 0 ? (
        <p class="text-sm text-soft" data-testid="agenda-when">
            {known.join(' · ')}
        </p>
    ) : null;
}

export default function Agenda({ session }: { session: Session }) {
    const times = agendaTimes(session.starts_at, session.agenda);
    return (
        <ol
            class="grid list-decimal gap-2 py-4 ps-10 pe-4 roomy:overflow-y-auto"
            data-testid="officer-agenda"
        >
            {session.agenda.map(({ title, minutes }, i) => (
                <li key={i} class="ps-1 marker:font-bold marker:text-accent">
                    <UserText as="div">{pick(title) || t('untitled')}</UserText>
                    <Times at={times[i] ?? null} minutes={minutes ?? 0} />
                </li>
            ))}
        </ol>
    );
}
