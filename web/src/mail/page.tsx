// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of mails, for staff: all kinds, and one of them at #edit=KIND.
import { get } from '../core/api';
import { t } from '../core/i18n';
import { href } from '../core/router';
import type { MailTextList, MailTexts } from '../core/types';
import { useLoad } from '../ui/hooks/use-load';
import { FORMS, useView } from '../ui/hooks/use-view';
import { Icon } from '../ui/icons';
import { ErrorBox, Skeleton } from '../ui/parts';
import { PageHead } from '../ui/shell/page-head';
import { useTitle } from '../ui/shell/shell';
import { StaffOnly } from '../ui/shell/staff-only';
import { Editor } from './editor';
import { kindWords, w } from './words';

function toList(): void {
    location.hash = 'list';
}

function Card({ mail }: { mail: MailTexts }) {
    const { ar, en } = mail.texts;
    return (
        <li
            class="card flex flex-wrap items-center gap-x-6 gap-y-3 p-5"
            data-testid="mail-text"
            data-kind={mail.kind}
        >
            <div class="grid min-w-0 flex-1 basis-64 gap-1">
                <h2 class="flex flex-wrap items-center gap-2 text-lg">
                    {kindWords(mail.kind)}
                    {(ar.edited || en.edited) && <span class="chip chip-gold">{w('edited')}</span>}
                </h2>
                <p class="user-text text-sm text-soft">
                    <bdi>{ar.subject}</bdi> | <bdi>{en.subject}</bdi>
                </p>
            </div>
            <a class="btn btn-quiet" href={`#edit=${mail.kind}`} data-testid="edit-mail-text">
                <Icon name="edit" size={18} /> {t('edit')}
            </a>
        </li>
    );
}

function List({ items }: { items: MailTexts[] }) {
    return (
        <>
            <div class="mb-6 flex flex-wrap items-center justify-between gap-4">
                <h1 class="text-2xl sm:text-3xl">{w('title')}</h1>
                <a class="btn btn-quiet" href={href('staff')}>
                    {t('backToSessions')}
                </a>
            </div>
            <p class="mb-6 text-sm">{w('intro')}</p>
            <ul class="grid gap-4" data-testid="mail-texts">
                {items.map((mail) => (
                    <Card key={mail.kind} mail={mail} />
                ))}
            </ul>
        </>
    );
}

function Edit({ mail, changed }: { mail: MailTexts; changed: () => void }) {
    return (
        <>
            <PageHead
                focus
                back="#list"
                backTestId="back"
                toBack={w('toList')}
                title={kindWords(mail.kind)}
            />
            <Editor
                key={`${mail.texts.ar.version} ${mail.texts.en.version}`}
                mail={mail}
                done={() => {
                    changed();
                    toList();
                }}
                reload={changed}
            />
        </>
    );
}

function Texts() {
    const view = useView(FORMS);
    const list = useLoad('mail-texts', () => get<MailTextList>('mail-texts'));
    const items = list.value.value?.items;
    const mail = view.mode === 'edit' ? items?.find(({ kind }) => kind === view.id) : undefined;
    return list.problem.value ? (
        <ErrorBox problem={list.problem.value} retry={list.again} />
    ) : !items ? (
        <Skeleton />
    ) : mail ? (
        <Edit key={mail.kind} mail={mail} changed={list.again} />
    ) : (
        <List items={items} />
    );
}

export default function MailTextsPage() {
    useTitle(w('title'));
    return (
        <StaffOnly>
            <Texts />
        </StaffOnly>
    );
}
