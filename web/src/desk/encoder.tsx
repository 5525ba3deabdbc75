// SPDX-License-Identifier: GPL-3.0-or-later
// Address and key of an input for an encoder such as OBS; a key is made and revoked here.
import { type Signal, useSignal } from '@preact/signals';
import { get, remove, request } from '../core/api';
import { wordsOf } from '../core/i18n';
import { announce } from '../core/live-region';
import type { InputList, InputPlace, Lang } from '../core/types';
import { CopyField } from '../ui/fields/copy-field';
import { useLoad } from '../ui/hooks/use-load';
import { useRequest } from '../ui/hooks/use-request';
import { ErrorBox, HoldButton, Skeleton } from '../ui/parts';

const en = {
    title: 'Send from a broadcast program (OBS)',
    text: 'In OBS: Settings, Stream, service “WHIP”. Whoever has address and key can send this picture: give them to the speaker alone.',
    input: 'For',
    speaker: 'Speaker’s camera',
    screen: 'Speaker’s screen',
    guest: 'Guest',
    address: 'Server',
    key: 'Bearer token',
    make: 'Make a key',
    another: 'Another key: the one before counts no longer',
    revoke: 'Revoke the key',
    made: 'A key was made.',
    revoked: 'The key was revoked. Who sent with it has ended.',
    copy: 'Copy',
    copied: 'Copied',
};
type Words = typeof en;
const ar: Words = {
    title: 'الإرسال من برنامج بث (OBS)',
    text: 'في البرنامج: الإعدادات، ثم البث، ثم الخدمة «WHIP». كل من لديه العنوان والمفتاح يستطيع إرسال هذه الصورة، فلا يُعطى المفتاح إلا للمتحدث.',
    input: 'من أجل',
    speaker: 'كاميرا المتحدث',
    screen: 'شاشة المتحدث',
    guest: 'الضيف',
    address: 'الخادم',
    key: 'المفتاح (Bearer token)',
    make: 'إنشاء مفتاح',
    another: 'مفتاح آخر: يُلغى المفتاح السابق',
    revoke: 'إلغاء المفتاح',
    made: 'أُنشئ المفتاح.',
    revoked: 'أُلغي المفتاح، وتوقف من كان يرسل به.',
    copy: 'نسخ',
    copied: 'نُسخ',
};
const words: Record<Lang, Words> = { ar, en };
const w = wordsOf<keyof Words>(words);

type Input = InputPlace['input'];

function Place({ place, change }: { place: InputPlace; change: (made: boolean) => void }) {
    return (
        <>
            <CopyField
                label={w('address')}
                text={location.origin + place.path}
                testId="encoder-address"
                copy={w('copy')}
                copied={w('copied')}
            />
            {place.key && (
                <CopyField
                    key={place.key}
                    label={w('key')}
                    text={place.key}
                    testId="encoder-key"
                    copy={w('copy')}
                    copied={w('copied')}
                />
            )}
            <div class="flex flex-wrap gap-2">
                {place.key ? (
                    <>
                        <HoldButton
                            class="btn-small"
                            testId="another-key"
                            onHold={() => change(true)}
                        >
                            {w('another')}
                        </HoldButton>
                        <HoldButton
                            class="btn-small btn-bad"
                            testId="revoke-key"
                            onHold={() => change(false)}
                        >
                            {w('revoke')}
                        </HoldButton>
                    </>
                ) : (
                    <button
                        type="button"
                        class="btn btn-small"
                        data-testid="make-key"
                        onClick={() => change(true)}
                    >
                        {w('make')}
                    </button>
                )}
            </div>
        </>
    );
}

function Places({ session, chosen }: { session: string; chosen: Signal<Input> }) {
    const at = `sessions/${session}/inputs`;
    const list = useLoad(at, () => get<InputList>(at));
    const { problem, run } = useRequest();
    const place = list.value.value?.items.find(({ input }) => input === chosen.value);
    const change = (made: boolean) =>
        void run(async () => {
            const key = `${at}/${chosen.value}/key`;
            await (made ? request('PUT', key) : remove(key));
            list.set(await get<InputList>(at));
            announce(w(made ? 'made' : 'revoked'));
        });
    const failed = problem.value ?? list.problem.value;
    return (
        <div class="grid grid-cols-[minmax(0,1fr)] gap-3">
            <p class="text-sm">{w('text')}</p>
            <label class="field w-fit">
                {w('input')}
                <select
                    data-testid="encoder-input"
                    value={chosen.value}
                    onChange={(event) => {
                        chosen.value = event.currentTarget.value as Input;
                    }}
                >
                    {(['speaker', 'screen', 'guest'] as const).map((input) => (
                        <option key={input} value={input}>
                            {w(input)}
                        </option>
                    ))}
                </select>
            </label>
            {failed && <ErrorBox problem={failed} retry={list.again} />}
            {place ? (
                <Place key={place.input} place={place} change={change} />
            ) : (
                !failed && <Skeleton lines={1} />
            )}
        </div>
    );
}

export function Encoder({ session }: { session: string }) {
    const opened = useSignal(false);
    const chosen = useSignal<Input>('speaker');
    return (
        <details
            data-testid="encoder"
            onToggle={(event) => {
                opened.value = event.currentTarget.open;
            }}
        >
            <summary class="cursor-pointer font-bold">{w('title')}</summary>
            <div class="pt-3">{opened.value && <Places session={session} chosen={chosen} />}</div>
        </details>
    );
}
