// SPDX-License-Identifier: GPL-3.0-or-later
// The frame of both forms: saving, unless somebody else has changed it meanwhile, and deleting.
import type { ComponentChildren } from 'preact';
import type { Problem } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import { Changed, drop, send } from '../ui/change';
import { Form, useAct } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { lazy } from '../ui/lazy';
import { ErrorBox, HoldButton } from '../ui/parts';
import { w } from './words';

const PictureCard = lazy(() => import('../files/picture'));

export type Kind = 'series' | 'speakers';
export interface Entry {
    id: string;
    picture: string | null;
    version?: string;
}

interface DeleteProps {
    kind: Kind;
    entry: Entry;
    done: () => void;
    reload: () => void;
}

function Delete({ kind, entry, done, reload }: DeleteProps) {
    const act = useAct();
    const series = kind === 'series';
    return (
        <section class="card grid gap-3 p-5 sm:p-8">
            <p class="text-sm">{w(series ? 'deleteSeriesHelp' : 'deleteSpeakersHelp')}</p>
            <HoldButton
                testId="delete-entry"
                icon="bin"
                class="btn-bad w-fit"
                disabled={act.busy}
                onHold={() =>
                    void act
                        .run(() => drop(kind, entry))
                        .then((good) => {
                            if (good) {
                                announce(w('deleted'));
                                done();
                            }
                        })
                }
            >
                {w(series ? 'deleteSeries' : 'deleteSpeakers')}
            </HoldButton>
            {act.problem && <ErrorBox problem={act.problem} />}
            <Changed problem={act.problem} reload={reload} />
        </section>
    );
}

export function EntryForm({
    kind,
    entry,
    fault,
    body,
    done,
    reload,
    children,
}: {
    kind: Kind;
    /** Null: a new one. */
    entry: Entry | null;
    fault: () => Problem | null;
    body: () => object;
    done: () => void;
    reload: () => void;
    children: ComponentChildren;
}) {
    const act = useAct();
    const submit = () => {
        const wrong = fault();
        if (wrong) {
            act.refuse(wrong);
            return;
        }
        void act.run(async () => {
            await send(kind, entry, body());
            announce(t('saved'));
            done();
        });
    };
    return (
        <div class="grid gap-6">
            <Form
                act={act}
                onSubmit={submit}
                class="card grid gap-6 p-5 sm:p-8"
                testId={`${kind}-form`}
            >
                {children}
                <Changed problem={act.problem} reload={reload} />
                <FormButtons
                    busy={act.busy}
                    save={entry ? 'save' : 'add'}
                    testId="save-entry"
                    cancel={done}
                    cancelTestId="leave-form"
                />
            </Form>
            <PictureCard kind={kind} entry={entry} />
            {entry && <Delete kind={kind} entry={entry} done={done} reload={reload} />}
        </div>
    );
}
