// SPDX-License-Identifier: GPL-3.0-or-later
import { useSignal } from '@preact/signals';
import { asProblem, get, type Problem, post, remove } from '../core/api';
import { type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Invitation, List, Role } from '../core/types';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';

const ROLES: Role[] = ['attendee', 'speaker', 'moderator', 'staff'];

async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    announce(t('copied'));
}

function LinkBox({ invitation }: { invitation: Invitation }) {
    const copied = useSignal(false);
    return (
        <div class="grid gap-2 rounded-xl bg-aegreen-50 p-3" data-testid="invitation-made">
            <p class="text-sm">{t('linkOnce')}</p>
            <div class="flex items-center gap-2">
                <input
                    class="input min-w-0 flex-1 font-mono text-sm!"
                    dir="ltr"
                    readOnly
                    data-testid="invitation-url"
                    aria-label={t('invitationLink')}
                    value={invitation.url}
                    onFocus={(event) => event.currentTarget.select()}
                />
                <button
                    type="button"
                    class="btn"
                    data-testid="invitation-copy"
                    onClick={() =>
                        void copy(invitation.url ?? '').then(() => {
                            copied.value = true;
                        })
                    }
                >
                    <Icon name={copied.value ? 'check' : 'copy'} />
                    {t(copied.value ? 'copied' : 'copy')}
                </button>
            </div>
        </div>
    );
}

export function Invitations({ session }: { session: string }) {
    const path = `sessions/${encodeURIComponent(session)}/invitations`;
    const list = useLoad(path, () => get<List<Invitation>>(path));
    const name = useSignal('');
    const entity = useSignal('');
    const role = useSignal<Role>('attendee');
    const made = useSignal<Invitation | null>(null);
    const problem = useSignal<Problem | null>(null);
    const run = async (work: () => Promise<void>) => {
        problem.value = null;
        try {
            await work();
            list.again();
        } catch (error) {
            problem.value = asProblem(error);
        }
    };
    const create = async () => {
        made.value = await post<Invitation>(path, {
            name: name.value.trim(),
            entity: entity.value.trim(),
            role: role.value,
        });
        name.value = '';
    };
    const items = list.value.value?.items;
    return (
        <div class="grid gap-4">
            <form
                class="grid gap-3 sm:grid-cols-2"
                onSubmit={(event) => {
                    event.preventDefault();
                    void run(create);
                }}
            >
                <label class="field">
                    {t('personName')}
                    <input
                        dir="auto"
                        required
                        data-testid="invitation-name"
                        value={name}
                        onInput={(event) => {
                            name.value = event.currentTarget.value;
                        }}
                    />
                </label>
                <label class="field">
                    {t('entity')}
                    <input
                        dir="auto"
                        data-testid="invitation-entity"
                        value={entity}
                        onInput={(event) => {
                            entity.value = event.currentTarget.value;
                        }}
                    />
                </label>
                <label class="field">
                    {t('role')}
                    <select
                        data-testid="invitation-role"
                        value={role}
                        onChange={(event) => {
                            role.value = event.currentTarget.value as Role;
                        }}
                    >
                        {ROLES.map((one) => (
                            <option key={one} value={one}>
                                {t(`role_${one}` as Key)}
                            </option>
                        ))}
                    </select>
                </label>
                <button type="submit" class="btn btn-main self-end" data-testid="invitation-create">
                    <Icon name="plus" /> {t('createLink')}
                </button>
            </form>
            {made.value && <LinkBox key={made.value.id} invitation={made.value} />}
            {problem.value && <ErrorBox problem={problem.value} />}
            {list.problem.value ? (
                <ErrorBox problem={list.problem.value} retry={list.again} />
            ) : !items ? (
                <Skeleton lines={2} />
            ) : items.length === 0 ? (
                <p class="text-sm text-aeblack-600">{t('noInvitations')}</p>
            ) : (
                <ul class="grid max-h-72 gap-1 overflow-y-auto">
                    {items.map((item) => (
                        <li
                            key={item.id}
                            class="flex flex-wrap items-center gap-2 border-t border-aeblack-100 py-2 text-sm"
                        >
                            <span class="min-w-0 flex-1">
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
                                <HoldButton
                                    class="btn-small text-aered-700!"
                                    onHold={() => void run(() => remove(`${path}/${item.id}`))}
                                >
                                    {t('revoke')}
                                </HoldButton>
                            )}
                        </li>
                    ))}
                </ul>
            )}
        </div>
    );
}
