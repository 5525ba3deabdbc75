// SPDX-License-Identifier: GPL-3.0-or-later
// Changes of many recordings: begun here, carried out by the server, which keeps their outcome: a reload
// shows them again.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get, post, problemFrom } from '../core/api';
import { formatNumber, formatTime, pick } from '../core/i18n';
import { announce } from '../core/live-region';
import { problemWords } from '../core/problem';
import { href } from '../core/router';
import type { Act, ActItem, ActKind, ActList } from '../core/types';
import { Form, useAct } from '../ui/form';
import { type Loaded, useLoad } from '../ui/hooks/use-load';
import { ErrorBox, HoldButton } from '../ui/parts';
import { TextField } from '../ui/text-field';
import {
    type ActDraft,
    bodyOf,
    faultOf,
    isRunning,
    KINDS,
    refusedOf,
    shownActs,
    withReason,
} from './choice';
import { type CatalogueKey, w } from './words';

const LOOK_AGAIN_MS = 1000;

/** `ended`: an act has come to its end. */
export function useActs(ended: () => void): Loaded<ActList> {
    const list = useLoad('acts', () => get<ActList>('recordings/acts'));
    const items = list.value.value?.items;
    const running = items?.some(isRunning) ?? false;
    const done = items?.filter((act) => !isRunning(act)).map(({ id }) => id);
    const before = useRef(done?.join());
    useEffect(() => {
        if (before.current !== undefined && before.current !== done?.join()) {
            announce(w('actEnded'));
            ended();
        }
        before.current = done?.join() ?? before.current;
    }, [done?.join()]);
    useEffect(() => {
        const timer = running ? setInterval(list.again, LOOK_AGAIN_MS) : undefined;
        return () => clearInterval(timer);
    }, [running]);
    return list;
}

function Refused({ item }: { item: ActItem }) {
    const problem = problemFrom(409, { code: item.code ?? '', params: item.params });
    const { title, meaning } = problemWords(problem);
    return (
        <li class="text-sm" data-testid="act-refused" data-code={item.code}>
            <a
                class="user-text block font-bold text-accent"
                dir="auto"
                href={href('desk', item.recording)}
            >
                {pick(item.title) || item.recording}
            </a>
            <span class="block">
                {title}. {meaning}
            </span>
        </li>
    );
}

function ActCard({ act }: { act: Act }) {
    const refused = refusedOf(act);
    const name = w(act.act);
    return (
        <li
            class="grid gap-2 border-t border-line pt-3 first:border-0"
            data-testid="act"
            data-act={act.act}
            data-ended={!isRunning(act)}
            data-refused={refused.length}
        >
            <span class="flex flex-wrap justify-between gap-x-4">
                <span class="font-bold">{name}</span>
                <span class="user-text text-sm text-soft">
                    {w('actBy', { name: act.by, time: formatTime(act.begun_at) })}
                </span>
            </span>
            <progress class="progress" max={act.items.length} value={act.done} aria-label={name} />
            <span class="text-sm">
                {w('actDone', {
                    done: formatNumber(act.done - refused.length),
                    all: formatNumber(act.items.length),
                })}{' '}
                {refused.length > 0 && w('actRefused', { n: refused.length })}
            </span>
            {refused.length > 0 && (
                <ul class="grid max-h-72 grid-cols-1 gap-2 overflow-y-auto">
                    {refused.map((item) => (
                        <Refused key={item.recording} item={item} />
                    ))}
                </ul>
            )}
        </li>
    );
}

export function Acts({ list }: { list: Loaded<ActList> }) {
    const acts = shownActs(list.value.value?.items ?? []);
    if (list.problem.value) {
        return <ErrorBox problem={list.problem.value} retry={list.again} />;
    }
    return acts.length === 0 ? null : (
        <section class="card p-4" aria-label={w('acts')}>
            <ul class="grid gap-3" data-testid="acts">
                {acts.map((act) => (
                    <ActCard key={act.id} act={act} />
                ))}
            </ul>
        </section>
    );
}

function KindField({ value, set }: { value: ActKind; set: (kind: ActKind) => void }) {
    return (
        <label class="field">
            {w('what')}
            <select
                data-testid="act-kind"
                data-field="act"
                value={value}
                onChange={(event) => set(event.currentTarget.value as ActKind)}
            >
                {KINDS.map((kind) => (
                    <option key={kind} value={kind}>
                        {w(kind)}
                    </option>
                ))}
            </select>
        </label>
    );
}

function useActForm(chosen: string[], begun: () => void) {
    const draft = useSignal<ActDraft>({ kind: 'publish', reason: '', days: '' });
    const act = useAct<Act>();
    const set = (change: Partial<ActDraft>) => {
        draft.value = { ...draft.value, ...change };
        act.edited();
    };
    const begin = async () => {
        const fault = faultOf(draft.value);
        if (fault) {
            act.refuse(fault);
        } else if (await act.run(() => post<Act>('recordings/acts', bodyOf(draft.value, chosen)))) {
            begun();
        }
    };
    return { draft, act, set, begin };
}

/** What to do with `chosen`; held, as every act that others see. */
export function ActForm({ chosen, begun }: { chosen: string[]; begun: () => void }) {
    const { draft, act, set, begin } = useActForm(chosen, begun);
    const { kind, reason, days } = draft.value;
    return (
        <Form
            act={act}
            onSubmit={() => undefined}
            class="card grid items-start gap-4 p-4 sm:grid-cols-2"
            testId="act-form"
        >
            <KindField value={kind} set={(one) => set({ kind: one })} />
            {withReason(kind) && (
                <TextField
                    name="reason"
                    label={w('reason')}
                    maxLength={200}
                    data-testid="act-reason"
                    value={reason}
                    set={(text) => set({ reason: text })}
                />
            )}
            {kind === 'retain' && (
                <TextField
                    name="days"
                    label={w('days')}
                    inputMode="numeric"
                    data-testid="act-days"
                    value={days}
                    set={(text) => set({ days: text })}
                />
            )}
            <p class="col-span-full text-sm text-soft">{w(`${kind}Help` as CatalogueKey)}</p>
            <div class="col-span-full w-fit">
                <HoldButton
                    class="btn-main"
                    testId="act-apply"
                    disabled={act.busy || chosen.length === 0}
                    onHold={() => void begin()}
                >
                    {w('apply', { n: chosen.length })}
                </HoldButton>
            </div>
        </Form>
    );
}
