// SPDX-License-Identifier: GPL-3.0-or-later
// The registration page of a session: who is let in, what it asks for; and those who wait.
import { useSignal } from '@preact/signals';
import { get, post, request } from '../core/api';
import { formatDate, formatNumber, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type {
    InvitationMade,
    RegistrationItem,
    RegistrationList,
    RegistrationPageNew,
    RegistrationsDecided,
} from '../core/types';
import { useAct } from '../ui/form';
import { useLoad } from '../ui/hooks/use-load';
import { useRequest } from '../ui/hooks/use-request';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { CopyButton, LinkField, NewLinks } from './links';
import { type InviteKey, w } from './words';

type Mode = RegistrationPageNew['mode'];
type Asked = 'email' | 'entity' | 'job_title';
const MODES: Mode[] = ['off', 'approval', 'open'];
const ASKED: Asked[] = ['email', 'entity', 'job_title'];
const WANTS = ['off', 'optional', 'required'] as const;

type Draft = Required<RegistrationPageNew>;

export function draftOf(page: RegistrationList['page']): Draft {
    return {
        mode: page?.mode ?? 'off',
        email: page?.email ?? 'required',
        entity: page?.entity ?? 'optional',
        job_title: page?.job_title ?? 'off',
    };
}

function useSettings(
    list: RegistrationList,
    path: string,
    changed: (list: RegistrationList) => void,
) {
    const draft = useSignal(draftOf(list.page));
    const act = useAct<RegistrationList>();
    const set = (change: Partial<Draft>) => {
        draft.value = { ...draft.value, ...change };
        act.edited();
    };
    const save = async () => {
        let answer: RegistrationList | null = null;
        const saved = await act.run(async () => {
            answer = await request<RegistrationList>('PUT', path, draft.value);
            return answer;
        });
        if (saved && answer) {
            announce(w('saved'));
            changed(answer);
        }
    };
    return { draft: draft.value, set, act, save };
}

interface DraftProps {
    draft: Draft;
    set: (change: Partial<Draft>) => void;
}

function ModeChoice({ draft, set }: DraftProps) {
    return (
        <fieldset class="grid gap-1">
            <legend class="text-sm font-bold">{w('mode')}</legend>
            {MODES.map((one) => (
                <label key={one} class="flex min-h-11 cursor-pointer items-center gap-2 text-sm">
                    <input
                        type="radio"
                        name="registration-mode"
                        data-testid={`registration-${one}`}
                        checked={draft.mode === one}
                        onChange={() => set({ mode: one })}
                    />
                    {w(`mode_${one}` as InviteKey)}
                </label>
            ))}
        </fieldset>
    );
}

function AskedFields({ draft, set }: DraftProps) {
    return (
        <fieldset class="grid gap-3 sm:grid-cols-2">
            <legend class="mb-2 text-sm font-bold">{w('fields')}</legend>
            {ASKED.map((one) => (
                <label key={one} class="field field-small">
                    {w(`field_${one}` as InviteKey)}
                    <select
                        data-testid={`registration-${one}`}
                        value={draft[one]}
                        onChange={(event) =>
                            set({
                                [one]: event.currentTarget.value as Draft['email'],
                            })
                        }
                    >
                        {WANTS.map((want) => (
                            <option key={want} value={want}>
                                {w(`want_${want}` as InviteKey)}
                            </option>
                        ))}
                    </select>
                </label>
            ))}
        </fieldset>
    );
}

function Settings({
    list,
    path,
    changed,
}: {
    list: RegistrationList;
    path: string;
    changed: (list: RegistrationList) => void;
}) {
    const { draft, set, act, save } = useSettings(list, path, changed);
    return (
        <div class="grid gap-3" data-testid="registration-settings">
            <ModeChoice draft={draft} set={set} />
            {draft.mode === 'open' && (
                <p class="text-sm text-soft">{w(list.mailed ? 'openHelp' : 'openNoMail')}</p>
            )}
            {draft.mode !== 'off' && <AskedFields draft={draft} set={set} />}
            {act.problem && <ErrorBox problem={act.problem} />}
            <button
                type="button"
                class="btn btn-small w-fit"
                data-testid="save-registration"
                disabled={act.busy}
                onClick={() => void save()}
            >
                {w(act.answer ? 'saved' : 'save')}
            </button>
        </div>
    );
}

function Registered({ item }: { item: RegistrationItem }) {
    return (
        <span class="user-text min-w-0 flex-1 basis-40">
            <bdi class="font-bold">{item.name}</bdi>
            {item.job_title && (
                <>
                    {t('comma')} <bdi>{item.job_title}</bdi>
                </>
            )}
            {item.entity && (
                <span class="block">
                    <bdi>{item.entity}</bdi>
                    {item.entity_known && <span class="text-soft"> ({w('entityKnown')})</span>}
                </span>
            )}
            {item.email && (
                <span class="block text-soft">
                    <bdi dir="ltr">{item.email}</bdi>
                </span>
            )}
        </span>
    );
}

function Row({
    item,
    decide,
    busy,
}: {
    item: RegistrationItem;
    decide: (act: 'approve' | 'refuse', of: string[]) => void;
    busy: boolean;
}) {
    const waits = item.state === 'waiting';
    return (
        <li
            class="flex flex-wrap items-center gap-2 border-t border-line py-2 text-sm"
            data-testid="registered-person"
            data-state={item.state}
        >
            <Registered item={item} />
            <time class="text-soft" dateTime={item.created_at}>
                {formatDate(item.created_at)}
            </time>
            {waits ? (
                <>
                    <button
                        type="button"
                        class="btn btn-small btn-good"
                        data-testid="approve-registration"
                        disabled={busy}
                        onClick={() => decide('approve', [item.id])}
                    >
                        {w('approve')}
                    </button>
                    <HoldButton
                        class="btn-small btn-bad"
                        testId="refuse-registration"
                        disabled={busy}
                        onHold={() => decide('refuse', [item.id])}
                    >
                        {w('refuse')}
                    </HoldButton>
                </>
            ) : (
                <span class={`chip ${item.state === 'approved' ? 'chip-green' : ''}`}>
                    {w(`state_${item.state}` as InviteKey)}
                </span>
            )}
        </li>
    );
}

function useDecide(session: string, changed: () => void) {
    const act = useRequest(changed);
    const links = useSignal<InvitationMade[]>([]);
    const left = useSignal(0);
    const decide = (what: 'approve' | 'refuse', of: 'waiting' | string[]) =>
        void act.run(async () => {
            const at = `sessions/${encodeURIComponent(session)}/registrations`;
            const answer = await post<RegistrationsDecided>(at, { act: what, of });
            announce(w('decidedNow', { n: answer.done }));
            links.value = answer.links;
            left.value = answer.left_out;
        });
    return { ...act, links, left, decide };
}

function Waiting({
    session,
    list,
    changed,
}: {
    session: string;
    list: RegistrationList;
    changed: () => void;
}) {
    const { busy, problem, links, left, decide } = useDecide(session, changed);
    const { waiting, approved, refused } = list.counts;
    return (
        <div class="grid gap-2">
            <p class="text-sm" data-testid="registrations-waiting" data-count={waiting}>
                <b>{w('waiting', { n: waiting })}</b>{' '}
                {w('decided', {
                    approved: formatNumber(approved),
                    refused: formatNumber(refused),
                })}
            </p>
            {waiting > 1 && (
                <HoldButton
                    class="btn-small w-fit"
                    testId="approve-all"
                    disabled={busy.value}
                    onHold={() => decide('approve', 'waiting')}
                >
                    {w('approveAll')}
                </HoldButton>
            )}
            {left.value > 0 && <p class="text-sm">{w('leftWaiting', { n: left.value })}</p>}
            {problem.value && <ErrorBox problem={problem.value} />}
            {links.value.length > 0 && (
                <NewLinks
                    links={links.value}
                    close={() => {
                        links.value = [];
                    }}
                />
            )}
            {list.items.length === 0 ? (
                <p class="text-sm text-soft">{w('noRegistrations')}</p>
            ) : (
                <ul class="grid max-h-72 grid-cols-1 gap-1 overflow-y-auto">
                    {list.items.map((item) => (
                        <Row key={item.id} item={item} decide={decide} busy={busy.value} />
                    ))}
                </ul>
            )}
        </div>
    );
}

/** `changed`: people were invited. */
export function RegistrationPanel({ session, changed }: { session: string; changed: () => void }) {
    const at = `sessions/${encodeURIComponent(session)}`;
    const loaded = useLoad(`${at}/registrations`, () =>
        get<RegistrationList>(`${at}/registrations`),
    );
    const list = loaded.value.value;
    if (loaded.problem.value) {
        return <ErrorBox problem={loaded.problem.value} retry={loaded.again} />;
    }
    if (!list) {
        return <Skeleton lines={2} />;
    }
    return (
        <div class="grid gap-4" data-testid="registration">
            <p class="text-sm text-soft">{w('registrationHelp')}</p>
            <Settings
                list={list}
                path={`${at}/registration`}
                changed={(next) => {
                    loaded.value.value = next;
                }}
            />
            {list.page && (
                <div class="grid gap-1">
                    <span class="text-sm font-bold">{w('address')}</span>
                    <span class="flex flex-wrap items-center gap-2">
                        <LinkField url={list.url} testId="registration-url" label={w('address')} />
                        <CopyButton url={list.url} testId="registration-copy" small />
                    </span>
                </div>
            )}
            {(list.page || list.items.length > 0) && (
                <Waiting
                    session={session}
                    list={list}
                    changed={() => {
                        loaded.again();
                        changed();
                    }}
                />
            )}
        </div>
    );
}
