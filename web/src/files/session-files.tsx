// SPDX-License-Identifier: GPL-3.0-or-later
// A session's cover and materials, for those who write it.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { patch, post, remove } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Material, Session } from '../core/types';
import { Form, useAct } from '../ui/form';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { TextField } from '../ui/text-field';
import PictureCard from './picture';
import { kindOf, MATERIALS, MOST_MATERIAL, nameOf } from './send';
import { Upload } from './upload';
import { w } from './words';

interface Props {
    session: string;
    add: (material: Material) => void;
}

interface ListProps {
    session: string;
    items: Material[];
    set: (items: Material[]) => void;
}

const materialPath = (session: string, { id }: Material) =>
    `sessions/${encodeURIComponent(session)}/materials/${id}`;

function Rename({
    item,
    path,
    done,
}: {
    item: Material;
    path: string;
    /** Null: as it was. */
    done: (now: Material | null) => void;
}) {
    const name = useSignal(item.name);
    const act = useAct<Material>();
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => box.current?.querySelector('input')?.focus(), []);
    const submit = async () => {
        let now: Material | null = null;
        const kept = await act.run(async () => {
            now = await patch<Material>(path, { name: name.value });
            return now;
        });
        if (kept) {
            announce(w('stored'));
            done(now);
        }
    };
    return (
        <div ref={box} class="min-w-0 flex-1 basis-48">
            <Form
                act={act}
                onSubmit={() => void submit()}
                class="flex flex-wrap items-end gap-3"
                testId="rename-form"
            >
                <TextField
                    name="name"
                    label={w('newName')}
                    class="min-w-0 flex-1 basis-48"
                    autocomplete="off"
                    required
                    maxLength={200}
                    data-testid="rename-name"
                    value={name.value}
                    set={(text) => {
                        name.value = text;
                    }}
                />
                <button type="submit" class="btn btn-small" aria-disabled={act.busy}>
                    <Icon name="check" size={16} /> {w('saveName')}
                </button>
                <button
                    type="button"
                    class="btn btn-small btn-quiet"
                    data-testid="rename-cancel"
                    onClick={() => done(null)}
                >
                    {t('cancel')}
                </button>
            </Form>
        </div>
    );
}

function RowButtons({
    item,
    at,
    count,
    busy,
    rename,
    move,
    drop,
}: {
    item: Material;
    at: number;
    count: number;
    busy: boolean;
    rename: () => void;
    move: (by: -1 | 1) => void;
    drop: () => void;
}) {
    const { name } = item;
    const step = (by: -1 | 1, off: boolean) => (
        <button
            type="button"
            class="btn btn-small"
            data-testid={by < 0 ? 'material-up' : 'material-down'}
            aria-label={w(by < 0 ? 'moveUp' : 'moveDown', { name })}
            aria-disabled={busy || off}
            onClick={() => !off && move(by)}
        >
            <Icon name={by < 0 ? 'up' : 'lower'} size={16} />
        </button>
    );
    return (
        <span class="flex flex-wrap gap-2">
            {step(-1, at === 0)}
            {step(1, at === count - 1)}
            <button
                type="button"
                class="btn btn-small"
                data-testid="material-rename"
                aria-label={w('renameMaterial', { name })}
                onClick={rename}
            >
                <Icon name="edit" size={16} /> {w('rename')}
            </button>
            <button
                type="button"
                class="btn btn-small btn-bad"
                data-testid="material-remove"
                aria-label={w('removeMaterial', { name })}
                aria-disabled={busy}
                onClick={drop}
            >
                <Icon name="bin" size={16} /> {w('remove')}
            </button>
        </span>
    );
}

/** A row that moves loses the focus: gives it back to `last`, a button of it. */
function useFocusBack(items: Material[], open: string | null) {
    const list = useRef<HTMLUListElement>(null);
    const last = useRef<[string, string] | null>(null);
    useEffect(() => {
        const [id, button] = last.current ?? ['', ''];
        list.current
            ?.querySelector<HTMLElement>(`[data-material="${id}"] [data-testid="${button}"]`)
            ?.focus();
        last.current = null;
    }, [items, open]);
    return { list, last };
}

