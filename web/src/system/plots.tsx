// SPDX-License-Identifier: GPL-3.0-or-later
// The last hour: processor, memory, viewers, what is sent.
import { useMemo } from 'preact/hooks';
import { formatNumber, lang, locale } from '../core/i18n';
import type { System } from '../core/types';
import Plot from './plot';
import { times } from './series';
import { w } from './words';

const percent = (share: number) =>
    new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(share);
const whole = (n: number) => formatNumber(Math.round(n));
const tenths = (n: number) => formatNumber(Math.round(n * 10) / 10);
const mbits = (n: number) => w('perSecond', { n: tenths(n) });

export default function Plots({ system }: { system: System }) {
    const { history } = system;
    const at = useMemo(
        () => times(history, history.memory.length, Date.parse(system.server_time)),
        [system],
    );
    const one = { at, key: lang.value };
    return (
        <div class="grid gap-6 sm:grid-cols-2">
            <Plot
                {...one}
                title={w('processor')}
                testId="plot-processor"
                least={1}
                say={percent}
                lines={[
                    { name: w('all'), values: history.cpu },
                    { name: w('majlis'), values: history.majlis },
                ]}
            />
            <Plot
                {...one}
                title={w('memory')}
                testId="plot-memory"
                least={1}
                say={percent}
                lines={[{ name: w('memory'), values: history.memory }]}
            />
            <Plot
                {...one}
                title={w('viewers')}
                testId="plot-viewers"
                least={4}
                say={whole}
                lines={[
                    { name: 'WebRTC', values: history.webrtc },
                    { name: 'HLS', values: history.hls },
                ]}
            />
            <Plot
                {...one}
                title={w('sent')}
                testId="plot-sent"
                least={1}
                say={mbits}
                tick={tenths}
                lines={[
                    {
                        name: w('sent'),
                        values: history.sent.map((bytes) =>
                            bytes === null ? null : (8 * bytes) / 1e6,
                        ),
                    },
                ]}
            />
        </div>
    );
}
