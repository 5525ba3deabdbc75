// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a question: a draft that outlives a reload, sent with or without the asker's name.
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { formatNumber, t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { SessionSocket } from '../core/session/session-socket';
import { isBlank, lengthOf, textProblem } from '../core/text';
import { Form, useAct, useField } from '../ui/form';
import { Icon } from '../ui/icons';

const MOST = 300;
const SENT_MS = 8000;

/** The sentence that tells who sees the asker's name. Moderators always do. */
function whoSees(showNames: boolean, anonymous: boolean) {
    if (anonymous) {
        return showNames ? 'seenHidden' : 'seenHiddenAnyway';
    }
    return showNames ? 'seenByAll' : 'seenByModerators';
}

function AskText({
    input,
    value,
    set,
    send,
}: {
    input: RefObject<HTMLTextAreaElement | null>;
    value: string;
    set: (text: string) => void;
    send: () => void;
}) {
    const field = useField('text', 'ask-count');
    return (
        <>
            <textarea
                {...field.props}
                id="ask"
                ref={input}
                data-testid="ask-input"
                class="input min-h-18"
                dir="auto"
                rows={2}
                placeholder={t('askPlaceholder')}
                value={value}
                onFocus={(event) => {
                    // browsers bring only the caret into view
                    event.currentTarget.scrollIntoView({ block: 'nearest' });
                }}
                onInput={(event) => set(event.currentTarget.value)}
                onKeyDown={(event) => {
                    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                        send();
                    }
                }}
            />
            {field.error}
        </>
    );
}

function Anonymous({ value, set }: { value: boolean; set: (on: boolean) => void }) {
    const field = useField('anonymous', 'ask-who');
    return (
        <>
            <label class="flex min-h-11 cursor-pointer items-center gap-2 text-sm">
                <input
                    {...field.props}
                    type="checkbox"
                    data-testid="ask-anonymous"
                    checked={value}
                    onChange={(event) => set(event.currentTarget.checked)}
                />
                {t('anonymous')}
            </label>
            {field.error}
        </>
    );
}

/** The question as it is written, and sending it. */
function useDraft(socket: SessionSocket) {
    const key = `majlis.draft.${socket.id}`;
    const text = useSignal(sessionStorage.getItem(key) ?? '');
    const anonymous = useSignal(false);
    const sent = useSignal(false);
    const act = useAct();
    const blank = isBlank(text.value);
    const fault = blank ? null : textProblem(text.value, 'text', MOST);
    const ask = async (asked: { text: string; anonymous: boolean }) => {
        await socket.change({ op: 'ask', ...asked });
        if (text.value.trim() === asked.text) {
            text.value = ''; // else it is another question by now
            sessionStorage.removeItem(key);
        }
        // Off after each question; ticked while it was sent, it is meant for the next one.
        anonymous.value = anonymous.value && !asked.anonymous;
        sent.value = true;
        setTimeout(() => {
            sent.value = false;
        }, SENT_MS);
        announce(t('askSent'));
    };
    const write = (value: string) => {
        text.value = value;
        sent.value = false;
        sessionStorage.setItem(key, value);
    };
    const send = () => {
        const asked = { text: text.value.trim(), anonymous: anonymous.value };
        if (!isBlank(asked.text) && !fault) {
            void act.run(() => ask(asked));
        }
    };
    return { text, anonymous, sent, act, fault, ready: !fault && !blank, write, send };
}

/** Characters written, of as many as may be. */
function Count({ text }: { text: string }) {
    const count = lengthOf(text);
    return (
        <span
            id="ask-count"
            class={`digits text-sm ${count > MOST ? 'font-bold text-bad' : 'text-soft'}`}
        >
            {formatNumber(count)} / {formatNumber(MOST)}
        </span>
    );
}

export function AskForm({
    socket,
    input,
}: {
    socket: SessionSocket;
    input: RefObject<HTMLTextAreaElement | null>;
}) {
    const { text, anonymous, sent, act, fault, ready, write, send } = useDraft(socket);
    return (
        <Form
            act={act}
            fault={fault}
            class="grid gap-2 border-t border-line bg-surface p-4"
            onSubmit={send}
        >
            <label class="font-bold" for="ask">
                {t('askTitle')}
            </label>
            <AskText input={input} value={text.value} set={write} send={send} />
            <div class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
                <Anonymous
                    value={anonymous.value}
                    set={(on) => {
                        anonymous.value = on;
                    }}
                />
                <Count text={text.value} />
            </div>
            <p id="ask-who" class="text-sm text-soft" data-testid="ask-who">
                {t(whoSees(!!socket.session.value?.show_names, anonymous.value))}
            </p>
            {sent.value && (
                <p class="flex items-center gap-2 text-sm text-good" data-testid="ask-sent">
                    <Icon name="check" size={18} /> {t('askSent')}
                </p>
            )}
            <button
                type="submit"
                class="btn btn-main"
                data-testid="ask-send"
                aria-disabled={act.busy}
                disabled={!ready}
            >
                {act.busy ? t('sending') : t('askSend')}
            </button>
        </Form>
    );
}
