// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of the forms of series and speakers: a text in both languages, on a line or several.
import type { Bilingual } from '../core/types';
import { showWhole, useField } from '../ui/form';
import { TextField } from '../ui/text-field';
import { type SeriesKey, w } from './words';

type Name = 'name' | 'title' | 'organisation' | 'biography' | 'description';

function Area({
    name,
    label,
    dir,
    value,
    set,
}: {
    name: string;
    label: string;
    dir: 'rtl' | 'ltr';
    value: string;
    set: (text: string) => void;
}) {
    const field = useField(name);
    return (
        <label class="field">
            <span>{label}</span>
            <textarea
                {...field.props}
                rows={5}
                dir={dir}
                data-testid={name.replace('.', '-')}
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
                onFocus={showWhole}
            />
            {field.error}
        </label>
    );
}

export function BothTexts({
    name,
    value,
    set,
    lines = false,
}: {
    name: Name;
    value: Bilingual;
    set: (value: Bilingual) => void;
    lines?: boolean;
}) {
    return (
        <>
            {(['ar', 'en'] as const).map((language) => {
                const shared = {
                    name: `${name}.${language}`,
                    label: w(`${name}${language === 'ar' ? 'Ar' : 'En'}` as SeriesKey),
                    dir: language === 'ar' ? ('rtl' as const) : ('ltr' as const),
                    value: value[language],
                    set: (text: string) => set({ ...value, [language]: text }),
                };
                return lines ? (
                    <Area key={language} {...shared} />
                ) : (
                    <TextField
                        key={language}
                        {...shared}
                        autocomplete="off"
                        data-testid={`${name}-${language}`}
                    />
                );
            })}
        </>
    );
}
