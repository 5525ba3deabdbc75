// SPDX-License-Identifier: GPL-3.0-or-later
// A person's own calendar and podcast, whose addresses are shown on demand.
import { useSignal } from '@preact/signals';
import { get, post } from '../core/api';
import { announce } from '../core/live-region';
import type { Feeds } from '../core/types';
import { useAct } from '../ui/form';
import { Icon } from '../ui/icons';
import { ErrorBox, HoldButton } from '../ui/parts';
import { webcal } from './choose';
import { w } from './words';

function Address({ label, url, testId }: { label: string; url: string; testId: string }) {
    const copied = useSignal(false);
    const copy = async () => {
        await navigator.clipboard.writeText(url);
        copied.value = true;
        announce(w('copied'));
    };
    return (
        <div class="flex flex-wrap items-end gap-2">
            <label class="field min-w-0 flex-1 basis-48">
                {label}
                <input
                    class="font-mono text-sm"
                    dir="ltr"
                    readOnly
                    data-testid={testId}
                    value={url}
                    onFocus={(event) => event.currentTarget.select()}
                />
            </label>
            <button type="button" class="btn" onClick={() => void copy().catch(() => undefined)}>
                <Icon name={copied.value ? 'check' : 'copy'} />
                {w(copied.value ? 'copied' : 'copy')}
            </button>
        </div>
    );
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
                url={feeds.sessions}
                testId="feed-sessions"
            />
            <Address
                key={feeds.recordings}
                label={w('podcastAddress')}
                url={feeds.recordings}
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
