// SPDX-License-Identifier: GPL-3.0-or-later
import type { Session } from '../../core/types';

/** Of a recording in the API. */
export const recordingPath = (session: Session) => `recordings/${encodeURIComponent(session.id)}`;
