// SPDX-License-Identifier: GPL-3.0-or-later
// Entities: their list, and adding, changing, deleting one.
import { useSignal } from '@preact/signals';
import { problemFrom } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Entity, EntityChange } from '../core/types';
import { Changed, drop, send } from '../ui/change';
import { Form, useAct } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { Icon } from '../ui/icons';
import { ErrorBox, HoldButton } from '../ui/parts';
import { TextField } from '../ui/text-field';
import { entityName } from './entity-name';
import { w } from './words';

function Row({ entity }: { entity: Entity }) {
    return (
        <li
            class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-3"
            data-testid="entity"
            data-entity-id={entity.id}
        >
            <span class="grid min-w-0 flex-1 basis-48 gap-0.5">
                <span class="user-text font-bold">
                    <bdi>{entityName(entity)}</bdi>
                </span>
                <span class="user-text text-sm text-soft">
                    <bdi>{[entity.code, ...entity.domains].join(' · ')}</bdi>
                </span>
            </span>
            <a class="btn btn-small btn-quiet" href={`#of=${entity.id}`}>
                <Icon name="people" size={16} /> {w('count', { n: entity.people })}
            </a>
            <a
                class="btn btn-small btn-quiet"
                href={`#edit-entity=${entity.id}`}
                aria-label={w('editOf', { name: entityName(entity) })}
                data-testid="edit-entity"
            >
                <Icon name="edit" size={16} /> {w('edit')}
            </a>
        </li>
    );
}

export function Entities({ items }: { items: Entity[] }) {
    return (
        <div class="grid gap-5">
            <a class="btn btn-main w-fit" href="#new-entity" data-testid="new-entity">
                <Icon name="plus" /> {w('addEntity')}
            </a>
            {items.length === 0 ? (
                <p class="card p-8 text-center">{w('noEntities')}</p>
            ) : (
                <ul class="card p-5 sm:p-6" data-testid="entities">
                    {items.map((one) => (
                        <Row key={one.id} entity={one} />
                    ))}
                </ul>
            )}
        </div>
    );
}

interface Draft {
    code: string;
    ar: string;
    en: string;
    domains: string;
}

const draftOf = (entity: Entity | null): Draft => ({
    code: entity?.code ?? '',
    ar: entity?.name.ar ?? '',
    en: entity?.name.en ?? '',
    domains: entity?.domains.join(', ') ?? '',
});

export const domainsOf = (text: string) =>
    text
        .split(/[\s,;،؛]+/)
        .map((one) => one.replace(/^@/, ''))
        .filter(Boolean);

const bodyOf = ({ code, ar, en, domains }: Draft): EntityChange => ({
    code: code.trim(),
    name: { ar: ar.trim(), en: en.trim() },
    domains: domainsOf(domains),
});

interface DeleteProps {
    entity: Entity;
    done: () => void;
    reload: () => void;
}

function Delete({ entity, done, reload }: DeleteProps) {
    const act = useAct<void>();
    const remove = async () => {
        if (await act.run(() => drop('entities', entity))) {
            done();
        }
    };
    return (
        <section class="card grid gap-4 p-5 sm:p-8">
            <div class="w-fit">
                <HoldButton
                    class="btn-bad"
                    icon="bin"
                    testId="delete-entity"
                    disabled={act.busy}
                    onHold={() => void remove()}
                >
                    {w('deleteEntity')}
                </HoldButton>
            </div>
            {act.problem && <ErrorBox problem={act.problem} />}
            <Changed problem={act.problem} reload={reload} />
        </section>
    );
}

interface Props {
    entity: Entity | null;
    done: () => void;
    cancel: () => void;
    reload: () => void;
}

function Fields({
    field,
}: {
    field: (key: keyof Draft) => { value: string; set: (text: string) => void };
}) {
    return (
        <>
            <TextField
                name="name.ar"
                data-testid="entity-ar"
                dir="rtl"
                label={w('nameAr')}
                {...field('ar')}
            />
            <TextField
                name="name.en"
                data-testid="entity-en"
                dir="ltr"
                label={w('nameEn')}
                {...field('en')}
            />
            <TextField
                name="code"
                data-testid="entity-code"
                dir="ltr"
                label={w('code')}
                help={w('codeHelp')}
                {...field('code')}
            />
            <TextField
                name="domains"
                data-testid="entity-domains"
                dir="ltr"
                label={w('domains')}
                help={w('domainsHelp')}
                {...field('domains')}
            />
        </>
    );
}

function EntityForm({ entity, done, cancel, reload }: Props) {
    const draft = useSignal(draftOf(entity));
    const act = useAct<Entity>();
    const field = (key: keyof Draft) => ({
        value: draft.value[key],
        set: (text: string) => {
            draft.value = { ...draft.value, [key]: text };
        },
    });
    const save = async () => {
        if (await act.run(() => send<Entity>('entities', entity, bodyOf(draft.value)))) {
            announce(t('saved'));
            done();
        }
    };
    return (
        <Form
            act={act}
            onSubmit={() => void save()}
            class="card grid items-start gap-4 p-5 sm:grid-cols-2 sm:p-8"
            testId="entity-form"
        >
            <Fields field={field} />
            <div class="col-span-full grid gap-4">
                <Changed problem={act.problem} reload={reload} />
                <FormButtons
                    busy={act.busy}
                    save={entity ? 'save' : 'add'}
                    testId="save-entity"
                    cancel={cancel}
                />
            </div>
        </Form>
    );
}

/** `id` '': a new entity. */
export function EntityView({
    id,
    items,
    ...rest
}: { id: string; items: Entity[] } & Omit<Props, 'entity'>) {
    const entity = items.find((one) => one.id === id) ?? null;
    if (id && !entity) {
        return <ErrorBox problem={problemFrom(404, { code: 'no-entity' })} retry={rest.reload} />;
    }
    return (
        <div class="grid gap-6" key={entity?.version}>
            <EntityForm entity={entity} {...rest} />
            {entity && <Delete entity={entity} done={rest.done} reload={rest.reload} />}
        </div>
    );
}
