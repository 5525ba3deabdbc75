// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { get, post, remove } from '../core/api';
import { type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { textProblem } from '../core/text';
import type { Invitation, InvitationList, InvitationMade, Role } from '../core/types';
import { Form, useAct } from '../ui/form';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { TextField } from '../ui/text-field';

const MOST = 200;
const ROLES: Role[] = ['attendee', 'speaker', 'moderator'];

async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    announce(t('copied'));
}

function CopyButton({ url, testId, small }: { url: string; testId: string; small?: boolean }) {
    const copied = useSignal(false);
    return (
        <button
            type="button"
            class={`btn ${small ? 'btn-small' : ''}`}
            data-testid={testId}
            onClick={() =>
                void copy(url).then(
                    () => {
                        copied.value = true;
                    },
                    () => undefined,
                )
            }
        >
            <Icon name={copied.value ? 'check' : 'copy'} size={small ? 16 : 20} />
            {t(copied.value ? 'copied' : small ? 'copyLink' : 'copy')}
        </button>
    );
}

/** The link of the person whom it names: it says whose it is, whatever stands in the form. */
function LinkBox({ invitation }: { invitation: InvitationMade }) {
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
                <input
                    class="input min-w-0 flex-1 basis-48 font-mono text-sm"
                    dir="ltr"
                    readOnly
                    data-testid="invitation-url"
                    aria-label={t('invitationLink')}
                    value={invitation.url}
                    onFocus={(event) => event.currentTarget.select()}
                />
                <CopyButton url={invitation.url} testId="invitation-copy" />
            </div>
        </div>
    );
}

function Row({
    item,
    url,
    path,
    changed,
}: {
    item: Invitation;
    /** Of an invitation that this page made, until it is left. */
    url?: string;
    path: string;
    changed: () => void;
}) {
    const act = useAct();
    return (
        <li
            class="flex flex-wrap items-center gap-2 border-t border-line py-2 text-sm"
            data-testid="invitation"
            data-role={item.role}
        >
            <span class="user-text min-w-0 flex-1 basis-40">
                <bdi class="font-bold">{item.name || t('noName')}</bdi>
                {item.entity && (
                    <>
                        {t('comma')} <bdi>{item.entity}</bdi>
                    </>
                )}
            </span>
            <span class="chip">{t(`role_${item.role}` as Key)}</span>
            {item.revoked ? (
                <span class="chip chip-red">{t('revoked')}</span>
            ) : (
                <>
                    {url && <CopyButton url={url} testId="invitation-copy-again" small />}
                    <HoldButton
                        class="btn-small btn-bad"
                        disabled={act.busy}
                        onHold={() =>
                            void act.run(() => remove(`${path}/${item.id}`)).then(changed)
                        }
                    >
                        {t('revoke')}
                    </HoldButton>
                </>
            )}
            {act.problem && <ErrorBox problem={act.problem} />}
        </li>
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
    made: (invitation: InvitationMade) => void;
}

function useNewInvitation({ path, roles, made }: NewProps) {
    const draft = useSignal({ name: '', entity: '', role: roles[0] as Role });
    const act = useAct<InvitationMade>();
    const set = (change: Partial<typeof draft.value>) => {
        draft.value = { ...draft.value, ...change };
    };
    const create = async () => {
        const { name, entity, role } = draft.value;
        const refused = textProblem(name, 'name', MOST);
        if (refused) {
            act.refuse(refused);
            return;
        }
        const present = await act.run(async () => {
            const body = { name: name.trim(), entity: entity.trim(), role };
            const invitation = await post<InvitationMade>(path, body);
            made(invitation);
            return invitation;
        });
        if (present) {
            set({ name: '' });
        }
    };
    return { draft, act, set, create };
}

/** A new invitation; its link stands below it until the next one is made. */
function NewInvitation(props: NewProps) {
    const { draft, act, set, create } = useNewInvitation(props);
    const { name, entity, role } = draft.value;
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

/** To one session; without it, of staff, who see and run all of them. */
export function Invitations({ session }: { session?: string }) {
    const path = session ? `sessions/${encodeURIComponent(session)}/invitations` : 'invitations';
    const list = useLoad(path, () => get<InvitationList>(path));
    const urls = useSignal<Record<string, string>>({});
    const items = list.value.value?.items;
    return (
        <div class="grid gap-4">
            <NewInvitation
                path={path}
                roles={session ? ROLES : ['staff']}
                made={({ id, url }) => {
                    urls.value = { ...urls.value, [id]: url };
                    list.again();
                }}
            />
            {list.problem.value ? (
                <ErrorBox problem={list.problem.value} retry={list.again} />
            ) : !items ? (
                <Skeleton lines={2} />
            ) : items.length === 0 ? (
                <p class="text-sm text-soft">{t('noInvitations')}</p>
            ) : (
                <ul class="grid max-h-72 gap-1 overflow-y-auto" data-testid="invitations">
                    {items.map((item) => (
                        <Row
                            key={item.id}
                            item={item}
                            url={urls.value[item.id]}
                            path={path}
                            changed={list.again}
                        />
                    ))}
                </ul>
            )}
        </div>
    );
}
