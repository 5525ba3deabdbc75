// SPDX-License-Identifier: GPL-3.0-or-later
// All that is kept about a person: as a file, or erased.
import { isAdmin, me } from '../core/me';
import type { Person } from '../core/types';
import { Icon } from '../ui/icons';
import { w } from './words';

export const dataAddress = (id: string) => `/api/v1/people/${encodeURIComponent(id)}/data`;

export function DataCard({ person }: { person: Person }) {
    return (
        <section class="card grid gap-4 p-5 sm:p-8">
            <h2 class="text-lg">{w('data')}</h2>
            <p class="text-sm">{w('dataHelp')}</p>
            <div class="flex flex-wrap gap-2">
                <a
                    class="btn"
                    href={dataAddress(person.id)}
                    download="person.json"
                    data-testid="person-data"
                >
                    <Icon name="down" size={18} /> {w('dataFile')}
                </a>
                {isAdmin(me.value) && person.id !== me.value?.person && (
                    <a class="btn btn-bad" href={`#erase=${person.id}`} data-testid="to-erase">
                        <Icon name="bin" size={18} /> {w('eraseMore')}
                    </a>
                )}
            </div>
        </section>
    );
}
