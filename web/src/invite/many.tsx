// SPDX-License-Identifier: GPL-3.0-or-later
// Invites many in one act: whom, how many that would be, then one button.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, get, type Problem, post } from '../core/api';
import { pick, t } from '../core/i18n';
import type { EntityList, InvitationsNew, InvitedMany, Person, SessionList } from '../core/types';
import { entityName } from '../people/entity-name';
import { usePeople } from '../people/use-people';
import { SearchField } from '../ui/fields/search-field';
import { useAct } from '../ui/form';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { type InviteKey, w } from './words';

const PAUSE_MS = 250;
/** As the server takes (src/people/invite.h). */
export const MOST_NAMED = 1000;
const SHOWN = 6;

export type Whom = 'people' | 'entities' | 'everybody' | 'session';
const WHOM: Whom[] = ['entities', 'people', 'everybody', 'session'];

export interface Choice {
    whom: Whom;
    people: Pick<Person, 'id' | 'name'>[];
    entities: string[];
    session: string;
}

export const NO_CHOICE: Choice = { whom: 'entities', people: [], entities: [], session: '' };

/** Null: nobody is chosen yet. */
export function targetOf({ whom, people, entities, session }: Choice): InvitationsNew['to'] | null {
    switch (whom) {
        case 'everybody':
            return 'everybody';
        case 'people':
            return people.length > 0 ? { people: people.map(({ id }) => id) } : null;
        case 'entities':
            return entities.length > 0 ? { entities } : null;
        case 'session':
            return session ? { session } : null;
    }
}

/** The sentences that say what was done, or would be. */
export function outcome(answer: InvitedMany): string[] {
    const { dry_run, invited, already, left_out, without_address } = answer;
    const out = (['disabled', 'staff', 'revoked', 'unknown'] as const)
        .filter((why) => left_out[why] > 0)
        .map((why) => w(`out_${why}` as InviteKey, { n: left_out[why] }));
    return [
        w(dry_run ? 'wouldInvite' : 'invited', { n: invited }),
        already > 0 ? w('already', { n: already }) : '',
        ...out,
        without_address > 0 ? w('withoutAddress', { n: without_address }) : '',
        dry_run || invited === 0
            ? ''
            : answer.mails > 0
              ? w('mailsQueued', { n: answer.mails })
              : w('noMails'),
    ].filter(Boolean);
}

interface Part {
    choice: Signal<Choice>;
    set: (change: Partial<Choice>) => void;
}

function EntityChoice({ choice, set }: Part) {
    const list = useLoad('entities', () => get<EntityList>('entities'));
    const items = list.value.value?.items;
    if (list.problem.value) {
        return <ErrorBox problem={list.problem.value} retry={list.again} />;
    }
    if (!items) {
        return <Skeleton lines={2} />;
    }
    if (items.length === 0) {
        return <p class="text-sm text-soft">{w('noEntities')}</p>;
    }
    const chosen = choice.value.entities;
    const all = (ids: string[], words: InviteKey) => (
        <button type="button" class="btn btn-small" onClick={() => set({ entities: ids })}>
            {w(words)}
        </button>
    );
    return (
        <div class="grid gap-2">
            <div class="flex flex-wrap items-center gap-2">
                {all(
                    items.map(({ id }) => id),
                    'all',
                )}
                {all([], 'none')}
                <span class="text-sm text-soft">{w('chosenCount', { n: chosen.length })}</span>
            </div>
            <ul class="grid max-h-72 grid-cols-1 gap-1 overflow-y-auto sm:grid-cols-2">
                {items.map((one) => (
                    <li key={one.id}>
                        <label class="flex min-h-11 cursor-pointer items-center gap-3 text-sm">
                            <input
                                type="checkbox"
                                class="shrink-0"
                                data-testid="invite-entity"
                                checked={chosen.includes(one.id)}
                                onChange={(event) =>
                                    set({
                                        entities: event.currentTarget.checked
                                            ? [...chosen, one.id]
                                            : chosen.filter((id) => id !== one.id),
                                    })
                                }
                            />
                            <span class="user-text min-w-0">
                                <bdi class="font-bold">{entityName(one)}</bdi>{' '}
                                <span class="text-soft">{w('people', { n: one.people })}</span>
                            </span>
                        </label>
                    </li>
                ))}
            </ul>
        </div>
    );
}

