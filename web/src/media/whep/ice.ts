// SPDX-License-Identifier: GPL-3.0-or-later
// ICE as the page meets it: the servers that a WHEP answer names, and the road that was found.
// Nothing here throws: what is not understood is left out.

/** udp and tcp: straight to the server. relay: through a TURN server. */
export type Road = 'udp' | 'tcp' | 'relay';

const MAX_SERVERS = 8;
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
const LINK = new RegExp(`<([^<>]*)>((?:[^",<]|${QUOTED})*)`, 'g');
const PARAMETER = new RegExp(`;\\s*([\\w-]+)\\s*(?:=\\s*(${QUOTED}|[^\\s;,"]*))?`, 'g');

function unquoted(text: string): string {
    return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

function parameters(text: string): Map<string, string> {
    const found = new Map<string, string>();
    for (const [, name = '', value = ''] of text.matchAll(PARAMETER)) {
        const key = name.toLowerCase();
        // RFC 8288 section 3.3: of a parameter that comes twice the first counts.
        if (!found.has(key)) {
            found.set(key, unquoted(value));
        }
    }
    return found;
}

function serverOf(url: string, given: Map<string, string>): RTCIceServer | null {
    const relations = (given.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (!relations.includes('ice-server') || !/^(stuns?|turns?):[^\s/]+$/i.test(url)) {
        return null;
    }
    if (/^stuns?:/i.test(url)) {
        return { urls: url };
    }
    const username = given.get('username');
    const credential = given.get('credential');
    const kind = given.get('credential-type') ?? 'password';
    return username && credential && kind === 'password'
        ? { urls: url, username, credential }
        : null;
}

/** The `Link` header of a WHEP answer (draft-ietf-wish-whep, "STUN/TURN server configuration"):
 *  one server a value, or several joined by commas as fetch hands them over. */
export function iceServers(link: string | null): RTCIceServer[] {
    const found: RTCIceServer[] = [];
    for (const [, url = '', rest = ''] of (link ?? '').matchAll(LINK)) {
        const server = serverOf(url.trim(), parameters(rest));
        if (server && found.length < MAX_SERVERS) {
            found.push(server);
        }
    }
    return found;
}

/** Those of `servers` that this browser takes. It refuses all for one that it cannot read. */
export function useServers(
    peer: RTCPeerConnection,
    configuration: RTCConfiguration,
    servers: RTCIceServer[],
): RTCIceServer[] {
    let taken: RTCIceServer[] = [];
    for (const server of servers) {
        const more = [...taken, server];
        try {
            peer.setConfiguration({ ...configuration, iceServers: more });
            taken = more;
        } catch {
            // Of another day, or another browser: the roads without it are still there.
        }
    }
    return taken;
}

/** By which road the media come, from the statistics of the pair in use. */
export function roadOf(stats: Iterable<Record<string, unknown>>): Road | null {
    const byId = new Map<unknown, Record<string, unknown>>();
    let pair: Record<string, unknown> | undefined;
    let named: unknown;
    for (const report of stats) {
        byId.set(report.id, report);
        if (report.type === 'transport') {
            named = report.selectedCandidatePairId ?? named;
        } else if (report.type === 'candidate-pair' && report.nominated) {
            pair = report.state === 'succeeded' || !pair ? report : pair;
        }
    }
    const local = byId.get((byId.get(named) ?? pair)?.localCandidateId);
    if (!local) {
        return null;
    }
    if (local.candidateType === 'relay') {
        return 'relay';
    }
    return local.protocol === 'tcp' ? 'tcp' : 'udp';
}
