// SPDX-License-Identifier: GPL-3.0-or-later
// The presenter's keys, and the parts that a small screen leaves out.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { LanguageSwitch } from '../ui/shell/shell';
import { w } from './words';

const keys = (): [string, string][] => [
    ['N', w('nextQuestion')],
    ['Enter', w('holdAnswered')],
    ['U', t('undo')],
    ['B', w('hideShow')],
    ['+', w('larger')],
    ['−', w('smaller')],
    ['↑ ↓', w('scrollQuestion')],
    ['PageDown', w('nextSlide')],
    ['PageUp', w('previousSlide')],
    ['S', w('showSlides')],
    ['Y', w('acknowledgeMessage')],
    ['C', w('camera')],
    ['?', t('keysTitle')],
];

export function Help({ close }: { close: () => void }) {
    const dialog = useRef<HTMLDialogElement>(null);
    useEffect(() => dialog.current?.showModal(), []);
    return (
        <dialog
            ref={dialog}
            data-testid="keys-list"
            class="on-dark max-h-[92dvh] w-[min(34rem,94vw)] overflow-y-auto rounded-2xl border border-ink-line bg-ink-soft p-4 text-white backdrop:bg-black/60"
            aria-label={t('keysTitle')}
            onClose={close}
        >
            <div class="mb-2 flex items-center justify-between gap-3">
                <h2 class="text-lg">{t('keysTitle')}</h2>
                <LanguageSwitch dark />
            </div>
            <dl class="grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5">
                {keys().map(([name, words]) => (
                    <div key={name} class="contents">
                        <dt>
                            <kbd class="rounded-md border border-current px-2" dir="ltr">
                                {name}
                            </kbd>
                        </dt>
                        <dd>{words}</dd>
                    </div>
                ))}
            </dl>
            <form method="dialog" class="mt-4">
                <button type="submit" class="btn w-full">
                    {t('close')}
                </button>
            </form>
        </dialog>
    );
}