function Found({ choice, set, query }: Part & { query: Signal<string> }) {
    const people = usePeople({ query, entity: useSignal('') });
    const chosen = choice.value.people;
    if (query.value.trim() === '') {
        return null;
    }
    if (people.problem.value) {
        return <ErrorBox problem={people.problem.value} retry={people.again} />;
    }
    const left = (people.found.value?.items ?? [])
        .filter(({ id }) => !chosen.some((one) => one.id === id))
        .slice(0, SHOWN);
    return (
        <ul class="grid gap-1">
            {left.map((one) => (
                <li key={one.id} class="flex items-center gap-2 text-sm">
                    <span class="user-text min-w-0 flex-1">
                        <bdi class="font-bold">{one.name}</bdi>
                        {one.entity && (
                            <>
                                {t('comma')} <bdi>{one.entity}</bdi>
                            </>
                        )}
                    </span>
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="invite-add"
                        disabled={chosen.length >= MOST_NAMED}
                        onClick={() => set({ people: [...chosen, { id: one.id, name: one.name }] })}
                    >
                        <Icon name="plus" size={16} /> {w('add')}
                    </button>
                </li>
            ))}
        </ul>
    );
}

function PeopleChoice({ choice, set }: Part) {
    const query = useSignal('');
    const chosen = choice.value.people;
    return (
        <div class="grid gap-2">
            <SearchField
                label={w('find')}
                testId="invite-find"
                value={query.value}
                set={(words) => {
                    query.value = words;
                }}
            />
            <Found choice={choice} set={set} query={query} />
            <p class="text-sm text-soft">
                {w('chosen', { n: chosen.length })}
                {chosen.length >= MOST_NAMED && ` ${w('mostNamed', { n: MOST_NAMED })}`}
            </p>
            <ul class="grid gap-1">
                {chosen.map((one) => (
                    <li key={one.id} class="flex min-w-0 items-center gap-2 text-sm">
                        <span class="user-text min-w-0">
                            <bdi>{one.name}</bdi>
                        </span>
                        <button
                            type="button"
                            class="size-6 cursor-pointer"
                            aria-label={w('takeOut', { name: one.name })}
                            onClick={() =>
                                set({ people: chosen.filter(({ id }) => id !== one.id) })
                            }
                        >
                            <Icon name="cross" size={16} />
                        </button>
                    </li>
                ))}
            </ul>
        </div>
    );
}

function SessionChoice({ choice, set, besides }: Part & { besides: string }) {
    const list = useLoad('sessions', () => get<SessionList>('sessions'));
    const items = list.value.value?.items.filter(({ id }) => id !== besides);
    if (list.problem.value) {
        return <ErrorBox problem={list.problem.value} retry={list.again} />;
    }
    if (!items) {
        return <Skeleton lines={1} />;
    }
    if (items.length === 0) {
        return <p class="text-sm text-soft">{w('noOthers')}</p>;
    }
    return (
        <label class="field">
            {w('session')}
            <select
                data-testid="invite-session"
                value={choice.value.session}
                onChange={(event) => set({ session: event.currentTarget.value })}
            >
                <option value="">{w('chooseSession')}</option>
                {items.map((one) => (
                    <option key={one.id} value={one.id}>
                        {`${one.number ? `${one.number}. ` : ''}${pick(one.title) || t('untitled')}`}
                    </option>
                ))}
            </select>
        </label>
    );
}

/** How many the present choice would invite: asked for after a pause. */
function usePreview(path: string, choice: Choice) {
    const answer = useSignal<InvitedMany | null>(null);
    const problem = useSignal<Problem | null>(null);
    const turn = useRef(0);
    const target = targetOf(choice);
    const ask = () => {
        const mine = ++turn.current;
        answer.value = null;
        problem.value = null;
        if (target === null) {
            return undefined;
        }
        return setTimeout(async () => {
            try {
                const body = { to: target, dry_run: true };
                const counted = await post<InvitedMany>(`${path}/many`, body);
                answer.value = mine === turn.current ? counted : answer.value;
            } catch (error) {
                problem.value = mine === turn.current ? asProblem(error) : problem.value;
            }
        }, PAUSE_MS);
    };
    useEffect(() => {
        const timer = ask();
        return () => clearTimeout(timer);
    }, [JSON.stringify(target)]);
    return { answer, problem, target, ask };
}

