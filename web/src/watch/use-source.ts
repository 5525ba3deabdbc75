// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a recording to its <video>, and asks again while its files are made anew or the server has no time or place.
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { asProblem, NO_PLACE, Problem, problemFrom } from '../core/api';
import type { Session } from '../core/types';
import type { HlsHandle } from '../media/hls/hls';
import { startOf } from './playhead';

const AGAIN_MS = 3000;
const FULL_AGAIN_MS = 10_000;

/** Why there is no picture yet: its files are being made anew, the server has no place, or it cannot answer now. */
export type Away = 'remaking' | 'full' | 'busy';

/** The folder of the recording's files. */
export function folderOf({ id }: Session): string {
    return `/recordings/${encodeURIComponent(id)}`;
}

/** A file of the recording. */
export function fileOf(session: Session, name: string): string {
    return `${folderOf(session)}/${name}`;
}

/** `lookAgain`: something about the recording has changed. */
export function useSource(
    video: RefObject<HTMLVideoElement | null>,
    session: Session,
    lookAgain: () => void,
) {
    const problem = useSignal<Problem | null>(null);
    const refused = useSignal<Problem | null>(null);
    const attempt = useSignal(0);
    const preparing = useRef(false);
    preparing.current = session.recording.playlist === false;
    useEffect(() => {
        let handle: HlsHandle | null = null;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let gone = false;
        problem.value = null;
        const failed = (status: number, refusal: Record<string, unknown>) => {
            if (status === 503 || (status === 404 && preparing.current)) {
                refused.value = problemFrom(status, refusal);
                const after = preparing.current ? AGAIN_MS : FULL_AGAIN_MS;
                timer ??= setTimeout(() => attempt.value++, after);
            } else {
                refused.value = null;
                problem.value = new Problem(status, 'recording', '', '', '');
            }
            lookAgain();
        };
        const started = () => {
            refused.value = null;
        };
        const attach = async () => {
            const { attachHls } = await import('../media/hls/hls');
            if (video.current && !gone) {
                const url = fileOf(session, 'main.m3u8');
                const events = { failed, started };
                handle = attachHls(video.current, url, 'recording', events, startOf(session.id));
                problem.value = handle ? null : asProblem('unable');
            }
        };
        attach().catch((error) => {
            problem.value = asProblem(error);
        });
        return () => {
            gone = true;
            clearTimeout(timer);
            handle?.close();
        };
    }, [session.id, attempt.value]);
    const remaking = preparing.current && !problem.value;
    const kind = refused.value?.type === NO_PLACE ? 'full' : 'busy';
    const away: Away | null = remaking ? 'remaking' : refused.value && kind;
    return {
        problem: problem.value,
        away,
        refused: refused.value,
        retry: () => attempt.value++,
    };
}
