// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of a series, speaker or session, for those who write them.
import { useSignal } from '@preact/signals';
import { remove } from '../core/api';
import { announce } from '../core/live-region';
import type { PictureChanged } from '../core/types';
import { useAct } from '../ui/form';
import { Icon } from '../ui/icons';
import { ErrorBox } from '../ui/parts';
import { MOST_PICTURE, PICTURES } from './send';
import { Upload } from './upload';
import { w } from './words';

export type Owner = 'series' | 'speakers' | 'sessions';

function Remove({ path, done }: { path: string; done: () => void }) {
    const act = useAct();
    const run = () =>
        act.run(async () => {
            await remove(path);
            announce(w('removed'));
            done();
        });
    return (
        <>
            <button
                type="button"
                class="btn btn-small btn-bad w-fit"
                data-testid="picture-remove"
                aria-disabled={act.busy}
                onClick={() => void run()}
            >
                <Icon name="bin" size={16} /> {w('removePicture')}
            </button>
            {act.problem && <ErrorBox problem={act.problem} />}
        </>
    );
}

export default function PictureCard({
    kind,
    entry,
}: {
    kind: Owner;
    /** Null: not saved yet. */
    entry: { id: string; picture: string | null } | null;
}) {
    const picture = useSignal(entry?.picture ?? null);
    const path = `${kind}/${encodeURIComponent(entry?.id ?? '')}/picture`;
    return (
        <section class="card grid gap-4 p-5 sm:p-8" data-testid="picture-card">
            <h2 class="text-lg">{w(`picture_${kind}`)}</h2>
            {!entry ? (
                <p class="text-sm text-soft">{w('pictureAfter')}</p>
            ) : (
                <>
                    {picture.value && (
                        <img
                            src={picture.value}
                            alt={w(`picture_${kind}`)}
                            class="max-h-48 w-fit max-w-full rounded-xl object-contain"
                            data-testid="picture"
                        />
                    )}
                    <Upload<PictureChanged>
                        label="choosePicture"
                        help="pictureHelp"
                        accept={PICTURES}
                        most={MOST_PICTURE}
                        testId="picture-file"
                        target={() => ['PUT', path]}
                        done={(answer) => {
                            picture.value = answer.picture;
                        }}
                    />
                    {picture.value && (
                        <Remove
                            path={path}
                            done={() => {
                                picture.value = null;
                            }}
                        />
                    )}
                </>
            )}
        </section>
    );
}
