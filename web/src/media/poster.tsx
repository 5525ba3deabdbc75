// SPDX-License-Identifier: GPL-3.0-or-later
// What the session is, where its picture is not there yet or no more: title, speaker, date.
import { formatDate, formatTime, pick, t } from '../core/i18n';
import type { Announced } from '../core/types';
import { UserText } from '../ui/user-text';

export function Poster({ session, small = false }: { session: Announced; small?: boolean }) {
    const names = session.speakers.map(({ name }) => pick(name)).filter(Boolean);
    return (
        <div class="grid max-w-full min-w-0 justify-items-center gap-1" data-testid="poster">
            <UserText
                as="p"
                class={`line-clamp-2 font-heading leading-snug font-bold @xl:line-clamp-3 low:line-clamp-1 ${small ? 'text-base @xl:text-xl' : 'text-lg @xl:text-3xl'}`}
            >
                {pick(session.title) || t('untitled')}
            </UserText>
            {names.length > 0 && (
                <UserText
                    as="p"
                    class="hidden text-aegold-200 @md:line-clamp-2 @xl:text-lg low:line-clamp-1"
                >
                    {names.join(' · ')}
                </UserText>
            )}
            <p class="hidden text-sm text-whitely-400 @md:block low:@max-xl:hidden">
                <time dateTime={session.starts_at}>
                    {formatDate(session.starts_at)} · {formatTime(session.starts_at)}
                </time>{' '}
                {t('uaeTime')}
            </p>
        </div>
    );
}
