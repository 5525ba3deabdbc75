// SPDX-License-Identifier: GPL-3.0-or-later
// The invitations: what became of each, one act on one or on many.
import { type Signal, useSignal } from '@preact/signals';
import { post, remove } from '../core/api';
import { formatDate, formatTime, type Key, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { href } from '../core/router';
import type {
    Invitation,
    InvitationActs,
    InvitationMade,
    InvitationShow,
    InvitationsActed,
} from '../core/types';
import { MailState } from '../desk/mail/row';
import { SearchField } from '../ui/fields/search-field';
import { useRequest } from '../ui/hooks/use-request';
import { Icon } from '../ui/icons';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { CopyButton, NewLinks } from './links';
import {
    isEmpty,
    isSelectable,
    isSelected,
    mailTarget,
    NOTHING,
    type Selection,
    selectAll,
    targetOf,
    toggle,
} from './selection';
import type { Invitees } from './use-invitees';
import { type InviteKey, w } from './words';

const SHOWS: InvitationShow[] = ['all', 'valid', 'unopened', 'unmailed', 'unanswered', 'revoked'];

function Chips({ item }: { item: Invitation }) {
    if (item.revoked) {
        return <span class="chip chip-red">{t('revoked')}</span>;
    }
    return (
        <>
            {item.disabled && <span class="chip chip-red">{w('disabled')}</span>}
            {item.opened_at ? (
                <time
                    class="chip chip-green whitespace-normal"
                    data-testid="opened"
                    dateTime={item.opened_at}
                >
                    {w('opened', {
                        at: `${formatDate(item.opened_at)} · ${formatTime(item.opened_at)}`,
                    })}
                </time>
            ) : (
                <span class="chip">{w('unopened')}</span>
            )}
            {item.coming && (
                <span
                    class={`chip ${item.coming === 'yes' ? 'chip-green' : ''}`}
                    data-testid="row-coming"
                >
                    {w(`coming_${item.coming}` as InviteKey)}
                </span>
            )}
        </>
    );
}

function Who({ item }: { item: Invitation }) {
    return (
        <span class="user-text min-w-0 flex-1 basis-40">
            <bdi class="font-bold">{item.name || t('noName')}</bdi>
            {item.entity && (
                <>
                    {t('comma')} <bdi>{item.entity}</bdi>
                </>
            )}
            {item.email && (
                <span class="block text-soft">
                    <bdi dir="ltr">{item.email}</bdi>
                </span>
            )}
        </span>
    );
}

interface RowProps {
    item: Invitation;
    /** Of an invitation whose link this page knows, until it is left. */
    url?: string;
    path: string;
    changed: () => void;
    /** Null: one invitation at a time. */
    pick: { selected: boolean; toggle: () => void } | null;
    made: (made: InvitationMade) => void;
}

function Row({ item, url, path, changed, pick, made }: RowProps) {
    const act = useRequest(changed);
    const newLink = () =>
        act.run(async () => {
            const body: InvitationActs = { act: 'links', of: [item.id] };
            const { items } = await post<InvitationsActed>(`${path}/acts`, body);
            items.forEach(made);
        });
    return (
        <li
            class="flex flex-wrap items-center gap-2 border-t border-line py-2 text-sm"
            data-testid="invitation"
            data-role={item.role}
        >
            {pick && isSelectable(item) && (
                <label class="grid size-11 shrink-0 cursor-pointer place-items-center">
                    <input
                        type="checkbox"
                        data-testid="select-invitation"
                        aria-label={w('select', { name: item.name })}
                        checked={pick.selected}
                        onChange={pick.toggle}
                    />
                </label>
            )}
            <Who item={item} />
            <span class="chip whitespace-normal">{t(`role_${item.role}` as Key)}</span>
            <Chips item={item} />
            {!item.revoked && (
                <>
                    {url && <CopyButton url={url} testId="invitation-copy-again" small />}
                    {!url && pick && !item.disabled && (
                        <button
                            type="button"
                            class="btn btn-small"
                            data-testid="new-link-of"
                            title={w('newLinkHelp')}
                            disabled={act.busy.value}
                            onClick={() => void newLink()}
                        >
                            {w('newLink')}
                        </button>
                    )}
                    <HoldButton
                        class="btn-small btn-bad"
                        disabled={act.busy.value}
                        onHold={() => void act.run(() => remove(`${path}/${item.id}`))}
                    >
                        {t('revoke')}
                    </HoldButton>
                </>
            )}
            {item.mail && <MailState mail={item.mail} changed={changed} />}
            {act.problem.value && <ErrorBox problem={act.problem.value} />}
        </li>
    );
}

function Filter({ list, selected }: { list: Invitees; selected: Signal<Selection> }) {
    const counts = list.found.value?.counts;
    const of: Partial<Record<InvitationShow, number>> = { all: counts?.all, valid: counts?.valid };
    return (
        <search class="grid items-start gap-3 sm:grid-cols-2">
            <SearchField
                class="field-small"
                label={w('find')}
                testId="find-invitation"
                value={list.query.value}
                set={(words) => {
                    selected.value = NOTHING;
                    list.query.value = words;
                }}
            />
            <label class="field field-small">
                {w('show')}
                <select
                    data-testid="show-invitations"
                    value={list.show.value}
                    onChange={(event) => {
                        selected.value = NOTHING;
                        list.show.value = event.currentTarget.value as InvitationShow;
                    }}
                >
                    {SHOWS.map((one) => (
                        <option key={one} value={one}>
                            {w(`show_${one}` as InviteKey, { n: of[one] ?? 0 })}
                        </option>
                    ))}
                </select>
            </label>
        </search>
    );
}

function cardsOf(session: string, selection: Selection, show: InvitationShow): string {
    const of = targetOf(selection, show);
    return `${href('print', session)}#${typeof of === 'string' ? of : of.join(',')}`;
}

interface BarProps {
    session: string;
    path: string;
    list: Invitees;
    selected: Signal<Selection>;
    mailed: boolean;
    changed: () => void;
    made: (made: InvitationMade[]) => void;
}

function useActs({ session, path, list, selected, changed, made }: BarProps) {
    const request = useRequest(changed);
    const show = list.show.value;
    const act = (what: 'revoke' | 'replace') =>
        void request.run(async () => {
            const body: InvitationActs = { act: what, of: targetOf(selected.value, show) };
            const answer = await post<InvitationsActed>(`${path}/acts`, body);
            announce(w('done', { n: answer.done }));
            made(answer.items);
            selected.value = NOTHING;
        });
    const mail = () =>
        void request.run(async () => {
            const at = `sessions/${encodeURIComponent(session)}/mails`;
            const to = mailTarget(selected.value, show);
            const { queued } = await post<{ queued: number }>(at, { kind: 'invitation', to });
            announce(t('mailsQueued', { n: queued }));
            selected.value = NOTHING;
        });
    return { ...request, act, mail };
}

function SelectAll({ list, selected }: { list: Invitees; selected: Signal<Selection> }) {
    const shown = list.found.value?.items ?? [];
    return (
        <label class="flex min-h-11 w-fit cursor-pointer items-center gap-3 text-sm">
            <input
                type="checkbox"
                data-testid="select-all"
                checked={selected.value.all}
                onChange={(event) => {
                    selected.value = event.currentTarget.checked
                        ? selectAll(shown, list.query.value)
                        : NOTHING;
                }}
            />
            {w('selectAll')}
            <span class="text-soft" role="status">
                {selected.value.all
                    ? w('selectedAll')
                    : w('selected', { n: selected.value.ids.length })}
            </span>
        </label>
    );
}

/** A link to the printable cards of the selected invitations. */
function PrintLink({
    session,
    list,
    selection,
}: {
    session: string;
    list: Invitees;
    selection: Selection;
}) {
    return isEmpty(selection) ? (
        <button type="button" class="btn btn-small" disabled>
            {w('print')}
        </button>
    ) : (
        <a
            class="btn btn-small"
            data-testid="print-selected"
            target="_blank"
            rel="noopener"
            href={cardsOf(session, selection, list.show.value)}
        >
            {w('print')}
        </a>
    );
}

function Bar(props: BarProps) {
    const { session, list, selected, mailed } = props;
    const { busy, problem, act, mail } = useActs(props);
    const off = busy.value || isEmpty(selected.value);
    return (
        <div class="grid gap-2">
            <SelectAll list={list} selected={selected} />
            <div class="flex flex-wrap gap-2">
                {mailed && (
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="mail-selected"
                        disabled={off}
                        onClick={mail}
                    >
                        {w('mailSelected')}
                    </button>
                )}
                <PrintLink session={session} list={list} selection={selected.value} />
                <HoldButton
                    class="btn-small"
                    testId="replace-selected"
                    disabled={off}
                    onHold={() => act('replace')}
                >
                    {w('replace')}
                </HoldButton>
                <HoldButton
                    class="btn-small btn-bad"
                    testId="revoke-selected"
                    disabled={off}
                    onHold={() => act('revoke')}
                >
                    {w('revoke')}
                </HoldButton>
            </div>
            <p class="text-sm text-soft">{w('replaceHelp')}</p>
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}

interface Props {
    /** Without it: of staff. */
    session?: string;
    path: string;
    list: Invitees;
    mailed: boolean;
    urls: Signal<Record<string, string>>;
}

function Rows({ path, list, urls, selected }: Props & { selected: Signal<Selection> | null }) {
    const items = list.found.value?.items ?? [];
    return (
        <ul class="grid max-h-72 grid-cols-1 gap-1 overflow-y-auto" data-testid="invitations">
            {items.map((item) => (
                <Row
                    key={item.id}
                    item={item}
                    url={urls.value[item.id]}
                    path={path}
                    changed={list.again}
                    made={({ id, url }) => {
                        urls.value = { ...urls.value, [id]: url };
                    }}
                    pick={
                        selected && {
                            selected: isSelected(selected.value, item),
                            toggle: () => {
                                selected.value = toggle(selected.value, item.id, items);
                            },
                        }
                    }
                />
            ))}
        </ul>
    );
}

export function InvitationRows(props: Props) {
    const { session, path, list, mailed } = props;
    const selected = useSignal<Selection>(NOTHING);
    const links = useSignal<InvitationMade[]>([]);
    const found = list.found.value;
    if (list.problem.value) {
        return <ErrorBox problem={list.problem.value} retry={list.again} />;
    }
    if (!found) {
        return <Skeleton lines={2} />;
    }
    if (found.counts.all === 0) {
        return <p class="text-sm text-soft">{t('noInvitations')}</p>;
    }
    return (
        <section class="grid gap-3" aria-label={w('list')}>
            {session && (
                <>
                    <h3 class="text-base font-bold">{w('list')}</h3>
                    <Filter list={list} selected={selected} />
                    <Bar
                        session={session}
                        path={path}
                        list={list}
                        selected={selected}
                        mailed={mailed}
                        changed={list.again}
                        made={(made) => {
                            links.value = made;
                        }}
                    />
                </>
            )}
            {links.value.length > 0 && (
                <NewLinks
                    links={links.value}
                    close={() => {
                        links.value = [];
                    }}
                />
            )}
            {found.items.length === 0 ? (
                <p class="text-sm text-soft">{w('noneShown')}</p>
            ) : (
                <Rows {...props} selected={session ? selected : null} />
            )}
            {found.next && (
                <button
                    type="button"
                    class="btn btn-small w-fit"
                    data-testid="more-invitations"
                    disabled={list.waiting.value}
                    onClick={list.more}
                >
                    <Icon name="down" size={16} /> {w('more')}
                </button>
            )}
        </section>
    );
}
