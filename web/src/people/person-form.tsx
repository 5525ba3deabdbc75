// SPDX-License-Identifier: GPL-3.0-or-later
// Adding, changing and disabling a person.
import { type Signal, useSignal } from '@preact/signals';
import { get } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import { isAdmin, me } from '../core/me';
import type { Entity, Person, PersonChange } from '../core/types';
import { Changed, send } from '../ui/change';
import { Form, useAct, useField } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { useLoad } from '../ui/hooks/use-load';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { TextField } from '../ui/text-field';
import { DataCard } from './data';
import { entityName } from './entity-name';
import { Merge } from './merge';
import { RoleCard } from './role';
import { w } from './words';

interface Draft {
    name: string;
    email: string;
    entityId: string;
    entity: string;
}

export const draftOf = (person: Person | null): Draft => ({
    name: person?.name ?? '',
    email: person?.email ?? '',
    entityId: person?.entity_id ?? '',
    entity: person?.entity_id ? '' : (person?.entity ?? ''),
});

export const bodyOf = ({ name, email, entityId, entity }: Draft): PersonChange => ({
    name: name.trim(),
    email: email.trim() || null,
    entity_id: entityId || null,
    ...(!entityId && { entity: entity.trim() || null }),
});

/** Saving `draft` would change something. */
export const isChanged = (draft: Draft, person: Person | null) =>
    JSON.stringify(bodyOf(draft)) !== JSON.stringify(bodyOf(draftOf(person)));

function EntityField({
    entities,
    value,
    set,
}: {
    entities: Entity[];
    value: string;
    set: (value: string) => void;
}) {
    const field = useField('entity_id');
    return (
        <label class="field">
            {w('entity')}
            <select
                {...field.props}
                data-testid="person-entity"
                value={value}
                onChange={(event) => set(event.currentTarget.value)}
            >
                <option value="">{w('noEntity')}</option>
                {entities.map((one) => (
                    <option key={one.id} value={one.id}>
                        {`${entityName(one)} (${one.code})`}
                    </option>
                ))}
            </select>
            {field.error}
        </label>
    );
}

/** Takes the sign-ins, or gives them back. */
function Disable({
    person,
    unsaved,
    done,
    reload,
}: {
    person: Person;
    unsaved: boolean;
    done: () => void;
    reload: () => void;
}) {
    const act = useAct<Person>();
    const change = async () => {
        const good = await act.run(() =>
            send<Person>('people', person, { disabled: !person.disabled }),
        );
        if (good) {
            announce(t('saved'));
            done();
        }
    };
    return (
        <section class="card grid gap-4 p-5 sm:p-8">
            {person.disabled ? (
                <button
                    type="button"
                    class="btn w-fit"
                    data-testid="enable-person"
                    disabled={unsaved}
                    aria-disabled={act.busy}
                    onClick={() => void change()}
                >
                    {w('enable')}
                </button>
            ) : (
                <>
                    <p class="text-sm">{w('disableHelp')}</p>
                    <div class="w-fit">
                        <HoldButton
                            class="btn-bad"
                            testId="disable-person"
                            disabled={act.busy || unsaved}
                            onHold={() => void change()}
                        >
                            {w('disable')}
                        </HoldButton>
                    </div>
                </>
            )}
            {unsaved && <p class="text-sm font-bold">{w('unsaved')}</p>}
            {act.problem && <ErrorBox problem={act.problem} />}
            <Changed problem={act.problem} reload={reload} />
        </section>
    );
}

interface Props {
    person: Person | null;
    entities: Entity[];
    done: () => void;
    cancel: () => void;
    reload: () => void;
}

function Fields({
    draft: { name, email, entityId, entity },
    entities,
    set,
}: {
    draft: Draft;
    entities: Entity[];
    set: (change: Partial<Draft>) => void;
}) {
    return (
        <>
            <TextField
                name="name"
                required
                autocomplete="off"
                data-testid="person-name"
                label={w('name')}
                value={name}
                set={(text) => set({ name: text })}
            />
            <TextField
                name="email"
                autocomplete="off"
                inputMode="email"
                dir="ltr"
                data-testid="person-email"
                label={w('email')}
                value={email}
                set={(text) => set({ email: text })}
            />
            <EntityField entities={entities} value={entityId} set={(id) => set({ entityId: id })} />
            {!entityId && (
                <TextField
                    name="entity"
                    autocomplete="off"
                    data-testid="person-free-entity"
                    label={w('freeEntity')}
                    value={entity}
                    set={(text) => set({ entity: text })}
                />
            )}
        </>
    );
}

function PersonForm({
    person,
    draft,
    entities,
    done,
    cancel,
    reload,
}: Props & { draft: Signal<Draft> }) {
    const act = useAct<Person>();
    const set = (change: Partial<Draft>) => {
        draft.value = { ...draft.value, ...change };
    };
    const save = async () => {
        if (await act.run(() => send<Person>('people', person, bodyOf(draft.value)))) {
            announce(t('saved'));
            done();
        }
    };
    return (
        <Form
            act={act}
            onSubmit={() => void save()}
            class="card grid items-start gap-4 p-5 sm:grid-cols-2 sm:p-8"
            testId="person-form"
        >
            <Fields draft={draft.value} entities={entities} set={set} />
            <div class="col-span-full grid gap-4">
                <Changed problem={act.problem} reload={reload} />
                <FormButtons
                    busy={act.busy}
                    save={person ? 'save' : 'add'}
                    testId="save-person"
                    cancel={cancel}
                />
            </div>
        </Form>
    );
}

function PersonForms(props: Props) {
    const { person, done, reload } = props;
    const draft = useSignal(draftOf(person));
    const unsaved = isChanged(draft.value, person);
    return (
        <div class="grid gap-6">
            <PersonForm draft={draft} {...props} />
            {person && isAdmin(me.value) && (
                <RoleCard person={person} unsaved={unsaved} reload={reload} />
            )}
            {person && <DataCard person={person} />}
            {person &&
                (isAdmin(me.value) || person.role === 'officer' ? (
                    <>
                        <Disable person={person} unsaved={unsaved} done={done} reload={reload} />
                        <Merge person={person} unsaved={unsaved} done={done} />
                    </>
                ) : (
                    <p class="card p-5 text-sm sm:p-8" data-testid="admins-only">
                        {w('adminsOnly')}
                    </p>
                ))}
        </div>
    );
}

/** `id` '': a new person. */
export function PersonView({ id, ...rest }: { id: string } & Omit<Props, 'person' | 'reload'>) {
    const person = useLoad(id, async () => ({ is: id ? await get<Person>(`people/${id}`) : null }));
    const loaded = person.value.value;
    if (person.problem.value) {
        return <ErrorBox problem={person.problem.value} retry={person.again} />;
    }
    if (!loaded) {
        return <Skeleton />;
    }
    const { is } = loaded;
    return <PersonForms key={is?.version} person={is} reload={person.again} {...rest} />;
}
