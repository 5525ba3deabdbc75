// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of a series: its colour, its languages, when its mails remind.
import type { Lang } from '../core/types';
import { Check } from '../ui/check';
import { useField } from '../ui/form';
import { TextField } from '../ui/text-field';
import { FIRST_COLOUR, type Look } from './look';
import { w } from './words';

type Set = (change: Partial<Look>) => void;

function Colour({ value, set }: { value: string; set: Set }) {
    const field = useField('colour');
    return (
        <div class="grid content-start gap-2">
            <Check
                label={w('colourOwn')}
                checked={value !== ''}
                testId="colour-own"
                set={(on) => set({ colour: on ? FIRST_COLOUR : '' })}
            />
            {value && (
                <label class="field w-fit">
                    {w('colour')}
                    <input
                        {...field.props}
                        type="color"
                        class="h-11 w-24 cursor-pointer"
                        data-testid="colour"
                        value={value}
                        onInput={(event) => set({ colour: event.currentTarget.value })}
                    />
                    <span class="text-sm font-normal text-soft">{w('colourHelp')}</span>
                    {field.error}
                </label>
            )}
        </div>
    );
}

function Languages({ value, set }: { value: Lang[]; set: Set }) {
    const field = useField('languages');
    return (
        <fieldset class="grid content-start gap-1">
            <legend class="font-bold">{w('languages')}</legend>
            {(['ar', 'en'] as const).map((one) => (
                <Check
                    key={one}
                    {...field.props}
                    label={w(`language_${one}`)}
                    checked={value.includes(one)}
                    testId={`language-${one}`}
                    set={(on) =>
                        set({
                            languages: (['ar', 'en'] as const).filter((other) =>
                                other === one ? on : value.includes(other),
                            ),
                        })
                    }
                />
            ))}
            {field.error}
        </fieldset>
    );
}

export function LookFields({ look, set }: { look: Look; set: Set }) {
    return (
        <div class="grid items-start gap-4 sm:grid-cols-2">
            <Colour value={look.colour} set={set} />
            <Languages value={look.languages} set={set} />
            <div class="grid gap-2 sm:col-span-full">
                <Check
                    label={w('remindersOwn')}
                    checked={look.planned}
                    testId="reminders-own"
                    set={(planned) => set({ planned })}
                />
                {look.planned && (
                    <TextField
                        name="reminders"
                        label={w('reminders')}
                        help={w('remindersHelp')}
                        dir="ltr"
                        autocomplete="off"
                        data-testid="reminders"
                        value={look.reminders}
                        set={(reminders) => set({ reminders })}
                    />
                )}
            </div>
        </div>
    );
}
