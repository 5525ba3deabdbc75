// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a session: a new one, a copy, a correction.
import { useSignal } from '@preact/signals';
import { type Problem, post, request } from '../core/api';
import { serverNow } from '../core/clock';
import { t } from '../core/i18n';
import type { Session, SessionChange } from '../core/types';
import { AgendaFields } from '../desk/agenda-fields';
import { Form, useAct } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { Icon } from '../ui/icons';
import { DoubtsBox } from './doubts';
import { bodyOf, type Doubts, doubtsOf, faultOf, type SessionDraft, sessionDraft } from './draft';
import { End } from './end';
import { BasicFields, Speakers } from './fields';

function Changed({ problem, reload }: { problem: Problem | null; reload: () => void }) {
    return problem?.code === 'changed' ? (
        <button type="button" class="btn btn-small w-fit" data-testid="reload" onClick={reload}>
            <Icon name="again" size={16} /> {t('showPresent')}
        </button>
    ) : null;
}

/** Creates a session, or changes `old` unless somebody else has changed it meanwhile. */
function send(old: Session | null, body: SessionChange): Promise<Session> {
    return old
        ? request<Session>(
              'PATCH',
              `sessions/${encodeURIComponent(old.id)}`,
              body,
              undefined,
              old.version ? { 'If-Match': `"${old.version}"` } : {},
          )
        : post<Session>('sessions', body);
}

interface Props {
    mode: 'new' | 'copy' | 'edit';
    /** The session to correct or copy. */
    session: Session | null;
    others: Session[];
    saved: (session: Session | null) => void;
    cancel: () => void;
    reload: () => void;
}

/** The draft, and sending it: at once, or after its doubts were answered. */
function useSessionForm({ mode, session, others, saved }: Props) {
    const old = mode === 'edit' ? session : null;
    const draft = useSignal(sessionDraft(session, mode === 'copy'));
    const agenda = useSignal(draft.value.agenda);
    const doubts = useSignal<Doubts | null>(null);
    const act = useAct<Session>();
    const set = (change: Partial<SessionDraft>) => {
        draft.value = { ...draft.value, ...change };
        doubts.value = null;
    };
    const save = async () => {
        doubts.value = null;
        const body = bodyOf({ ...draft.value, agenda: agenda.value }, old);
        await act.run(async () => {
            const made = await send(old, body);
            saved(made);
            return made;
        });
    };
    const submit = () => {
        const fault = faultOf(draft.value);
        if (fault) {
            act.refuse(fault);
            return;
        }
        const found = doubtsOf(draft.value, old, others, serverNow());
        if (found.past || found.clashes.length > 0) {
            doubts.value = found;
        } else {
            void save();
        }
    };
    return { old, draft, agenda, doubts, act, set, save, submit };
}

export function SessionForm(props: Props) {
    const { old, draft, agenda, doubts, act, set, save, submit } = useSessionForm(props);
    return (
        <div class="grid gap-6">
            <Form
                act={act}
                onSubmit={submit}
                class="card grid gap-6 p-5 sm:p-8"
                testId="session-form"
            >
                <BasicFields
                    draft={draft.value}
                    set={set}
                    startFixed={old !== null && old.state !== 'scheduled'}
                />
                <Speakers draft={draft.value} set={set} />
                <AgendaFields draft={agenda} />
                <Changed problem={act.problem} reload={props.reload} />
                {doubts.value ? (
                    <DoubtsBox
                        doubts={doubts.value}
                        busy={act.busy}
                        yes={() => void save()}
                        no={() => {
                            doubts.value = null;
                        }}
                    />
                ) : (
                    <FormButtons
                        busy={act.busy}
                        save={old ? 'save' : 'create'}
                        testId={old ? 'save-session' : 'create-session'}
                        cancel={props.cancel}
                        cancelTestId="leave-form"
                    />
                )}
            </Form>
            {old && <End session={old} done={() => props.saved(null)} />}
        </div>
    );
}
