// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a roster: for a look at what it would change, or to take it.
import { asProblem, problemOf } from '../../core/api';
import type { Roster, RosterField } from '../../core/types';

export const MAX_BYTES = 2 * 1024 * 1024;

export interface Choices {
    /** By hand; null: as the headings say. */
    columns: (RosterField | '')[] | null;
    heading: boolean | null;
    /** Numbers of duplicate lines that are other people. */
    take: number[];
}

export const AS_FOUND: Choices = { columns: null, heading: null, take: [] };

export function parametersOf({ columns, heading, take }: Choices, dry: boolean): URLSearchParams {
    return new URLSearchParams({
        dry_run: String(dry),
        ...(columns && { columns: columns.join(',') }),
        ...(heading !== null && { heading: String(heading) }),
        ...(take.length > 0 && { take: take.join(',') }),
    });
}

export async function sendRoster(file: Blob, choices: Choices, dry: boolean): Promise<Roster> {
    let response: Response;
    try {
        response = await fetch(`/api/v1/people/import?${parametersOf(choices, dry)}`, {
            method: 'POST',
            credentials: 'same-origin',
            headers: { Accept: 'application/json', 'Content-Type': 'text/csv' },
            body: file,
        });
    } catch (error) {
        throw asProblem(error);
    }
    if (!response.ok) {
        throw await problemOf(response);
    }
    return (await response.json()) as Roster;
}

export type ColumnFields = (RosterField | '')[];

/** As chosen, or else as the server found them. */
export const fieldsOf = (roster: Roster, { columns }: Choices): ColumnFields =>
    columns ?? roster.columns.map(({ field }) => field ?? '');

/** The columns with one of them given another meaning: each meaning once. */
export function withColumn(
    fields: ColumnFields,
    index: number,
    field: RosterField | '',
): ColumnFields {
    return fields.map((one, i) => (i === index ? field : one === field ? '' : one));
}
