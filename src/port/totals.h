// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by serving threads: connections in all and per address, file answers per address. Any
// thread; a short lock.

#include <stdbool.h>
#include <stdint.h>

#define PORT_MAX_CONNECTIONS 20000
#define PORT_MAX_PER_ADDRESS 1000 // one office, or IPv6 /64

struct sockaddr_storage;
typedef struct PortTotals PortTotals;

/* 0: PORT_MAX_CONNECTIONS, PORT_MAX_PER_ADDRESS. */
PortTotals *port_totals_new(unsigned most, unsigned most_per_address);
void port_totals_free(PortTotals *totals);

/* An IPv4 address, or an IPv6 /64. */
uint64_t port_totals_key(const struct sockaddr_storage *peer);

typedef enum {
    PORT_TAKEN,
    PORT_FULL,         // closing another connection helps
    PORT_ADDRESS_FULL, // `key` has its share
} PortTake;

/* Also for its address if `counted`. */
PortTake port_totals_take(PortTotals *totals, uint64_t key, bool counted);
void port_totals_give(PortTotals *totals, uint64_t key, bool counted);
bool port_totals_full(PortTotals *totals);

/* File answers of `key`, after adding `change`. */
unsigned port_totals_files(PortTotals *totals, uint64_t key, int change);

/* At most once a minute. */
void port_totals_warn(PortTotals *totals, const char *text);
