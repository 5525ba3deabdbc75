// SPDX-License-Identifier: GPL-3.0-or-later
import type { SessionState } from '../types';

const OVER: SessionState[] = ['ended', 'published', 'cancelled'];

/** Nothing is asked or answered any more. */
export function isOver(state: SessionState | undefined): boolean {
    return state !== undefined && OVER.includes(state);
}
