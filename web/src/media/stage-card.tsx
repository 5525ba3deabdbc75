// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the place of a picture.
import type { ComponentChildren } from 'preact';
import type { Announced } from '../core/types';
import { Poster } from './poster';

export function StageCard({
    kind,
    title,
    text,
    session,
    picture,
    children,
}: {
    kind: string;
    title: string;
    text?: string;
    /** Its title, speaker and date stand above the card's own words. */
    session?: Announced;
    /** The address of a picture that shines through. */
    picture?: string;
    children?: ComponentChildren;
}) {
    return (
        <div
            class="stage-card relative isolate grid min-w-0 place-content-center place-items-center gap-2 overflow-auto p-3 text-center [grid-template-columns:minmax(0,1fr)] @xl:gap-4 @xl:p-8"
            data-testid="state-card"
            data-card={kind}
        >
            {picture && (
                <img
                    src={picture}
                    alt=""
                    class="absolute inset-0 -z-10 size-full object-cover opacity-25"
                />
            )}
            {session && <Poster session={session} />}
            <p
                class={`font-heading leading-relaxed font-bold ${session ? 'text-sm text-whitely-200 @xl:text-xl' : 'text-lg @xl:text-3xl'}`}
            >
                {title}
            </p>
            {text && (
                <p
                    class={`max-w-prose text-sm text-whitely-400 @xl:text-lg ${session ? 'hidden @md:block' : ''}`}
                >
                    {text}
                </p>
            )}
            {children}
        </div>
    );
}
