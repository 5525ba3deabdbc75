// SPDX-License-Identifier: GPL-3.0-or-later
// A session's chapters as staff change them. A question's chapter follows its question.
import { useSignal } from '@preact/signals';
import { refusal } from '../../core/api';
import { formatClock, pick, t } from '../../core/i18n';
import { isBlank } from '../../core/text';
import type { Chapter } from '../../core/types';
import { kindIcon } from '../../media/controls/seek-bar';
import { Form, useAct } from '../../ui/form';
import { FormButtons } from '../../ui/form-buttons';
import { type Chapters, titleOf } from '../../ui/hooks/use-chapters';
import { Icon } from '../../ui/icons';
import { ErrorBox, HoldButton, Skeleton } from '../../ui/parts';
import { TextField } from '../../ui/text-field';
import { UserText } from '../../ui/user-text';

function Rename({
    chapter,
    chapters,
    done,
}: {
    chapter: Chapter;
    chapters: Chapters;
    done: () => void;
}) {
    const title = useSignal({ ar: chapter.title.ar ?? '', en: chapter.title.en ?? '' });
    const act = useAct();
    const save = async () => {
        const { ar, en } = title.value;
        if (isBlank(ar) && isBlank(en)) {
            act.refuse(refusal(ar.trim() || en.trim() ? 'blank' : 'required', 'title'));
        } else if (await act.run(() => chapters.rename(chapter.id, titleOf(ar, en)))) {
            done();
        }
    };
    return (
        <Form act={act} class="grid gap-2" onSubmit={() => void save()}>
            {(['ar', 'en'] as const).map((language) => (
                <TextField
                    key={language}
                    name={`title.${language}`}
                    label={t(language === 'ar' ? 'titleAr' : 'titleEn')}
                    class="field-small"
                    dir={language === 'ar' ? 'rtl' : 'ltr'}
                    data-testid={`chapter-${language}`}
                    value={title.value[language]}
                    set={(text) => {
                        title.value = { ...title.value, [language]: text };
                    }}
                />
            ))}
            <FormButtons small busy={act.busy} testId="chapter-save" cancel={done} />
        </Form>
    );
}

interface RowProps {
    chapter: Chapter;
    chapters: Chapters;
    published: boolean;
}

function Shown({ chapter, chapters, published, edit }: RowProps & { edit: () => void }) {
    const agenda = chapter.kind === 'agenda';
    const title = pick(chapter.title);
    return (
        <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span class={agenda ? 'text-accent' : 'text-info'}>
                <Icon name={kindIcon(chapter.kind)} />
            </span>
            <span class="grid min-w-0 flex-1 basis-40">
                <span class="text-xs text-soft">
                    {t(`kind_${chapter.kind}`)}
                    {published && ' · '}
                    {!published ? null : typeof chapter.at_ms === 'number' ? (
                        <bdi class="digits">{formatClock(chapter.at_ms)}</bdi>
                    ) : (
                        t('outsideRecording')
                    )}
                </span>
                <UserText as="span">{title || t('untitled')}</UserText>
            </span>
            {agenda && (
                <span class="flex items-start gap-2">
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="chapter-edit"
                        aria-label={t('editChapter', { title })}
                        onClick={edit}
                    >
                        <Icon name="edit" size={16} />
                    </button>
                    <HoldButton
                        class="btn-small btn-bad"
                        testId="chapter-delete"
                        label={t('deleteChapter', { title })}
                        icon="bin"
                        disabled={chapters.busy.value}
                        onHold={() => void chapters.run(() => chapters.drop(chapter.id))}
                    />
                </span>
            )}
        </div>
    );
}

function Row(props: RowProps) {
    const editing = useSignal(false);
    const set = (open: boolean) => () => {
        editing.value = open;
    };
    return editing.value ? (
        <Rename chapter={props.chapter} chapters={props.chapters} done={set(false)} />
    ) : (
        <Shown {...props} edit={set(true)} />
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
                <p class="text-soft">{t('noChapters')}</p>
            ) : (
                <ol class="grid" data-testid="chapter-editor">
                    {sorted.map((chapter) => (
                        <li
                            key={chapter.id}
                            data-chapter-id={chapter.id}
                            data-kind={chapter.kind}
                            class="border-t border-line py-2 first:border-0"
                        >
                            <Row chapter={chapter} chapters={chapters} published={published} />
                        </li>
                    ))}
                </ol>
            )}
            {sorted.some((one) => one.kind === 'question') && (
                <p class="text-xs text-soft">{t('questionChapters')}</p>
            )}
            {problem.value && <ErrorBox problem={problem.value} />}
        </div>
    );
}
