// SPDX-License-Identifier: GPL-3.0-or-later
// Drawn here, one stroke weight. Play and pause are never mirrored.

const PATHS = {
    play: 'M7 4.500v15l12-7.500z',
    pause: 'M8 5v14M16 5v14',
    sound: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
    muted: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5',
    full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
    pip: 'M3 5h18v14H3zM12.500 12H19v5h-6.500z',
    camera: 'M3 7h12v10H3zM15 11.500l6-3.500v8.500l-6-3.500z',
    up: 'M12 19V6M6.500 11.500 12 6l5.500 5.500',
    lower: 'M12 5v13M6.500 12.500 12 18l5.500-5.500',
    check: 'M5 12.500 10 17.500 19 7',
    cross: 'M6 6l12 12M18 6 6 18',
    star: 'M12 4l2.400 5.100 5.600.700-4.100 3.900 1 5.600L12 16.600l-4.900 2.700 1-5.600L4 9.800l5.600-.700z',
    air: 'M12 12h.01M8.500 15.500a5 5 0 0 1 0-7M15.500 8.500a5 5 0 0 1 0 7M5.500 18.500a9.200 9.200 0 0 1 0-13M18.500 5.500a9.200 9.200 0 0 1 0 13',
    edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
    undo: 'M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
    merge: 'M6 4v4a5 5 0 0 0 5 5h7M6 20v-2a5 5 0 0 1 5-5M15 10l3 3-3 3',
    ask: 'M4 5h16v11H9l-5 4zM12 8v5M9.500 10.500h5',
    copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
    clock: 'M12 7v5.500l3.500 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
    down: 'M12 4v12M6.500 11 12 16.500 17.500 11M5 20h14',
    people: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20a6.500 6.500 0 0 1 13 0M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.200a6.500 6.500 0 0 1 3.500 5.800',
    warn: 'M12 4 2.500 20h19zM12 10v4.500M12 17.500h.01',
    record: 'M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10z',
    plus: 'M12 5v14M5 12h14',
    again: 'M19.500 12a7.500 7.500 0 1 1-2.200-5.300M17.500 3v4h-4',
    list: 'M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01',
    start: 'M5 5v14M19 5.500v13L9 12z',
    link: 'M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1',
    ears: 'M4 14v-2a8 8 0 0 1 16 0v2M4 14h3v6H5.500A1.500 1.500 0 0 1 4 18.500zM20 14h-3v6h1.500a1.500 1.500 0 0 0 1.500-1.500z',
    lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
    sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500V5M12 19v2.500M2.500 12H5M19 12h2.500M5.300 5.300 7 7M17 17l1.700 1.700M5.300 18.700 7 17M17 7l1.700-1.700',
    moon: 'M20 14.500A8.500 8.500 0 1 1 9.500 4a6.800 6.800 0 0 0 10.500 10.500z',
    halves: 'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 3.500v17M12 8h4.500M12 12h8M12 16h4.500',
    settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5',
    back10: 'M12 5.500a7.500 7.500 0 1 1-7.200 5.400M12 2.500v6L8 5.500zM9.200 11v5.500M13.200 11h2.300v5.500h-2.300z',
    tape: 'M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM14.500 12a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z',
    bell: 'M6 16v-5a6 6 0 0 1 12 0v5l1.500 2h-15zM10 21h4',
    bellOff:
        'M6 16v-5c0-1 .200-1.900.700-2.700M9.500 5.500A6 6 0 0 1 18 11v3.500M16 18H4.500L6 16M10 21h4M4 4l16 16',
    bin: 'M5 7h14M9.500 7V4.500h5V7M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
    return (
        <svg
            width={size}
            height={size}
            viewBox="0 0 24 24"
            fill={name === 'record' || name === 'play' ? 'currentColor' : 'none'}
            stroke="currentColor"
            stroke-width="1.8"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            class="shrink-0"
        >
            <path d={PATHS[name]} />
        </svg>
    );
}
