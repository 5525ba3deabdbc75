// SPDX-License-Identifier: GPL-3.0-or-later
// The slides beside the speaker's question.
import { useEffect } from 'preact/hooks';
import { problemWords } from '../core/problem';
import type { Session, Slides } from '../core/types';
import { keyName, typing } from '../media/controls/keys';
import { Pages, Pair, Shown } from '../slides/controls';
import { SHOWN, type SlidesActs, useSlides } from '../slides/use-slides';
import { w } from '../slides/words';

const LOOK =
    'inline-flex min-h-11 cursor-pointer items-center justify-center rounded-xl border border-ink-line bg-ink-soft font-bold text-white hover:border-aeblack-300';

/** A clicker sends PageDown and PageUp. */
function useSlideKeys(acts: SlidesActs) {
    useEffect(() => {
        const turns: Record<string, () => void> = {
            PageDown: () => acts.turn(acts.page.value + 1),
            PageUp: () => acts.turn(acts.page.value - 1),
            s: () =>
                acts.show(SHOWN[(SHOWN.indexOf(acts.shown.value) + 1) % SHOWN.length] ?? 'off'),
        };
        const down = (event: KeyboardEvent) => {
            const act = turns[event.key] ?? turns[keyName(event)];
            const modified = event.ctrlKey || event.metaKey || event.altKey;
            if (
                act &&
                !modified &&
                !typing(event.target) &&
                !document.querySelector('dialog[open]')
            ) {
                event.preventDefault();
                act();
            }
        };
        addEventListener('keydown', down);
        return () => removeEventListener('keydown', down);
    });
}

export default function SlidesPanel({ session, slides }: { session: Session; slides: Slides }) {
    const acts = useSlides(session, slides);
    useSlideKeys(acts);
    const problem = acts.problem.value && problemWords(acts.problem.value);
    if (slides.state !== 'ready') {
        return slides.state === 'working' ? <p class="shrink-0 text-sm">{w('working')}</p> : null;
    }
    return (
        <aside
            class="flex min-h-0 shrink-0 flex-col gap-1.5 low:w-36 big:w-80 big:gap-2"
            aria-label={w('title')}
            data-testid="slides-panel"
        >
            {problem && (
                <p role="alert" class="rounded-xl bg-aered-800 px-3 py-1 text-sm text-white">
                    <b>{problem.title}</b> {problem.todo || problem.meaning}
                </p>
            )}
            <Pages slides={slides} acts={acts} look={LOOK} />
            <Shown acts={acts} look={LOOK} />
            <div class="hidden min-h-0 overflow-hidden big:block">
                <Pair session={session} slides={slides} acts={acts} class="" />
            </div>
        </aside>
    );
}
