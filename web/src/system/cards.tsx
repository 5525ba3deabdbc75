// SPDX-License-Identifier: GPL-3.0-or-later
// What the server says of itself, in words: storage, certificate, load, versions.
import type { ComponentChildren } from 'preact';
import { formatBytes, formatDate, formatNumber, formatTime, locale, t } from '../core/i18n';
import type { System, SystemDisk, SystemLoad } from '../core/types';
import { Icon } from '../ui/icons';
import { daysUntil, summary } from './series';
import { type SystemKey, w } from './words';

const SOON_DAYS = 14;
const BUSY = 0.9;

export function Card({
    title,
    testId,
    children,
}: {
    title: string;
    testId: string;
    children: ComponentChildren;
}) {
    return (
        <section
            class="card grid content-start gap-4 p-5 sm:p-6"
            aria-labelledby={testId}
            data-testid={testId}
        >
            <h2 id={testId} class="text-lg">
                {title}
            </h2>
            {children}
        </section>
    );
}

function Warning({ text, testId }: { text: string; testId: string }) {
    return (
        <p class="flex gap-2 text-sm text-bad" data-testid={testId}>
            <Icon name="warn" size={20} />
            <span>{text}</span>
        </p>
    );
}

function Disk({ disk }: { disk: SystemDisk }) {
    const used = disk.size_bytes > 0 ? 1 - disk.free_bytes / disk.size_bytes : 0;
    const name = w(`disk_${disk.folder}` as SystemKey);
    const free = w('diskFree', {
        free: formatBytes(disk.free_bytes),
        size: formatBytes(disk.size_bytes),
    });
    return (
        <li class="grid gap-1.5" data-testid="disk" data-folder={disk.folder} data-low={disk.low}>
            <span class="flex flex-wrap justify-between gap-x-4 text-sm">
                <span class="font-bold">{name}</span>
                <span>{free}</span>
            </span>
            <meter
                class="h-3 w-full"
                min={0}
                max={1}
                low={0.8}
                high={0.95}
                optimum={0}
                value={used}
                aria-label={`${name}: ${free}`}
            />
            {disk.low && disk.minimum_bytes !== null && (
                <Warning
                    testId="disk-low"
                    text={w('diskLow', { minimum: formatBytes(disk.minimum_bytes) })}
                />
            )}
        </li>
    );
}

export function Storage({ system }: { system: System }) {
    const { disks, backup_at: backup, backup_damaged: damaged } = system;
    return (
        <Card title={w('storage')} testId="storage">
            {disks.length === 0 ? (
                <p class="text-sm">{w('diskMissing')}</p>
            ) : (
                <ul class="grid gap-4">
                    {disks.map((disk) => (
                        <Disk key={disk.folder} disk={disk} />
                    ))}
                </ul>
            )}
            <p class="text-sm" data-testid="backup">
                {backup === null
                    ? w('backupNone')
                    : w('backupAt', { date: formatDate(backup), time: formatTime(backup) })}
            </p>
            {damaged > 0 && (
                <Warning
                    testId="backup-damaged"
                    text={w('backupDamaged', { count: formatNumber(damaged) })}
                />
            )}
        </Card>
    );
}

export function Certificate({ ends, now }: { ends: string | null; now: string }) {
    const days = ends === null ? 0 : daysUntil(ends, now);
    return (
        <Card title={w('certificate')} testId="certificate">
            {ends === null ? (
                <p class="text-sm">{w('certificateNone')}</p>
            ) : (
                <>
                    <p class="text-sm" data-days={days}>
                        {w('certificateUntil', { date: formatDate(ends) })}{' '}
                        {days >= 0 && (
                            <span class="font-bold">{w('certificateDays', { n: days })}</span>
                        )}
                    </p>
                    {days < SOON_DAYS && (
                        <Warning
                            testId="certificate-soon"
                            text={w(days < 0 ? 'certificateOver' : 'certificateSoon')}
                        />
                    )}
                </>
            )}
        </Card>
    );
}

function Row({ name, children }: { name: string; children: ComponentChildren }) {
    return (
        <>
            <dt class="font-bold">{name}</dt>
            <dd class="min-w-0 wrap-anywhere">{children}</dd>
        </>
    );
}

const ROWS = 'grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-2.5 text-sm';

function LoadRows({ load, cpu }: { load: SystemLoad; cpu: number | undefined }) {
    const share = new Intl.NumberFormat(locale(), { style: 'percent' });
    return (
        <>
            <Row name={w('processor')}>
                {w('processorNow', {
                    share: cpu === undefined ? w('unknown') : share.format(cpu),
                    cores: w('cores', { n: load.cores }),
                })}
            </Row>
            <Row name={w('memory')}>
                {w('memoryNow', {
                    used: formatBytes(load.memory_bytes - load.available_bytes),
                    all: formatBytes(load.memory_bytes),
                    own: formatBytes(load.process_bytes),
                })}
            </Row>
            <Row name={w('files')}>
                {w('filesNow', {
                    n: formatNumber(load.descriptors),
                    most: formatNumber(load.max_descriptors),
                })}
            </Row>
        </>
    );
}

export function Load({ system }: { system: System }) {
    const { load, viewers, history } = system;
    const cpu = summary(history.cpu)?.now;
    return (
        <Card title={w('load')} testId="load">
            <dl class={ROWS}>
                <Row name={w('viewers')}>
                    <bdi>{t('byWhep', { n: formatNumber(viewers.webrtc) })}</bdi> ·{' '}
                    <bdi>{t('byHls', { n: formatNumber(viewers.hls) })}</bdi>
                </Row>
                {load && <LoadRows load={load} cpu={cpu} />}
            </dl>
            {!load && <p class="text-sm text-soft">{w('loadLater')}</p>}
            {cpu !== undefined && cpu > BUSY && <Warning testId="busy" text={w('busy')} />}
        </Card>
    );
}

export function Versions({ versions }: { versions: System['versions'] }) {
    return (
        <Card title={w('versions')} testId="versions">
            <dl class={ROWS}>
                {versions.map(({ name, version }) => (
                    <Row key={name} name={name === 'system' ? w('version_system') : name}>
                        <bdi dir="ltr">{version}</bdi>
                    </Row>
                ))}
            </dl>
        </Card>
    );
}
