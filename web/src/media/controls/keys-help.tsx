// SPDX-License-Identifier: GPL-3.0-or-later
// The list of a player's keys, as a dialog. Fetched when somebody first asks for it.
import { type Key, t } from '../../core/i18n';
import { Dialog } from '../../ui/dialog';

export interface KeysHelpProps {
    player: 'live' | 'recording';
    onClose: () => void;
}

const KEYS: [string[], Key, 'live' | 'recording' | 'both'][] = [
    [['K', '␣'], 'keyToggle', 'both'],
    [['J'], 'keyBack10', 'both'],
    [['L'], 'keyOn10', 'both'],
    [['←'], 'keyBack5', 'both'],
    [['→'], 'keyOn5', 'both'],
    [['M'], 'keyMute', 'both'],
    [['F'], 'fullScreen', 'both'],
    [['<', '>'], 'keySpeed', 'recording'],
    [['End'], 'backToLive', 'live'],
    [['Q'], 'askTitle', 'live'],
    [['?'], 'keysTitle', 'both'],
];

export default function KeysHelp({ player, onClose }: KeysHelpProps) {
    return (
        <Dialog
            title={t('keysTitle')}
            closeLabel={t('close')}
            class="keys-help"
            testId="keys-help"
            onClose={onClose}
        >
            <dl class="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-sm">
                {KEYS.filter(([, , where]) => where === 'both' || where === player).map(
                    ([keys, words]) => (
                        <div class="contents" key={words}>
                            <dt class="flex gap-1" dir="ltr">
                                {keys.map((key) => (
                                    <kbd key={key}>{key === '␣' ? t('keySpace') : key}</kbd>
                                ))}
                            </dt>
                            <dd>{t(words)}</dd>
                        </div>
                    ),
                )}
            </dl>
        </Dialog>
    );
}
