// SPDX-License-Identifier: GPL-3.0-or-later
// The questions and the agenda of a session, in tabs.
import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';
import { pick, t } from '../core/i18n';
import type { AgendaItem } from '../core/types';
import { Tabs } from '../ui/tabs';
import { UserText } from '../ui/user-text';

function Agenda({ items }: { items: AgendaItem[] }) {
    return (
        <ol
            class="grid list-decimal gap-2 py-4 ps-10 pe-4 roomy:overflow-y-auto"
            data-testid="officer-agenda"
        >
            {items.map((item, i) => (
                <li key={i} class="ps-1 marker:font-bold marker:text-accent">
                    <UserText as="div">{pick(item.title) || t('untitled')}</UserText>
                </li>
            ))}
        </ol>
    );
}

export function AgendaTabs({
    agenda,
    tab,
    questions,
}: {
    agenda: AgendaItem[];
    tab: Signal<string>;
    questions: () => VNode;
}) {
    return (
        <Tabs
            label={t('sessionParts')}
            value={tab}
            class="shrink-0 border-b border-line px-2"
            panelClass="flex min-h-0 flex-1 flex-col"
            items={[
                { name: 'questions', label: t('questions'), content: questions },
                { name: 'agenda', label: t('agenda'), content: () => <Agenda items={agenda} /> },
            ]}
        />
    );
}
