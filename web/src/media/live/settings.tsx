// SPDX-License-Identifier: GPL-3.0-or-later
// The live player's menu: quality, watching from the start, the list of keys.
import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { lang, t } from '../../core/i18n';
import { Icon } from '../../ui/icons';
import { audioVariant, renditions } from '../hls/variants';
import { keepPrefs } from '../prefs';
import type { LivePlayer } from './live-player';

export interface SettingsProps {
    player: LivePlayer;
    video: HTMLVideoElement;
    session: string;
    help: () => void;
    /** Null: it is not offered. */
    fromStart: (() => void) | null;
}

interface Choice {
    value: string;
    label: string;
}

async function choicesOf(session: string): Promise<Choice[]> {
    const url = `/sessions/${encodeURIComponent(session)}/hls/main.m3u8`;
    const response = await fetch(url, { credentials: 'same-origin' });
    if (!response.ok) {
        throw new Error(String(response.status));
    }
    const text = await response.text();
    const base = response.url || new URL(url, location.href).href;
    const found = renditions(text, base).map(({ name }) => ({ value: name, label: name }));
    return audioVariant(text, base) ? [...found, { value: 'sound', label: t('audioOnly') }] : found;
}

/** The renditions that the server offers; the chosen one is listed also where they cannot be read. */
function Choices({ player, video, session }: Omit<SettingsProps, 'help' | 'fromStart'>) {
    const chosen = player.shown.quality.value;
    const choices = useSignal<Choice[]>(
        chosen === 'auto'
            ? []
            : [{ value: chosen, label: chosen === 'sound' ? t('audioOnly') : chosen }],
    );
    const group = useRef<HTMLFieldSetElement>(null);
    useEffect(() => {
        group.current?.querySelector<HTMLInputElement>('input:checked')?.focus();
        choicesOf(session).then(
            (found) => {
                choices.value = found;
            },
            () => undefined,
        );
    }, []);
    const height = chosen === 'auto' ? video.videoHeight : 0;
    return (
        <fieldset ref={group}>
            <legend class="px-3 pt-1 text-sm font-bold">{t('quality')}</legend>
            {[{ value: 'auto', label: t('qualityAuto') }, ...choices.value].map((choice) => (
                <label key={choice.value} class="player-choice">
                    <input
                        type="radio"
                        name={`quality-${session}`}
                        data-testid={`quality-${choice.value}`}
                        checked={chosen === choice.value}
                        onChange={() => {
                            player.setQuality(choice.value);
                            keepPrefs({ quality: choice.value });
                        }}
                    />
                    <span>
                        {choice.label}
                        {choice.value === 'auto' && height > 0 && (
                            <>
                                {' '}
                                <bdi class="text-whitely-400">({height}p)</bdi>
                            </>
                        )}
                    </span>
                </label>
            ))}
        </fieldset>
    );
}

function Panel({ close, help, fromStart, ...rest }: SettingsProps & { close: () => void }) {
    return (
        <div
            dir={lang.value === 'ar' ? 'rtl' : 'ltr'}
            class="player-panel"
            data-keys="own"
            data-testid="quality-panel"
        >
            <Choices {...rest} />
            <div class="mt-1 grid border-t border-white/20 pt-1">
                {fromStart && (
                    <button
                        type="button"
                        class="player-choice @md:hidden"
                        onClick={() => {
                            fromStart();
                            close();
                        }}
                    >
                        <Icon name="start" size={18} />
                        {t('fromStart')}
                    </button>
                )}
                <button
                    type="button"
                    class="player-choice"
                    data-testid="keys"
                    onClick={() => {
                        close();
                        help();
                    }}
                >
                    <Icon name="list" size={18} />
                    {t('keysTitle')}
                </button>
            </div>
        </div>
    );
}

/** Closes on Escape, and when the pointer or the focus goes elsewhere. */
function useClosing(
    open: Signal<boolean>,
    box: RefObject<HTMLElement | null>,
    close: () => void,
): void {
    useSignalEffect(() => {
        if (!open.value) {
            return undefined;
        }
        const outside = (event: Event) => {
            if (event.target instanceof Node && !box.current?.contains(event.target)) {
                open.value = false;
            }
        };
        const onKey = (event: KeyboardEvent) => {
            if (event.key === 'Escape') {
                close();
            }
        };
        const over = new AbortController();
        const { signal } = over;
        addEventListener('keydown', onKey, { signal });
        addEventListener('pointerdown', outside, { signal });
        addEventListener('focusin', outside, { signal });
        return () => over.abort();
    });
}

export function Settings(props: SettingsProps) {
    const open = useSignal(false);
    const box = useRef<HTMLDivElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    const close = () => {
        const inside = box.current?.contains(document.activeElement);
        open.value = false;
        if (inside) {
            button.current?.focus();
        }
    };
    useClosing(open, box, close);
    return (
        <div ref={box}>
            <button
                ref={button}
                type="button"
                class="icon-btn"
                data-testid="settings"
                aria-label={t('settings')}
                title={t('settings')}
                aria-expanded={open.value}
                onClick={() => {
                    open.value = !open.value;
                }}
            >
                <Icon name="settings" />
            </button>
            {open.value && <Panel {...props} close={close} />}
        </div>
    );
}
