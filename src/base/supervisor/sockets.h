// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// sd_listen_fds(3): sockets that systemd holds while the server restarts. Main thread, at the
// start.

#include <sys/socket.h>

/* Takes the passed descriptors; unsets LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES for children. Before
 * other descriptors and threads. */
void base_sockets_start(void);

/* One of type SOCK_STREAM or SOCK_DGRAM bound to `address`; all addresses of IPv4 and of IPv6 are the
 * same. Non-blocking; full ownership. -1: none. */
int base_sockets_take(int type, const struct sockaddr *address);

/* Closes the sockets that nobody took. Returns their names as "ADDRESS:PORT (TCP), …"; full
 * ownership; NULL: all were taken. */
char *base_sockets_end(void);