function List({ session, items, set }: ListProps) {
    const act = useAct();
    const open = useSignal<string | null>(null);
    const { list, last } = useFocusBack(items, open.value);
    const drop = (item: Material) =>
        act.run(async () => {
            await remove(materialPath(session, item));
            announce(w('removed'));
            set(items.filter((one) => one.id !== item.id));
        });
    const move = (item: Material, by: -1 | 1) =>
        act.run(async () => {
            const others = items.filter((one) => one.id !== item.id);
            const to = items.indexOf(item) + by;
            await patch(materialPath(session, item), { before: others[to]?.id ?? null });
            last.current = [item.id, by < 0 ? 'material-up' : 'material-down'];
            others.splice(to, 0, item);
            set(others);
            announce(w('movedTo', { name: item.name, at: to + 1, count: items.length }));
        });
    const renamed = (item: Material, now: Material | null) => {
        last.current = [item.id, 'material-rename'];
        open.value = null;
        if (now) {
            set(items.map((one) => (one.id === now.id ? now : one)));
        }
    };
    return (
        <>
            <ul ref={list} class="grid gap-2">
                {items.map((item, at) => (
                    <li
                        key={item.id}
                        class="flex flex-wrap items-center gap-3 rounded-xl bg-surface-2 p-3"
                        data-testid="material-row"
                        data-material={item.id}
                    >
                        {open.value === item.id ? (
                            <Rename
                                item={item}
                                path={materialPath(session, item)}
                                done={(now) => renamed(item, now)}
                            />
                        ) : (
                            <>
                                <span class="grid min-w-0 flex-1 basis-48">
                                    <span dir="auto" class="user-text font-bold">
                                        {item.name}
                                    </span>
                                    <bdi class="text-sm wrap-anywhere text-soft">
                                        {kindOf(item)}
                                    </bdi>
                                </span>
                                <RowButtons
                                    item={item}
                                    at={at}
                                    count={items.length}
                                    busy={act.busy}
                                    rename={() => {
                                        open.value = item.id;
                                    }}
                                    move={(by) => void move(item, by)}
                                    drop={() => void drop(item)}
                                />
                            </>
                        )}
                    </li>
                ))}
            </ul>
            {act.problem && <ErrorBox problem={act.problem} />}
        </>
    );
}

function AddFile({ session, add }: Props) {
    const name = useSignal('');
    const act = useAct(); // of the name alone; the file is sent by Upload
    return (
        <Form act={act} onSubmit={() => {}} class="grid content-start gap-4">
            <TextField
                name="name"
                label={w('materialName')}
                help={w('materialNameHelp')}
                autocomplete="off"
                maxLength={200}
                data-testid="material-name"
                value={name.value}
                set={(text) => {
                    name.value = text;
                }}
            />
            <Upload<Material>
                label="chooseMaterial"
                help="materialsHelp"
                accept={MATERIALS}
                most={MOST_MATERIAL}
                testId="material-file"
                target={(file) => [
                    'POST',
                    `sessions/${encodeURIComponent(session)}/materials?${new URLSearchParams({
                        name: name.value.trim() || nameOf(file.name),
                    })}`,
                ]}
                done={(made) => {
                    name.value = '';
                    add(made);
                }}
            />
        </Form>
    );
}

function AddLink({ session, add }: Props) {
    const [name, url] = [useSignal(''), useSignal('')];
    const act = useAct<Material>();
    const submit = () =>
        act.run(async () => {
            const made = await post<Material>(`sessions/${encodeURIComponent(session)}/links`, {
                name: name.value,
                url: url.value.trim(),
            });
            [name.value, url.value] = ['', ''];
            add(made);
            return made;
        });
    return (
        <Form
            act={act}
            onSubmit={() => void submit()}
            class="grid content-start gap-4"
            testId="link-form"
        >
            <TextField
                name="name"
                label={w('linkName')}
                autocomplete="off"
                maxLength={200}
                data-testid="link-name"
                value={name.value}
                set={(text) => {
                    name.value = text;
                }}
            />
            <TextField
                name="url"
                label={w('linkUrl')}
                dir="ltr"
                autocomplete="off"
                inputMode="url"
                data-testid="link-url"
                value={url.value}
                set={(text) => {
                    url.value = text;
                }}
            />
            <button type="submit" class="btn w-fit" data-testid="link-add" aria-disabled={act.busy}>
                <Icon name="plus" size={18} /> {w('addLink')}
            </button>
        </Form>
    );
}

export default function SessionFiles({ session }: { session: Session }) {
    const items = useSignal(session.materials);
    const add = (made: Material) => {
        items.value = [...items.value, made];
        announce(w('stored'));
    };
    return (
        <>
            <PictureCard kind="sessions" entry={session} />
            <section class="card grid gap-6 p-5 sm:p-8" data-testid="materials-card">
                <h2 class="text-lg">{w('materials')}</h2>
                {items.value.length === 0 ? (
                    <p class="text-sm text-soft">{w('materialsNone')}</p>
                ) : (
                    <List
                        session={session.id}
                        items={items.value}
                        set={(now) => {
                            items.value = now;
                        }}
                    />
                )}
                <div class="grid gap-6 sm:grid-cols-2">
                    <AddFile session={session.id} add={add} />
                    <AddLink session={session.id} add={add} />
                </div>
            </section>
        </>
    );
}
