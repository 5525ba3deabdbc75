// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the screen on while the page is seen.
import { useEffect } from 'preact/hooks';

export function useWakeLock() {
    useEffect(() => {
        let lock: WakeLockSentinel | null = null;
        const take = () => {
            if (document.visibilityState === 'visible') {
                navigator.wakeLock?.request('screen').then(
                    (got) => {
                        lock = got;
                    },
                    () => undefined,
                );
            }
        };
        take();
        document.addEventListener('visibilitychange', take);
        return () => {
            document.removeEventListener('visibilitychange', take);
            void lock?.release();
        };
    }, []);
}
