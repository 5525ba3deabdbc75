// SPDX-License-Identifier: GPL-3.0-or-later
// Erasing a person: what goes, what stays, and the name as the key to it. For admins.
import { useSignal } from '@preact/signals';
import { get, request } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Person } from '../core/types';
import { Changed } from '../ui/change';
import { Form, useAct } from '../ui/form';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { TextField } from '../ui/text-field';
import { dataAddress } from './data';
import { type PeopleKey, w } from './words';

const GOES: PeopleKey[] = ['goesProfile', 'goesLinks', 'goesAnswers', 'goesMails'];
const STAYS: PeopleKey[] = ['staysQuestions', 'staysNotes', 'staysCopies'];

function Points({ title, keys }: { title: PeopleKey; keys: PeopleKey[] }) {
    return (
        <div class="grid content-start gap-2">
            <h2 class="text-base">{w(title)}</h2>
            <ul class="grid list-disc gap-1 ps-5 text-sm">
                {keys.map((key) => (
                    <li key={key}>{w(key)}</li>
                ))}
            </ul>
        </div>
    );
}

function Key({
    person,
    done,
    cancel,
    reload,
}: {
    person: Person;
    done: () => void;
    cancel: () => void;
    reload: () => void;
}) {
    const name = useSignal('');
    const act = useAct<void>();
    const erase = async () => {
        const seen = { 'If-Match': `"${person.version}"` };
        const body = { name: name.value };
        const good = await act.run(() =>
            request<void>('DELETE', `people/${person.id}`, body, undefined, seen),
        );
        if (good) {
            announce(w('erased'));
            done();
        }
    };
    return (
        <Form act={act} onSubmit={() => void erase()} class="grid gap-4" testId="erase-form">
            <TextField
                name="name"
                required
                autocomplete="off"
                data-testid="erase-name"
                label={w('eraseType')}
                value={name.value}
                set={(text) => {
                    name.value = text;
                }}
            />
            <Changed problem={act.problem} reload={reload} />
            <div class="flex flex-wrap gap-2">
                <button
                    type="submit"
                    class="btn btn-bad"
                    data-testid="erase-person"
                    aria-disabled={act.busy}
                >
                    <Icon name="bin" size={18} /> {w('eraseNow')}
                </button>
                <button type="button" class="btn" onClick={cancel}>
                    {t('cancel')}
                </button>
            </div>
        </Form>
    );
}

export default function Erase({
    id,
    done,
    cancel,
}: {
    id: string;
    done: () => void;
    cancel: () => void;
}) {
    const person = useLoad(id, () => get<Person>(`people/${id}`));
    const one = person.value.value;
    if (person.problem.value) {
        return <ErrorBox problem={person.problem.value} retry={person.again} />;
    }
    if (!one) {
        return <Skeleton />;
    }
    return (
        <section class="card grid gap-6 p-5 sm:p-8" key={one.version} data-testid="erase">
            <p class="user-text text-lg">
                <bdi class="font-bold">{one.name}</bdi>
                {one.entity && (
                    <>
                        {t('comma')} <bdi>{one.entity}</bdi>
                    </>
                )}
            </p>
            <div class="grid gap-6 sm:grid-cols-2">
                <Points title="goes" keys={GOES} />
                <Points title="stays" keys={STAYS} />
            </div>
            <p class="text-sm font-bold">{w('eraseFinal')}</p>
            <a class="btn w-fit" href={dataAddress(id)} download="person.json">
                <Icon name="down" size={18} /> {w('dataFile')}
            </a>
            <Key person={one} done={done} cancel={cancel} reload={person.again} />
        </section>
    );
}
