// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The checks of `majlis check`. Each prints a line per finding: ok, note (it runs, but) or problem,
// with the remedy. Main thread; they block.

#include "check/report.h"
#include "conf/conf.h"

/* As root: becomes the user `name`, NULL: majlis.service's, with its limits, for good. Before other
 * threads. False: cannot. */
bool check_as_user(Check *check, const Conf *conf, const char *name);
/* True: majlis.socket holds the port for the server. */
bool check_port_held(unsigned port, bool stream);
/* Is majlis.socket enabled, but without its ports? */
void check_socket(Check *check);
/* Clock, locale, file limit, pages. */
void check_machine(Check *check, const Conf *conf);
/* Plugins, source, encoder and its speed: in a process of its own, sandboxed. Before other
 * threads. */
void check_programme(Check *check, const Conf *conf);
/* A page, by a child in its sandbox. */
void check_slides(Check *check);
/* Ports, own reachability, STUN and TURN servers. */
void check_network(Check *check, const Conf *conf);
void check_certificate(Check *check, const Conf *conf);
/* The relay, if one is configured. */
void check_mail(Check *check, const Conf *conf);
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
 * alone. Elements are CheckReach. */
GPtrArray *check_reach(const Conf *conf, bool running, GError **error);