function Sentences({ answer, testId }: { answer: InvitedMany; testId: string }) {
    return (
        <div class="grid gap-1 text-sm" role="status" data-testid={testId}>
            {outcome(answer).map((text, i) => (
                <p key={text} class={i === 0 ? 'font-bold' : ''}>
                    {text}
                </p>
            ))}
        </div>
    );
}

function WhomField({ choice, set }: Part) {
    return (
        <fieldset class="grid gap-1">
            <legend class="text-sm font-bold">{w('whom')}</legend>
            <div class="flex flex-wrap gap-x-5">
                {WHOM.map((one) => (
                    <label
                        key={one}
                        class="flex min-h-11 cursor-pointer items-center gap-2 text-sm"
                    >
                        <input
                            type="radio"
                            name="invite-whom"
                            data-testid={`invite-whom-${one}`}
                            checked={choice.value.whom === one}
                            onChange={() => set({ whom: one })}
                        />
                        {w(`whom_${one}` as InviteKey)}
                    </label>
                ))}
            </div>
        </fieldset>
    );
}

function useInvite(path: string, changed: () => void) {
    const choice = useSignal<Choice>(NO_CHOICE);
    const mail = useSignal(true);
    const act = useAct<InvitedMany>();
    const preview = usePreview(path, choice.value);
    const set = (change: Partial<Choice>) => {
        choice.value = { ...choice.value, ...change };
        act.edited();
    };
    const invite = async (mailed: boolean) => {
        const { target } = preview;
        if (target === null) {
            return;
        }
        const body: InvitationsNew = { to: target, mail: mailed && mail.value };
        const done = await act.run(() => post<InvitedMany>(`${path}/many`, body));
        if (done) {
            choice.value = NO_CHOICE;
        }
        changed();
    };
    return { choice, mail, act, preview, set, invite };
}

/** `mailed`: the server sends mail. */
export function InviteMany({
    session,
    mailed,
    changed,
}: {
    session: string;
    mailed: boolean;
    changed: () => void;
}) {
    const path = `sessions/${encodeURIComponent(session)}/invitations`;
    const { choice, mail, act, preview, set, invite } = useInvite(path, changed);
    const counted = preview.answer.value;
    const { whom } = choice.value;
    return (
        <div class="grid gap-3" data-testid="invite-many">
            <WhomField choice={choice} set={set} />
            {whom === 'entities' && <EntityChoice choice={choice} set={set} />}
            {whom === 'people' && <PeopleChoice choice={choice} set={set} />}
            {whom === 'everybody' && <p class="text-sm text-soft">{w('everybodyHelp')}</p>}
            {whom === 'session' && <SessionChoice choice={choice} set={set} besides={session} />}
            {mailed && (
                <label class="flex min-h-11 cursor-pointer items-center gap-2 text-sm">
                    <input
                        type="checkbox"
                        data-testid="invite-mail"
                        checked={mail.value}
                        onChange={(event) => {
                            mail.value = event.currentTarget.checked;
                        }}
                    />
                    {w('alsoMail')}
                </label>
            )}
            {preview.target !== null &&
                (preview.problem.value ? (
                    <ErrorBox problem={preview.problem.value} retry={() => preview.ask()} />
                ) : counted ? (
                    <Sentences answer={counted} testId="invite-preview" />
                ) : (
                    <p class="text-sm text-soft">{w('counting')}</p>
                ))}
            {act.answer && <Sentences answer={act.answer} testId="invite-done" />}
            {act.problem && <ErrorBox problem={act.problem} />}
            <button
                type="button"
                class="btn btn-main w-fit"
                data-testid="invite-now"
                disabled={act.busy || !counted || counted.invited === 0}
                onClick={() => void invite(mailed)}
            >
                <Icon name="plus" />
                {act.busy ? w('inviting') : w('invite', { n: counted?.invited ?? 0 })}
            </button>
        </div>
    );
}
