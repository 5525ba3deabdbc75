// SPDX-License-Identifier: GPL-3.0-or-later
// A setting's value in words, and where it comes from.
import { formatBytes, formatDate, formatNumber, formatTime } from '../core/i18n';
import type { Setting } from '../core/types';
import { followUpsOf, readingOf, type SettingName } from './groups';
import { w } from './words';

export function Value({ name, value }: { name: SettingName; value: string }) {
    if (name === 'mail.follow_ups' && value !== '') {
        return (
            <>
                {followUpsOf(value)
                    .map((one) => w(`follow_${one}`))
                    .join(w('and'))}
            </>
        );
    }
    const reading = readingOf(name, value);
    switch (reading.kind) {
        case 'bytes':
            return <>{formatBytes(reading.bytes)}</>;
        case 'number':
            return <bdi>{formatNumber(Number(reading.text))}</bdi>;
        case 'text':
            return (
                <bdi dir={name === 'mail.from_name' ? 'auto' : 'ltr'} class="wrap-anywhere">
                    {reading.text}
                </bdi>
            );
        default:
            return <>{w(reading.kind)}</>;
    }
}

/** Of a setting that admins change. */
export function Origin({ name, setting }: { name: SettingName; setting: Setting }) {
    const { changed, set } = setting;
    if (!changed) {
        return <p class="text-sm text-soft">{w(set ? 'fromFile' : 'fromDefault')}</p>;
    }
    const when = `${formatDate(changed.at)} ${formatTime(changed.at)}`;
    return (
        <p class="user-text text-sm text-soft">
            {changed.by ? w('changedBy', { name: changed.by, when }) : w('changedThen', { when })}{' '}
            {w(set ? 'insteadOfFile' : 'insteadOfDefault')}{' '}
            <Value name={name} value={changed.instead_of} />
        </p>
    );
}
