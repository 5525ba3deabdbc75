// SPDX-License-Identifier: GPL-3.0-or-later
// A bar to seek on: a range underneath, so that keys and screen readers find what they know; over
// it the chapters' marks, and above it the picture and the chapter of the place pointed at.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { formatClock, pick, t } from '../../core/i18n';
import { Icon } from '../../ui/icons';
import { currentOf, type Placed } from '../chapters';
import { type Thumb, thumbAt } from '../thumbnails';

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
                    <span class="user-text line-clamp-2" dir="auto">
                        {pick(chapter.title)}
                    </span>
                </span>
            )}
            <span class="digits font-bold">{formatClock(at * 1000)}</span>
        </div>
    );
}

/** The pictures, asked for at the first call of `ask`; where that fails, at the next. */
function usePictures(thumbs?: () => Promise<Thumb[]>) {
    const pictures = useSignal<Thumb[]>([]);
    const asked = useRef(false);
    const ask = () => {
        if (!asked.current && thumbs) {
            asked.current = true;
            thumbs().then(
                (found) => {
                    pictures.value = found;
                },
                () => {
                    asked.current = false; // not made yet
                },
            );
        }
    };
    return { pictures, ask };
}

/** The second that is pointed at on a bar of `whole` seconds; near a mark, the mark's. */
function secondAt(bar: HTMLElement | null, clientX: number, whole: number, marks: Placed[]) {
    const box = bar?.getBoundingClientRect();
    if (!box) {
        return 0;
    }
    const share = (clientX - box.left - THUMB_PX / 2) / (box.width - THUMB_PX);
    const at = whole * Math.min(1, Math.max(0, share));
    const reach = (SNAP_PX * whole) / box.width;
    const near = marks.find((mark) => Math.abs(mark.at_ms / 1000 - at) < reach);
    return near ? near.at_ms / 1000 : at;
}

/** Follows the pointer on the bar. `pointed`: the second there, null: it is elsewhere. */
function usePointer(whole: number, marks: Placed[], used: () => void) {
    const bar = useRef<HTMLDivElement>(null);
    const pressed = useRef(false);
    const pointed = useSignal<number | null>(null);
    const point = (event: PointerEvent) => {
        pointed.value = secondAt(bar.current, event.clientX, whole, marks);
    };
    const leave = () => {
        pointed.value = null;
        pressed.current = false;
    };
    const events = {
        onPointerEnter: used,
        onPointerMove: point,
        onPointerDown: (event: PointerEvent) => {
            used();
            pressed.current = true;
            point(event);
        },
        onPointerUp: (event: PointerEvent) => {
            pressed.current = false;
            if (event.pointerType !== 'mouse') {
                leave();
            }
        },
        onPointerLeave: leave,
        onPointerCancel: leave,
    };
    return { bar, pressed, pointed, events };
}

function Track({ value, whole, marks }: { value: number; whole: number; marks: Placed[] }) {
    return (
        <>
            <div class="seek-track" aria-hidden="true">
                <div
                    class="seek-fill"
                    style={{ transform: `scaleX(${shareOf(value, whole).toFixed(5)})` }}
                />
            </div>
            <div class="seek-marks" aria-hidden="true">
                {marks.map((mark) => (
                    <span
                        key={mark.id}
                        data-testid="seek-mark"
                        data-kind={mark.kind}
                        style={{ left: `${(100 * shareOf(mark.at_ms / 1000, whole)).toFixed(3)}%` }}
                    />
                ))}
            </div>
        </>
    );
}

function shareOf(seconds: number, whole: number): number {
    return Math.min(1, Math.max(0, seconds / whole));
}

export interface SeekBarProps {
    /** Seconds, as `max`. */
    value: number;
    max: number;
    label: string;
    onSeek: (seconds: number) => void;
    /** Somebody points at it or reached it by keys. */
    onUse?: () => void;
    /** The value in words; without it, the time and the chapter. */
    valueText?: string;
    /** The place pointed at is told above the bar. */
    preview?: boolean;
    marks?: Placed[];
    /** Asked once, at the first use of the bar. */
    thumbs?: () => Promise<Thumb[]>;
    testId?: string;
    class?: string;
}

function wordsOf(value: number, marks: Placed[]): string {
    const now = currentOf(marks, value * 1000);
    return `${formatClock(value * 1000)}${now ? ` · ${chapterWords(now)}` : ''}`;
}

export function SeekBar(props: SeekBarProps) {
    const { value, onSeek, onUse, preview = true, marks = [], testId = 'seek' } = props;
    const whole = Math.max(1, props.max);
    const byKeys = useSignal(false);
    const { pictures, ask } = usePictures(props.thumbs);
    const used = () => {
        onUse?.();
        ask();
    };
    const { bar, pressed, pointed, events } = usePointer(whole, marks, used);
    const at = pointed.value ?? (byKeys.value ? value : null);
    return (
        <div ref={bar} dir="ltr" class={`seek ${props.class ?? ''}`} {...events}>
            <Track value={value} whole={whole} marks={marks} />
            <input
                type="range"
                class="range"
                data-testid={testId}
                min={0}
                max={whole}
                step={0.1}
                value={value}
                aria-label={props.label}
                aria-valuetext={props.valueText ?? wordsOf(value, marks)}
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
            {at !== null && preview && (
                <Preview
                    at={at}
                    share={shareOf(at, whole)}
                    chapter={currentOf(marks, at * 1000 + 1)}
                    thumb={thumbAt(pictures.value, at)}
                />
            )}
        </div>
    );
}
