// SPDX-License-Identifier: GPL-3.0-or-later
// Two entries that are one person: finds the other one, which stays.
import { useSignal } from '@preact/signals';
import { post } from '../core/api';
import { formatNumber, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Person, PersonList } from '../core/types';
import { SearchField } from '../ui/fields/search-field';
import { useAct } from '../ui/form';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { usePeople } from './use-people';
import { w } from './words';

const MOST = 6;

function Choice({
    person,
    chosen,
    choose,
}: {
    person: Person;
    chosen: boolean;
    choose: () => void;
}) {
    return (
        <li>
            <label class="flex min-h-11 cursor-pointer items-center gap-3">
                <input
                    type="radio"
                    name="merge-into"
                    class="size-5 shrink-0"
                    data-testid="merge-person-into"
                    data-person-id={person.id}
                    checked={chosen}
                    onChange={choose}
                />
                <span class="user-text">
                    <bdi class="font-bold">{person.name}</bdi>
                    {person.email && (
                        <>
                            {t('comma')} <bdi>{person.email}</bdi>
                        </>
                    )}
                    {person.entity && (
                        <>
                            {t('comma')} <bdi>{person.entity}</bdi>
                        </>
                    )}
                </span>
            </label>
        </li>
    );
}

interface Props {
    person: Person;
    /** Its form has changes that would be lost. */
    unsaved: boolean;
    done: () => void;
}

/** Whom `id` can be merged into: of them, those to show. */
export function othersOf(id: string, found: PersonList | null): { shown: Person[]; more: boolean } {
    const others = (found?.items ?? []).filter((one) => one.id !== id);
    return { shown: others.slice(0, MOST), more: others.length > MOST || !!found?.next };
}

function useMerge({ person, done }: Props) {
    const people = usePeople({ query: useSignal(''), entity: useSignal('') });
    const into = useSignal('');
    const act = useAct<Person>();
    const asked = () => people.query.value.trim() !== '' && !people.waiting.value;
    const others = () => othersOf(person.id, asked() ? people.found.value : null);
    /** Only who is on the screen. */
    const target = () => others().shown.find(({ id }) => id === into.value);
    const merge = async () => {
        const one = target();
        if (
            one &&
            (await act.run(() => post<Person>(`people/${person.id}/merge`, { into: one.id })))
        ) {
            announce(t('saved'));
            done();
        }
    };
    return { people, into, act, others: others(), target: target(), merge };
}

function Others({ people, into, others: { shown, more } }: ReturnType<typeof useMerge>) {
    if (people.query.value.trim() === '') {
        return null;
    }
    if (people.problem.value) {
        return <ErrorBox problem={people.problem.value} retry={people.again} />;
    }
    if (people.waiting.value) {
        return <Skeleton lines={1} />;
    }
    return shown.length === 0 ? (
        <p class="text-soft" data-testid="merge-nobody">
            {w('notFound')}
        </p>
    ) : (
        <>
            <ul class="grid gap-1">
                {shown.map((one) => (
                    <Choice
                        key={one.id}
                        person={one}
                        chosen={into.value === one.id}
                        choose={() => {
                            into.value = one.id;
                        }}
                    />
                ))}
            </ul>
            {more && <p class="text-sm text-soft">{w('mergeFirst', { n: formatNumber(MOST) })}</p>}
        </>
    );
}

export function Merge(props: Props) {
    const state = useMerge(props);
    const { people, into, act, target, merge } = state;
    return (
        <section class="card grid gap-4 p-5 sm:p-8">
            <h2 class="text-lg">{w('mergeTitle')}</h2>
            <p class="text-sm">{w('mergeHelp')}</p>
            <SearchField
                label={w('mergeFind')}
                testId="merge-find"
                value={people.query.value}
                set={(words) => {
                    into.value = '';
                    people.query.value = words;
                }}
            />
            <Others {...state} />
            {target && (
                <p class="user-text text-sm" data-testid="merge-target">
                    {w('mergeInto')} <bdi class="font-bold">{target.name}</bdi>
                </p>
            )}
            {props.unsaved && <p class="text-sm font-bold">{w('unsaved')}</p>}
            <div class="w-fit">
                <HoldButton
                    class="btn-bad"
                    icon="merge"
                    testId="merge-person"
                    disabled={act.busy || !target || props.unsaved}
                    onHold={() => void merge()}
                >
                    {w('merge')}
                </HoldButton>
            </div>
            {act.problem && <ErrorBox problem={act.problem} />}
        </section>
    );
}
