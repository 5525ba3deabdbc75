// SPDX-License-Identifier: GPL-3.0-or-later
// Which invitations an act is for: those ticked, or all of a kind, also on pages that are not read yet.
import type { Invitation, InvitationActs, InvitationShow, MailsNew } from '../core/types';

/** `all`: everything of the kind that is shown. */
export type Selection = { all: true } | { all: false; ids: string[] };

export const NOTHING: Selection = { all: false, ids: [] };

/** Revoked invitations are no longer acted on. */
export const isSelectable = (one: Invitation) => !one.revoked;

export function isSelected(selection: Selection, { id }: { id: string }): boolean {
    return selection.all || selection.ids.includes(id);
}

/** Unticking one of all leaves the others that are shown. */
export function toggle(selection: Selection, id: string, shown: Invitation[]): Selection {
    const ids = selection.all ? shown.filter(isSelectable).map((one) => one.id) : selection.ids;
    return {
        all: false,
        ids: ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id],
    };
}

/** All of a kind needs no words: with them only what is read is selected. */
export function selectAll(shown: Invitation[], words: string): Selection {
    return words.trim() === ''
        ? { all: true }
        : { all: false, ids: shown.filter(isSelectable).map((one) => one.id) };
}

export function isEmpty(selection: Selection): boolean {
    return !selection.all && selection.ids.length === 0;
}

type Kind = Exclude<InvitationShow, 'all' | 'revoked'>;
const kindOf = (show: InvitationShow): Kind =>
    show === 'all' || show === 'revoked' ? 'valid' : show;

export function targetOf(selection: Selection, show: InvitationShow): InvitationActs['of'] {
    return selection.all ? kindOf(show) : selection.ids;
}

export function mailTarget(selection: Selection, show: InvitationShow): MailsNew['to'] {
    if (!selection.all) {
        return selection.ids;
    }
    const kind = kindOf(show);
    return kind === 'valid' ? 'all' : kind === 'unmailed' ? 'not-sent' : kind;
}
