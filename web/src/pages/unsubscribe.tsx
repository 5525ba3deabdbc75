// SPDX-License-Identifier: GPL-3.0-or-later
// Stops reminders and follow-up mails, or has them again. Opening the page changes nothing.
import { get, request } from '../core/api';
import { announce } from '../core/live-region';
import type { MailChoice } from '../core/types';
import { w } from '../mail/words';
import { useLoad } from '../ui/hooks/use-load';
import { useRequest } from '../ui/hooks/use-request';
import { ErrorBox, Skeleton } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';

export default function Unsubscribe({ id }: { id: string }) {
    useTitle(w('unsubscribe'));
    const path = `mail-choices/${encodeURIComponent(id)}`;
    const loaded = useLoad(path, () => get<MailChoice>(path));
    const { busy, problem, run } = useRequest();
    const choice = loaded.value.value;
    const choose = (reminders: boolean) =>
        void run(async () => {
            loaded.value.value = await request<MailChoice>('PUT', path, { reminders });
            announce(w(reminders ? 'getsText' : 'stoppedText'));
        });
    return (
        <Shell>
            <div class="page grid max-w-2xl gap-5 py-8 sm:py-12">
                <h1 class="text-2xl">{w('unsubscribe')}</h1>
                {loaded.problem.value ? (
                    <ErrorBox
                        problem={loaded.problem.value}
                        retry={loaded.problem.value.status === 404 ? undefined : loaded.again}
                    />
                ) : !choice ? (
                    <Skeleton lines={2} />
                ) : (
                    <section
                        class="card grid gap-4 p-5 sm:p-8"
                        data-testid="mail-choice"
                        data-reminders={choice.reminders}
                    >
                        <p>{w(choice.reminders ? 'getsText' : 'stoppedText')}</p>
                        <button
                            type="button"
                            class={`btn w-fit ${choice.reminders ? 'btn-main' : ''}`}
                            data-testid={choice.reminders ? 'mail-stop' : 'mail-resume'}
                            disabled={busy.value}
                            onClick={() => choose(!choice.reminders)}
                        >
                            {w(choice.reminders ? 'stop' : 'again')}
                        </button>
                        {problem.value && <ErrorBox problem={problem.value} />}
                    </section>
                )}
            </div>
        </Shell>
    );
}
