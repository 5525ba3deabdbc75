// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a page below another one: the way back above the title.
import { useEffect, useRef } from 'preact/hooks';

export function PageHead({
    back,
    backTestId,
    toBack,
    title,
    focus = false,
}: {
    /** The address of the page above. */
    back: string;
    backTestId?: string;
    toBack: string;
    title: string;
    /** The title has the focus first. */
    focus?: boolean;
}) {
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (focus) {
            heading.current?.focus();
        }
    }, []);
    return (
        <div class="mb-6 grid gap-3">
            <a class="btn btn-small btn-quiet w-fit" href={back} data-testid={backTestId}>
                {toBack}
            </a>
            <h1 ref={heading} tabIndex={focus ? -1 : undefined} class="text-2xl sm:text-3xl">
                {title}
            </h1>
        </div>
    );
}
