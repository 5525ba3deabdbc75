// SPDX-License-Identifier: GPL-3.0-or-later
import { expect, test } from 'vitest';
import { iceServers, roadOf, useServers } from '../src/media/whep/ice';

const GIVEN =
    'rel="ice-server"; username="1764:a,b"; credential="x+/="; credential-type="password"';
const taken = { username: '1764:a,b', credential: 'x+/=' };

test('one server a value, or joined by commas', () => {
    const headers = new Headers();
    headers.append('Link', '<stun:s.example>; rel="ice-server"');
    headers.append('Link', `<turn:t.example:3478?transport=udp>; ${GIVEN}`);
    headers.append('Link', `<turns:t.example:443?transport=tcp>;${GIVEN}`);
    expect(iceServers(headers.get('Link'))).toEqual([
        { urls: 'stun:s.example' },
        { urls: 'turn:t.example:3478?transport=udp', ...taken },
        { urls: 'turns:t.example:443?transport=tcp', ...taken },
    ]);
});

test('parameters in any order and dress', () => {
    const odd =
        '<TURN:[2001:db8::1]:3478> ; CREDENTIAL = "a\\"b" ; title="x; y, <z>" ; username=u; rel="next ice-server"; username=v';
    expect(iceServers(`</api>; rel="help", ${odd}`)).toEqual([
        { urls: 'TURN:[2001:db8::1]:3478', username: 'u', credential: 'a"b' },
    ]);
});

test.each([
    null,
    '',
    ',;<>=""',
    '<',
    '<turn:x',
    '"<turn:x>; rel=ice-server',
    '<turn:x>; rel="ice-server',
    '<turn:x>; rel="ice-server"',
    '<turn:x>; rel="ice-server"; username=u',
    `<turn:x>; ${GIVEN.replace('password', 'oauth')}`,
    '<https://x>; rel="ice-server"',
    '<stun:x y>; rel=ice-server',
    '<stun:s.example>; rel="help"',
    `${'<stun:'.repeat(2000)}${';'.repeat(2000)}${'"'.repeat(2001)}`,
])('of %j nothing is taken', (link) => {
    expect(iceServers(link)).toEqual([]);
});

test('no more of them than a page needs', () => {
    expect(iceServers('<stun:s>; rel=ice-server,'.repeat(100)).length).toBe(8);
});

test('one that the browser refuses does not cost the others', () => {
    let used: RTCIceServer[] = [];
    const peer = {
        setConfiguration(configuration: RTCConfiguration) {
            if (configuration.iceServers?.some((one) => one.urls === 'stun:bad')) {
                throw new SyntaxError('bad');
            }
            expect(configuration.bundlePolicy).toBe('max-bundle');
            used = configuration.iceServers ?? [];
        },
    } as unknown as RTCPeerConnection;
    const servers = ['stun:a', 'stun:bad', 'stun:b'].map((urls) => ({ urls }));
    const good = [{ urls: 'stun:a' }, { urls: 'stun:b' }];
    expect(useServers(peer, { bundlePolicy: 'max-bundle' }, servers)).toEqual(good);
    expect(used).toEqual(good);
});

const candidate = (id: string, protocol: string, candidateType: string) => ({
    id,
    type: 'local-candidate',
    protocol,
    candidateType,
});
const pair = (id: string, localCandidateId: string, nominated: boolean, state = 'succeeded') => ({
    id,
    type: 'candidate-pair',
    localCandidateId,
    nominated,
    state,
});
const candidates = [
    candidate('u', 'udp', 'host'),
    candidate('t', 'tcp', 'prflx'),
    candidate('r', 'udp', 'relay'),
];

test('the road is that of the pair in use', () => {
    const pairs = [pair('1', 'u', true), pair('2', 't', true), pair('3', 'r', true)];
    const road = (selected: string) =>
        roadOf([
            { id: 'T', type: 'transport', selectedCandidatePairId: selected },
            ...candidates,
            ...pairs,
        ]);
    expect([road('1'), road('2'), road('3')]).toEqual(['udp', 'tcp', 'relay']);
    // Firefox has no report of the transport.
    expect(roadOf([...candidates, pair('1', 'u', true, 'failed'), pair('2', 't', true)])).toBe(
        'tcp',
    );
    expect(roadOf([...candidates, pair('1', 'u', false)])).toBeNull();
    expect(roadOf([])).toBeNull();
});
