// SPDX-License-Identifier: GPL-3.0-or-later
// The speaker's own camera, microphone and screen: chosen, looked at, sent. Sending outlives the window.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { problemWords } from '../../core/problem';
import {
    type Chosen,
    canShareScreen,
    close,
    DeviceError,
    type DeviceFault,
    type Devices,
    listDevices,
    openCamera,
    openScreen,
} from './devices';
import { Publisher, type Sending } from './publisher';
import { useLevel } from './use-level';
import { type CameraKey, w } from './words';

const SILENT_MS = 6000;
const SILENT_LEVEL = 0.05;

const NO_DEVICES: Devices = { cameras: [], microphones: [] };

/** One thing that is captured and sent. */
function useCapture(url: string, capture: () => Promise<MediaStream>) {
    const publisher = useMemo(() => new Publisher(url), [url]);
    const stream = useSignal<MediaStream | null>(null);
    const fault = useSignal<DeviceFault | null>(null);
    const open = async () => {
        fault.value = null;
        try {
            const next = await capture();
            if (publisher.state.value !== 'off') {
                publisher.start(next);
            }
            close(stream.value);
            stream.value = next;
        } catch (error) {
            fault.value = error instanceof DeviceError ? error.fault : 'failed';
        }
    };
    const leave = () => {
        publisher.stop();
        close(stream.value);
        stream.value = null;
    };
    useEffect(() => leave, [publisher]);
    return { publisher, stream, fault, open, leave };
}

function Fault({ fault, again }: { fault: DeviceFault; again: () => void }) {
    return (
        <div
            class="grid gap-2 rounded-xl bg-aered-800 p-3 text-white"
            role="alert"
            data-testid="device-fault"
            data-fault={fault}
        >
            <p class="font-bold">{w(`fault_${fault}`)}</p>
            <p>{w(`todo_${fault}`)}</p>
            <button type="button" class="btn w-fit" data-testid="device-again" onClick={again}>
                {w('again')}
            </button>
        </div>
    );
}

function Refusal({ publisher }: { publisher: Publisher }) {
    const problem = publisher.problem.value;
    if (!problem) {
        return null;
    }
    const { title, meaning, todo } = problemWords(problem);
    return (
        <p class="rounded-xl bg-aered-800 p-3 text-white" role="alert" data-testid="send-problem">
            <b>{title}</b> {todo || meaning}
        </p>
    );
}

function Picture({ stream }: { stream: MediaStream }) {
    const video = useRef<HTMLVideoElement>(null);
    useEffect(() => {
        if (video.current) {
            video.current.srcObject = stream;
        }
    }, [stream]);
    return (
        <video
            ref={video}
            class="aspect-video max-h-[40dvh] w-full -scale-x-100 rounded-xl bg-black object-contain"
            aria-label={w('preview')}
            data-testid="self-view"
            autoplay
            muted
            playsInline
        />
    );
}

function Level({ stream }: { stream: MediaStream }) {
    const level = useLevel(stream);
    const heard = useSignal(true);
    const quiet = level.value < SILENT_LEVEL;
    useEffect(() => {
        if (!quiet) {
            heard.value = true;
            return;
        }
        const timer = setTimeout(() => {
            heard.value = false;
        }, SILENT_MS);
        return () => clearTimeout(timer);
    }, [quiet]);
    return (
        <div class="grid gap-1">
            <meter
                class="h-4 w-full"
                min={0}
                max={1}
                high={0.97}
                optimum={0.7}
                value={level.value}
                aria-label={w('level')}
                data-testid="mic-level"
            />
            {/* said once, not ten times a second */}
            <p class={heard.value ? 'text-sm' : 'text-sm font-bold text-camel-300'} role="status">
                {w(heard.value ? 'levelHint' : 'silent')}
            </p>
        </div>
    );
}

function Choice({
    name,
    list,
    value,
    choose,
}: {
    name: 'camera' | 'microphone';
    list: MediaDeviceInfo[];
    value: string;
    choose: (id: string) => void;
}) {
    return (
        <label class="grid min-w-0 gap-1 text-sm font-bold">
            {w(name)}
            <select
                class="min-w-0"
                data-testid={`choose-${name}`}
                value={value}
                onChange={(event) => choose(event.currentTarget.value)}
            >
                {list.map((one, i) => (
                    <option key={one.deviceId} value={one.deviceId}>
                        {one.label || `${w(name)} ${i + 1}`}
                    </option>
                ))}
            </select>
        </label>
    );
}

const idOf = (stream: MediaStream, kind: string) =>
    stream
        .getTracks()
        .find((one) => one.kind === kind)
        ?.getSettings().deviceId ?? '';

