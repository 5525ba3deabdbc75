// SPDX-License-Identifier: GPL-3.0-or-later
// What a person is on the whole server, and the personal link to it. For admins.
import { useSignal } from '@preact/signals';
import { post } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { InvitationMade, Person, ServerRole } from '../core/types';
import { LinkBox } from '../desk/invitations';
import { Changed, send } from '../ui/change';
import { useAct } from '../ui/form';
import { ErrorBox, HoldButton } from '../ui/parts';
import { w } from './words';

const ROLES: ServerRole[] = ['officer', 'moderator', 'staff', 'admin'];

interface Props {
    person: Person;
    /** Its form has changes that would be lost. */
    unsaved: boolean;
    reload: () => void;
}

function Link({ person, disabled }: { person: Person; disabled: boolean }) {
    const act = useAct<InvitationMade>();
    const make = () => act.run(() => post<InvitationMade>('invitations', { person: person.id }));
    return (
        <>
            <p class="text-sm">{w('linkHelp')}</p>
            <div class="w-fit">
                <HoldButton
                    icon="link"
                    testId="person-link"
                    disabled={act.busy || disabled}
                    onHold={() => void make()}
                >
                    {w('newLink')}
                </HoldButton>
            </div>
            {act.answer && <LinkBox invitation={act.answer} />}
            {act.problem && <ErrorBox problem={act.problem} />}
        </>
    );
}

export function RoleCard({ person, unsaved, reload }: Props) {
    const role = useSignal<ServerRole>(person.role);
    const act = useAct<Person>();
    const save = async () => {
        const body = { role: role.value };
        if (await act.run(() => send<Person>('people', person, body))) {
            announce(t('saved'));
            reload();
        }
    };
    const changed = role.value !== person.role;
    return (
        <section class="card grid gap-4 p-5 sm:p-8" data-testid="role-card">
            <h2 class="text-lg">{w('roleTitle')}</h2>
            <label class="field">
                {w('role')}
                <select
                    data-testid="person-role"
                    aria-describedby="role-means"
                    value={role.value}
                    onChange={(event) => {
                        act.edited();
                        role.value = event.currentTarget.value as ServerRole;
                    }}
                >
                    {ROLES.map((one) => (
                        <option key={one} value={one}>
                            {w(`role_${one}`)}
                        </option>
                    ))}
                </select>
            </label>
            <p id="role-means" class="text-sm">
                {w(`means_${role.value}`)}
            </p>
            {changed && (
                <button
                    type="button"
                    class="btn btn-main w-fit"
                    data-testid="save-role"
                    disabled={unsaved}
                    aria-disabled={act.busy}
                    onClick={() => void save()}
                >
                    {w('saveRole')}
                </button>
            )}
            {unsaved && <p class="text-sm font-bold">{w('unsaved')}</p>}
            {act.problem && <ErrorBox problem={act.problem} />}
            <Changed problem={act.problem} reload={reload} />
            {person.role !== 'officer' && !person.disabled && (
                <Link person={person} disabled={changed} />
            )}
        </section>
    );
}
