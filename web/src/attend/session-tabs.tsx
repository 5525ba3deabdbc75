// SPDX-License-Identifier: GPL-3.0-or-later
// The questions, the agenda and the materials of a session, in tabs.
import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../core/i18n';
import type { Session } from '../core/types';
import { lazy } from '../ui/lazy';
import { Tabs } from '../ui/tabs';

const Agenda = lazy(() => import('./agenda'));
const Materials = lazy(() => import('../files/materials'));

export default function SessionTabs({
    session,
    tab,
    questions,
}: {
    session: Session;
    tab: Signal<string>;
    questions: () => VNode;
}) {
    const { agenda, materials } = session;
    const there: Record<string, boolean> = {
        agenda: agenda.length > 0,
        materials: materials.length > 0,
    };
    useEffect(() => {
        if (there[tab.value] === false) {
            tab.value = 'questions'; // it was taken away
        }
    }, [there.agenda, there.materials]);
    return (
        <Tabs
            label={t('sessionParts')}
            value={tab}
            class="shrink-0 border-b border-line px-2"
            panelClass="flex min-h-0 flex-1 flex-col"
            items={[
                { name: 'questions', label: t('questions'), content: questions },
                ...(there.agenda
                    ? [
                          {
                              name: 'agenda',
                              label: t('agenda'),
                              content: () => <Agenda session={session} />,
                          },
                      ]
                    : []),
                ...(there.materials
                    ? [
                          {
                              name: 'materials',
                              label: t('materials'),
                              content: () => (
                                  <Materials
                                      items={materials}
                                      class="content-start p-4 roomy:overflow-y-auto"
                                  />
                              ),
                          },
                      ]
                    : []),
            ]}
        />
    );
}
