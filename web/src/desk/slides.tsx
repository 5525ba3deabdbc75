// SPDX-License-Identifier: GPL-3.0-or-later
// The slides at the desk: their file, their page, how they are shown.
import { codeWords } from '../core/problem';
import type { Session, Slides } from '../core/types';
import { All, Pages, Pair, Shown } from '../slides/controls';
import { useSlides } from '../slides/use-slides';
import { w } from '../slides/words';
import { ErrorBox } from '../ui/parts';

function File({
    session,
    slides,
    choose,
}: {
    session: Session;
    slides: Slides;
    choose: (material: string | null) => void;
}) {
    const files = session.materials.filter(({ type }) => type === 'application/pdf');
    if (files.length === 0) {
        return (
            <p class="text-sm text-soft">
                {w('noPdf')} {w('chooseHint')}
            </p>
        );
    }
    return (
        <label class="grid gap-1">
            <span class="font-bold">{w('choose')}</span>
            <select
                class="input"
                data-testid="slides-file"
                value={slides.material ?? ''}
                onChange={(event) => choose(event.currentTarget.value || null)}
            >
                <option value="">{w('nobody')}</option>
                {files.map(({ id, name }) => (
                    <option key={id} value={id}>
                        {name}
                    </option>
                ))}
            </select>
            <span class="text-sm text-soft">{w('chooseHint')}</span>
        </label>
    );
}

function Fault({ problem }: { problem: string | null }) {
    const own = codeWords(problem);
    return (
        <p class="card card-bad p-3 text-sm" role="alert" data-testid="slides-fault">
            <b>{own?.title ?? w('failed')}</b> {own?.text}
        </p>
    );
}

export function SlidesSection({ session, slides }: { session: Session; slides: Slides }) {
    const acts = useSlides(session, slides);
    const shared = { session, slides, acts };
    return (
        <section class="grid gap-3" aria-label={w('title')} data-testid="slides-section">
            <h3 class="text-base">{w('title')}</h3>
            {acts.problem.value && <ErrorBox problem={acts.problem.value} />}
            <File session={session} slides={slides} choose={acts.choose} />
            {slides.state === 'working' && <p role="status">{w('working')}</p>}
            {slides.state === 'failed' && <Fault problem={slides.problem} />}
            {slides.state === 'ready' && (
                <>
                    <Pair {...shared} class="grid-cols-[2fr_1fr]" />
                    <Pages slides={slides} acts={acts} look="btn" />
                    <Shown acts={acts} look="btn" />
                    <details>
                        <summary>{w('all')}</summary>
                        <All {...shared} />
                    </details>
                </>
            )}
        </section>
    );
}
