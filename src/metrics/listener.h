// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Serves only GET /metrics on its own address: one request a connection, no TLS, no sign-in. Own
// thread; slow clients delay nobody. Main thread.

#include "metrics/metrics.h"

#include <stdint.h>

#define METRICS_MAX_CONNECTIONS 16 // then closes the oldest silent one
#define METRICS_CONNECTION_S 10    // from accept to the peer's close
#define METRICS_HEAD_BYTES 8192

typedef struct MetricsListener MetricsListener;

/* `host`: an address, "localhost", or "": all interfaces; port 0: any. `metrics` outlives it.
 * BASE_ERROR_CONFLICT: in use. */
MetricsListener *metrics_listener_new(Metrics *metrics, const char *host, uint16_t port,
                                      GError **error);
/* Closes its connections. Runs posts of main. */
void metrics_listener_free(MetricsListener *listener);

/* "ADDRESS:PORT" as bound. */
char *metrics_listener_address(const MetricsListener *listener);

typedef enum {
    METRICS_ASK_MORE, // incomplete
    METRICS_ASK_TEXT,
    METRICS_ASK_NOT_FOUND, // 404: another path
    METRICS_ASK_METHOD,    // 405
    METRICS_ASK_BAD,       // 400
} MetricsAsk;

/* Reads a request head (RFC 9112 3). `*out_open`: it wants OpenMetrics. Pure. */
MetricsAsk metrics_read_head(const char *head, size_t size, bool *out_open);
