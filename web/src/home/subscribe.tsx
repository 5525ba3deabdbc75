// SPDX-License-Identifier: GPL-3.0-or-later
// A person's own calendar and podcast, whose addresses are shown on demand.
import { useSignal } from '@preact/signals';
import { get, post } from '../core/api';
import { announce } from '../core/live-region';
import type { Feeds } from '../core/types';
import { CopyField } from '../ui/fields/copy-field';
import { useAct } from '../ui/form';
import { Icon } from '../ui/icons';
import { ErrorBox, HoldButton } from '../ui/parts';
import { webcal } from './choose';
import { w } from './words';

function Address(props: { label: string; text: string; testId: string }) {
    return <CopyField {...props} copy={w('copy')} copied={w('copied')} />;
}

function Addresses({ feeds, replace }: { feeds: Feeds; replace: () => void }) {
    return (
        <div class="grid gap-4" data-testid="feeds">
            <a class="btn btn-main w-fit" href={webcal(feeds.sessions)} data-testid="webcal">
                <Icon name="clock" />
                {w('openCalendar')}
            </a>
            <Address
                key={feeds.sessions}
                label={w('calendarAddress')}
                text={feeds.sessions}
                testId="feed-sessions"
            />
            <Address
                key={feeds.recordings}
                label={w('podcastAddress')}
                text={feeds.recordings}
                testId="feed-recordings"
            />
            <p class="text-sm text-soft">{w('secret')}</p>
            <div class="w-fit">
                <HoldButton class="btn-small btn-bad" testId="feeds-replace" onHold={replace}>
                    {w('replace')}
                </HoldButton>
            </div>
        </div>
    );
}

export function Subscribe() {
    const feeds = useSignal<Feeds | null>(null);
    const replaced = useSignal(false);
    const act = useAct();
    const show = () =>
        act.run(async () => {
            feeds.value = await get<Feeds>('me/feeds');
        });
    const replace = () =>
        act.run(async () => {
            feeds.value = await post<Feeds>('me/feeds', {});
            replaced.value = true;
            announce(w('replaced'));
        });
    return (
        <section class="card grid content-start gap-4 p-5 sm:p-6" aria-labelledby="subscribe">
            <h2 id="subscribe" class="text-lg">
                {w('subscribe')}
            </h2>
            <p>{w('subscribeText')}</p>
            {feeds.value ? (
                <Addresses feeds={feeds.value} replace={() => void replace()} />
            ) : (
                <button
                    type="button"
                    class="btn w-fit"
                    data-testid="show-feeds"
                    aria-disabled={act.busy}
                    onClick={() => void show()}
                >
                    <Icon name="link" />
                    {w('showAddresses')}
                </button>
            )}
            {replaced.value && <p class="text-sm text-good">{w('replaced')}</p>}
            {act.problem && <ErrorBox problem={act.problem} />}
        </section>
    );
}
