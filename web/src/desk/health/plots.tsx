// SPDX-License-Identifier: GPL-3.0-or-later
// The last five minutes as lines: frames, rate, loss, viewers.
import { formatNumber, t } from '../../core/i18n';
import type { Point, Vitals } from './vitals';

const WIDE = 300;
const HIGH = 40;

/** Where the line goes; it breaks where nothing is known. Pure. */
export function plotLine(values: (number | null)[], kept: number, top: number): string[] {
    const lines: string[] = [];
    let line = '';
    values.forEach((value, i) => {
        if (value === null) {
            lines.push(line);
            line = '';
            return;
        }
        const x = WIDE - ((values.length - 1 - i) * WIDE) / (kept - 1);
        const y = HIGH - (Math.min(value, top) / top) * HIGH;
        line += `${x.toFixed(1)},${y.toFixed(1)} `;
    });
    return [...lines, line].filter((one) => one.includes(' ')).map((one) => one.trim());
}

function Graph({
    values,
    top,
    goal,
    label,
}: {
    values: (number | null)[];
    top: number;
    goal?: number;
    label: string;
}) {
    return (
        <svg
            viewBox={`0 0 ${WIDE} ${HIGH}`}
            preserveAspectRatio="none"
            class="h-10 w-full rounded-md bg-surface-2 text-info"
            role="img"
            aria-label={label}
        >
            {goal !== undefined && (
                <path
                    d={`M0 ${HIGH - (goal / top) * HIGH}H${WIDE}`}
                    stroke="currentColor"
                    stroke-width="0.6"
                    stroke-dasharray="3 3"
                />
            )}
            {plotLine(values, 300, top).map((points) => (
                <polyline
                    key={points.slice(0, 12)}
                    points={points}
                    fill="none"
                    stroke="currentColor"
                    stroke-width="1.5"
                    vector-effect="non-scaling-stroke"
                />
            ))}
        </svg>
    );
}

function Plot({
    name,
    unit,
    values,
    least,
    testId,
    goal,
}: {
    name: string;
    unit: string;
    values: (number | null)[];
    /** The smallest value that the top of the plot stands for. */
    least: number;
    testId: string;
    /** The value that should be held. */
    goal?: number;
}) {
    const known = values.filter((one) => one !== null);
    const last = values.at(-1) ?? null;
    const digits = (n: number) => formatNumber(Math.round(10 * n) / 10);
    const top = 1.1 * Math.max(least, ...known);
    const now = last === null ? '–' : digits(last);
    const range = known.length
        ? t('plotRange', { from: digits(Math.min(...known)), to: digits(Math.max(...known)) })
        : '';
    return (
        <figure class="grid min-w-0 gap-0.5" data-testid={testId} data-value={last ?? ''}>
            <figcaption class="flex items-baseline justify-between gap-2 text-sm">
                <span class="font-bold">{name}</span>
                <span>
                    <bdi class="digits font-bold">{now}</bdi> {unit}
                </span>
            </figcaption>
            <Graph
                values={values}
                top={top}
                goal={goal}
                label={`${name}: ${now} ${unit}. ${range}`}
            />
            <span class="text-xs text-soft">{range}</span>
        </figure>
    );
}

export function Plots({ vitals }: { vitals: Vitals }) {
    const points = vitals.points.value;
    const of = (pick: (point: Point) => number | null) => points.map(pick);
    return (
        <div class="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] gap-x-5 gap-y-3">
            <Plot
                name={t('plotFps')}
                unit={t('unitFps')}
                values={of((one) => one.fps)}
                least={1}
                goal={vitals.health.value.value?.programme?.fps || undefined}
                testId="plot-fps"
            />
            <Plot
                name={t('plotRate')}
                unit={t('unitMbps')}
                values={of((one) => one.mbps)}
                least={1}
                testId="plot-rate"
            />
            <Plot
                name={t('plotLoss')}
                unit="%"
                values={of((one) => one.loss)}
                least={2}
                testId="plot-loss"
            />
            <Plot
                name={t('viewersTitle')}
                unit=""
                values={of((one) => one.viewers)}
                least={5}
                testId="plot-viewers"
            />
        </div>
    );
}
