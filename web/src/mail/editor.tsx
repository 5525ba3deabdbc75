// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of one kind of mail, in both languages, with their preview.
import { useSignal } from '@preact/signals';
import { post, request } from '../core/api';
import { t } from '../core/i18n';
import { announce } from '../core/live-region';
import type { Lang, MailPreview, MailText, MailTextChange, MailTexts } from '../core/types';
import { Changed } from '../ui/change';
import { Form, showWhole, useAct, useField } from '../ui/form';
import { FormButtons } from '../ui/form-buttons';
import { useRequest } from '../ui/hooks/use-request';
import { ErrorBox } from '../ui/parts';
import { TextField } from '../ui/text-field';
import { Preview } from './preview';
import { w } from './words';

const LANGS: Lang[] = ['ar', 'en'];

export type Draft = Record<Lang, MailTextChange>;

const textOf = ({ subject, body }: MailTextChange): MailTextChange => ({ subject, body });
const isSame = (a: MailTextChange, b: MailTextChange) =>
    a.subject.trim() === b.subject.trim() && a.body.trim() === b.body.trim();

export const draftOf = ({ texts }: MailTexts): Draft => ({
    ar: textOf(texts.ar),
    en: textOf(texts.en),
});

/** What saving sends for a language: nothing, the text, or that the built-in one is back. */
export function changeOf(mail: MailTexts, draft: Draft, lang: Lang): 'none' | 'put' | 'delete' {
    if (isSame(draft[lang], mail.texts[lang])) {
        return 'none';
    }
    return isSame(draft[lang], mail.built_in[lang]) ? 'delete' : 'put';
}

function Body({ lang, value, set }: { lang: Lang; value: string; set: (text: string) => void }) {
    const field = useField(`${lang}.body`, 'mail-placeholders');
    return (
        <label class="field">
            <span>{w(lang === 'ar' ? 'bodyAr' : 'bodyEn')}</span>
            <textarea
                {...field.props}
                rows={14}
                class="max-h-[50svh]"
                dir={lang === 'ar' ? 'rtl' : 'ltr'}
                data-testid={`mail-body-${lang}`}
                value={value}
                onInput={(event) => set(event.currentTarget.value)}
                onFocus={showWhole}
            />
            {field.error}
        </label>
    );
}

function Placeholders({ mail }: { mail: MailTexts }) {
    return (
        <div class="grid gap-2 text-sm" id="mail-placeholders">
            <p>{w('placeholders')}</p>
            <ul class="flex flex-wrap gap-2" data-testid="mail-placeholders">
                {mail.placeholders.body.map((word) => (
                    <li key={word} class="chip">
                        <bdi dir="ltr" class="font-mono">{`{${word}}`}</bdi>
                    </li>
                ))}
            </ul>
            <p class="text-soft">{w('rules')}</p>
        </div>
    );
}

/** The preview of what was typed last. */
function PreviewPart({ kind, draft }: { kind: MailTexts['kind']; draft: Draft }) {
    const shown = useSignal<MailPreview | null>(null);
    const { busy, problem, run } = useRequest();
    const show = () =>
        void run(async () => {
            shown.value = await post<MailPreview>(`mail-texts/${kind}/preview`, draft);
            announce(w('preview'));
        });
    return (
        <section class="card grid gap-4 p-5 sm:p-8" aria-labelledby="mail-preview-title">
            <h2 id="mail-preview-title" class="text-lg">
                {w('preview')}
            </h2>
            <p class="text-sm text-soft">{w('previewText')}</p>
            <button
                type="button"
                class="btn w-fit"
                data-testid="show-preview"
                disabled={busy.value}
                onClick={show}
            >
                {w('show')}
            </button>
            {problem.value && <ErrorBox problem={problem.value} />}
            {shown.value && <Preview mail={shown.value} />}
        </section>
    );
}

/** The texts in one language. */
function Texts({
    lang,
    draft,
    builtIn,
    set,
    back,
}: {
    lang: Lang;
    draft: MailTextChange;
    builtIn: MailTextChange;
    set: (change: Partial<MailTextChange>) => void;
    back: () => void;
}) {
    return (
        <fieldset class="grid gap-4">
            <TextField
                name={`${lang}.subject`}
                label={w(lang === 'ar' ? 'subjectAr' : 'subjectEn')}
                dir={lang === 'ar' ? 'rtl' : 'ltr'}
                autocomplete="off"
                data-testid={`mail-subject-${lang}`}
                value={draft.subject}
                set={(subject) => set({ subject })}
            />
            <Body lang={lang} value={draft.body} set={(body) => set({ body })} />
            {!isSame(draft, builtIn) && (
                <button
                    type="button"
                    class="btn btn-small w-fit"
                    data-testid={`mail-back-${lang}`}
                    onClick={back}
                >
                    {w(lang === 'ar' ? 'backAr' : 'backEn')}
                </button>
            )}
        </fieldset>
    );
}

/** Checks both first, with the field of each language at fault, then saves what changed. */
async function save(mail: MailTexts, draft: Draft): Promise<void> {
    await post<MailPreview>(`mail-texts/${mail.kind}/preview`, draft);
    for (const lang of LANGS) {
        const change = changeOf(mail, draft, lang);
        if (change !== 'none') {
            const seen = { 'If-Match': `"${mail.texts[lang].version}"` };
            const path = `mail-texts/${mail.kind}/${lang}`;
            const body = change === 'put' ? draft[lang] : undefined;
            await request<MailText>(change.toUpperCase(), path, body, undefined, seen);
        }
    }
    announce(t('saved'));
}

export function Editor({
    mail,
    done,
    reload,
}: {
    mail: MailTexts;
    done: () => void;
    reload: () => void;
}) {
    const draft = useSignal(draftOf(mail));
    const act = useAct();
    const set = (lang: Lang, change: Partial<MailTextChange>) => {
        draft.value = { ...draft.value, [lang]: { ...draft.value[lang], ...change } };
    };
    const back = (lang: Lang) => {
        act.edited();
        set(lang, textOf(mail.built_in[lang]));
    };
    return (
        <div class="grid gap-6">
            <Form
                act={act}
                onSubmit={() => void act.run(() => save(mail, draft.value).then(done))}
                class="card grid gap-6 p-5 sm:p-8"
                testId="mail-text-form"
            >
                <Placeholders mail={mail} />
                {LANGS.map((lang) => (
                    <Texts
                        key={lang}
                        lang={lang}
                        draft={draft.value[lang]}
                        builtIn={mail.built_in[lang]}
                        set={(change) => set(lang, change)}
                        back={() => back(lang)}
                    />
                ))}
                <Changed problem={act.problem} reload={reload} />
                <FormButtons
                    busy={act.busy}
                    testId="save-mail-text"
                    cancel={done}
                    cancelTestId="leave-form"
                />
            </Form>
            <PreviewPart kind={mail.kind} draft={draft.value} />
        </div>
    );
}
