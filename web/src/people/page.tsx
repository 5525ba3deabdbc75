// SPDX-License-Identifier: GPL-3.0-or-later
// People and their entities, for staff. Each view has an address: #new, #edit=ID, #entities, #new-entity,
// #edit-entity=ID, #import, #erase=ID.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { get } from '../core/api';
import { alertNow } from '../core/live-region';
import type { Entity, EntityList } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { useView, type View, type Views } from '../ui/hooks/use-view';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { PageHead } from '../ui/shell/page-head';
import { useTitle } from '../ui/shell/shell';
import { StaffOnly } from '../ui/shell/staff-only';
import { Entities, EntityView } from './entities';
import { taking } from './import/taking';
import { PeopleList } from './list';
import { PersonView } from './person-form';
import { type PeopleKey, w } from './words';

type Mode = 'new' | 'edit' | 'erase' | 'entities' | 'new-entity' | 'edit-entity' | 'import' | 'of';
export const VIEWS: Views<Mode> = {
    alone: ['new', 'entities', 'new-entity', 'import'],
    of: ['edit', 'erase', 'edit-entity', 'of'],
};

/** The outcome of an import that is under way is still to come. */
function mayLeave({ mode }: View<Mode>): boolean {
    const may = !taking.value || mode === 'import';
    if (!may) {
        location.hash = 'import';
        alertNow(w('stay'));
    }
    return may;
}

const Import = lazy(() => import('./import/import'));
const Erase = lazy(() => import('./erase'));

/** A view below the list. */
function Below({
    back,
    title,
    children,
}: {
    back: 'people' | 'entities';
    title: PeopleKey;
    children: ComponentChildren;
}) {
    return (
        <>
            <PageHead
                focus
                back={back === 'people' ? '#people' : '#entities'}
                backTestId="back"
                toBack={w(back === 'people' ? 'toPeople' : 'entities')}
                title={w(title)}
            />
            {children}
        </>
    );
}

interface ViewProps {
    view: View<Mode>;
    /** Another view was shown before. */
    moved: boolean;
    entities: Entity[];
    changed: () => void;
}

const toPeople = () => {
    location.hash = 'people';
};
const toEntities = () => {
    location.hash = 'entities';
};

function Shown({ view: { mode, id }, moved, entities, changed }: ViewProps) {
    const written = (leave: () => void) => () => {
        changed();
        leave();
    };
    switch (mode) {
        case 'new':
        case 'edit':
            return (
                <Below back="people" title={mode === 'new' ? 'add' : 'editPerson'}>
                    <PersonView
                        id={id}
                        entities={entities}
                        done={written(toPeople)}
                        cancel={toPeople}
                    />
                </Below>
            );
        case 'erase':
            return (
                <Below back="people" title="erase">
                    <Erase
                        id={id}
                        done={written(toPeople)}
                        cancel={() => {
                            location.hash = `edit=${id}`;
                        }}
                    />
                </Below>
            );
        case 'entities':
            return (
                <Below back="people" title="entities">
                    <Entities items={entities} />
                </Below>
            );
        case 'new-entity':
        case 'edit-entity':
            return (
                <Below back="entities" title={mode === 'new-entity' ? 'addEntity' : 'editEntity'}>
                    <EntityView
                        id={id}
                        items={entities}
                        reload={changed}
                        done={written(toEntities)}
                        cancel={toEntities}
                    />
                </Below>
            );
        case 'import':
            return (
                <Below back="people" title="import">
                    <Import />
                </Below>
            );
        default:
            return <PeopleList entities={entities} of={mode === 'of' ? id : ''} back={moved} />;
    }
}

function House() {
    const view = useView(VIEWS, mayLeave);
    const list = useLoad('entities', async () => (await get<EntityList>('entities')).items);
    const items = list.value.value;
    const first = useRef(view);
    // Counts of people change with what other views do.
    useEffect(() => {
        if (items && (view.mode === 'entities' || view.mode === 'list')) {
            list.again();
        }
    }, [view.mode]);
    const { value: problem } = list.problem;
    const failed = problem && <ErrorBox problem={problem} retry={list.again} />;
    if (!items) {
        return failed || <Skeleton />;
    }
    return (
        <>
            {failed && <div class="mb-6">{failed}</div>}
            <Shown
                key={`${view.mode} ${view.id}`}
                view={view}
                moved={view !== first.current}
                entities={items}
                changed={list.again}
            />
        </>
    );
}

export default function PeoplePage() {
    useTitle(w('title'));
    return (
        <StaffOnly>
            <House />
        </StaffOnly>
    );
}
