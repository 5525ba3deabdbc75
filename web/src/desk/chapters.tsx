// SPDX-License-Identifier: GPL-3.0-or-later
// A session's chapters as staff change them. Those of questions follow their questions.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatClock, pick, t } from '../core/i18n';
import type { Chapter } from '../core/types';
import { kindIcon } from '../media/seek-bar';
import { Icon } from '../ui/icons';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';
import { type Chapters, titleOf } from '../ui/use-chapters';

function Row({
    chapter,
    chapters,
    published,
}: {
    chapter: Chapter;
    chapters: Chapters;
    published: boolean;
}) {
    const editing = useSignal(false);
    const ar = useSignal('');
    const en = useSignal('');
    const agenda = chapter.kind === 'agenda';
    useEffect(() => {
        ar.value = chapter.title.ar ?? '';
        en.value = chapter.title.en ?? '';
    }, [chapter, editing.value]);
    const title = pick(chapter.title);
    if (editing.value) {
        return (
            <form
                class="grid gap-2"
                onSubmit={(event) => {
                    event.preventDefault();
                    void chapters.rename(chapter.id, titleOf(ar.value, en.value)).then((done) => {
                        editing.value = !done;
                    });
                }}
            >
                {([ar, en] as const).map((text) => (
                    <label key={text === ar ? 'ar' : 'en'} class="field text-sm!">
                        {t(text === ar ? 'titleAr' : 'titleEn')}
                        <input
                            dir={text === ar ? 'rtl' : 'ltr'}
                            maxLength={200}
                            required={!ar.value.trim() && !en.value.trim()}
                            data-testid={text === ar ? 'chapter-ar' : 'chapter-en'}
                            value={text}
                            onInput={(event) => {
                                text.value = event.currentTarget.value;
                            }}
                        />
                    </label>
                ))}
                <div class="flex gap-2">
                    <button
                        type="submit"
                        class="btn btn-main btn-small"
                        data-testid="chapter-save"
                        disabled={chapters.busy.value}
                    >
                        {t('save')}
                    </button>
                    <button
                        type="button"
                        class="btn btn-small"
                        onClick={() => {
                            editing.value = false;
                        }}
                    >
                        {t('cancel')}
                    </button>
                </div>
            </form>
        );
    }
    return (
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span class={agenda ? 'text-aegold-700' : 'text-techblue-700'}>
                <Icon name={kindIcon(chapter.kind)} />
            </span>
            <span class="grid min-w-0 flex-1 basis-40">
                <span class="text-xs text-aeblack-600">
                    {t(`kind_${chapter.kind}`)}
                    {published && ' · '}
                    {!published ? null : typeof chapter.at_ms === 'number' ? (
                        <bdi class="digits">{formatClock(chapter.at_ms)}</bdi>
                    ) : (
                        t('outsideRecording')
                    )}
                </span>
                <span dir="auto">{title || t('untitled')}</span>
            </span>
            {agenda && (
                <span class="flex items-start gap-2">
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="chapter-edit"
                        aria-label={t('editChapter', { title })}
                        onClick={() => {
                            editing.value = true;
                        }}
                    >
                        <Icon name="edit" size={16} />
                    </button>
                    <HoldButton
                        class="btn-small text-aered-700!"
                        testId="chapter-delete"
                        label={t('deleteChapter', { title })}
                        icon="bin"
                        disabled={chapters.busy.value}
                        onHold={() => void chapters.drop(chapter.id)}
                    />
                </span>
            )}
        </div>
    );
}

export function ChapterEditor({
    chapters,
    published,
}: {
    chapters: Chapters;
    /** There is a recording to be inside or outside of. */
    published: boolean;
}) {
    const { items, loading, problem } = chapters;
    if (loading.problem.value && !items) {
        return <ErrorBox problem={loading.problem.value} retry={loading.again} />;
    }
    if (!items) {
        return <Skeleton lines={2} />;
    }
    const sorted = [...items].sort((a, b) => a.media_ms - b.media_ms);
    return (
        <div class="grid gap-2 text-sm">
            {sorted.length === 0 ? (
                <p class="text-aeblack-600">{t('noChapters')}</p>
            ) : (
                <ol class="grid" data-testid="chapter-editor">
                    {sorted.map((chapter) => (
                        <li
                            key={chapter.id}
                            data-chapter-id={chapter.id}
                            data-kind={chapter.kind}
                            class="border-t border-aeblack-100 py-2 first:border-0"
                        >
                            <Row chapter={chapter} chapters={chapters} published={published} />
                        </li>
                    ))}
                </ol>
            )}
            {sorted.some((one) => one.kind === 'question') && (
                <p class="text-xs text-aeblack-600">{t('questionChapters')}</p>
            )}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}
