// SPDX-License-Identifier: GPL-3.0-or-later
// A session in a list: state, series, title, speakers, time, and beside them the list's own buttons.
import type { ComponentChildren } from 'preact';
import type { Session } from '../core/types';
import { SeriesLine } from '../series/label';
import { StateChip } from '../ui/parts';
import { SpeakerLine, Title, When } from './session-card';

export function SessionCard({
    session,
    testId,
    children,
}: {
    session: Session;
    testId?: string;
    children: ComponentChildren;
}) {
    return (
        <li
            class="card flex flex-wrap items-center gap-x-6 gap-y-4 p-5 sm:p-6"
            data-testid={testId}
            data-session-id={session.id}
        >
            <div class="grid min-w-0 flex-1 basis-64 gap-1.5">
                <div>
                    <StateChip state={session.state} deleted={!!session.recording.deleted_at} />
                </div>
                <SeriesLine session={session} />
                <h3 class="text-lg sm:text-xl">
                    <Title title={session.title} />
                </h3>
                <SpeakerLine speakers={session.speakers} />
                <When at={session.starts_at} minutes={session.duration_minutes} />
            </div>
            <div class="flex flex-wrap gap-2">{children}</div>
        </li>
    );
}
