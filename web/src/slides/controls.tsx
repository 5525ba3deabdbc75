// SPDX-License-Identifier: GPL-3.0-or-later
// What turns and shows the slides, for the speaker's page and the desk.

import type { Session, Slides } from '../core/types';
import { Icon } from '../ui/icons';
import { SlidePicture, slideUrl } from './picture';
import { SHOWN, type SlidesActs } from './use-slides';
import { w } from './words';

interface Props {
    slides: Slides;
    acts: SlidesActs;
    /** Of the buttons. */
    look: string;
}

function Turn({ acts, look, step }: { acts: SlidesActs; look: string; step: 1 | -1 }) {
    const label = w(step > 0 ? 'next' : 'previous');
    return (
        <button
            type="button"
            class={`${look} size-11 shrink-0 p-0`}
            aria-label={label}
            title={label}
            aria-keyshortcuts={step > 0 ? 'PageDown' : 'PageUp'}
            data-testid={step > 0 ? 'slide-next' : 'slide-previous'}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => acts.turn(acts.page.value + step)}
        >
            <span class={step > 0 ? 'rotate-90 rtl:-rotate-90' : '-rotate-90 rtl:rotate-90'}>
                <Icon name="up" />
            </span>
        </button>
    );
}

export function Pages({ slides, acts, look }: Props) {
    return (
        <div class="flex items-center gap-2">
            <Turn acts={acts} look={look} step={-1} />
            <span class="flex-1 text-center tabular-nums" data-testid="slide-number" role="status">
                <span class="sr-only">
                    {w('page', { n: acts.page.value, count: slides.pages })}
                </span>
                <bdi aria-hidden="true" dir="ltr">
                    {acts.page.value} / {slides.pages}
                </bdi>
            </span>
            <Turn acts={acts} look={look} step={1} />
        </div>
    );
}

export function Shown({ acts, look }: Omit<Props, 'slides'>) {
    return (
        <fieldset class="flex gap-1.5 border-0 p-0 low:flex-col">
            <legend class="sr-only">{w('shown')}</legend>
            {SHOWN.map((one) => (
                <button
                    key={one}
                    type="button"
                    class={`${look} flex-1 px-2 text-sm leading-tight aria-pressed:border-camel-300 aria-pressed:bg-camel-300 aria-pressed:text-aeblack-950`}
                    aria-pressed={acts.shown.value === one}
                    data-testid={`slides-${one}`}
                    onMouseDown={(event) => event.preventDefault()}
                    onClick={() => acts.show(one)}
                >
                    {w(one)}
                </button>
            ))}
        </fieldset>
    );
}

/** The page that is shown, and the one that comes. */
export function Pair({
    session,
    slides,
    acts,
    class: className,
}: {
    session: Session;
    slides: Slides;
    acts: SlidesActs;
    /** Its columns. */
    class: string;
}) {
    const next = acts.page.value + 1;
    const picture = { session, slides };
    return (
        <div class={`grid items-start gap-2 ${className}`}>
            <SlidePicture
                {...picture}
                page={acts.page.value}
                kind="png"
                alt={w('current')}
                testId="slide-current"
            />
            {next <= slides.pages ? (
                <SlidePicture
                    {...picture}
                    page={next}
                    kind="jpg"
                    alt={w('coming')}
                    testId="slide-coming"
                />
            ) : (
                <p class="text-sm">{w('last')}</p>
            )}
        </div>
    );
}

/** Every page; a press shows it. */
export function All({
    session,
    slides,
    acts,
}: {
    session: Session;
    slides: Slides;
    acts: SlidesActs;
}) {
    return (
        <ol
            class="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-2"
            aria-label={w('all')}
            data-testid="slides-all"
        >
            {Array.from({ length: slides.pages }, (_, i) => i + 1).map((page) => (
                <li key={page}>
                    <button
                        type="button"
                        class="block w-full cursor-pointer rounded-lg border-2 border-transparent p-0.5 aria-current:border-camel-500"
                        aria-current={page === acts.page.value}
                        aria-label={w('page', { n: page, count: slides.pages })}
                        onClick={() => acts.turn(page)}
                    >
                        <img
                            src={slideUrl(session.id, slides, page, 'jpg')}
                            width={320}
                            height={180}
                            loading="lazy"
                            alt=""
                            class="aspect-video h-auto w-full rounded-md bg-black"
                        />
                        <bdi class="text-xs">{page}</bdi>
                    </button>
                </li>
            ))}
        </ol>
    );
}
