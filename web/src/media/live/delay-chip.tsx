// SPDX-License-Identifier: GPL-3.0-or-later
// The chip over the live picture: how late it is and why.
import { formatClock, t } from '../../core/i18n';
import { Icon } from '../../ui/icons';
import { CATCH_UP_RATE } from './catch-up';
import { chipWords } from './delay-words';
import type { LivePlayer } from './live-player';

/** Isolated, so that the sign stays on its side in Arabic words. */
const SPEED = `\u2066${CATCH_UP_RATE}×\u2069`;

/** "7 s", from a minute on "2:05": isolated, so that it reads the same in Arabic. */
function timeWords(ms: number): string {
    const seconds = Math.max(1, Math.round(ms / 1000));
    return seconds < 60
        ? t('silentSeconds', { n: seconds })
        : `\u2066${formatClock(1000 * seconds)}\u2069`;
}

/** Drawn by itself: it follows the clock. */
export function DelayChip({
    player,
    paused,
    onAir,
}: {
    player: LivePlayer;
    paused: boolean;
    onAir: boolean;
}) {
    const back = player.shown.mode.value === 'back';
    const behind = (player.shown.edge.value - player.shown.position.value) * 1000;
    const silence = player.picture.silence.value;
    const words = chipWords({
        state: player.shown.state.value,
        via: player.shown.via.value,
        mode: player.shown.mode.value,
        why: player.shown.why.value,
        paused,
        onAir,
        held: player.shown.pictureHeld.value,
        delayMs: back
            ? player.shown.edge.value > 0
                ? Math.max(0, behind)
                : null
            : player.shown.delayMs.value,
        fellBack: player.shown.fellBack.value,
        silenceMs: Math.max(1000 * silence, player.picture.age()),
    });
    if (!words) {
        return null;
    }
    const measured = words.kind === 'live' || words.kind === 'behind' ? words.ms : null;
    return (
        <div class="absolute inset-x-3 top-3 flex">
            <span
                class={`chip player-chip ${words.kind === 'lost' ? 'bg-aered-700' : ''}`}
                data-testid="chip-delay"
                data-kind={words.kind}
                data-delay-ms={Math.round(measured ?? -1)}
            >
                {words.kind === 'live' && <span class="pulse" aria-hidden="true" />}
                {words.kind === 'lost' && <Icon name="warn" size={16} />}
                <bdi>
                    {t(words.key, {
                        time: words.ms === null ? '' : timeWords(words.ms),
                        speed: SPEED,
                    })}
                </bdi>
            </span>
        </div>
    );
}
