// SPDX-License-Identifier: GPL-3.0-or-later
// Import of a roster in three steps: the file; its columns and lines; what was done.
import { useSignal } from '@preact/signals';
import { cloneElement } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, refusal } from '../../core/api';
import { formatNumber, t } from '../../core/i18n';
import { announce } from '../../core/live-region';
import type { Roster, RosterField } from '../../core/types';
import { Form, useAct, useField } from '../../ui/form';
import { Icon } from '../../ui/icons';
import { ErrorBox } from '../../ui/parts';
import { type PeopleKey, w } from '../words';
import { Columns } from './columns';
import { Lines } from './lines';
import { AS_FOUND, fieldsOf, MAX_BYTES, sendRoster, withColumn } from './send';
import { taking } from './taking';
import { type Chosen, useReview } from './use-review';

const ENCODINGS: Record<Roster['encoding'], string> = {
    'utf-8': 'UTF-8',
    'utf-16le': 'UTF-16',
    'utf-16be': 'UTF-16',
    'windows-1256': 'Windows-1256',
};

/** What is wrong with a file, where the form's words would tell of a text. */
const FILE_FAULTS: Record<string, PeopleKey> = {
    'too-large': 'fileTooLarge',
    unreadable: 'fileUnreadable',
};

/** Its heading has the focus when the step begins. */
function StepHeading({ step, focus = true }: { step: 1 | 2 | 3; focus?: boolean }) {
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (focus) {
            heading.current?.focus();
        }
    }, []);
    return (
        <h2 ref={heading} tabIndex={-1} class="text-xl" data-testid={`step-${step}`}>
            {w(`step${step}` as PeopleKey)}
        </h2>
    );
}

function FileField({ fault, set }: { fault: string; set: (file: File | null) => void }) {
    const field = useField('file', 'file-help');
    const words = FILE_FAULTS[fault];
    return (
        <label class="field">
            {w('chooseFile')}
            <input
                {...field.props}
                type="file"
                accept=".csv,.txt,.tsv,text/csv,text/plain"
                data-testid="roster-file"
                onChange={(event) => set(event.currentTarget.files?.[0] ?? null)}
            />
            {field.error && words
                ? cloneElement(field.error, {}, <Icon name="warn" size={16} />, ' ', w(words))
                : field.error}
        </label>
    );
}

/** A copy: a file that is changed on the disk meanwhile can be sent no more. */
async function contentOf(file: File): Promise<Blob> {
    try {
        return new Blob([await file.arrayBuffer()]);
    } catch {
        throw refusal('unreadable', 'file');
    }
}

async function readRoster(file: File): Promise<Chosen> {
    const content = await contentOf(file);
    try {
        const roster = await sendRoster(content, AS_FOUND, true);
        return { name: file.name, content, roster, choices: AS_FOUND };
    } catch (error) {
        const problem = asProblem(error);
        throw problem.status === 413 ? refusal('too-large', 'file') : problem;
    }
}

/** `again`: another file than before. */
function Choose({ read, again }: { read: (chosen: Chosen) => void; again: boolean }) {
    const file = useSignal<File | null>(null);
    const attempt = useSignal(0);
    const act = useAct<Chosen>();
    const submit = async () => {
        const { value } = file;
        if (!value || value.size > MAX_BYTES) {
            act.refuse(refusal(value ? 'too-large' : 'required', 'file'));
            return;
        }
        await act.run(async () => {
            try {
                const chosen = await readRoster(value);
                read(chosen);
                return chosen;
            } catch (error) {
                if (asProblem(error).code === 'unreadable') {
                    file.value = null;
                    attempt.value++; // a new control, so that the same file is news to it
                }
                throw error;
            }
        });
    };
    return (
        <Form
            act={act}
            onSubmit={() => void submit()}
            class="card grid gap-4 p-5 sm:p-8"
            testId="roster-form"
        >
            <StepHeading step={1} focus={again} />
            <p id="file-help" class="text-sm">
                {w('fileHelp')}
            </p>
            <FileField
                key={attempt.value}
                fault={act.problem?.code ?? ''}
                set={(one) => {
                    file.value = one;
                }}
            />
            <p class="text-sm text-soft">{w('nothingYet')}</p>
            <button
                type="submit"
                class="btn btn-main w-fit"
                data-testid="read-roster"
                aria-disabled={act.busy}
            >
                {w(act.busy ? 'reading' : 'read')}
            </button>
        </Form>
    );
}

