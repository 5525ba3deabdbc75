// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { post } from '../core/api';
import { type Key, t } from '../core/i18n';
import { textProblem } from '../core/text';
import type { InvitationMade, Role } from '../core/types';
import { CopyButton, LinkField } from '../invite/links';
import { InvitationRows } from '../invite/list';
import { InviteMany } from '../invite/many';
import { RegistrationPanel } from '../invite/registration';
import { type Invitees, useInvitees } from '../invite/use-invitees';
import { w } from '../invite/words';
import { Form, useAct } from '../ui/form';
import { Icon } from '../ui/icons';
import { TextField } from '../ui/text-field';
import { Coming } from './coming';
import { MailPanel, useMails } from './mail/panel';

const MOST = 200;
const ROLES: Role[] = ['attendee', 'speaker', 'moderator'];
const OF_SERVER: Role[] = ['staff', 'moderator', 'admin'];

/** The link of the person whom it names: it says whose it is, whatever stands in the form. */
export function LinkBox({ invitation }: { invitation: InvitationMade }) {
    return (
        <div
            class="grid gap-2 rounded-xl bg-good-soft p-3"
            role="status"
            data-testid="invitation-made"
        >
            <p class="user-text text-sm">
                <b>{t('linkOf')}</b> <bdi>{invitation.name}</bdi>
                {invitation.entity && (
                    <>
                        {t('comma')} <bdi>{invitation.entity}</bdi>
                    </>
                )}
            </p>
            <p class="text-sm">{t('linkOnce')}</p>
            <div class="flex flex-wrap items-center gap-2">
                <LinkField url={invitation.url} testId="invitation-url" />
                <CopyButton url={invitation.url} testId="invitation-copy" />
            </div>
        </div>
    );
}

function RoleField({
    roles,
    value,
    set,
}: {
    roles: Role[];
    value: Role;
    set: (role: Role) => void;
}) {
    return (
        <label class="field">
            {t('role')}
            <select
                data-testid="invitation-role"
                data-field="role"
                value={value}
                onChange={(event) => set(event.currentTarget.value as Role)}
            >
                {roles.map((one) => (
                    <option key={one} value={one}>
                        {t(`role_${one}` as Key)}
                    </option>
                ))}
            </select>
        </label>
    );
}

interface NewProps {
    path: string;
    roles: Role[];
    mailed: boolean;
    made: (invitation: InvitationMade) => void;
}

function useNewInvitation({ path, roles, made }: NewProps) {
    const draft = useSignal({ name: '', entity: '', email: '', role: roles[0] as Role });
    const act = useAct<InvitationMade>();
    const set = (change: Partial<typeof draft.value>) => {
        draft.value = { ...draft.value, ...change };
    };
    const create = async () => {
        const { name, entity, email, role } = draft.value;
        const refused = textProblem(name, 'name', MOST);
        if (refused) {
            act.refuse(refused);
            return;
        }
        const present = await act.run(async () => {
            const body = {
                name: name.trim(),
                entity: entity.trim(),
                email: email.trim(),
                role,
            };
            const invitation = await post<InvitationMade>(path, body);
            made(invitation);
            return invitation;
        });
        if (present) {
            set({ name: '', email: '' });
        }
    };
    return { draft, act, set, create };
}

/** A new invitation; its link stands below it until the next one is made. */
function NewInvitation(props: NewProps) {
    const { draft, act, set, create } = useNewInvitation(props);
    const { name, entity, email, role } = draft.value;
    return (
        <>
            <Form
                act={act}
                onSubmit={() => void create()}
                class="grid items-start gap-3 sm:grid-cols-2"
                testId="invitation-form"
            >
                <TextField
                    name="name"
                    autocomplete="off"
                    data-testid="invitation-name"
                    label={t('personName')}
                    value={name}
                    set={(text) => set({ name: text })}
                />
                <TextField
                    name="entity"
                    autocomplete="off"
                    data-testid="invitation-entity"
                    label={t('entity')}
                    value={entity}
                    set={(text) => set({ entity: text })}
                />
                {props.mailed && (
                    <TextField
                        name="email"
                        autocomplete="off"
                        inputMode="email"
                        dir="ltr"
                        data-testid="invitation-email"
                        label={t('email')}
                        value={email}
                        set={(text) => set({ email: text })}
                    />
                )}
                <RoleField roles={props.roles} value={role} set={(one) => set({ role: one })} />
                <button
                    type="submit"
                    class="btn btn-main self-end"
                    data-testid="invitation-create"
                    aria-disabled={act.busy}
                >
                    <Icon name="plus" /> {t(act.busy ? 'sending' : 'createLink')}
                </button>
            </Form>
            {act.answer && <LinkBox key={act.answer.id} invitation={act.answer} />}
        </>
    );
}

/** A part of the panel that is made once it is opened. */
function Fold({
    title,
    testId,
    children,
}: {
    title: string;
    testId: string;
    children: () => ComponentChildren;
}) {
    const open = useSignal(false);
    return (
        <details
            class="rounded-xl border border-line p-3"
            onToggle={(event) => {
                open.value = open.value || event.currentTarget.open;
            }}
        >
            <summary class="cursor-pointer font-bold" data-testid={testId}>
                {title}
            </summary>
            {open.value && <div class="mt-3">{children()}</div>}
        </details>
    );
}

function OfSession({
    session,
    list,
    children,
}: {
    session: string;
    list: Invitees;
    children: (mailed: boolean) => ComponentChildren;
}) {
    const mails = useMails(session, list.again);
    const mailed = mails.list.value.value?.relay.configured === true;
    const found = list.found.value;
    return (
        <>
            <Fold title={w('many')} testId="open-invite-many">
                {() => (
                    <InviteMany
                        session={session}
                        mailed={mailed}
                        changed={() => {
                            list.again();
                            mails.list.again();
                        }}
                    />
                )}
            </Fold>
            <Fold title={w('registration')} testId="open-registration">
                {() => <RegistrationPanel session={session} changed={list.again} />}
            </Fold>
            {found && found.counts.all > 0 && <MailPanel mails={mails} invitations={found} />}
            {children(mailed)}
        </>
    );
}

/** To one session; without it, to the whole server. */
export function Invitations({ session }: { session?: string }) {
    const path = session ? `sessions/${encodeURIComponent(session)}/invitations` : 'invitations';
    const list = useInvitees(path);
    const urls = useSignal<Record<string, string>>({});
    const rows = (mailed: boolean) => (
        <InvitationRows session={session} path={path} list={list} mailed={mailed} urls={urls} />
    );
    return (
        <div class="grid gap-4">
            {session && <Coming session={session} />}
            <NewInvitation
                path={path}
                roles={session ? ROLES : OF_SERVER}
                mailed={!!session}
                made={({ id, url }) => {
                    urls.value = { ...urls.value, [id]: url };
                    list.again();
                }}
            />
            {session ? (
                <OfSession session={session} list={list}>
                    {rows}
                </OfSession>
            ) : (
                rows(false)
            )}
        </div>
    );
}
