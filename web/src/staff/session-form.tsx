// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a session: a new one in three steps, a copy, a correction.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { asProblem } from '../core/api';
import { serverNow } from '../core/clock';
import { me } from '../core/me';
import type { Series, Session, Speaker } from '../core/types';
import { AgendaFields, draftOf } from '../desk/agenda-fields';
import { defaultsOf } from '../series/draft';
import { Changed, send } from '../ui/change';
import { Form, useAct } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { lazy } from '../ui/lazy';
import { DoubtsBox } from './doubts';
import { bodyOf, type Doubts, doubtsOf, faultOf, type SessionDraft, sessionDraft } from './draft';
import { End } from './end';
import { Access, ShowNames, Speakers, Times, Titles } from './fields';
import { PlaceFields } from './place';
import { StepButtons, StepHead } from './step-parts';
import { keepDraft, keptDraft, STEPS, type Step, stepFault, stepOf } from './steps';

const SessionFiles = lazy(() => import('../files/session-files'));

interface Props {
    mode: 'new' | 'copy' | 'edit';
    /** The session to correct or copy. */
    session: Session | null;
    others: Session[];
    choices: { series: Series[]; speakers: Speaker[] };
    saved: (session: Session | null) => void;
    cancel: () => void;
    reload: () => void;
}

/** What is written; of a new session it is kept in the browser until that is made. */
function useDraft({ mode, session }: Props) {
    const person = me.value?.person ?? '';
    const kept = useRef(mode === 'new' ? keptDraft(() => localStorage, person) : null).current;
    const blank = useRef(sessionDraft(session, mode === 'copy')).current;
    const draft = useSignal(kept?.draft ?? blank);
    const agenda = useSignal(kept?.agenda ?? draft.value.agenda);
    const step = useSignal<Step>(kept?.step ?? 'what');
    const restored = useSignal(kept !== null);
    /** What stands there since nobody typed it. */
    const given = useRef(kept ? blank : draft.value);
    const written = draft.value !== blank || agenda.value.length > 0;
    // before anything else can happen: a reload behind the last letter loses nothing
    useLayoutEffect(() => {
        if (mode === 'new' && written) {
            keepDraft(() => localStorage, person, {
                step: step.value,
                draft: draft.value,
                agenda: agenda.value,
            });
        }
    }, [draft.value, agenda.value, step.value]);
    const forget = () => {
        if (mode === 'new') {
            keepDraft(() => localStorage, person, null);
        }
    };
    const anew = () => {
        draft.value = blank;
        given.current = blank;
        agenda.value = [];
        step.value = 'what';
        restored.value = false;
        forget();
    };
    return { draft, agenda, step, restored, given, forget, anew };
}

/** A new session begins with what its series has; what was typed stays. */
function useSeriesChoice(
    { mode, choices }: Props,
    { draft, agenda, given }: ReturnType<typeof useDraft>,
    set: (change: Partial<SessionDraft>) => void,
) {
    return (id: string) => {
        const series = choices.series.find((one) => one.id === id);
        if (mode !== 'new' || !series) {
            set({ series: id, number: '' });
            return;
        }
        const { agenda: template, ...all } = defaultsOf(series);
        const untouched = Object.entries(all).filter(
            ([key]) =>
                draft.value[key as keyof typeof all] === given.current[key as keyof typeof all],
        );
        given.current = { ...given.current, ...all };
        set({ series: id, number: '', ...Object.fromEntries(untouched) });
        if (agenda.value.length === 0) {
            agenda.value = draftOf(template);
        }
    };
}

/** The draft, and sending it: at once, or after its doubts were answered. */
function useSessionForm(props: Props) {
    const { mode, session, others, saved } = props;
    const old = mode === 'edit' ? session : null;
    const kept = useDraft(props);
    const { draft, agenda, step } = kept;
    const doubts = useSignal<Doubts | null>(null);
    const act = useAct<Session>();
    const set = (change: Partial<SessionDraft>) => {
        draft.value = { ...draft.value, ...change };
        doubts.value = null;
    };
    const choose = useSeriesChoice(props, kept, set);
    const save = async () => {
        doubts.value = null;
        const body = bodyOf({ ...draft.value, agenda: agenda.value }, old);
        await act.run(async () => {
            try {
                const made = await send<Session>('sessions', old, body);
                kept.forget();
                saved(made);
                return made;
            } catch (error) {
                step.value = stepOf(asProblem(error).field) ?? step.value;
                throw error;
            }
        });
    };
    const submit = () => {
        const stepped = mode === 'new' && step.value !== 'when';
        const fault = stepped ? stepFault(step.value, draft.value) : faultOf(draft.value);
        if (fault) {
            step.value = stepOf(fault.field) ?? step.value;
            act.refuse(fault);
            return;
        }
        if (stepped) {
            step.value = STEPS[STEPS.indexOf(step.value) + 1] ?? 'when';
            return;
        }
        const found = doubtsOf(draft.value, old, others, serverNow());
        if (found.past || found.clashes.length > 0) {
            doubts.value = found;
        } else {
            void save();
        }
    };
    return { ...kept, old, doubts, act, set, choose, save, submit };
}

