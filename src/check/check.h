// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The checks of `majlis check`, a file per subject. Each prints a line per finding: ok, note (it
// runs, but) or problem, with the remedy. Main thread; they block.

#include "check/report.h"
#include "conf/conf.h"

/* Clock, locale, file limit, pages. */
void check_machine(Check *check, const Conf *conf);
/* Plugins, source, encoder and its speed. */
void check_programme(Check *check, const Conf *conf);
/* Ports, own reachability, STUN and TURN servers. */
void check_network(Check *check, const Conf *conf);
void check_certificate(Check *check, const Conf *conf);
/* Folders, space, second copy, time of a sync, database. */
void check_storage(Check *check, const Conf *conf);

/* One address that answers to viewers name. */
typedef struct {
    char *address;
    unsigned port;
    bool own;     // of this machine
    int udp, tcp; // 0: reached; else errno, ETIMEDOUT after 1 s of silence
} CheckReach;

/* Binds [rtc] listen, then asks itself at each address of an answer: STUN Binding request (RFC 8489
 * 3) over UDP, connection over TCP. `running`: a server has bound it: asks that one, over TCP
 * alone. Elements are CheckReach. Full ownership. */
GPtrArray *check_reach(const Conf *conf, bool running, GError **error);
