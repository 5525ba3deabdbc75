// SPDX-License-Identifier: GPL-3.0-or-later
// The SDP of an ICE restart over WHEP (RFC 9725 section 4.3.3). extras.tsx fetches it beforehand.

function credential(sdp: string, name: string): string {
    return new RegExp(`^a=${name}:(.+?)\\r?$`, 'm').exec(sdp)?.[1] ?? '';
}

/** The restart's offer as RFC 8840's fragment: new credentials, no candidates. */
export function restartFragment(offer: string): string {
    const media = /^m=.*$/m.exec(offer)?.[0].trim() ?? 'm=video 9 UDP/TLS/RTP/SAVPF 96';
    return [
        `a=ice-ufrag:${credential(offer, 'ice-ufrag')}`,
        `a=ice-pwd:${credential(offer, 'ice-pwd')}`,
        media,
        `a=mid:${credential(offer, 'mid') || '0'}`,
        '',
    ].join('\r\n');
}

/** The old answer with the server's new credentials and candidates. */
export function restartedAnswer(answer: string, fragment: string): string {
    const candidates = fragment.match(/^a=candidate:.*$/gm)?.map((line) => line.trim()) ?? [];
    let placed = candidates.length === 0;
    return answer
        .split(/\r?\n/)
        .flatMap((line) => {
            if (line.startsWith('a=ice-ufrag:')) {
                return [`a=ice-ufrag:${credential(fragment, 'ice-ufrag')}`];
            }
            if (line.startsWith('a=ice-pwd:')) {
                const here = placed ? [] : candidates;
                placed = true;
                return [`a=ice-pwd:${credential(fragment, 'ice-pwd')}`, ...here];
            }
            return line.startsWith('a=candidate:') && candidates.length > 0 ? [] : [line];
        })
        .join('\r\n');
}
