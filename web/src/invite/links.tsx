// SPDX-License-Identifier: GPL-3.0-or-later
// Personal links, shown once.
import { useSignal } from '@preact/signals';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { InvitationMade } from '../core/types';
import { Icon } from '../ui/icons';
import { w } from './words';

async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    announce(t('copied'));
}

export function CopyButton({
    url,
    testId,
    small,
}: {
    url: string;
    testId: string;
    small?: boolean;
}) {
    const copied = useSignal(false);
    return (
        <button
            type="button"
            class={`btn ${small ? 'btn-small' : ''}`}
            data-testid={testId}
            onClick={() =>
                void copy(url).then(
                    () => {
                        copied.value = true;
                    },
                    () => undefined,
                )
            }
        >
            <Icon name={copied.value ? 'check' : 'copy'} size={small ? 16 : 20} />
            {t(copied.value ? 'copied' : small ? 'copyLink' : 'copy')}
        </button>
    );
}

export function LinkField({
    url,
    testId,
    label = t('invitationLink'),
}: {
    url: string;
    testId: string;
    label?: string;
}) {
    return (
        <input
            class="input min-w-0 flex-1 basis-48 font-mono text-sm"
            dir="ltr"
            readOnly
            data-testid={testId}
            aria-label={label}
            value={url}
            onFocus={(event) => event.currentTarget.select()}
        />
    );
}

/** Each says whose it is. */
export function NewLinks({ links, close }: { links: InvitationMade[]; close: () => void }) {
    return (
        <div
            class="grid gap-3 rounded-xl bg-good-soft p-3 text-sm"
            role="status"
            data-testid="new-links"
        >
            <p class="font-bold">{w('newLinks')}</p>
            <ul class="grid max-h-72 grid-cols-1 gap-3 overflow-y-auto">
                {links.map((one) => (
                    <li key={one.url} class="grid gap-1" data-testid="new-link">
                        <span class="user-text">
                            <bdi class="font-bold">{one.name}</bdi>
                            {one.entity && (
                                <>
                                    {t('comma')} <bdi>{one.entity}</bdi>
                                </>
                            )}
                        </span>
                        <span class="flex flex-wrap items-center gap-2">
                            <LinkField url={one.url} testId="new-link-url" />
                            <CopyButton url={one.url} testId="new-link-copy" small />
                        </span>
                    </li>
                ))}
            </ul>
            <button type="button" class="btn btn-small w-fit" onClick={close}>
                {w('close')}
            </button>
        </div>
    );
}
