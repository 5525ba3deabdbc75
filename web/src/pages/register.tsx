// SPDX-License-Identifier: GPL-3.0-or-later
// The public page on which people without a link register for one session.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get, post } from '../core/api';
import { formatDate, formatTime, pick, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Registration, RegistrationNew } from '../core/types';
import { w } from '../register/words';
import { Form, useAct } from '../ui/form';
import { useLoad } from '../ui/hooks/use-load';
import { ErrorBox, Skeleton } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { TextField } from '../ui/text-field';

type Next = 'mail' | 'approval';
type Asked = 'email' | 'entity' | 'job_title';
const ASKED: Asked[] = ['email', 'entity', 'job_title'];
const AUTOCOMPLETE = { email: 'email', entity: 'organization', job_title: 'organization-title' };

function Thanks({ next, again }: { next: Next; again: () => void }) {
    const box = useRef<HTMLHeadingElement>(null);
    useEffect(() => box.current?.focus(), []);
    return (
        <div class="card grid gap-3 p-6" data-testid="registered" data-next={next}>
            <h2 ref={box} tabIndex={-1} class="text-xl">
                {w('thanks')}
            </h2>
            <p>{w(next === 'mail' ? 'byMail' : 'byStaff')}</p>
            <button type="button" class="btn w-fit" onClick={again}>
                {w('another')}
            </button>
        </div>
    );
}

function useRegister(page: Registration, done: (next: Next) => void) {
    const draft = useSignal({ name: '', email: '', entity: '', job_title: '' });
    const act = useAct<{ next: Next }>();
    const set = (change: Partial<typeof draft.value>) => {
        draft.value = { ...draft.value, ...change };
    };
    const asked = ASKED.filter((one) => page.page[one] !== 'off');
    const send = async () => {
        const body: RegistrationNew = { name: draft.value.name.trim() };
        for (const one of asked) {
            body[one] = draft.value[one].trim() || null;
        }
        let next: Next = 'approval';
        const sent = await act.run(async () => {
            const answer = await post<{ next: Next }>(
                `sessions/${encodeURIComponent(page.session)}/registration`,
                body,
            );
            next = answer.next;
            return answer;
        });
        if (sent) {
            announce(w('thanks'));
            done(next);
        }
    };
    return { draft: draft.value, act, set, asked, send };
}

function RegisterForm({ page, done }: { page: Registration; done: (next: Next) => void }) {
    const { draft, act, set, asked, send } = useRegister(page, done);
    return (
        <Form
            act={act}
            onSubmit={() => void send()}
            class="card grid gap-4 p-6"
            testId="register-form"
        >
            <TextField
                name="name"
                required
                autocomplete="name"
                data-testid="register-name"
                label={w('name')}
                value={draft.name}
                set={(name) => set({ name })}
            />
            {asked.map((one) => (
                <TextField
                    key={one}
                    name={one}
                    required={page.page[one] === 'required'}
                    autocomplete={AUTOCOMPLETE[one]}
                    inputMode={one === 'email' ? 'email' : undefined}
                    dir={one === 'email' ? 'ltr' : 'auto'}
                    data-testid={`register-${one}`}
                    help={one === 'email' && page.mailed ? w('emailHelp') : undefined}
                    label={
                        page.page[one] === 'required' ? w(one) : w('optional', { label: w(one) })
                    }
                    value={draft[one]}
                    set={(text) => set({ [one]: text })}
                />
            ))}
            <button
                type="submit"
                class="btn btn-main"
                data-testid="register-send"
                aria-disabled={act.busy}
            >
                {w(act.busy ? 'sending' : 'send')}
            </button>
            <p class="text-sm text-soft">{w('haveLink')}</p>
        </Form>
    );
}

export default function Register({ id }: { id: string }) {
    const path = `sessions/${encodeURIComponent(id)}/registration`;
    const loaded = useLoad(path, () => get<Registration>(path));
    const next = useSignal<Next | null>(null);
    const page = loaded.value.value;
    useTitle(page ? `${w('title')} · ${pick(page.title)}` : w('title'));
    return (
        <Shell>
            <div class="page grid max-w-xl gap-6 py-12 sm:py-20 low:py-5">
                {loaded.problem.value ? (
                    <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
                ) : !page ? (
                    <Skeleton />
                ) : (
                    <>
                        <div class="grid gap-1">
                            <p class="text-soft">{w('title')}</p>
                            <h1 dir="auto" class="user-text text-2xl wrap-anywhere sm:text-3xl">
                                {pick(page.title) || t('untitled')}
                            </h1>
                            <p class="text-sm text-soft">
                                <time dateTime={page.starts_at}>
                                    {formatDate(page.starts_at)} · {formatTime(page.starts_at)}
                                </time>{' '}
                                {t('uaeTime')} · {t('minutes', { n: page.duration_minutes })}
                            </p>
                        </div>
                        {next.value ? (
                            <Thanks
                                next={next.value}
                                again={() => {
                                    next.value = null;
                                }}
                            />
                        ) : (
                            <RegisterForm
                                page={page}
                                done={(one) => {
                                    next.value = one;
                                }}
                            />
                        )}
                    </>
                )}
            </div>
        </Shell>
    );
}
