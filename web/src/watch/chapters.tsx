// SPDX-License-Identifier: GPL-3.0-or-later
import { useComputed } from '@preact/signals';
import { formatClock, pick, t } from '../core/i18n';
import { currentOf, type Placed } from '../media/chapters';
import { kindIcon } from '../media/controls/seek-bar';
import { Icon } from '../ui/icons';
import type { Playhead } from './playhead';

export function ChapterList({ chapters, playhead }: { chapters: Placed[]; playhead: Playhead }) {
    // A signal of its own: the list is drawn anew when the chapter changes, not with each frame.
    const current = useComputed(
        () => currentOf(chapters, playhead.time.value * 1000 + 1)?.id ?? null,
    );
    return (
        <section class="card overflow-hidden" aria-labelledby="chapters-title">
            <h2 id="chapters-title" class="border-b border-line px-4 py-2.5 text-base">
                {t('chapters')}
            </h2>
            <ol
                class="grid max-h-72 grid-cols-1 overflow-y-auto lg:max-h-[min(34rem,calc(100dvh-12rem))]"
                data-testid="chapters"
            >
                {chapters.map((chapter) => {
                    const runs = chapter.id === current.value;
                    return (
                        <li key={chapter.id} data-chapter-id={chapter.id} data-kind={chapter.kind}>
                            <button
                                type="button"
                                class={`flex w-full cursor-pointer items-start gap-3 border-s-4 px-3 py-2.5 text-start hover:bg-accent-soft ${runs ? 'border-accent-line bg-accent-soft' : 'border-transparent'}`}
                                data-testid="chapter"
                                aria-current={runs ? 'true' : undefined}
                                onClick={() => playhead.jump(chapter.at_ms / 1000)}
                            >
                                <span
                                    class={`mt-0.5 ${chapter.kind === 'question' ? 'text-info' : 'text-accent'}`}
                                >
                                    <Icon name={kindIcon(chapter.kind)} />
                                </span>
                                <span class="grid min-w-0 flex-1 gap-0.5">
                                    <span class="flex items-center justify-between gap-2 text-xs text-soft">
                                        {t(`kind_${chapter.kind}`)}
                                        <span class="digits text-sm">
                                            {formatClock(chapter.at_ms)}
                                        </span>
                                    </span>
                                    <span
                                        class={`user-text line-clamp-3 text-sm ${runs ? 'font-bold' : ''}`}
                                        dir="auto"
                                    >
                                        {pick(chapter.title) || t('untitled')}
                                    </span>
                                </span>
                            </button>
                        </li>
                    );
                })}
            </ol>
        </section>
    );
}
