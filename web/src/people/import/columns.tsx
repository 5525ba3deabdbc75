// SPDX-License-Identifier: GPL-3.0-or-later
// What each column of the file is: as its heading says, or as chosen here.
import { t } from '../../core/i18n';
import { codeWords } from '../../core/problem';
import type { Roster, RosterField } from '../../core/types';
import { type PeopleKey, w } from '../words';
import type { ColumnFields } from './send';

const FIELDS: RosterField[] = ['name', 'email', 'entity', 'code'];

export const fieldName = (field: RosterField) => w(`field_${field}` as PeopleKey);

function Column({
    name,
    sample,
    field,
    choose,
}: {
    name: string;
    sample: string;
    field: RosterField | '' | undefined;
    choose: (field: RosterField | '') => void;
}) {
    return (
        <label class="field">
            <span class="user-text">
                <bdi>{name}</bdi>
            </span>
            <select
                data-testid="column"
                value={field}
                onChange={(event) => choose(event.currentTarget.value as RosterField | '')}
            >
                <option value="">{w('ignored')}</option>
                {FIELDS.map((one) => (
                    <option key={one} value={one}>
                        {fieldName(one)}
                    </option>
                ))}
            </select>
            {sample && (
                <span class="user-text line-clamp-1 text-sm font-normal text-soft">
                    {w('sample', { sample })}
                </span>
            )}
        </label>
    );
}

export function Columns({
    roster,
    fields,
    heading,
    disabled,
    choose,
    setHeading,
}: {
    roster: Roster;
    fields: ColumnFields;
    heading: boolean;
    disabled: boolean;
    choose: (index: number, field: RosterField | '') => void;
    setHeading: (heading: boolean) => void;
}) {
    return (
        <fieldset class="grid gap-4" disabled={disabled}>
            <legend class="mb-3 text-lg font-bold">{w('columns')}</legend>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                {roster.columns.map((column, index) => (
                    <Column
                        key={index}
                        name={column.heading || w('column', { n: index + 1 })}
                        sample={column.sample}
                        field={fields[index]}
                        choose={(field) => choose(index, field)}
                    />
                ))}
            </div>
            <label class="flex min-h-11 w-fit cursor-pointer items-center gap-3">
                <input
                    type="checkbox"
                    class="size-5 shrink-0 rounded"
                    data-testid="roster-heading"
                    checked={heading}
                    onChange={(event) => setHeading(event.currentTarget.checked)}
                />
                <span>{w('heading')}</span>
            </label>
            {!fields.includes('name') && (
                <p class="field-error" role="alert" data-testid="no-names">
                    {codeWords('roster-no-names')?.text ?? t('fieldInvalid')}
                </p>
            )}
        </fieldset>
    );
}
