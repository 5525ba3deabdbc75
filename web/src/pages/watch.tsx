// SPDX-License-Identifier: GPL-3.0-or-later
// A recording: its player, its chapters, the files to take along; for staff its marks.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { get } from '../core/api';
import { formatDate, formatTime, pick, t } from '../core/i18n';
import { announce } from '../core/live-region';
import { isStaff, me, whoAmI } from '../core/me';
import { href } from '../core/router';
import type { Recording, RecordingDetail, Session, StepName } from '../core/types';
import { momentHash, type Placed, placed, playHash, questionOf } from '../media/chapters';
import { StageCard } from '../media/stage-card';
import { SpeakerLine, Title, When } from '../sessions/session-card';
import { type Chapters, useChapters } from '../ui/hooks/use-chapters';
import { useLoad } from '../ui/hooks/use-load';
import { Icon } from '../ui/icons';
import { lazy } from '../ui/lazy';
import { ErrorBox, Skeleton } from '../ui/parts';
import { Shell, useTitle } from '../ui/shell/shell';
import { SignInCard } from '../ui/shell/sign-in-card';
import { ChapterList } from '../watch/chapters';
import { Player } from '../watch/player';
import { Playhead } from '../watch/playhead';
import { fileOf } from '../watch/use-source';

const LOOK_MS = 3000;
const Materials = lazy(() => import('../files/materials'));
const ShownSlides = lazy(() => import('../watch/slides'), 0);
const Editor = lazy(() => import('../watch/editor'));

const stateOf = (recording: Recording | null | undefined, name: StepName) =>
    recording?.steps.find((one) => one.step === name)?.state;

/** Work on its files is under way, so that it is worth looking again. */
function unfinished(recording: Recording | null | undefined): boolean {
    if (recording?.deleted_at) {
        return false;
    }
    const states = recording?.steps.map((one) => one.state) ?? [];
    return [...states, recording?.mp4 ?? 'waiting'].some(
        (state) => state === 'waiting' || state === 'working',
    );
}

function Share({ playhead }: { playhead: Playhead }) {
    const copied = useSignal(false);
    const url = useSignal('');
    const share = async () => {
        const hash = momentHash(playhead.time.value);
        history.replaceState(history.state, '', location.pathname + location.search + hash);
        try {
            await navigator.clipboard.writeText(location.href);
            copied.value = true;
            announce(t('copied'));
            setTimeout(() => {
                copied.value = false;
            }, 3000);
        } catch {
            url.value = location.href; // no clipboard on a plain connection: to be copied by hand
        }
    };
    return (
        <>
            <button type="button" class="btn" data-testid="share" onClick={() => void share()}>
                <Icon name={copied.value ? 'check' : 'link'} />
                {t(copied.value ? 'copied' : 'shareMoment')}
            </button>
            {url.value && (
                <input
                    class="input basis-full font-mono text-sm"
                    dir="ltr"
                    readOnly
                    data-testid="share-url"
                    aria-label={t('shareMoment')}
                    value={url.value}
                    onFocus={(event) => event.currentTarget.select()}
                />
            )}
        </>
    );
}

function Downloads({ session }: { session: Session }) {
    const { id, recording } = session;
    return (
        <>
            {recording?.mp4 === 'ready' ? (
                <a
                    class="btn btn-main"
                    data-testid="download"
                    href={fileOf(session, 'recording.mp4')}
                    download={`${id}.mp4`}
                >
                    <Icon name="down" />
                    {t('download')}
                </a>
            ) : recording?.mp4 === 'failed' || recording?.mp4 === 'none' ? null : (
                <p class="chip chip-gold" role="status">
                    {t('fileSoon')}
                </p>
            )}
            {stateOf(recording, 'audio') === 'ready' && (
                <a
                    class="btn"
                    data-testid="download-audio"
                    href={fileOf(session, 'audio.m4a')}
                    download={`${id}.m4a`}
                >
                    <Icon name="ears" />
                    {t('downloadAudio')}
                </a>
            )}
        </>
    );
}

function Deleted({ session, at }: { session: Session; at: string }) {
    return (
        <div class="overflow-hidden rounded-2xl" data-testid="deleted">
            <StageCard kind="deleted" title={t('deletedTitle')}>
                <p class="text-whitely-400">
                    {t('deletedOn')}{' '}
                    <time dateTime={at}>
                        {formatDate(at)} · {formatTime(at)}
                    </time>
                </p>
                {isStaff(me.value) && session.recording.deleted_why && (
                    <p class="user-text text-whitely-400">
                        {t('deleteReason')}
                        {': '}
                        <bdi>{session.recording.deleted_why}</bdi>
                    </p>
                )}
                <p class="text-whitely-400">{t('deletedText')}</p>
                <a class="btn" href={href('s', session.id)}>
                    <Icon name="ask" />
                    {t('showQuestions')}
                </a>
            </StageCard>
        </div>
    );
}

function About({ session }: { session: Session }) {
    return (
        <div class="grid gap-1.5">
            <h1 class="text-xl sm:text-2xl">
                <Title title={session.title} />
            </h1>
            <SpeakerLine speakers={session.speakers} />
            <When at={session.starts_at} />
        </div>
    );
}

