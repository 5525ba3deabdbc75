// SPDX-License-Identifier: GPL-3.0-or-later
// One setting that an admin changes: its field, where its value comes from, and the way back to the file.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { request } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Setting, SettingList } from '../core/types';
import { Ask } from '../ui/ask';
import { Changed } from '../ui/change';
import { Check } from '../ui/check';
import { Form, useAct, useField } from '../ui/form';
import { TextField } from '../ui/text-field';
import {
    changeOf,
    FOLLOW_UPS,
    followUpsOf,
    originOf,
    type PageName,
    settingsOf,
    shortened,
    written,
} from './groups';
import { Origin } from './origin';
import { w } from './words';

interface FieldProps {
    name: PageName;
    value: string;
    set: (value: string) => void;
}

function FollowUps({ name, value, set }: FieldProps) {
    const field = useField(name);
    const chosen = followUpsOf(value);
    return (
        <fieldset class="grid content-start gap-1">
            <legend class="font-bold">{w(name)}</legend>
            {FOLLOW_UPS.map((one) => (
                <Check
                    key={one}
                    {...field.props}
                    label={w(`follow_${one}`)}
                    checked={chosen.includes(one)}
                    testId={`follow-${one}`}
                    set={(on) =>
                        set(
                            FOLLOW_UPS.filter((other) =>
                                other === one ? on : chosen.includes(other),
                            ).join(', '),
                        )
                    }
                />
            ))}
            {field.error}
        </fieldset>
    );
}

function Field(props: FieldProps) {
    const { name } = props;
    if (name === 'mail.follow_ups') {
        return <FollowUps {...props} />;
    }
    const isNumber = name === 'mail.per_minute' || name === 'archive.keep_days';
    return (
        <TextField
            {...props}
            label={w(name)}
            help={w(`${name}Help`)}
            dir={name === 'mail.from_name' ? 'auto' : 'ltr'}
            inputMode={isNumber ? 'numeric' : undefined}
            maxLength={name === 'mail.from_name' ? 200 : undefined}
            autocomplete="off"
            data-testid={`setting-${name}`}
        />
    );
}

interface Props {
    name: PageName;
    setting: Setting;
    version: string;
    take: (list: SettingList) => void;
    reload: () => void;
}

/** What stands in the field: what is in use, until somebody types. */
function useDraft(value: string) {
    const draft = useSignal(value);
    const before = useRef(value);
    useEffect(() => {
        if (draft.value === before.current) {
            draft.value = value;
        }
        before.current = value;
    }, [value]);
    return draft;
}

function useChange({ name, setting, version, take, reload }: Props) {
    const draft = useDraft(setting.value);
    const act = useAct<void>();
    const row = useRef<HTMLLIElement>(null);
    const save = async (value: string | null) => {
        const seen = { 'If-Match': `"${version}"` };
        const body = changeOf(name, value);
        const list = await request<SettingList>('PATCH', 'settings', body, undefined, seen);
        const [[, present] = []] = settingsOf(list.items, [name]);
        draft.value = present?.value ?? draft.value;
        take(list);
        announce(t('saved'));
    };
    const send = async (value: string | null) => {
        if (await act.run(() => save(value))) {
            row.current?.querySelector<HTMLElement>('[data-field]')?.focus(); // its button is gone
        }
    };
    const show = () => {
        act.edited();
        draft.value = setting.value;
        reload();
    };
    return { row, draft, act, send, show };
}

function Buttons({
    name,
    dirty,
    busy,
    back,
}: {
    name: PageName;
    dirty: boolean;
    busy: boolean;
    back: (() => void) | null;
}) {
    return (
        <div class="flex flex-wrap gap-2">
            {dirty && (
                <button
                    type="submit"
                    class="btn btn-small btn-main"
                    data-testid="save-setting"
                    aria-label={w('saveOf', { name: w(name) })}
                    aria-disabled={busy}
                >
                    {t('save')}
                </button>
            )}
            {back && (
                <button
                    type="button"
                    class="btn btn-small"
                    data-testid="back-to-file"
                    aria-label={w('backOf', { name: w(name) })}
                    aria-disabled={busy}
                    onClick={back}
                >
                    {w('back')}
                </button>
            )}
        </div>
    );
}

function AskDeletion({ days, end }: { days: number; end: (sure: boolean) => void }) {
    return (
        <Ask
            title={w('askTitle', { n: days })}
            text={w('askText')}
            confirm={w('askConfirm')}
            onCancel={() => end(false)}
            onConfirm={() => end(true)}
        />
    );
}

export function ChangeSetting(props: Props) {
    const { name, setting } = props;
    const { row, draft, act, send, show } = useChange(props);
    const asked = useSignal<{ days: number; value: string | null } | null>(null);
    const value = written(name, draft.value);
    const dirty = value !== setting.value;
    const submit = (next: string | null, used: string) => {
        const days = shortened(name, setting.value, used);
        if (days === null) {
            void send(next);
        } else {
            asked.value = { days, value: next };
        }
    };
    const instead = setting.changed?.instead_of;
    return (
        <li
            ref={row}
            class="border-t border-line py-4"
            data-testid="setting"
            data-name={name}
            data-origin={originOf(setting)}
        >
            <Form
                act={act}
                class="grid gap-2"
                testId="setting-form"
                onSubmit={() => dirty && submit(value, value)}
            >
                <Field
                    name={name}
                    value={draft.value}
                    set={(text) => {
                        draft.value = text;
                    }}
                />
                <Origin name={name} setting={setting} />
                <Changed problem={act.problem} reload={show} />
                <Buttons
                    name={name}
                    dirty={dirty}
                    busy={act.busy}
                    back={instead === undefined ? null : () => submit(null, instead)}
                />
            </Form>
            {asked.value && (
                <AskDeletion
                    days={asked.value.days}
                    end={(sure) => {
                        const next = asked.value?.value ?? null;
                        asked.value = null;
                        if (sure) {
                            void send(next);
                        }
                    }}
                />
            )}
        </li>
    );
}
