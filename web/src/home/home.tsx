// SPDX-License-Identifier: GPL-3.0-or-later
// The officer's home: the next session, all others, recordings, own questions, the calendar.
import type { Session } from '../core/types';
import { Icon } from '../ui/icons';
import { Card } from './card';
import { choose } from './choose';
import { NextSession } from './next';
import { Questions } from './questions';
import { Subscribe } from './subscribe';
import { w } from './words';

function Cards({
    id,
    title,
    empty,
    sessions,
}: {
    id: string;
    title: string;
    empty: string;
    sessions: Session[];
}) {
    return (
        <section class="grid gap-4" aria-labelledby={id}>
            <h2 id={id} class="text-lg sm:text-xl">
                {title}
            </h2>
            {sessions.length === 0 ? (
                <p class="card p-5 text-soft">{empty}</p>
            ) : (
                <ul class="grid gap-4" data-testid={`home-${id}`}>
                    {sessions.map((session) => (
                        <Card key={session.id} session={session} />
                    ))}
                </ul>
            )}
        </section>
    );
}

export default function OfficerHome({ sessions }: { sessions: Session[] }) {
    const { next, others, recordings } = choose(sessions);
    return (
        <div class="grid gap-8">
            {next && <NextSession key={next.id} session={next} />}
            <div class="grid items-start gap-8 md:grid-cols-2">
                {sessions.length > 0 && (
                    <div class="grid gap-8">
                        <Cards
                            id="sessions"
                            title={w('sessions')}
                            empty={w('noSessions')}
                            sessions={others}
                        />
                        <Cards
                            id="recordings"
                            title={w('recordings')}
                            empty={w('noRecordings')}
                            sessions={recordings}
                        />
                    </div>
                )}
                <div class="grid gap-8">
                    <Questions />
                    <Subscribe />
                    <a
                        class="btn btn-quiet w-fit"
                        href="/api/v1/me/data"
                        download="person.json"
                        data-testid="own-data"
                    >
                        <Icon name="down" size={18} /> {w('ownData')}
                    </a>
                </div>
            </div>
        </div>
    );
}