function StaffPart({
    session,
    playhead,
    chapters,
    lookAgain,
}: {
    session: Session;
    playhead: Playhead;
    chapters: Chapters;
    lookAgain: () => void;
}) {
    // Read again whenever the session's own account of its recording says something else.
    const { in_ms, out_ms, playlist } = session.recording ?? {};
    const own = useLoad(`${session.id} ${in_ms} ${out_ms} ${playlist}`, () =>
        get<RecordingDetail>(`recordings/${encodeURIComponent(session.id)}`),
    );
    if (own.problem.value && !own.value.value) {
        return (
            <div class="mt-8">
                <ErrorBox problem={own.problem.value} retry={own.again} />
            </div>
        );
    }
    return own.value.value ? (
        <Editor
            session={session}
            detail={own.value.value}
            playhead={playhead}
            chapters={chapters}
            changed={() => {
                own.again();
                lookAgain();
            }}
        />
    ) : null;
}

/** Goes to the question that the address names, once its place is known. */
function useQuestion(chapters: readonly Placed[], playhead: Playhead): void {
    useEffect(() => {
        const chapter = chapters.find((one) => one.id === questionOf(location.hash));
        if (chapter) {
            history.replaceState(history.state, '', playHash(chapter.at_ms / 1000));
            playhead.jump(chapter.at_ms / 1000);
        }
    }, [chapters]);
}

/** While the files are made anew no chapter has a place: the list stays as it was. */
function usePlaced(items: ReturnType<typeof useChapters>['items'], settled: boolean): Placed[] {
    const last = useRef<Placed[]>([]);
    const shown = useMemo(
        () => (items && settled ? placed(items) : last.current),
        [items, settled],
    );
    last.current = shown;
    return shown;
}

function RecordingView({ session, lookAgain }: { session: Session; lookAgain: () => void }) {
    const { recording } = session;
    const { in_ms, out_ms } = recording ?? {};
    const playhead = useMemo(() => new Playhead(), [session.id]);
    const chapters = useChapters(
        session.id,
        `${in_ms} ${out_ms} ${recording?.playlist} ${stateOf(recording, 'chapters')}`,
    );
    const shown = usePlaced(chapters.items, recording?.playlist !== false);
    useQuestion(shown, playhead);
    return (
        <>
            <div
                class={
                    shown.length > 0
                        ? 'grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21rem] lg:gap-6'
                        : 'mx-auto max-w-5xl'
                }
            >
                <div class="min-w-0">
                    <Player
                        key={`${in_ms} ${out_ms}`}
                        session={session}
                        playhead={playhead}
                        chapters={shown}
                        lookAgain={lookAgain}
                    />
                </div>
                {shown.length > 0 && <ChapterList chapters={shown} playhead={playhead} />}
            </div>
            <div
                class={`mt-5 flex flex-wrap items-start justify-between gap-4 ${shown.length > 0 ? '' : 'mx-auto max-w-5xl'}`}
            >
                <About session={session} />
                <div class="flex flex-wrap items-center gap-2">
                    <Share playhead={playhead} />
                    <Downloads session={session} />
                </div>
            </div>
            <ShownSlides
                session={session.id}
                settled={`${in_ms} ${out_ms} ${recording?.playlist}`}
                playhead={playhead}
                class={`mt-5 ${shown.length > 0 ? '' : 'mx-auto max-w-5xl'}`}
            />
            {session.materials.length > 0 && (
                <Materials
                    items={session.materials}
                    titled
                    class={`mt-8 ${shown.length > 0 ? '' : 'mx-auto max-w-5xl'}`}
                />
            )}
            {isStaff(me.value) && (
                <StaffPart
                    session={session}
                    playhead={playhead}
                    chapters={chapters}
                    lookAgain={lookAgain}
                />
            )}
        </>
    );
}

export default function Watch({ id }: { id: string }) {
    const loaded = useLoad(id, async () =>
        (await whoAmI()) ? await get<Session>(`sessions/${encodeURIComponent(id)}`) : 'nobody',
    );
    const session = loaded.value.value;
    useTitle(session && session !== 'nobody' ? pick(session.title) : t('recordings'));
    // The files follow the playlist by some seconds: look again until they are there.
    const waiting = session && session !== 'nobody' && unfinished(session.recording);
    useEffect(() => {
        if (!waiting) {
            return undefined;
        }
        const timer = setInterval(loaded.again, LOOK_MS);
        return () => clearInterval(timer);
    }, [waiting]);
    return (
        <Shell session={session === 'nobody' ? null : session}>
            <div class="page max-w-7xl py-5 sm:py-8">
                {session === 'nobody' ? (
                    <SignInCard />
                ) : session?.recording?.deleted_at ? (
                    <div class="mx-auto grid max-w-5xl gap-5">
                        <Deleted session={session} at={session.recording.deleted_at} />
                        <About session={session} />
                    </div>
                ) : session ? (
                    <RecordingView session={session} lookAgain={loaded.again} />
                ) : loaded.problem.value ? (
                    <ErrorBox problem={loaded.problem.value} retry={loaded.again} />
                ) : (
                    <Skeleton />
                )}
            </div>
        </Shell>
    );
}