type Fields = ReturnType<typeof useSessionForm>;

function Place({ props, form }: { props: Props; form: Fields }) {
    return (
        <PlaceFields
            draft={form.draft.value}
            old={form.old}
            series={props.choices.series}
            others={props.others}
            choose={form.choose}
            set={form.set}
        />
    );
}

function Audience({ form }: { form: Fields }) {
    const { access, showNames } = form.draft.value;
    return (
        <>
            <Access value={access} set={(value) => form.set({ access: value })} />
            <ShowNames value={showNames} set={(value) => form.set({ showNames: value })} />
        </>
    );
}

const PAIR = 'grid items-start gap-4 sm:grid-cols-2';

function StepFields({ props, form }: { props: Props; form: Fields }) {
    const { draft, set } = form;
    switch (form.step.value) {
        case 'what':
            return (
                <>
                    <div class={PAIR}>
                        <Titles draft={draft.value} set={set} />
                    </div>
                    <Place props={props} form={form} />
                    <AgendaFields draft={form.agenda} />
                </>
            );
        case 'who':
            return (
                <>
                    <Speakers draft={draft.value} known={props.choices.speakers} set={set} />
                    <div class={PAIR}>
                        <Audience form={form} />
                    </div>
                </>
            );
        default:
            return (
                <div class={PAIR}>
                    <Times draft={draft.value} set={set} />
                </div>
            );
    }
}

function AllFields({ props, form }: { props: Props; form: Fields }) {
    const { draft, set, old } = form;
    return (
        <>
            <div class={PAIR}>
                <Titles draft={draft.value} set={set} />
                <Times
                    draft={draft.value}
                    set={set}
                    startFixed={old !== null && old.state !== 'scheduled'}
                />
                <Audience form={form} />
            </div>
            <Place props={props} form={form} />
            <Speakers draft={draft.value} known={props.choices.speakers} set={set} />
            <AgendaFields draft={form.agenda} />
        </>
    );
}

function Buttons({ props, form }: { props: Props; form: Fields }) {
    const { doubts, act, old, save, step } = form;
    if (doubts.value) {
        return (
            <DoubtsBox
                doubts={doubts.value}
                busy={act.busy}
                yes={() => void save()}
                no={() => {
                    doubts.value = null;
                }}
            />
        );
    }
    return props.mode === 'new' ? (
        <StepButtons
            step={step.value}
            busy={act.busy}
            go={(to) => {
                act.edited(); // a refusal of the former step stands there no more
                step.value = to;
            }}
            cancel={props.cancel}
        />
    ) : (
        <FormButtons
            busy={act.busy}
            save={old ? 'save' : 'create'}
            testId={old ? 'save-session' : 'create-session'}
            cancel={props.cancel}
            cancelTestId="leave-form"
        />
    );
}

export function SessionForm(props: Props) {
    const form = useSessionForm(props);
    const { old, act, submit, step, restored, anew } = form;
    const stepped = props.mode === 'new';
    return (
        <div class="grid gap-6">
            <Form
                act={act}
                onSubmit={submit}
                class="card grid gap-6 p-5 sm:p-8"
                testId="session-form"
            >
                {stepped && <StepHead step={step.value} restored={restored.value} anew={anew} />}
                {stepped ? (
                    <StepFields props={props} form={form} />
                ) : (
                    <AllFields props={props} form={form} />
                )}
                <Changed problem={act.problem} reload={props.reload} />
                <Buttons props={props} form={form} />
            </Form>
            {old && <SessionFiles session={old} />}
            {old && <End session={old} done={() => props.saved(null)} reload={props.reload} />}
        </div>
    );
}
