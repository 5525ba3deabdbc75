// SPDX-License-Identifier: GPL-3.0-or-later
// The page of a speaker, or of a series: who or what it is, and its sessions.
import { get } from '../core/api';
import { formatDate, pick, t } from '../core/i18n';
import { me, whoAmI } from '../core/me';
import { homeOf, href, route } from '../core/router';
import type { SeriesDetail, SessionBrief, SpeakerDetail } from '../core/types';
import { w } from '../series/words';
import { Title } from '../sessions/session-card';
import { useLoad } from '../ui/hooks/use-load';
import { ErrorBox, Skeleton, StateChip } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';
import { UserText } from '../ui/user-text';

type Entry = SpeakerDetail | SeriesDetail;

function SessionRow({ session }: { session: SessionBrief }) {
    const address = session.recording
        ? href('recordings', session.id)
        : homeOf(me.value?.role ?? '', session.id);
    return (
        <li
            class="card flex flex-wrap items-center gap-x-4 gap-y-2 p-4"
            data-testid="entry-session"
        >
            <div class="grid min-w-0 flex-1 basis-64 gap-1">
                <h3>
                    <a class="text-accent" href={address}>
                        <Title title={session.title} />
                    </a>
                </h3>
                <p class="text-sm text-soft">
                    {session.number !== null && (
                        <b>{t('sessionNumber', { n: session.number })} · </b>
                    )}
                    <time dateTime={session.starts_at}>{formatDate(session.starts_at)}</time>
                </p>
            </div>
            <StateChip state={session.state} />
        </li>
    );
}

function About({ entry }: { entry: Entry }) {
    const speaker = 'biography' in entry ? entry : null;
    const text = pick(speaker ? speaker.biography : (entry as SeriesDetail).description);
    const colour = speaker ? null : (entry as SeriesDetail).colour;
    const role = speaker && [pick(speaker.title), pick(speaker.organisation)].filter(Boolean);
    return (
        <div class="grid gap-3">
            {entry.picture && (
                <img
                    src={entry.picture}
                    alt=""
                    class={`rounded-2xl object-cover ${speaker ? 'size-32 sm:size-40' : 'max-h-64 w-full'}`}
                    data-testid="entry-picture"
                />
            )}
            <h1
                class={`text-2xl sm:text-3xl ${colour ? 'rounded-2xl p-5 text-white' : ''}`}
                style={colour ? { backgroundColor: colour } : undefined}
                data-testid="entry-name"
            >
                <UserText as="span" class="block">
                    {pick(entry.name)}
                </UserText>
            </h1>
            {!speaker && (
                <p class="text-sm text-soft" data-testid="entry-languages">
                    {(entry as SeriesDetail).languages
                        .map((one) => w(`language_${one}`))
                        .join(' · ')}
                </p>
            )}
            {role && role.length > 0 && (
                <UserText class="text-soft">{role.join(`${t('comma')} `)}</UserText>
            )}
            {text.split('\n').map((line, i) => (
                <UserText key={i}>{line}</UserText>
            ))}
        </div>
    );
}

function Shown({ entry }: { entry: Entry }) {
    return (
        <div class="grid gap-8" data-testid="entry-page">
            <About entry={entry} />
            <section class="grid gap-4" aria-labelledby="entry-sessions">
                <h2 id="entry-sessions" class="text-xl">
                    {w('sessions')}
                </h2>
                {entry.sessions.length === 0 ? (
                    <p class="card p-8 text-center">{w('noSessions')}</p>
                ) : (
                    <ul class="grid gap-3">
                        {entry.sessions.map((session) => (
                            <SessionRow key={session.id} session={session} />
                        ))}
                    </ul>
                )}
            </section>
        </div>
    );
}

export default function EntryPage({ id }: { id: string }) {
    const kind = route.value.page;
    const loaded = useLoad(`${kind} ${id}`, async () => ({
        entry: (await whoAmI()) ? await get<Entry>(`${kind}/${encodeURIComponent(id)}`) : null,
    }));
    const answer = loaded.value.value;
    useTitle(pick(answer?.entry?.name));
    return (
        <Shell>
            <div class="page max-w-4xl py-8 sm:py-12">
                {loaded.problem.value ? (
                    <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
                ) : !answer ? (
                    <Skeleton />
                ) : answer.entry ? (
                    <Shown entry={answer.entry} />
                ) : (
                    <SignInCard />
                )}
            </div>
        </Shell>
    );
}
