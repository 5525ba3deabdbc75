// SPDX-License-Identifier: GPL-3.0-or-later
// People: search, filter by entity, and what can be done.
import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { href } from '../core/router';
import type { Entity, Person } from '../core/types';
import { SearchField } from '../ui/fields/search-field';
import { Icon } from '../ui/icons';
import { More } from '../ui/more';
import { ErrorBox, Skeleton } from '../ui/parts';
import { entityName } from './entity-name';
import { type People, type Sought, usePeople } from './use-people';
import { w } from './words';

/** Stay when a person is edited, for the way back. */
const kept: Sought = { query: signal(''), entity: signal('') };

/** What the list begins with: `of` from the address takes the place of the words kept for another entity, and an
 *  entity that is gone narrows nothing. */
export function startOf(
    of: string,
    { query, entity }: { query: string; entity: string },
    entities: Pick<Entity, 'id'>[],
): { query: string; entity: string } {
    const start = of && of !== entity ? { query: '', entity: of } : { query, entity };
    const known = entities.some(({ id }) => id === start.entity);
    return known ? start : { ...start, entity: '' };
}

function Row({ person }: { person: Person }) {
    return (
        <li
            class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line py-3"
            data-testid="person"
            data-person-id={person.id}
        >
            <span class="grid min-w-0 flex-1 basis-48 gap-0.5">
                <span class="user-text font-bold">
                    <bdi>{person.name}</bdi>
                </span>
                <span class="user-text text-sm text-soft">
                    {person.email ? <bdi>{person.email}</bdi> : w('noMail')}
                </span>
            </span>
            <span class="user-text min-w-0 basis-40 text-sm sm:flex-1">
                {person.entity && <bdi>{person.entity}</bdi>}
            </span>
            {person.role !== 'officer' && (
                <span class="chip chip-gold">{w(`role_${person.role}`)}</span>
            )}
            {person.disabled && <span class="chip chip-red">{w('disabled')}</span>}
            <a
                class="btn btn-small btn-quiet"
                href={`#edit=${person.id}`}
                aria-label={w('editOf', { name: person.name })}
                data-testid="edit-person"
            >
                <Icon name="edit" size={16} /> {w('edit')}
            </a>
        </li>
    );
}

function Found({ people }: { people: People }) {
    const { found, problem, query, entity } = people;
    if (!found.value) {
        return problem.value ? (
            <ErrorBox problem={problem.value} retry={people.again} />
        ) : (
            <Skeleton />
        );
    }
    const { items } = found.value;
    if (items.length === 0) {
        const narrowed = query.value.trim() !== '' || entity.value !== '';
        return (
            <div class="card grid gap-1 p-8 text-center" data-testid="no-people">
                <p class="font-bold">{narrowed ? w('notFound') : w('none')}</p>
                {narrowed && <p class="text-soft">{w('notFoundHint')}</p>}
            </div>
        );
    }
    return (
        <>
            <ul class="card p-5 sm:p-6" data-testid="people">
                {items.map((person) => (
                    <Row key={person.id} person={person} />
                ))}
            </ul>
            <More pages={people} label={w('more')} testId="more-people" />
        </>
    );
}

/** `focus`: the heading has it first. */
function Head({ focus }: { focus: boolean }) {
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (focus) {
            heading.current?.focus();
        }
    }, []);
    return (
        <div class="mb-6 grid gap-3">
            <a class="btn btn-small btn-quiet w-fit" href={href('staff')}>
                {w('toSessions')}
            </a>
            <div class="flex flex-wrap items-center justify-between gap-4">
                <h1 ref={heading} tabIndex={-1} class="text-2xl sm:text-3xl">
                    {w('title')}
                </h1>
                <span class="flex flex-wrap gap-2">
                    <a class="btn btn-quiet" href="#entities" data-testid="to-entities">
                        {w('entities')}
                    </a>
                    <a
                        class="btn btn-quiet"
                        href="/api/v1/people/export.csv"
                        download
                        data-testid="export-people"
                    >
                        <Icon name="down" size={18} /> {w('export')}
                    </a>
                    <a class="btn btn-quiet" href="#import" data-testid="to-import">
                        <Icon name="up" size={18} /> {w('import')}
                    </a>
                    <a class="btn btn-main" href="#new" data-testid="new-person">
                        <Icon name="plus" /> {w('add')}
                    </a>
                </span>
            </div>
        </div>
    );
}

function Filter({ people, entities }: { people: People; entities: Entity[] }) {
    return (
        <search class="grid items-start gap-3 sm:grid-cols-2">
            <SearchField
                label={w('search')}
                placeholder={w('searchHint')}
                testId="find-people"
                value={people.query.value}
                set={(words) => {
                    people.query.value = words;
                }}
            />
            <label class="field">
                {w('entity')}
                <select
                    data-testid="filter-entity"
                    value={people.entity.value}
                    onChange={(event) => {
                        const { value } = event.currentTarget;
                        people.entity.value = value;
                        history.replaceState(history.state, '', value ? `#of=${value}` : '#people');
                    }}
                >
                    <option value="">{w('anyEntity')}</option>
                    {entities.map((one) => (
                        <option key={one.id} value={one.id}>
                            {`${entityName(one)} (${one.code})`}
                        </option>
                    ))}
                </select>
            </label>
        </search>
    );
}

interface Props {
    entities: Entity[];
    of: string;
    /** It is come back to. */
    back: boolean;
}

export function PeopleList({ entities, of, back }: Props) {
    useMemo(() => {
        const before = { query: kept.query.peek(), entity: kept.entity.peek() };
        const start = startOf(of, before, entities);
        kept.query.value = start.query;
        kept.entity.value = start.entity;
    }, []);
    const people = usePeople(kept);
    return (
        <>
            <Head focus={back} />
            <section class="grid gap-5" aria-label={t('people')}>
                <Filter people={people} entities={entities} />
                <Found people={people} />
            </section>
        </>
    );
}
