// SPDX-License-Identifier: GPL-3.0-or-later
// The size of the question on the screen: as large as its box allows, by as many steps as were
// pressed. The steps outlast the page, in this browser.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { lang } from '../core/i18n';
import type { Question } from '../core/types';
import { press, type Size, shownPx, wantedPx } from './fit';
import { useFit } from './use-fit';

const KEPT = 'majlis.present.level';

function keptLevel(): number {
    try {
        const level = Number(localStorage.getItem(KEPT));
        return Number.isInteger(level) && Math.abs(level) <= 12 ? level : 0;
    } catch {
        return 0;
    }
}

function keepLevel(level: number): void {
    try {
        localStorage.setItem(KEPT, String(level));
    } catch {
        // storage is blocked: the size lasts as long as the page
    }
}

/** The usual size of a question where there is room: read at 3 m from a screen, at hand from a phone. */
function usualPx(): number {
    return Math.min(120, Math.max(32, innerWidth * 0.056));
}

export function useQuestionSize(question: Question | null, hidden: boolean) {
    const size = useSignal<Size>({ level: keptLevel(), beyond: 0 });
    const fit = useFit(
        () => wantedPx(usualPx(), size.value),
        [question?.id, question?.text, hidden, size.value, lang.value],
        (px) => shownPx(px, size.value),
    );
    useEffect(() => {
        size.value = { ...size.value, beyond: 0 };
        fit.box.current?.scrollTo({ top: 0 });
    }, [question?.id]);
    return {
        fit,
        resize: (step: 1 | -1) => {
            size.value = press(size.value, step, usualPx(), fit.px.current ?? usualPx());
            keepLevel(size.value.level);
        },
        scroll: (step: 1 | -1) => {
            fit.box.current?.scrollBy({ top: step * fit.box.current.clientHeight * 0.5 });
        },
    };
}
