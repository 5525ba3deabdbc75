// SPDX-License-Identifier: GPL-3.0-or-later
// Two network namespaces of a test's own and the cable between them: the hall, where servers are, and an
// office, whose line and firewall the test decides. Needs root.
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HALL = '10.77.1.1';
const OFFICE = '10.77.1.2';
const ELSEWHERE = '10.77.1.3';

export class Network {
    readonly hall = `majlis-hall-${process.pid}`;
    readonly office = `majlis-office-${process.pid}`;

    lay(): void {
        run('ip', 'netns', 'add', this.hall);
        run('ip', 'netns', 'add', this.office);
        this.inHall('ip link set lo up');
        this.inOffice('ip link set lo up');
        this.inHall(`ip link add cable type veth peer name cable netns ${this.office}`);
        this.inHall(`ip addr add ${HALL}/24 dev cable`);
        this.inOffice(`ip addr add ${OFFICE}/24 dev cable`);
        this.inHall('ip link set cable up');
        this.inOffice('ip link set cable up');
        this.inOffice(`ip route add default via ${HALL}`);
        this.inHall(`ip route add default via ${OFFICE}`);
    }

    remove(): void {
        run('ip', 'netns', 'del', this.office);
        run('ip', 'netns', 'del', this.hall);
    }

    inHall(words: string, input?: string): string {
        return inside(this.hall, words, input);
    }

    inOffice(words: string, input?: string): string {
        return inside(this.office, words, input);
    }

    /** What the office may send to the hall: the statements that accept it, in nftables' words. Another way in: what
     * comes to `door` goes to `port`, as a proxy would have it. */
    firewall(accepted: string[], door = 0, port = 0): void {
        const redirect = door
            ? `chain door { type nat hook prerouting priority -100; iifname cable tcp dport ${door} redirect to :${port}; }`
            : '';
        const rules = accepted.map((rule) => `iifname cable ${rule} accept\n`).join('');
        this.filter(
            `${redirect}\nchain in { type filter hook input priority 0;\n${rules}iifname cable counter drop\n}`,
        );
    }

    /** A share of the datagrams that is lost, each way: one in so many, as on some kernels `numgen random` loses none. */
    loss(percent: number): void {
        const rule = `meta l4proto udp numgen inc mod ${Math.round(100 / percent)} 0 drop`;
        this.filter(
            `chain in { type filter hook input priority 0; iifname cable ${rule}; }\nchain out { type filter hook output priority 0; oifname cable ${rule}; }`,
        );
    }

    /** Nothing passes, either way, until the next call. */
    cut(): void {
        this.filter(
            'chain in { type filter hook input priority 0; iifname cable counter drop; }\nchain out { type filter hook output priority 0; oifname cable counter drop; }',
        );
    }

    open(): void {
        this.filter('');
    }

    /** The office has another address from now on. */
    move(): void {
        this.inOffice(`ip addr add ${ELSEWHERE}/24 dev cable`);
        this.inOffice(`ip addr del ${OFFICE}/24 dev cable`); // and its neighbour of the same net goes with it
        this.inOffice(`ip addr replace ${ELSEWHERE}/24 dev cable`);
        this.inOffice(`ip route replace default via ${HALL}`);
        this.inHall(`ip route replace default via ${ELSEWHERE}`);
    }

    private filter(chains: string): void {
        this.inHall(
            'nft -f -',
            `table inet office\ndelete table inet office\ntable inet office {\n${chains}\n}\n`,
        );
    }

    /** The office's line, from the hall to it; 0: as fast as the machine. */
    line(kbits: number): void {
        this.inHall(
            `tc qdisc ${kbits ? `replace dev cable root tbf rate ${kbits}kbit burst 4kb limit 20000` : 'del dev cable root'}`,
        );
    }

    /** A command that runs `program` in a namespace, as one executable file in `folder`. */
    wrapper(space: string, program: string, folder: string): string {
        const file = join(folder, `${space}-${program.split('/').pop()}`);
        writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${space} ${program} "$@"\n`);
        chmodSync(file, 0o755);
        return file;
    }
}

function run(...words: string[]): void {
    execFileSync(words[0], words.slice(1));
}

function inside(space: string, words: string, input = ''): string {
    return execFileSync('ip', ['netns', 'exec', space, ...words.split(' ')], { input }).toString();
}
