// SPDX-License-Identifier: GPL-3.0-or-later
// One small plot by uPlot. The chart runs from left to right in both languages; what it shows is said
// in words beside it and to screen readers.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import css from 'uplot/dist/uPlot.min.css?inline';
import { formatTime, lang } from '../core/i18n';
import { theme } from '../core/theme';
import { summary, topOf, type Values } from './series';
import { w } from './words';

export interface Line {
    name: string;
    values: Values;
}

const HIGH = 132;
const AXIS = 44;
const COLOURS = ['--info', '--accent'];
const DASHES = [undefined, [5, 4]];

// A sheet of its own, with the chunk: attendees load none of it, and the policy allows no inline style.
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets.push(sheet);

type Colour = (name: string) => () => string;

function axis(colour: Colour): uPlot.Axis {
    return {
        stroke: colour('--text-soft'),
        font: '11px sans-serif',
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
    };
}

function draw(
    box: HTMLElement,
    at: number[],
    lines: Line[],
    top: number,
    say: (value: number) => string,
): uPlot {
    const style = getComputedStyle(box); // asked at each redraw: the theme may have changed
    const colour: Colour = (name) => () => style.getPropertyValue(name).trim();
    return new uPlot(
        {
            width: Math.max(box.clientWidth, 160),
            height: HIGH,
            legend: { show: false },
            cursor: { show: false },
            padding: [8, 8, 0, 0],
            scales: { x: { time: true }, y: { range: [0, top] } },
            axes: [
                {
                    ...axis(colour),
                    size: 24,
                    space: 64,
                    values: (_, ticks) => ticks.map((tick) => formatTime(1000 * tick)),
                },
                {
                    ...axis(colour),
                    size: AXIS + 12,
                    space: 36,
                    values: (_, ticks) => ticks.map(say),
                },
            ],
            series: [
                {},
                ...lines.map((_, i) => ({
                    stroke: colour(COLOURS[i] ?? '--info'),
                    width: 2,
                    dash: DASHES[i],
                    points: { show: false },
                })),
            ],
        },
        [at, ...lines.map(({ values }) => values)],
        box,
    );
}

/** How the line is drawn, for the legend: full or dashed. */
function Sample({ which }: { which: number }) {
    return (
        <svg width="22" height="6" viewBox="0 0 22 6" aria-hidden="true" class="shrink-0">
            <path
                d="M0 3H22"
                stroke={`var(${COLOURS[which] ?? '--info'})`}
                stroke-width="2"
                stroke-dasharray={DASHES[which]?.join(' ')}
            />
        </svg>
    );
}

function sayRange({ name, values }: Line, say: (value: number) => string): string {
    const found = summary(values);
    return found
        ? w('plotRange', {
              name,
              now: say(found.now),
              from: say(found.from),
              to: say(found.to),
          })
        : `${name}: ${w('unknown')}`;
}

function useDrawn(at: number[], lines: Line[], least: number, tick: (value: number) => string) {
    const box = useRef<HTMLDivElement>(null);
    const look = `${lang.value} ${theme.value}`;
    useEffect(() => {
        const element = box.current;
        if (!element) {
            return undefined;
        }
        const top = topOf(
            lines.map(({ values }) => values),
            least,
        );
        const plot = draw(element, at, lines, top, tick);
        const resized = new ResizeObserver(() =>
            plot.setSize({ width: Math.max(element.clientWidth, 160), height: HIGH }),
        );
        resized.observe(element);
        const dark = matchMedia('(prefers-color-scheme: dark)');
        const redraw = () => plot.redraw(false, true);
        dark.addEventListener('change', redraw);
        return () => {
            dark.removeEventListener('change', redraw);
            resized.disconnect();
            plot.destroy();
        };
    }, [at, look]);
    return box;
}

function Caption({
    title,
    lines,
    say,
}: {
    title: string;
    lines: Line[];
    say: (value: number) => string;
}) {
    return (
        <figcaption class="grid gap-1 text-sm">
            <span class="font-bold">{title}</span>
            <span class="flex flex-wrap gap-x-4 gap-y-1">
                {lines.map((line, i) => (
                    <span key={line.name} class="inline-flex items-center gap-1.5">
                        {lines.length > 1 && <Sample which={i} />}
                        {lines.length > 1 && <span class="text-soft">{line.name}</span>}
                        <bdi class="digits font-bold">{say(summary(line.values)?.now ?? 0)}</bdi>
                    </span>
                ))}
            </span>
        </figcaption>
    );
}

export default function Plot({
    title,
    lines,
    at,
    least,
    say,
    tick = say,
    testId,
}: {
    title: string;
    lines: Line[];
    at: number[];
    /** The smallest value that the top of the plot stands for. */
    least: number;
    say: (value: number) => string;
    /** On the axis, where a unit has no room. */
    tick?: (value: number) => string;
    testId: string;
}) {
    const box = useDrawn(at, lines, least, tick);
    const known = lines.some(({ values }) => summary(values));
    return (
        <figure class="grid min-w-0 content-start gap-2" data-testid={testId}>
            <Caption title={title} lines={lines} say={say} />
            <div
                ref={box}
                dir="ltr"
                class="min-w-0 overflow-hidden"
                style={{ height: `${HIGH}px` }}
                role="img"
                aria-label={lines.map((line) => sayRange(line, say)).join('. ')}
            />
            {!known && <span class="text-xs text-soft">{w('plotSoon')}</span>}
        </figure>
    );
}