function TakeButtons({
    counts,
    busy,
    tried,
    take,
    other,
}: {
    counts: Roster['counts'];
    busy: boolean;
    tried: boolean;
    take: () => void;
    other: () => void;
}) {
    const ready = counts.new + counts.changed;
    const left = counts.refused + counts.duplicate;
    return (
        <div class="grid gap-2">
            {left > 0 && <p class="text-sm">{w('leftOut', { n: left })}</p>}
            {tried && <p class="text-sm font-bold">{w('stay')}</p>}
            <div class="flex flex-wrap gap-2">
                <button
                    type="button"
                    class="btn btn-main"
                    data-testid="take-roster"
                    data-count={ready}
                    disabled={ready === 0}
                    aria-disabled={busy}
                    onClick={take}
                >
                    {taking.value ? w('taking') : busy ? w('reading') : w('take', { n: ready })}
                </button>
                <button
                    type="button"
                    class="btn"
                    data-testid="other-file"
                    disabled={taking.value}
                    onClick={other}
                >
                    {w('otherFile')}
                </button>
            </div>
        </div>
    );
}

function ReviewHead({ name, roster }: { name: string; roster: Roster }) {
    return (
        <div class="grid gap-1">
            <StepHeading step={2} />
            <p class="user-text text-sm text-soft">
                <bdi>{name}</bdi>
                {t('comma')}{' '}
                {w('fileOf', {
                    encoding: ENCODINGS[roster.encoding],
                    separator: w(`sep_${roster.separator}` as PeopleKey),
                })}
            </p>
        </div>
    );
}

function Review({
    first,
    taken,
    other,
}: {
    first: Chosen;
    taken: (roster: Roster) => void;
    other: () => void;
}) {
    const { seen, wanted, tried, act, choose, take } = useReview(first, taken);
    const { roster, choices } = seen;
    const fields = fieldsOf(roster, wanted);
    const setTaken = (line: number, on: boolean) =>
        void choose({
            take: on ? [...wanted.take, line] : wanted.take.filter((one) => one !== line),
        });
    return (
        <section class="card grid gap-6 p-5 sm:p-8" aria-busy={act.busy} data-testid="review">
            <ReviewHead name={first.name} roster={roster} />
            <Columns
                roster={roster}
                fields={fields}
                heading={wanted.heading ?? roster.heading}
                disabled={taking.value}
                choose={(index, field: RosterField | '') =>
                    void choose({ columns: withColumn(fields, index, field), take: [] })
                }
                setHeading={(heading) => void choose({ heading, take: [] })}
            />
            <Lines
                key={`${choices.columns} ${choices.heading}`}
                roster={roster}
                taken={wanted.take}
                take={setTaken}
            />
            {act.problem && <ErrorBox problem={act.problem} />}
            <TakeButtons
                counts={roster.counts}
                busy={act.busy}
                tried={tried}
                take={() => void take()}
                other={other}
            />
        </section>
    );
}

function Done({ roster, other }: { roster: Roster; other: () => void }) {
    const { counts } = roster;
    const left = roster.lines.filter(({ outcome }) => ['refused', 'duplicate'].includes(outcome));
    return (
        <section class="card grid gap-6 p-5 sm:p-8" data-testid="roster-done">
            <StepHeading step={3} />
            <p role="status">
                {w('done', {
                    added: formatNumber(counts.new),
                    changed: formatNumber(counts.changed),
                    same: formatNumber(counts.unchanged),
                })}
            </p>
            {left.length > 0 && <Lines roster={roster} taken={[]} take={null} />}
            <div class="flex flex-wrap gap-2">
                <a class="btn btn-main" href="#people" data-testid="to-people">
                    {w('toPeople')}
                </a>
                <button type="button" class="btn" onClick={other}>
                    {w('otherFile')}
                </button>
            </div>
        </section>
    );
}

export default function Import() {
    const chosen = useSignal<Chosen | null>(null);
    const done = useSignal<Roster | null>(null);
    const again = useSignal(false);
    const other = () => {
        again.value = true;
        chosen.value = null;
        done.value = null;
    };
    if (done.value) {
        return <Done roster={done.value} other={other} />;
    }
    if (chosen.value) {
        return (
            <Review
                first={chosen.value}
                other={other}
                taken={(roster) => {
                    announce(w('step3'));
                    done.value = roster;
                }}
            />
        );
    }
    return (
        <Choose
            again={again.value}
            read={(one) => {
                chosen.value = one;
            }}
        />
    );
}
