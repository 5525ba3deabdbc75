// SPDX-License-Identifier: GPL-3.0-or-later
// After the end, for staff: the recording's steps, its ends, its chapters, publishing it, keeping it.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { formatDate, formatNumber, formatTime, t } from '../../core/i18n';
import { href } from '../../core/router';
import type { SessionSocket } from '../../core/session/session-socket';
import type { Recording, Session } from '../../core/types';
import { clockWithTenths } from '../../media/timeline';
import { useChapters } from '../../ui/hooks/use-chapters';
import { Icon } from '../../ui/icons';
import { RunButtons } from '../run';
import { ChapterEditor } from './chapters';
import { Delete, Facts, Hold } from './keeping';
import { Steps } from './steps';

const POLL_MS = 2000;

function Chapters({ session, recording }: { session: Session; recording: Recording }) {
    const made = recording.steps?.find((step) => step.step === 'chapters')?.state;
    const chapters = useChapters(
        session.id,
        `${recording.in_ms} ${recording.out_ms} ${recording.playlist} ${made}`,
    );
    return <ChapterEditor chapters={chapters} published={recording.playlist === true} />;
}

function Marks({ session, recording }: { session: Session; recording: Recording }) {
    const { in_ms, out_ms } = recording;
    const clock = (ms: number) => (
        <bdi class="digits">{clockWithTenths(ms - (session.live_ms ?? 0))}</bdi>
    );
    return (
        <div class="grid gap-3">
            <dl class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1 text-sm">
                <dt class="font-bold">{t('trimIn')}</dt>
                <dd>{typeof in_ms === 'number' ? clock(in_ms) : t('trimInWhole')}</dd>
                <dt class="font-bold">{t('trimOut')}</dt>
                <dd>{typeof out_ms === 'number' ? clock(out_ms) : t('trimOutWhole')}</dd>
            </dl>
            <a
                class="btn btn-small w-fit"
                data-testid="edit-recording"
                href={href('recordings', session.id)}
            >
                <Icon name="edit" size={16} /> {t('editRecording')}
            </a>
        </div>
    );
}

function Publish({ socket, session }: { socket: SessionSocket; session: Session }) {
    const published = session.state === 'published';
    return (
        <>
            <p class="flex items-start gap-2 text-sm" data-testid="publish-state">
                <span class={published ? 'text-good' : 'text-soft'}>
                    <Icon name={published ? 'check' : 'lock'} />
                </span>
                {t(published ? 'publishedText' : 'publishText')}
            </p>
            <RunButtons socket={socket} session={session} />
        </>
    );
}

/** A card of the page after the end; `area` is its place in the grid (style/desk.css). */
function Part({
    n,
    area,
    title,
    children,
}: {
    n?: number;
    area: 'steps' | 'ends' | 'chapters' | 'publish' | 'keep';
    title: string;
    children: ComponentChildren;
}) {
    return (
        <section
            class={`card grid min-w-0 content-start gap-3 p-4 after-${area}`}
            aria-labelledby={`after-${area}`}
        >
            <h2 id={`after-${area}`} class="flex items-center gap-2 text-base">
                {n && (
                    <span class="digits grid size-6 place-items-center rounded-full bg-surface-3 text-sm">
                        {formatNumber(n)}
                    </span>
                )}
                {title}
            </h2>
            {children}
        </section>
    );
}

function Deleted({ recording, at }: { recording: Recording; at: string }) {
    return (
        <section class="card grid gap-2 p-4" data-testid="deleted">
            <h2 class="flex items-center gap-2 text-base">
                <Icon name="bin" /> {t('deletedTitle')}
            </h2>
            <p class="text-sm">
                {t('deletedOn')}{' '}
                <time dateTime={at}>
                    {formatDate(at)} · {formatTime(at)}
                </time>
            </p>
            {recording.deleted_why && (
                <p class="text-sm">
                    {t('deleteReason')}
                    {': '}
                    <bdi class="wrap-anywhere">{recording.deleted_why}</bdi>
                </p>
            )}
            <p class="text-sm text-soft">{t('deletedText')}</p>
        </section>
    );
}

/** Reads the session again and again until nothing of the recording is to be made any more. */
function usePolling(socket: SessionSocket, done: boolean) {
    useEffect(() => {
        if (done) {
            return undefined;
        }
        const timer = setInterval(() => void socket.refresh().catch(() => undefined), POLL_MS);
        return () => clearInterval(timer);
    }, [done]);
}

export default function RecordingParts({
    socket,
    session,
}: {
    socket: SessionSocket;
    session: Session;
}) {
    const recording = session.recording ?? {};
    const states = recording.steps?.map((step) => step.state) ?? [];
    const gone = recording.deleted_at;
    const settled = states.length > 0 && states.every((one) => one === 'ready' || one === 'failed');
    const working = states.some((one) => one === 'waiting' || one === 'working');
    const none = recording.mp4 === 'none';
    usePolling(socket, !!gone || none || settled);
    if (gone) {
        return <Deleted recording={recording} at={gone} />;
    }
    if (none) {
        return (
            <p class="card p-4 text-sm" data-testid="no-recording">
                {t('noRecording')}
            </p>
        );
    }
    return (
        <div class="after">
            <Part n={1} area="steps" title={t('recordingSteps')}>
                <Steps socket={socket} session={session} recording={recording} />
                {recording.playlist && (
                    <a class="btn btn-small w-fit" href={href('recordings', session.id)}>
                        <Icon name="play" size={16} /> {t('watchRecording')}
                    </a>
                )}
            </Part>
            <Part n={2} area="ends" title={t('trim')}>
                <Marks session={session} recording={recording} />
            </Part>
            <Part n={3} area="chapters" title={t('chapters')}>
                <Chapters session={session} recording={recording} />
            </Part>
            <Part n={4} area="publish" title={t('publishTitle')}>
                <Publish socket={socket} session={session} />
            </Part>
            <Part area="keep" title={t('keeping')}>
                <Facts recording={recording} />
                <Hold socket={socket} session={session} recording={recording} />
                <Delete socket={socket} session={session} recording={recording} working={working} />
            </Part>
        </div>
    );
}
