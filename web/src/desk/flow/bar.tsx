// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of a session at the top of its desk: what is missing, with links to where it is mended. While
// it is live, only what is wrong.
import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get } from '../../core/api';
import { now } from '../../core/clock';
import { href } from '../../core/router';
import type { InvitationList, MailList, Session } from '../../core/types';
import { useLoad } from '../../ui/hooks/use-load';
import { Icon, type IconName } from '../../ui/icons';
import type { Vitals } from '../health/vitals';
import { type FlowStep, flowOf, type Gap, type Place, type StepState } from './flow';
import { w } from './words';

const LOOK_AGAIN_MS = 20_000;

const LOOK: Record<StepState, { icon: IconName; colour: string }> = {
    done: { icon: 'check', colour: 'text-good' },
    missing: { icon: 'warn', colour: 'text-accent' },
    now: { icon: 'play', colour: 'text-main' },
    later: { icon: 'clock', colour: 'text-soft' },
};

/** Invitations and their mails change in a tab of this page, or by somebody else. */
function useInvited(session: Session) {
    const before = ['scheduled', 'lobby'].includes(session.state);
    const path = `sessions/${encodeURIComponent(session.id)}`;
    const loaded = useLoad(`${path} ${before}`, async () => {
        if (!before) {
            return null;
        }
        const [invitations, mails] = await Promise.all([
            get<InvitationList>(`${path}/invitations?limit=1`),
            get<MailList>(`${path}/mails`),
        ]);
        return { invitations: invitations.counts, mails };
    });
    useEffect(() => {
        const look = () => document.hidden || loaded.again();
        const timer = before ? setInterval(look, LOOK_AGAIN_MS) : undefined;
        return () => clearInterval(timer);
    }, [before, path]);
    return loaded.value.value;
}

function GapLink({
    gap,
    session,
    open,
}: {
    gap: Gap;
    session: Session;
    open: (to: Place) => void;
}) {
    const away = gap.to === 'edit';
    return (
        <a
            class="text-sm leading-snug text-accent"
            href={away ? `${href('staff')}#edit=${session.id}` : `#${gap.to}`}
            data-testid="flow-gap"
            data-gap={gap.what}
            onClick={(event) => {
                if (!away) {
                    event.preventDefault();
                    open(gap.to);
                }
            }}
        >
            {w(gap.what, { n: gap.n })}
        </a>
    );
}

function StepItem({
    step: { name, state, gaps },
    session,
    open,
}: {
    step: FlowStep;
    session: Session;
    open: (to: Place) => void;
}) {
    const { icon, colour } = LOOK[state];
    return (
        <li
            class="grid min-w-0 content-start gap-1"
            data-testid="flow-step"
            data-step={name}
            data-state={state}
        >
            <span class="flex flex-wrap items-center gap-x-2">
                <span class={colour}>
                    <Icon name={icon} size={18} />
                </span>
                <b>{w(name)}</b>
                <span class="text-xs text-soft">{w(`state_${state}`, { n: gaps.length })}</span>
            </span>
            {gaps.length > 0 && (
                <ul class="grid gap-1.5">
                    {gaps.map((gap) => (
                        <li key={gap.what}>
                            <GapLink gap={gap} session={session} open={open} />
                        </li>
                    ))}
                </ul>
            )}
        </li>
    );
}

/** What grows above the focus does not push it out of the window. */
function useFocusKept() {
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const observer = new ResizeObserver(() => {
            const { activeElement } = document;
            if (activeElement !== document.body) {
                activeElement?.scrollIntoView({ block: 'nearest' });
            }
        });
        if (box.current) {
            observer.observe(box.current);
        }
        return () => observer.disconnect();
    }, []);
    return box;
}

export default function FlowBar({
    session,
    vitals,
    open,
}: {
    session: Session;
    vitals: Vitals | null;
    open: (to: Place) => void;
}) {
    const invited = useInvited(session);
    const box = useFocusKept();
    // Reading the whole ten seconds renders once each.
    const clock = useComputed(() => Math.floor(now.value / 10_000) * 10_000);
    const steps = flowOf({
        session,
        now: clock.value,
        invitations: invited?.invitations ?? null,
        mails: invited?.mails ?? null,
        health: vitals?.health.value.value ?? null,
    });
    const on = ['live', 'paused'].includes(session.state);
    const shown = on ? steps.filter(({ state }) => state === 'missing') : steps;
    return (
        <div ref={box}>
            {shown.length > 0 && (
                <nav class="card mb-3 p-3" aria-label={w('flow')} data-testid="flow">
                    <ol class="grid gap-x-4 gap-y-2 grid-cols-[repeat(auto-fit,minmax(9rem,1fr))]">
                        {shown.map((step) => (
                            <StepItem key={step.name} step={step} session={session} open={open} />
                        ))}
                    </ol>
                </nav>
            )}
        </div>
    );
}
