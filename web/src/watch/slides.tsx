// SPDX-License-Identifier: GPL-3.0-or-later
// The slides of a recording, each at its moment: a press plays from there.
import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get } from '../core/api';
import { formatClock } from '../core/i18n';
import type { ShownSlide, ShownSlideList } from '../core/types';
import { w } from '../slides/words';
import { useLoad } from '../ui/hooks/use-load';
import type { Playhead } from './playhead';

type Moment = ShownSlide & { at_ms: number; picture: string };

const isMoment = (slide: ShownSlide): slide is Moment =>
    slide.at_ms !== null && slide.picture !== null;

/** What is read to those who cannot see it: the page's first line. */
const titleOf = (slide: ShownSlide) =>
    slide.text
        .split('\n')
        .map((line) => line.trim())
        .find((line) => line !== '') ?? w('numbered', { n: slide.page });

function One({ slide, runs, go }: { slide: Moment; runs: boolean; go: () => void }) {
    const item = useRef<HTMLLIElement>(null);
    useEffect(() => {
        const list = item.current?.parentElement;
        if (runs && list && item.current) {
            const apart = item.current.getBoundingClientRect().x - list.getBoundingClientRect().x;
            list.scrollBy({ left: apart - list.clientWidth / 3, behavior: 'smooth' });
        }
    }, [runs]);
    return (
        <li ref={item} class="w-40 shrink-0">
            <button
                type="button"
                class={`grid w-full cursor-pointer gap-1 rounded-lg border-2 p-1 text-start ${runs ? 'border-accent-line bg-accent-soft' : 'border-transparent hover:bg-accent-soft'}`}
                aria-current={runs ? 'true' : undefined}
                data-testid="shown-slide"
                data-page={slide.page}
                data-at={slide.at_ms}
                onClick={go}
            >
                <img
                    src={slide.picture}
                    width={320}
                    height={180}
                    loading="lazy"
                    alt=""
                    class="aspect-video h-auto w-full rounded bg-black"
                />
                <span class="flex justify-between gap-2 text-xs text-soft">
                    <span class="truncate" dir="auto">
                        {titleOf(slide)}
                    </span>
                    <span class="digits">{formatClock(slide.at_ms)}</span>
                </span>
            </button>
        </li>
    );
}

export default function ShownSlides({
    session,
    settled,
    playhead,
    class: className,
}: {
    session: string;
    /** Changes when the places in the recording do. */
    settled: string;
    playhead: Playhead;
    class: string;
}) {
    const list = useLoad(`${session} ${settled}`, () =>
        get<ShownSlideList>(`recordings/${encodeURIComponent(session)}/slides`),
    );
    const all = list.value.value?.items ?? [];
    const current = useComputed(
        () =>
            list.value.value?.items.findLast(
                ({ at_ms }) => at_ms !== null && at_ms <= playhead.time.value * 1000 + 1,
            )?.id ?? null,
    );
    const moments = all.filter(isMoment);
    if (moments.length === 0) {
        return null;
    }
    return (
        <section class={className} aria-labelledby="slides-title">
            <h2 id="slides-title" class="text-base">
                {w('title')}
            </h2>
            <ol class="flex gap-2 overflow-x-auto py-2" data-testid="shown-slides">
                {moments.map((slide) => (
                    <One
                        key={slide.id}
                        slide={slide}
                        runs={slide.id === current.value}
                        go={() => playhead.jump(slide.at_ms / 1000)}
                    />
                ))}
            </ol>
        </section>
    );
}
