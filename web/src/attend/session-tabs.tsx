// SPDX-License-Identifier: GPL-3.0-or-later
// The questions, the agenda and the materials of a session, in tabs.
import type { Signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../core/i18n';
import type { Session, Slides } from '../core/types';
import { slideUrl } from '../slides/picture';
import { w } from '../slides/words';
import { lazy } from '../ui/lazy';
import { Tabs } from '../ui/tabs';

const Agenda = lazy(() => import('./agenda'));
const Materials = lazy(() => import('../files/materials'));

/** In the browser's own viewer, which enlarges it: on a phone a slide is small. */
function SlideLink({ session, slides }: { session: string; slides: Slides }) {
    return (
        <a
            class="block shrink-0 border-b border-line px-4 py-2.5 text-sm font-bold"
            href={slideUrl(session, slides, slides.page, 'png')}
            target="_blank"
            rel="noreferrer"
            data-testid="open-slide"
        >
            {w('open', { n: slides.page })}
        </a>
    );
}

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
        <>
            {session.slides && session.slides.shown !== 'off' && (
                <SlideLink session={session.id} slides={session.slides} />
            )}
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
        </>
    );
}
