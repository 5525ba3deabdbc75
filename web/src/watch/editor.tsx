// SPDX-License-Identifier: GPL-3.0-or-later
// For staff, under a recording: where it begins and ends, and its chapters.
import { refusal } from '../core/api';
import { formatClock, t } from '../core/i18n';
import type { RecordingDetail, Session, Stretch } from '../core/types';
import { ChapterEditor } from '../desk/after/chapters';
import { NewChapter } from '../desk/new-chapter';
import { toTimeline } from '../media/timeline';
import type { Chapters } from '../ui/hooks/use-chapters';
import type { Playhead } from './playhead';
import { Trim } from './trim';
import { w } from './words';

function AddHere({
    chapters,
    stretches,
    playhead,
}: {
    chapters: Chapters;
    stretches: Stretch[];
    playhead: Playhead;
}) {
    const add = async (title: string) => {
        const media = toTimeline(stretches, playhead.time.value * 1000);
        if (media === null) {
            throw refusal('outside-recording', 'media_ms');
        }
        await chapters.mark({ ar: title }, media);
    };
    return (
        <NewChapter
            label={
                <>
                    {w('chapterHere')}{' '}
                    <bdi class="digits font-normal">{formatClock(playhead.time.value * 1000)}</bdi>
                </>
            }
            button={w('addChapter')}
            testId={{ input: 'chapter-title', button: 'chapter-add' }}
            disabled={stretches.length === 0}
            add={add}
        />
    );
}

export default function Editor({
    session,
    detail,
    playhead,
    chapters,
    changed,
}: {
    session: Session;
    detail: RecordingDetail;
    playhead: Playhead;
    chapters: Chapters;
    changed: () => void;
}) {
    const stretches = detail.public ?? [];
    return (
        <div class="mt-8 grid items-start gap-4 lg:grid-cols-2">
            <Trim session={session} stretches={stretches} playhead={playhead} changed={changed} />
            <section class="card grid gap-4 p-4 sm:p-5" aria-labelledby="edit-chapters">
                <h2 id="edit-chapters" class="text-lg">
                    {t('chapters')}
                </h2>
                <AddHere chapters={chapters} stretches={stretches} playhead={playhead} />
                <ChapterEditor
                    chapters={chapters}
                    published={session.recording.playlist === true}
                />
            </section>
        </div>
    );
}
