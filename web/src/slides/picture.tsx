// SPDX-License-Identifier: GPL-3.0-or-later
// A page of the slides as a picture.
import type { Session, Slides } from '../core/types';

export const slideUrl = (session: string, slides: Slides, page: number, kind: 'png' | 'jpg') =>
    `/api/v1/sessions/${session}/slides/${page}.${kind}?v=${slides.version}`;

export function SlidePicture({
    session,
    slides,
    page,
    kind,
    alt,
    testId,
}: {
    session: Session;
    slides: Slides;
    page: number;
    /** In full, or small. */
    kind: 'png' | 'jpg';
    alt: string;
    testId?: string;
}) {
    return (
        <img
            src={slideUrl(session.id, slides, page, kind)}
            width={kind === 'png' ? 1280 : 320}
            height={kind === 'png' ? 720 : 180}
            alt={alt}
            data-testid={testId}
            data-page={page}
            class="aspect-video h-auto w-full rounded-lg bg-black object-contain"
        />
    );
}
