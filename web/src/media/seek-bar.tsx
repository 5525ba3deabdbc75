// SPDX-License-Identifier: GPL-3.0-or-later
// A bar to seek on: a range underneath, so that keys and screen readers find what they know; over
// it the chapters' marks, and above it the picture and the chapter of the place pointed at.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { formatClock, pick, t } from '../core/i18n';
import { Icon } from '../ui/icons';
import { currentOf, type Placed } from './chapters';
import { type Thumb, thumbAt } from './thumbnails';

const THUMB_PX = 16; // the range's own, which its value stops half of short of both ends
const SNAP_PX = 6;

export const kindIcon = (kind: Placed['kind']) => (kind === 'question' ? 'ask' : 'list');
export const chapterWords = (chapter: Placed) =>
    `${t(`kind_${chapter.kind}`)}: ${pick(chapter.title)}`;

function Preview({
    at,
    share,
    chapter,
    thumb,
}: {
    at: number;
    share: number;
    chapter: Placed | null;
    thumb: Thumb | null;
}) {
    return (
        <div
            class="seek-preview"
            data-testid="seek-preview"
            data-at={Math.round(at)}
            aria-hidden="true"
            style={{ left: `clamp(5.5rem, ${100 * share}%, calc(100% - 5.5rem))` }}
        >
            {thumb && (
                <img src={thumb.url} alt="" data-testid="seek-thumb" width={160} height={90} />
            )}
            {chapter && (
                <span class="flex items-start gap-1.5">
                    <Icon name={kindIcon(chapter.kind)} size={16} />
                    <span class="line-clamp-2 min-w-0" dir="auto">
                        {pick(chapter.title)}
                    </span>
                </span>
            )}
            <span class="digits font-bold">{formatClock(at * 1000)}</span>
        </div>
    );
}

export function SeekBar({
    value,
    max,
    label,
    onSeek,
    marks = [],
    thumbs,
    testId = 'seek',
    class: className = '',
}: {
    /** Seconds, as `max`. */
    value: number;
    max: number;
    label: string;
    onSeek: (seconds: number) => void;
    marks?: Placed[];
    /** Asked once, at the first use of the bar. */
    thumbs?: () => Promise<Thumb[]>;
    testId?: string;
    class?: string;
}) {
    const bar = useRef<HTMLDivElement>(null);
    const pressed = useRef(false);
    const asked = useRef(false);
    const pointed = useSignal<number | null>(null);
    const byKeys = useSignal(false);
    const pictures = useSignal<Thumb[]>([]);
    const whole = Math.max(1, max);

    const used = () => {
        if (!asked.current && thumbs) {
            asked.current = true;
            thumbs().then(
                (found) => {
                    pictures.value = found;
                },
                () => {
                    asked.current = false; // not made yet: the next use asks again
                },
            );
        }
    };
    const place = (clientX: number): number => {
        const box = bar.current?.getBoundingClientRect();
        if (!box) {
            return 0;
        }
        const share = (clientX - box.left - THUMB_PX / 2) / (box.width - THUMB_PX);
        const at = whole * Math.min(1, Math.max(0, share));
        const reach = (SNAP_PX * whole) / box.width;
        const near = marks.find((mark) => Math.abs(mark.at_ms / 1000 - at) < reach);
        return near ? near.at_ms / 1000 : at;
    };
    const leave = () => {
        pointed.value = null;
        pressed.current = false;
    };
    const at = pointed.value ?? (byKeys.value ? value : null);
    const now = currentOf(marks, value * 1000);
    const share = (seconds: number) => Math.min(1, Math.max(0, seconds / whole));
    return (
        <div
            ref={bar}
            dir="ltr"
            class={`seek ${className}`}
            onPointerEnter={used}
            onPointerMove={(event) => {
                pointed.value = place(event.clientX);
            }}
            onPointerDown={(event) => {
                used();
                pressed.current = true;
                pointed.value = place(event.clientX);
            }}
            onPointerUp={(event) => {
                pressed.current = false;
                if (event.pointerType !== 'mouse') {
                    leave();
                }
            }}
            onPointerLeave={leave}
            onPointerCancel={leave}
        >
            <div class="seek-track" aria-hidden="true">
                <div
                    class="seek-fill"
                    style={{ transform: `scaleX(${share(value).toFixed(5)})` }}
                />
            </div>
            <div class="seek-marks" aria-hidden="true">
                {marks.map((mark) => (
                    <span
                        key={mark.id}
                        data-testid="seek-mark"
                        data-kind={mark.kind}
                        style={{ left: `${(100 * share(mark.at_ms / 1000)).toFixed(3)}%` }}
                    />
                ))}
            </div>
            <input
                type="range"
                class="range"
                data-testid={testId}
                min={0}
                max={whole}
                step={0.1}
                value={value}
                aria-label={label}
                aria-valuetext={`${formatClock(value * 1000)}${now ? ` · ${chapterWords(now)}` : ''}`}
                onFocus={(event) => {
                    byKeys.value = event.currentTarget.matches(':focus-visible');
                    used();
                }}
                onKeyDown={() => {
                    byKeys.value = true;
                }}
                onBlur={() => {
                    byKeys.value = false;
                }}
                onInput={(event) =>
                    onSeek(
                        pressed.current && pointed.value !== null
                            ? pointed.value
                            : Number(event.currentTarget.value),
                    )
                }
            />
            {at !== null && (
                <Preview
                    at={at}
                    share={share(at)}
                    chapter={currentOf(marks, at * 1000 + 1)}
                    thumb={thumbAt(pictures.value, at)}
                />
            )}
        </div>
    );
}
