// SPDX-License-Identifier: GPL-3.0-or-later

import { mediaOffset, serverNow } from '../clock';
import type { Session } from '../types';

const NOT_SET_MS = 5000;

/** By how much the server's wall clock, as the page has it, was set since the session was live; 0:
 *  not, or not known. */
export function leapOf(session: Session): number {
    const wall = serverNow() - Date.parse(session.live_at ?? '');
    const leap = wall - (performance.now() + mediaOffset - (session.live_ms ?? 0));
    return Math.abs(leap) > NOT_SET_MS ? leap : 0;
}
