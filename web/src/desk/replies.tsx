// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of calendars (.eml, .ics) that staff hand in: one outcome for each file.
import { useSignal } from '@preact/signals';
import { asProblem, type Problem, problemOf } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { CalendarReply } from '../core/types';
import { w as home } from '../home/words';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';

interface Outcome {
    file: string;
    reply?: CalendarReply;
    problem?: Problem;
}

async function take(file: File): Promise<Outcome> {
    const type = /\.ics$/i.test(file.name) ? 'text/calendar' : 'message/rfc822';
    try {
        const response = await fetch('/api/v1/calendar-replies', {
            method: 'POST',
            credentials: 'same-origin',
            headers: { Accept: 'application/json', 'Content-Type': type },
            body: await file.arrayBuffer(),
        });
        if (!response.ok) {
            throw await problemOf(response);
        }
        return { file: file.name, reply: (await response.json()) as CalendarReply };
    } catch (error) {
        return { file: file.name, problem: asProblem(error) };
    }
}

function Line({ file, reply, problem }: Outcome) {
    return (
        <li class="grid gap-1" data-testid="reply-outcome" data-taken={reply?.taken ?? 'refused'}>
            <bdi class="user-text text-sm text-soft">{file}</bdi>
            {problem && <ErrorBox problem={problem} />}
            {reply && (
                <span class="user-text">
                    <bdi>{reply.name}</bdi>: {home(`coming_${reply.coming}`)}
                    {!reply.taken && ` (${t('replyOlder')})`}
                </span>
            )}
        </li>
    );
}

/** `changed`: an answer was taken. */
export default function Replies({ changed }: { changed: () => void }) {
    const outcomes = useSignal<Outcome[]>([]);
    const busy = useSignal(false);
    const takeAll = async (files: File[]) => {
        busy.value = true;
        outcomes.value = [];
        for (const file of files) {
            outcomes.value = [...outcomes.value, await take(file)];
        }
        busy.value = false;
        announce(t('repliesRead', { n: files.length }));
        changed();
    };
    return (
        <div class="mt-2 grid gap-3">
            <label class="field">
                {t('repliesChoose')}
                <input
                    type="file"
                    multiple
                    accept=".eml,.ics,message/rfc822,text/calendar"
                    data-testid="reply-files"
                    disabled={busy.value}
                    onChange={(event) => {
                        const { files } = event.currentTarget;
                        void takeAll([...(files ?? [])]);
                    }}
                />
            </label>
            <p class="text-sm text-soft">
                <Icon name="clock" size={16} /> {t('repliesHelp')}
            </p>
            <ul class="grid gap-2">
                {outcomes.value.map((one) => (
                    <Line key={one.file} {...one} />
                ))}
            </ul>
        </div>
    );
}
