// SPDX-License-Identifier: GPL-3.0-or-later
// Invitations as cards, several on a sheet of A4.
import { formatDate, formatTime, pick, t } from '../core/i18n';
import type { InvitationMade, Session } from '../core/types';
import paper from '../style/paper.css?inline';
import { Qr } from './qr';
import { w } from './words';

function Card({ made, session }: { made: InvitationMade; session: Session }) {
    return (
        <li class="paper-card" data-testid="card">
            <div class="grid min-w-0 content-start gap-1">
                <p class="user-text text-lg font-bold">
                    <bdi>{made.name}</bdi>
                </p>
                {made.entity && (
                    <p class="user-text">
                        <bdi>{made.entity}</bdi>
                    </p>
                )}
                <p dir="auto" class="user-text mt-2 font-bold">
                    {pick(session.title) || t('untitled')}
                </p>
                <p>
                    {formatDate(session.starts_at)} · {formatTime(session.starts_at)} {t('uaeTime')}
                </p>
                <p class="mt-2 text-xs">{w('scan')}</p>
                <p class="text-xs">
                    <bdi dir="ltr" class="font-mono wrap-anywhere" data-testid="card-url">
                        {made.url}
                    </bdi>
                </p>
            </div>
            <Qr text={made.url} label={t('invitationLink')} />
        </li>
    );
}

// Only this page needs it, and the style of all pages is in one file.
const sheet = new CSSStyleSheet();
sheet.replaceSync(paper);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

export default function Cards({ links, session }: { links: InvitationMade[]; session: Session }) {
    return (
        <ul class="paper" data-testid="cards">
            {links.map((made) => (
                <Card key={made.url} made={made} session={session} />
            ))}
        </ul>
    );
}
