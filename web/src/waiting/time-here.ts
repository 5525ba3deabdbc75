// SPDX-License-Identifier: GPL-3.0-or-later
// A time by the device's own clock, beside the UAE's.
import { locale, ZONE } from '../core/i18n';

/** The start by this device's clock; null where it shows what the UAE's shows. */
export function timeHere(at: string, zone?: string): string | null {
    const form = (timeZone?: string) =>
        new Intl.DateTimeFormat(locale(), {
            weekday: 'long',
            hour: 'numeric',
            minute: '2-digit',
            hourCycle: 'h12',
            timeZone,
        }).format(new Date(at));
    return form(zone) === form(ZONE) ? null : form(zone);
}
