// SPDX-License-Identifier: GPL-3.0-or-later
// The search of sessions: a field, below it the moments that it finds. Enter opens the first, the
// arrows go through them, Escape leads back to the field and empties it.
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatClock, formatDate, pick, t } from '../core/i18n';
import { me } from '../core/me';
import type { Hit } from '../core/types';
import { Title } from '../sessions/session-card';
import { ErrorBox, Skeleton } from '../ui/parts';
import { UserText } from '../ui/user-text';
import { FilterFields } from './filters';
import { addressOf, type Group, grouped, pieces } from './hits';
import { type Found, type Search as State, useSearch } from './use-search';
import { w } from './words';

const MAX_CHARACTERS = 200;

function About({ hit }: { hit: Hit }) {
    return (
        <span class="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-soft">
            <span class="chip">{w(hit.kind)}</span>
            {hit.state && hit.state !== 'answered' && hit.state !== 'approved' && (
                <span class="chip">{w(hit.state)}</span>
            )}
            {hit.by && (
                <span class="user-text">
                    <bdi>{hit.by.name}</bdi>
                    {hit.by.entity && (
                        <>
                            {t('comma')} <bdi>{hit.by.entity}</bdi>
                        </>
                    )}
                </span>
            )}
        </span>
    );
}

function Marked({ text }: { text: string }) {
    return <mark class="rounded-sm bg-accent-soft font-bold text-accent">{text}</mark>;
}

function HitLink({ hit }: { hit: Hit }) {
    return (
        <li>
            <a
                class="flex items-start gap-3 rounded-lg p-2.5 no-underline hover:bg-surface-2"
                href={addressOf(hit, me.value?.role ?? '')}
                data-testid="hit"
                data-kind={hit.kind}
                data-hit-id={hit.id}
            >
                {hit.session && (
                    <span class="digits w-16 shrink-0 text-end font-bold text-accent">
                        {hit.at_ms !== null && formatClock(hit.at_ms)}
                    </span>
                )}
                <span class="grid min-w-0 flex-1 gap-1">
                    {hit.name && hit.text !== hit.name.ar && hit.text !== hit.name.en && (
                        <UserText as="span" class="block font-bold text-main">
                            {pick(hit.name)}
                        </UserText>
                    )}
                    <UserText as="span" class="block text-main">
                        {pieces(hit.text, hit.ranges).map((piece, i) =>
                            piece.marked ? <Marked key={i} text={piece.text} /> : piece.text,
                        )}
                    </UserText>
                    <About hit={hit} />
                </span>
            </a>
        </li>
    );
}

function SessionHits({ group }: { group: Group }) {
    return (
        <li class="card grid gap-2 p-4 sm:p-5" data-testid="hit-session">
            <div class="px-2.5">
                <h2 class="text-lg">
                    {group.session ? <Title title={group.session.title} /> : w('others')}
                </h2>
                {group.session && (
                    <p class="text-sm text-soft">
                        {group.session.number !== null && (
                            <b>{t('sessionNumber', { n: group.session.number })} · </b>
                        )}
                        <time dateTime={group.session.starts_at}>
                            {formatDate(group.session.starts_at)}
                        </time>
                    </p>
                )}
            </div>
            <ul class="grid gap-1">
                {group.hits.map((hit) => (
                    <HitLink key={`${hit.kind} ${hit.id} ${hit.text}`} hit={hit} />
                ))}
            </ul>
        </li>
    );
}

function Hits({ found, more }: { found: Found; more: () => void }) {
    if (found.hits.length === 0) {
        return (
            <div class="card grid gap-1 p-8 text-center" data-testid="no-hits">
                <p class="font-bold">{w('none')}</p>
                <p class="text-soft">{w('noneHint')}</p>
            </div>
        );
    }
    return (
        <>
            <ul class="grid gap-4" data-testid="hits">
                {grouped(found.hits).map((group) => (
                    <SessionHits key={group.session?.id ?? ''} group={group} />
                ))}
            </ul>
            {found.next && (
                <button type="button" class="btn w-fit" data-testid="more-hits" onClick={more}>
                    {w('more')}
                </button>
            )}
        </>
    );
}

const links = (box: HTMLElement | null) => [
    ...(box?.querySelectorAll<HTMLAnchorElement>('a[data-testid=hit]') ?? []),
];

/** The keys of the field and of the hits below it. */
function useKeys(state: State) {
    const box = useRef<HTMLDivElement>(null);
    const field = useRef<HTMLInputElement>(null);
    const step = (event: KeyboardEvent, by: 1 | -1) => {
        const list = links(box.current);
        const at = list.indexOf(document.activeElement as HTMLAnchorElement) + by;
        event.preventDefault();
        (at < 0 ? field.current : list[Math.min(at, list.length - 1)])?.focus();
    };
    const leave = () => {
        if (document.activeElement === field.current) {
            state.query.value = '';
        }
        field.current?.focus();
    };
    const onKeyDown = (event: KeyboardEvent) => {
        if (event.target instanceof HTMLSelectElement) {
            return; // its own keys
        }
        if (event.key === 'ArrowDown') {
            step(event, 1);
        } else if (event.key === 'ArrowUp') {
            step(event, -1);
        } else if (event.key === 'Escape') {
            leave();
        }
    };
    const onSubmit = (event: Event) => {
        event.preventDefault();
        const [first] = links(box.current);
        if (first && state.found.value?.query === state.query.value.trim()) {
            first.click();
        } else {
            state.ask();
        }
    };
    return { box, field, onKeyDown, onSubmit };
}

function Results({ state }: { state: State }) {
    const { found, problem, waiting, query } = state;
    if (problem.value) {
        return <ErrorBox problem={problem.value} retry={state.ask} />;
    }
    if (found.value) {
        return <Hits found={found.value} more={state.more} />;
    }
    return query.value.trim() && waiting.value ? <Skeleton lines={2} /> : null;
}

/** `active`: something is searched for. */
export default function Search({ active }: { active: Signal<boolean> }) {
    const state = useSearch();
    const { box, field, onKeyDown, onSubmit } = useKeys(state);
    const wanted = state.query.value.trim() !== '';
    useEffect(() => {
        active.value = wanted;
    }, [wanted]);
    return (
        // biome-ignore lint/a11y/noStaticElementInteractions: keys of the field and links within
        <div ref={box} class="mb-6 grid gap-4" onKeyDown={onKeyDown}>
            <search>
                <form onSubmit={onSubmit}>
                    <label class="field">
                        {w('label')}
                        <input
                            ref={field}
                            type="search"
                            enterkeyhint="search"
                            autocomplete="off"
                            maxLength={MAX_CHARACTERS}
                            placeholder={w('placeholder')}
                            data-testid="search"
                            dir="auto"
                            value={state.query.value}
                            onInput={(event) => {
                                state.query.value = event.currentTarget.value;
                            }}
                        />
                    </label>
                </form>
            </search>
            {wanted && <FilterFields filters={state.filters} />}
            <Results state={state} />
        </div>
    );
}
