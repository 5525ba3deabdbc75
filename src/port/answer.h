// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// An answer in pieces, sent with one system call where possible. One thread.

#include "port/wire.h"

#define PORT_ANSWER_PIECES 3

/* Zero: none. */
typedef struct {
    GBytes *pieces[PORT_ANSWER_PIECES]; // owned
    unsigned count;
    size_t at; // sent of the first one
} PortAnswer;

/* Sends `head`, `lead` and `body` (nullable), all borrowed; keeps the rest. 1: all sent; 0: not
 * yet; -ECONNRESET. */
int port_answer_start(PortAnswer *answer, PortWire *wire, const char *head, size_t head_size,
                      GBytes *lead, GBytes *body);
/* Likewise, the rest. 1 for zero. */
int port_answer_go_on(PortAnswer *answer, PortWire *wire);
void port_answer_clear(PortAnswer *answer);
