// SPDX-License-Identifier: GPL-3.0-or-later
// The presenter's buttons, each with its key.
import { t } from '../core/i18n';
import { isOver } from '../core/session/state';
import type { Session } from '../core/types';
import { Title } from '../sessions/session-card';
import { LanguageSwitch } from '../ui/shell/shell';
import type { Controls } from './controls';
import { KeyButton } from './key-button';
import { HOLD_ANSWERED_MS } from './use-keys';
import { w } from './words';

type Resize = (step: 1 | -1) => void;

/** Keys that are their own label. */
function SmallKeys({ resize, showHelp }: { resize: Resize; showHelp: () => void }) {
    return (
        <span class="inline-flex gap-2">
            <KeyButton testId="larger" name="+" title={w('larger')} act={() => resize(1)} />
            <KeyButton testId="smaller" name="−" title={w('smaller')} act={() => resize(-1)} />
            <KeyButton testId="keys-help" name="?" title={t('keysTitle')} act={showHelp} />
        </span>
    );
}

function QuestionKeys({
    controls,
    hidden,
    toggleHidden,
    holding,
}: {
    controls: Controls;
    hidden: boolean;
    toggleHidden: () => void;
    holding: boolean;
}) {
    return (
        <>
            <KeyButton testId="next" name="N" label={w('nextQuestion')} act={controls.next} grow />
            <KeyButton
                testId="answered"
                name="Enter"
                label={w('holdAnswered')}
                short={t('markAnswered')}
                act={controls.answered}
                holdMs={HOLD_ANSWERED_MS}
                holding={holding}
                grow
            />
            <KeyButton
                testId="hide"
                name="B"
                label={w(hidden ? 'showQuestion' : 'hideQuestion')}
                act={toggleHidden}
            />
        </>
    );
}

export function Bar({
    controls,
    session,
    hidden,
    toggleHidden,
    showHelp,
    holding,
    resize,
    camera,
    sending,
}: {
    controls: Controls;
    session: Session;
    hidden: boolean;
    toggleHidden: () => void;
    showHelp: () => void;
    holding: boolean;
    resize: Resize;
    camera: () => void;
    sending: boolean;
}) {
    return (
        <div class="flex shrink-0 flex-wrap items-center gap-2" data-testid="presenter-keys">
            {!isOver(session.state) && (
                <QuestionKeys {...{ controls, hidden, toggleHidden, holding }} />
            )}
            <SmallKeys resize={resize} showHelp={showHelp} />
            {!isOver(session.state) && (
                <KeyButton
                    testId="camera"
                    name="C"
                    label={w(sending ? 'cameraSending' : 'camera')}
                    icon="camera"
                    act={camera}
                    strong={sending}
                />
            )}
            {controls.canUndo.value && (
                <KeyButton testId="undo" name="U" label={t('undo')} act={controls.undo} strong />
            )}
            <span class="hidden min-w-0 flex-1 big:block" />
            <span class="max-w-md min-w-0 truncate text-aeblack-100 max-2xl:hidden">
                <Title title={session.title} />
            </span>
            <span class="hidden big:inline">
                <LanguageSwitch dark />
            </span>
        </div>
    );
}
