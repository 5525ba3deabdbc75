// SPDX-License-Identifier: GPL-3.0-or-later
// What the programme shows: the studio, or what somebody sends from a browser.
import { patch } from '../core/api';
import { wordsOf } from '../core/i18n';
import type { SessionSocket } from '../core/session/session-socket';
import type { InputHealth, Lang, Session } from '../core/types';
import { useRequest } from '../ui/hooks/use-request';
import { ErrorBox } from '../ui/parts';
import { Captions } from './captions';
import { Encoder } from './encoder';
import type { Vitals } from './health/vitals';
import { SlidesSection } from './slides';

type Source = Session['source'];
const SOURCES: Source[] = [
    'configured',
    'speaker',
    'screen',
    'screen_with_speaker',
    'guest',
    'speaker_with_guest',
];
/** What a source shows. */
const INPUTS: Record<Source, InputHealth['input'][]> = {
    configured: [],
    speaker: ['speaker'],
    screen: ['screen'],
    screen_with_speaker: ['screen', 'speaker'],
    guest: ['guest'],
    speaker_with_guest: ['speaker', 'guest'],
};

const en = {
    hint: 'The picture changes at once. The earlier one stays until the new one is there.',
    configured: 'Studio',
    configuredText: 'As set in majlis.conf',
    speaker: 'Speaker’s camera',
    screen: 'Speaker’s screen',
    screen_with_speaker: 'Screen, speaker in a corner',
    guest: 'Guest',
    speaker_with_guest: 'Speaker and guest',
    here: 'connected',
    away: 'nobody sends',
    partly: 'one of two sends, and is shown in full',
    coming: 'connecting',
    shown: 'On the programme',
    how: 'Speakers send from their own page: “Camera” below their question.',
};
type Words = typeof en;
const ar: Words = {
    hint: 'تتغير الصورة فورًا. تبقى الصورة السابقة إلى أن تصل الجديدة.',
    configured: 'الاستوديو',
    configuredText: 'كما ضُبط في majlis.conf',
    speaker: 'كاميرا المتحدث',
    screen: 'شاشة المتحدث',
    screen_with_speaker: 'الشاشة، والمتحدث في زاويتها',
    guest: 'الضيف',
    speaker_with_guest: 'المتحدث والضيف',
    here: 'متصل',
    away: 'لا أحد يرسل',
    partly: 'واحد من اثنين يرسل، وتظهر صورته كاملة',
    coming: 'جارٍ الاتصال',
    shown: 'في البرنامج الآن',
    how: 'يرسل المتحدث من صفحته: زر «الكاميرا» أسفل السؤال.',
};
const words: Record<Lang, Words> = { ar, en };
const w = wordsOf<keyof Words>(words);

/** Pure. */
export function stateOf(inputs: InputHealth[]): 'here' | 'partly' | 'coming' | 'away' {
    const here = inputs.filter(({ connected }) => connected).length;
    if (here > 0) {
        return here === inputs.length ? 'here' : 'partly';
    }
    return inputs.some(({ taken }) => taken) ? 'coming' : 'away';
}

function Choice({
    source,
    shown,
    inputs,
    busy,
    choose,
}: {
    source: Source;
    shown: boolean;
    inputs: InputHealth[];
    busy: boolean;
    choose: () => void;
}) {
    const state = source === 'configured' ? null : stateOf(inputs);
    return (
        <button
            type="button"
            class={`btn h-auto min-h-14 w-full flex-col items-start gap-0.5 py-2 text-start ${shown ? 'btn-main' : ''}`}
            aria-pressed={shown}
            disabled={busy}
            data-testid={`source-${source}`}
            data-state={state}
            onClick={choose}
        >
            <span class="font-bold">{w(source)}</span>
            <span class="text-sm font-normal">
                {shown && <>{w('shown')} · </>}
                {state ? w(state) : w('configuredText')}
            </span>
        </button>
    );
}

export default function SourcePanel({
    session,
    socket,
    vitals,
}: {
    session: Session;
    socket: SessionSocket;
    vitals: Vitals;
}) {
    const { busy, problem, run } = useRequest();
    const inputs = vitals.health.value.value?.programme?.inputs ?? [];
    const choose = (source: Source) => void run(() => patch(`sessions/${session.id}`, { source }));
    return (
        <section class="grid gap-3" data-testid="source-panel">
            {problem.value && <ErrorBox problem={problem.value} />}
            <div class="grid grid-cols-[repeat(auto-fit,minmax(11rem,1fr))] gap-2">
                {SOURCES.map((source) => (
                    <Choice
                        key={source}
                        source={source}
                        shown={session.source === source}
                        inputs={inputs.filter(({ input }) => INPUTS[source].includes(input))}
                        busy={busy.value}
                        choose={() => choose(source)}
                    />
                ))}
            </div>
            <p class="text-sm text-soft">
                {w('hint')} {w('how')}
            </p>
            <Captions session={session} socket={socket} />
            {session.slides && <SlidesSection session={session} slides={session.slides} />}
            <Encoder session={session.id} />
        </section>
    );
}