function Opened({
    camera,
    stream,
    devices,
    choose,
}: {
    camera: ReturnType<typeof useCapture>;
    stream: MediaStream;
    devices: Devices;
    choose: (change: Partial<Chosen>) => void;
}) {
    return (
        <>
            <Picture stream={stream} />
            <div class="grid gap-3 sm:grid-cols-2">
                <Choice
                    name="camera"
                    list={devices.cameras}
                    value={idOf(stream, 'video')}
                    choose={(id) => choose({ camera: id })}
                />
                <Choice
                    name="microphone"
                    list={devices.microphones}
                    value={idOf(stream, 'audio')}
                    choose={(id) => choose({ microphone: id })}
                />
            </div>
            <Level stream={stream} />
            {camera.publisher.state.value === 'off' ? (
                <button
                    type="button"
                    class="btn btn-main"
                    data-testid="send"
                    onClick={() => camera.publisher.start(stream)}
                >
                    {w('send')}
                </button>
            ) : (
                <button type="button" class="btn" data-testid="stop" onClick={camera.leave}>
                    {w('stop')}
                </button>
            )}
        </>
    );
}

function CameraPart({
    camera,
    chosen,
}: {
    camera: ReturnType<typeof useCapture>;
    chosen: Signal<Chosen>;
}) {
    const devices = useSignal(NO_DEVICES);
    const stream = camera.stream.value;
    useEffect(() => {
        if (stream) {
            void listDevices().then((found) => {
                devices.value = found;
            });
        }
    }, [stream]);
    const choose = (change: Partial<Chosen>) => {
        chosen.value = { ...chosen.value, ...change };
        void camera.open();
    };
    if (camera.fault.value) {
        return <Fault fault={camera.fault.value} again={() => void camera.open()} />;
    }
    if (!stream) {
        return (
            <button
                type="button"
                class="btn btn-main"
                data-testid="open-camera"
                onClick={() => void camera.open()}
            >
                {w('open')}
            </button>
        );
    }
    return <Opened {...{ camera, stream, choose }} devices={devices.value} />;
}

function ScreenPart({ screen }: { screen: ReturnType<typeof useCapture> }) {
    const stream = screen.stream.value;
    useEffect(() => {
        if (stream) {
            screen.publisher.start(stream);
            // "Stop sharing" of the browser's own
            stream.getVideoTracks()[0]?.addEventListener('ended', screen.leave);
        }
    }, [stream]);
    // who closes the browser's question wants nothing
    const fault = screen.fault.value;
    return (
        <>
            {fault && fault !== 'denied' && (
                <Fault fault={fault} again={() => void screen.open()} />
            )}
            <button
                type="button"
                class="btn"
                data-testid="share-screen"
                onClick={() => (stream ? screen.leave() : void screen.open())}
            >
                {w(stream ? 'screenStop' : 'screen')}
            </button>
        </>
    );
}

function State({ of, sending }: { of: 'state' | 'screen'; sending: Sending }) {
    return (
        <p role="status" data-testid={`${of}-of-sending`} data-sending={sending}>
            {w(`${of}_${sending}` as CameraKey)}
        </p>
    );
}

export default function CameraPanel({
    session,
    opened,
    sending,
}: {
    session: string;
    /** The window is shown. */
    opened: Signal<boolean>;
    /** Told of the camera, for whoever shows it elsewhere. */
    sending: Signal<Sending>;
}) {
    const dialog = useRef<HTMLDialogElement>(null);
    const chosen = useSignal<Chosen>({ camera: '', microphone: '' });
    const at = `/sessions/${session}/whip`;
    const camera = useCapture(`${at}/speaker`, () => openCamera(chosen.value));
    const screen = useCapture(`${at}/screen`, openScreen);
    const state = camera.publisher.state.value;
    useEffect(() => {
        sending.value = state;
    }, [state]);
    useEffect(() => {
        if (opened.value) {
            dialog.current?.showModal();
        } else {
            dialog.current?.close();
        }
    }, [opened.value]);
    return (
        <dialog
            ref={dialog}
            data-testid="camera-panel"
            class="on-dark max-h-[94dvh] w-[min(40rem,96vw)] overflow-y-auto rounded-2xl border border-ink-line bg-ink-soft p-4 text-white backdrop:bg-black/60"
            aria-label={w('title')}
            onClose={() => {
                opened.value = false;
            }}
        >
            <div class="grid grid-cols-[minmax(0,1fr)] gap-3">
                <h2 class="text-lg">{w('title')}</h2>
                <p class="text-sm">{w('intro')}</p>
                <CameraPart camera={camera} chosen={chosen} />
                <Refusal publisher={camera.publisher} />
                <State of="state" sending={state} />
                {canShareScreen() && <ScreenPart screen={screen} />}
                <Refusal publisher={screen.publisher} />
                <State of="screen" sending={screen.publisher.state.value} />
                <form method="dialog" class="grid gap-1">
                    <button type="submit" class="btn w-full" data-testid="close-camera">
                        {w('close')}
                    </button>
                    {state !== 'off' && <p class="text-center text-sm">{w('closeHint')}</p>}
                </form>
            </div>
        </dialog>
    );
}
