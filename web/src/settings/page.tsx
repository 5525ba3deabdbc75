// SPDX-License-Identifier: GPL-3.0-or-later
// How the server is set, for staff: what they change on other pages, what admins change here, and the
// keys of majlis.conf that only the file changes.
import { get } from '../core/api';
import { isAdmin, me } from '../core/me';
import { href } from '../core/router';
import type { EntityList, SeriesList, Setting, SettingList, SpeakerList } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { PageHead } from '../ui/shell/page-head';
import { useTitle } from '../ui/shell/shell';
import { StaffOnly } from '../ui/shell/staff-only';
import { ChangeSetting } from './change';
import { GROUPS, type Group, ON_PAGE, originOf, type SettingName, settingsOf } from './groups';
import { Origin, Value } from './origin';
import { type SettingsKey, w } from './words';

async function readAll() {
    const [settings, series, speakers, entities] = await Promise.all([
        get<SettingList>('settings'),
        get<SeriesList>('series'),
        get<SpeakerList>('speakers'),
        get<EntityList>('entities'),
    ]);
    return {
        settings,
        counts: {
            series: series.items.length,
            speakers: speakers.items.length,
            entities: entities.items.length,
        },
    };
}

type All = Awaited<ReturnType<typeof readAll>>;

const PLACES: [name: keyof All['counts'], address: () => string][] = [
    ['series', () => href('staff', 'series')],
    ['speakers', () => href('staff', 'speakers')],
    ['entities', () => `${href('staff', 'people')}#entities`],
];

function Here({ counts }: Pick<All, 'counts'>) {
    return (
        <section class="card grid gap-3 p-5 sm:p-6" aria-labelledby="set-here">
            <h2 id="set-here" class="text-lg">
                {w('here')}
            </h2>
            <p class="text-sm text-soft">{w('hereText')}</p>
            <ul class="grid">
                {PLACES.map(([name, address]) => (
                    <li
                        key={name}
                        class="flex flex-wrap items-center gap-x-6 gap-y-2 border-t border-line py-3"
                    >
                        <span class="grid min-w-0 flex-1 basis-64 gap-0.5">
                            <span class="font-bold">{w(name)}</span>
                            <span class="text-sm text-soft">{w(`${name}Text`)}</span>
                        </span>
                        <span class="text-sm">{w(`${name}Count`, { n: counts[name] })}</span>
                        <a
                            class="btn btn-small"
                            href={address()}
                            data-testid={`change-${name}`}
                            aria-label={w('changeOf', { name: w(name) })}
                        >
                            <Icon name="edit" size={16} /> {w('change')}
                        </a>
                    </li>
                ))}
            </ul>
        </section>
    );
}

function Line({ name, setting }: { name: SettingName; setting: Setting }) {
    return (
        <div
            class="grid gap-x-6 gap-y-0.5 border-t border-line py-2.5 sm:grid-cols-2"
            data-testid="setting"
            data-name={name}
            data-origin={originOf(setting)}
        >
            <dt class="grid gap-0.5">
                <span>{w(name)}</span>
                <span class="text-xs text-soft">
                    <bdi dir="ltr" class="font-mono">
                        [{setting.section}] {setting.name}
                    </bdi>
                </span>
            </dt>
            <dd class="flex flex-wrap items-center gap-2">
                <span class="min-w-0 font-bold">
                    <Value name={name} value={setting.value} />
                </span>
                {!setting.on_page && !setting.set && <span class="chip">{w('byDefault')}</span>}
                {!setting.on_page && setting.reloads && <span class="chip">{w('atOnce')}</span>}
                {setting.on_page && <Origin name={name} setting={setting} />}
            </dd>
        </div>
    );
}

function OnPage({
    settings,
    take,
    reload,
}: Pick<All, 'settings'> & { take: (list: SettingList) => void; reload: () => void }) {
    const shown = settingsOf(settings.items, ON_PAGE);
    return (
        <section class="card grid gap-4 p-5 sm:p-6" aria-labelledby="set-on-page">
            <h2 id="set-on-page" class="text-lg">
                {w('onPage')}
            </h2>
            {isAdmin(me.value) ? (
                <>
                    <p class="text-sm text-soft">{w('onPageAdmin')}</p>
                    <ul class="grid">
                        {shown.map(([name, setting]) => (
                            <ChangeSetting
                                key={name}
                                name={name}
                                setting={setting}
                                version={settings.version}
                                take={take}
                                reload={reload}
                            />
                        ))}
                    </ul>
                </>
            ) : (
                <>
                    <p class="text-sm text-soft">{w('onPageStaff')}</p>
                    <dl class="grid">
                        {shown.map(([name, setting]) => (
                            <Line key={name} name={name} setting={setting} />
                        ))}
                    </dl>
                </>
            )}
        </section>
    );
}

function File({ settings }: Pick<All, 'settings'>) {
    return (
        <section class="card grid gap-4 p-5 sm:p-6" aria-labelledby="set-in-file">
            <h2 id="set-in-file" class="text-lg">
                {w('file')}
            </h2>
            <p class="text-sm text-soft">{w('fileText')}</p>
            {(Object.keys(GROUPS) as Group[]).map((group) => (
                <div key={group} class="grid gap-1">
                    <h3 class="font-bold">{w(group as SettingsKey)}</h3>
                    <dl class="grid">
                        {settingsOf<SettingName>(settings.items, GROUPS[group]).map(
                            ([name, setting]) => (
                                <Line key={name} name={name} setting={setting} />
                            ),
                        )}
                    </dl>
                </div>
            ))}
        </section>
    );
}

function House() {
    const loaded = useLoad('settings', readAll);
    const all = loaded.value.value;
    return (
        <>
            <PageHead back={href('staff')} toBack={w('toSessions')} title={w('title')} />
            {loaded.problem.value ? (
                <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
            ) : !all ? (
                <Skeleton lines={5} />
            ) : (
                <div class="grid gap-5">
                    <Here counts={all.counts} />
                    <OnPage
                        settings={all.settings}
                        take={(settings) => loaded.set({ ...all, settings })}
                        reload={loaded.again}
                    />
                    <File settings={all.settings} />
                </div>
            )}
        </>
    );
}

export default function SettingsPage() {
    useTitle(w('title'));
    return (
        <StaffOnly>
            <House />
        </StaffOnly>
    );
}
