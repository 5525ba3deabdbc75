// SPDX-License-Identifier: GPL-3.0-or-later
// One form's request: its answer and its refusal belong to the input that was sent. Editing takes
// both away, a second submit while one is under way does nothing, and an answer that comes after an
// edit never stands as that of the newer input.
import { useSignal } from '@preact/signals';
import { type ComponentChildren, createContext, type RefObject } from 'preact';
import { useContext, useEffect, useId, useRef } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';
import { t } from '../core/i18n';
import { fieldWords, isAbout, loadCodeWords } from '../core/problem';
import { hasTooManyMarks, isBlank, textProblem } from '../core/text';
import { Icon } from './icons';
import { ErrorBox } from './parts';

export interface Act<T> {
    busy: boolean;
    problem: Problem | null;
    /** The problem concerns input that was edited while the request was under way. */
    late: boolean;
    /** The answer to the present input; null before it, and after an edit. */
    answer: T | null;
    /** Resolves with whether it was done and nothing was edited meanwhile. */
    run: (work: () => Promise<T>) => Promise<boolean>;
    /** The input changed: forgets the answer to the former input. */
    edited: () => void;
    refuse: (problem: Problem) => void;
}

/** One request at a time, for a form or a button. */
export function useAct<T = unknown>(): Act<T> {
    const state = useSignal<{ busy: boolean; problem: Problem | null; late: boolean }>({
        busy: false,
        problem: null,
        late: false,
    });
    const answer = useSignal<T | null>(null);
    const turn = useRef({ edits: 0, busy: false });
    const run = async (work: () => Promise<T>): Promise<boolean> => {
        if (turn.current.busy) {
            return false;
        }
        const { edits } = turn.current;
        turn.current.busy = true;
        answer.value = null;
        state.value = { busy: true, problem: null, late: false };
        let problem: Problem | null = null;
        let made: T | null = null;
        try {
            made = await work();
        } catch (error) {
            problem = asProblem(error);
        }
        const late = edits !== turn.current.edits;
        turn.current.busy = false;
        state.value = { busy: false, problem, late: late && problem !== null };
        answer.value = late || problem ? null : made;
        return problem === null && !late;
    };
    const edited = () => {
        turn.current.edits++;
        answer.value = null;
        if (state.value.problem) {
            state.value = { ...state.value, problem: null, late: false };
        }
    };
    const refuse = (problem: Problem) => {
        answer.value = null;
        state.value = { busy: turn.current.busy, problem, late: false };
    };
    return { ...state.value, answer: answer.value, run, edited, refuse };
}

interface FormState {
    id: string;
    problem: Problem | null;
    /** The form's field at fault. */
    at: string | null;
}

const FormContext = createContext<FormState | null>(null);

/** The control that the problem is about: the first one in the document whose name fits. */
function controlAt(form: HTMLElement, problem: Problem): HTMLElement | null {
    const controls = [...form.querySelectorAll<HTMLElement>('[data-field]')];
    return controls.find((one) => isAbout(problem, one.dataset.field ?? '')) ?? null;
}

/** The first text that the server would refuse: blank where one is required, or with too many marks. */
function refusedText(form: HTMLElement): Problem | null {
    const texts = form.querySelectorAll<HTMLInputElement>(
        'input[data-field]:is([type=text], :not([type])), textarea[data-field]',
    );
    for (const one of texts) {
        const field = one.dataset.field ?? '';
        if ((one.required && isBlank(one.value)) || hasTooManyMarks(one.value)) {
            return textProblem(one.value, field, Number.POSITIVE_INFINITY);
        }
    }
    return null;
}

/** Finds the control of `problem` once it is drawn, and moves the focus there. Null: not yet looked
 *  for; `at` is null where no control fits. */
function useFoundControl(form: RefObject<HTMLFormElement | null>, problem: Problem | null) {
    const found = useSignal<{ problem: Problem; at: string | null } | null>(null);
    const here = found.value?.problem === problem ? found.value : null;
    useEffect(() => {
        const control = problem && form.current ? controlAt(form.current, problem) : null;
        found.value = problem && { problem, at: control?.dataset.field ?? null };
    }, [problem]);
    // After the words stand beside it, so that a screen reader says them with the control.
    useEffect(() => {
        if (here?.at && form.current) {
            controlAt(form.current, here.problem)?.focus();
        }
    }, [here]);
    return here;
}

/** Problems that concern no control of the form, or input that was edited since. Comes into sight: the end of a
 *  long form may stand below the window. */
function Refused({ problem, late }: { problem: Problem; late: boolean }) {
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [problem]);
    return (
        <div ref={box} class={late ? 'col-span-full grid gap-2' : 'col-span-full'}>
            {late && <p class="text-sm font-bold">{t('lateAnswer')}</p>}
            <ErrorBox problem={problem} />
        </div>
    );
}

/** A form around the controls that useField() names. A refusal of a control stands beside it, and the
 *  focus goes there; any other refusal stands in a box at the end. */
export function Form<T>({
    act,
    fault = null,
    onSubmit,
    children,
    class: className = '',
    testId,
    labelledBy,
}: {
    act: Act<T>;
    /** The fault of the present input: shown beside its field while the user types, without moving
     *  the focus. */
    fault?: Problem | null;
    onSubmit: () => void;
    children: ComponentChildren;
    class?: string;
    testId?: string;
    labelledBy?: string;
}) {
    const id = useId();
    const form = useRef<HTMLFormElement>(null);
    const problem = act.late ? null : act.problem;
    const here = useFoundControl(form, problem);
    const at = problem ? (here?.at ?? null) : (fault?.field ?? null);
    const apart = act.late || (here && !here.at);
    const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
        event.preventDefault();
        const refused = fault ?? refusedText(event.currentTarget);
        if (refused) {
            act.refuse(refused);
        } else {
            onSubmit();
        }
    };
    return (
        <FormContext.Provider value={{ id, problem: problem ?? fault, at }}>
            <form
                ref={form}
                class={className}
                data-testid={testId}
                aria-labelledby={labelledBy}
                aria-busy={act.busy}
                noValidate
                onFocusIn={() => void loadCodeWords()}
                onInput={act.edited}
                onSubmit={submit}
            >
                {children}
                {act.problem && apart && <Refused problem={act.problem} late={act.late} />}
            </form>
        </FormContext.Provider>
    );
}

/** For a long text's `onFocus`: browsers only bring its caret into the window. */
export const showWhole = (event: { currentTarget: HTMLElement }) =>
    event.currentTarget.scrollIntoView({ block: 'nearest' });

/** For the control of one field: `props` for the element, `error` to stand beside it. `describedBy` is
 *  the id of a permanent help text. */
export function useField(name: string, describedBy?: string) {
    const form = useContext(FormContext);
    const id = `${form?.id ?? ''}-${name}`;
    const wrong = form?.at === name;
    return {
        props: {
            'data-field': name,
            'aria-invalid': wrong,
            'aria-describedby':
                [wrong ? id : '', describedBy ?? ''].filter(Boolean).join(' ') || undefined,
        },
        error:
            wrong && form?.problem ? (
                <span id={id} class="field-error" data-testid="field-error">
                    <Icon name="warn" size={16} /> {fieldWords(form.problem)}
                </span>
            ) : null,
    };
}
