// SPDX-License-Identifier: GPL-3.0-or-later
// A page of another role: says so, and where this person's own page is.
import { type Key, t } from '../../core/i18n';
import { me } from '../../core/me';
import { homeOf, href } from '../../core/router';

export function NotForYou({ page, id }: { page: 'present' | 'desk' | 'staff'; id: string }) {
    const role = me.value?.role ?? 'attendee';
    const own = me.value?.session === id ? role : 'attendee';
    const words = page === 'present' ? 'notPresenter' : 'notDesk';
    return (
        <div
            class="card mx-auto grid max-w-xl justify-items-center gap-4 p-6 text-center"
            role="alert"
            data-testid="state-card"
            data-card="denied"
        >
            <h1 class="text-2xl">{t(`${words}Title` as Key)}</h1>
            <p>{t(`${words}Text` as Key)}</p>
            <div class="flex flex-wrap justify-center gap-2">
                <a class="btn btn-main" href={homeOf(own, id)}>
                    {t(
                        own === 'speaker'
                            ? 'toPresenterPage'
                            : own === 'moderator'
                              ? 'openDesk'
                              : 'toAttendeePage',
                    )}
                </a>
                <a class="btn" href={href('sign-in')}>
                    {t('otherInvitation')}
                </a>
            </div>
        </div>
    );
}
