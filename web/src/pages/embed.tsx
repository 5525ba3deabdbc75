// SPDX-License-Identifier: GPL-3.0-or-later
// The player alone, for a frame on another site: live, then the recording, by a signed path whose
// token stands behind "#". The page has no sign-in, so no websocket and no questions.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { backoff } from '../core/backoff';
import { type Key, pick, t } from '../core/i18n';
import type { Announced } from '../core/types';
import type { HlsHandle } from '../media/hls/hls';
import { type Found, findMedia, findSession } from '../media/hls/signed';
import { StageCard } from '../media/stage-card';
import { useTitle } from '../ui/shell/shell';

const CARDS: Record<Exclude<Found['kind'], 'live' | 'recording'> | 'cancelled', [Key, Key]> = {
    soon: ['embedSoon', 'embedSoonText'],
    refused: ['embedRefused', 'embedRefusedText'],
    over: ['endedTitle', 'embedOverText'],
    gone: ['deletedTitle', 'embedGoneText'],
    cancelled: ['cancelledTitle', 'cancelledText'],
    away: ['embedAway', 'embedAwayText'],
};
type Card = keyof typeof CARDS;

/** Keeps `video` fed; `show` is told what stands over it, null: nothing. Answers with an end. */
function keepPlaying(video: HTMLVideoElement, session: string, show: (card: Card | null) => void) {
    let handle: HlsHandle | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let attempt = 0;
    let over = false;
    let live = false;
    const again = () => {
        handle?.close();
        handle = null;
        clearTimeout(timer);
        timer = setTimeout(() => void look(), backoff(attempt++, 2000, 15000));
    };
    const onFrame = () => {
        attempt = 0;
        show(null);
    };
    const look = async () => {
        const found = await findMedia(session, location.hash.slice(1));
        const module = over ? null : await import('../media/hls/hls').catch(() => null);
        if (over) {
            return;
        }
        if (found.kind !== 'live' && found.kind !== 'recording') {
            show(found.kind);
            if (found.kind !== 'gone') {
                again();
            }
            return;
        }
        const failed = () => {
            show('soon');
            again();
        };
        live = found.kind === 'live';
        handle = module?.attachHls(video, found.url, found.kind, { failed }) ?? null;
        if (!handle) {
            show('away');
            again();
        } else if (found.kind === 'recording') {
            show(null);
        }
    };
    const onEnded = () => {
        if (live) {
            again(); // the broadcast is over, and its recording comes
        }
    };
    video.addEventListener('playing', onFrame);
    video.addEventListener('ended', onEnded);
    addEventListener('hashchange', again); // a new token for a path that will expire
    void look();
    return () => {
        over = true;
        clearTimeout(timer);
        handle?.close();
        video.removeEventListener('playing', onFrame);
        video.removeEventListener('ended', onEnded);
        removeEventListener('hashchange', again);
    };
}

export default function Embed({ id }: { id: string }) {
    const told = useSignal<Announced | null>(null);
    useTitle(told.value ? pick(told.value.title) : '');
    const video = useRef<HTMLVideoElement>(null);
    const card = useSignal<Card | null>('soon');
    useEffect(() => {
        if (!video.current) {
            return;
        }
        let over = false;
        const stop = keepPlaying(video.current, id, (next) => {
            card.value = next;
            if (next) {
                // At each look: its title or date may have been corrected meanwhile.
                void findSession(id, location.hash.slice(1)).then((found) => {
                    if (!over) {
                        told.value = found ?? told.value;
                    }
                });
            }
        });
        return () => {
            over = true;
            stop();
        };
    }, [id]);
    const kind =
        card.value === 'soon' && told.value?.state === 'cancelled' ? 'cancelled' : card.value;
    const words = kind && CARDS[kind];
    return (
        <main class="on-dark @container fixed inset-0 bg-black text-white">
            <h1 class="sr-only">{told.value ? pick(told.value.title) : t('series')}</h1>
            <video
                ref={video}
                class="size-full bg-black"
                data-testid="video"
                controls={!words}
                playsinline
                autoplay
                muted
            />
            <div role="status" class={words ? 'absolute inset-0 grid' : undefined}>
                {words && (
                    <StageCard
                        kind={kind}
                        session={told.value ?? undefined}
                        title={t(words[0])}
                        text={t(words[1])}
                    />
                )}
            </div>
        </main>
    );
}
