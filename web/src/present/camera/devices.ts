// SPDX-License-Identifier: GPL-3.0-or-later
// Cameras, microphones and the screen, and what keeps a page from them.

export type DeviceFault = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';

export interface Devices {
    cameras: MediaDeviceInfo[];
    microphones: MediaDeviceInfo[];
}

/** Empty: the browser's own choice. */
export interface Chosen {
    camera: string;
    microphone: string;
}

export class DeviceError extends Error {
    constructor(readonly fault: DeviceFault) {
        super(fault);
    }
}

/** Pure. */
export function faultOf(name: string): DeviceFault {
    switch (name) {
        case 'NotAllowedError':
        case 'SecurityError':
            return 'denied';
        case 'NotFoundError':
        case 'OverconstrainedError':
            return 'missing';
        case 'NotReadableError':
        case 'AbortError':
            return 'busy';
        default:
            return 'failed';
    }
}

const exactly = (deviceId: string) => (deviceId ? { deviceId: { exact: deviceId } } : {});

async function ask(open: (devices: MediaDevices) => Promise<MediaStream>): Promise<MediaStream> {
    if (!navigator.mediaDevices) {
        throw new DeviceError('insecure');
    }
    try {
        return await open(navigator.mediaDevices);
    } catch (error) {
        throw new DeviceError(faultOf(error instanceof Error ? error.name : ''));
    }
}

export const openCamera = (chosen: Chosen) =>
    ask((devices) =>
        devices.getUserMedia({
            video: {
                ...exactly(chosen.camera),
                width: { ideal: 1280 },
                height: { ideal: 720 },
                frameRate: { ideal: 30 },
            },
            audio: exactly(chosen.microphone),
        }),
    );

export const canShareScreen = () => !!navigator.mediaDevices?.getDisplayMedia;

export const openScreen = () =>
    ask((devices) => devices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: true }));

/** Names are known once one was allowed. */
export async function listDevices(): Promise<Devices> {
    const all = await navigator.mediaDevices.enumerateDevices();
    const of = (kind: MediaDeviceKind) => all.filter((one) => one.kind === kind && one.deviceId);
    return { cameras: of('videoinput'), microphones: of('audioinput') };
}

export function close(stream: MediaStream | null): void {
    for (const track of stream?.getTracks() ?? []) {
        track.stop();
    }
}
