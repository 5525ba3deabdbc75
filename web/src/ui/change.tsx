// SPDX-License-Identifier: GPL-3.0-or-later
// A change or deletion of what somebody else may have changed: sent with the version that was seen.
import { type Problem, post, request } from '../core/api';
import { t } from '../core/i18n';
import { Icon } from './icons';

interface Old {
    id: string;
    version?: string;
}

/** At the item's own path, unless it has changed since. */
const guarded = <T,>(method: string, path: string, old: Old, body?: unknown) =>
    request<T>(
        method,
        `${path}/${encodeURIComponent(old.id)}`,
        body,
        undefined,
        old.version ? { 'If-Match': `"${old.version}"` } : {},
    );

/** Deletes `old` from `path`. */
export const drop = (path: string, old: Old) => guarded<void>('DELETE', path, old);

/** Adds to `path`, or changes `old` there. */
export const send = <T,>(path: string, old: Old | null, body: unknown): Promise<T> =>
    old ? guarded<T>('PATCH', path, old, body) : post<T>(path, body);

/** After a 412: shows what is there now. */
export function Changed({ problem, reload }: { problem: Problem | null; reload: () => void }) {
    return problem?.status === 412 ? (
        <button type="button" class="btn btn-small w-fit" data-testid="reload" onClick={reload}>
            <Icon name="again" size={16} /> {t('showPresent')}
        </button>
    ) : null;
}
