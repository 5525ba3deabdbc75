// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing a file, which is sent at once: its progress, its refusal.
import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { asProblem, type Problem } from '../core/api';
import { formatBytes, formatNumber, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { loadCodeWords } from '../core/problem';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { sendFile } from './send';
import { type FilesKey, w } from './words';

interface Sending {
    part: number;
    stop: AbortController;
}

function useSend<T>(
    most: number,
    target: (file: File) => ['PUT' | 'POST', string],
    done: (answer: T) => void,
) {
    const sending = useSignal<Sending | null>(null);
    const problem = useSignal<Problem | null>(null);
    const tooLarge = useSignal(false);
    const mounted = useRef(true);
    useEffect(
        () => () => {
            mounted.current = false;
            sending.peek()?.stop.abort();
        },
        [],
    );
    const send = async (file: File) => {
        const stop = new AbortController();
        problem.value = null;
        tooLarge.value = file.size > most;
        if (tooLarge.value || sending.value) {
            return;
        }
        sending.value = { part: 0, stop };
        try {
            const [method, path] = target(file);
            const answer = await sendFile<T>(
                method,
                path,
                file,
                (part) => {
                    sending.value = { part, stop };
                },
                stop.signal,
            );
            announce(w('stored'));
            done(answer);
        } catch (error) {
            if (!stop.signal.aborted) {
                await loadCodeWords();
                const refused = asProblem(error);
                tooLarge.value = refused.status === 413;
                problem.value = tooLarge.value ? null : refused;
            }
        }
        if (mounted.current) {
            sending.value = null;
        }
    };
    return { sending, problem, tooLarge, send };
}

function Progress({ sending }: { sending: Sending }) {
    const n = formatNumber(Math.round(sending.part * 100));
    return (
        <div class="grid gap-2" data-testid="sending">
            <p class="text-sm">{w('sending', { n })}</p>
            <progress
                class="h-2 w-full"
                max={1}
                value={sending.part}
                aria-label={w('sending', { n })}
            />
            <button type="button" class="btn btn-small w-fit" onClick={() => sending.stop.abort()}>
                {t('cancel')}
            </button>
        </div>
    );
}

export function Upload<T>({
    label,
    help,
    accept,
    most,
    testId,
    target,
    done,
}: {
    label: FilesKey;
    help: FilesKey;
    accept: string;
    /** Bytes. */
    most: number;
    testId: string;
    /** How and where it is sent. */
    target: (file: File) => ['PUT' | 'POST', string];
    done: (answer: T) => void;
}) {
    const id = useId();
    const turn = useSignal(0);
    const { sending, problem, tooLarge, send } = useSend(most, target, done);
    const max = formatBytes(most);
    return (
        <div class="grid gap-3">
            <label class="field">
                {w(label)}
                <input
                    key={turn.value}
                    type="file"
                    accept={accept}
                    data-testid={testId}
                    disabled={sending.value !== null}
                    aria-invalid={tooLarge.value || problem.value !== null}
                    aria-describedby={`${id}-help${tooLarge.value ? ` ${id}-large` : ''}`}
                    onChange={(event) => {
                        const file = event.currentTarget.files?.[0];
                        if (file) {
                            // a new control then, so that the same file is news to it
                            void send(file).then(() => turn.value++);
                        }
                    }}
                />
                <span id={`${id}-help`} class="text-sm font-normal text-soft">
                    {w(help, { max })}
                </span>
            </label>
            {tooLarge.value && (
                <p id={`${id}-large`} class="field-error" role="alert" data-testid="file-too-large">
                    <Icon name="warn" size={16} /> {w('tooLarge', { max })}
                </p>
            )}
            {sending.value && <Progress sending={sending.value} />}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}
