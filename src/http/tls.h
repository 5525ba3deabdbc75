// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TLS 1.2 and 1.3 (RFC 8446) for the public port: a certificate with its key, immutable once read
// (any thread), and what one connection needs, on a descriptor that never blocks (one thread).
//
// OpenSSL, and not GIO's TLS: that one shakes hands on the threads which GIO reads files with, and
// waits there. Sixty peers that stop in the middle of it hold up every file read for 11 s, two
// hundred for more than 15 (measured, glib-networking 2.74).

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HTTP_TLS_MAX_FILE_BYTES (256 * 1024)

typedef struct HttpTls HttpTls;
typedef struct HttpTlsPeer HttpTlsPeer;

/* Reads both files (PEM; the certificate first, then those that it rests on). NULL with an error
 * that names the file and how to mend it: not readable, key wider than 0640 or locked by a
 * password, no pair, the server's own certificate not first. Blocks. Full ownership. */
HttpTls *http_tls_new(const char *certificate, const char *key, GError **error);
HttpTls *http_tls_ref(HttpTls *tls);
void http_tls_unref(HttpTls *tls);

/* When it ends, wall clock; before or at `now_us` nobody accepts it. */
int64_t http_tls_ends_us(const HttpTls *tls);
bool http_tls_begun(const HttpTls *tls, int64_t now_us);
/* Whether it is good for `host`, a name or an address. */
bool http_tls_names(const HttpTls *tls, const char *host);
/* What would make clients refuse the chain (RFC 8446 4.4.2) at `now_us`: a certificate that is
 * missing, that has ended or that is out of order, and how to mend it. NULL: nothing; then
 * `out_root` names a root in the file that this machine does not trust, or is NULL. Blocks. Full
 * ownership of both. */
char *http_tls_chain_fault(const HttpTls *tls, int64_t now_us, char **out_root);

/* `fd` is borrowed and outlives it; SIGPIPE has to be ignored. The handshake goes on by itself with
 * reading and writing. Full ownership. */
HttpTlsPeer *http_tls_peer_new(HttpTls *tls, int fd);
void http_tls_peer_free(HttpTlsPeer *peer);

/* As recv() and send(): bytes, 0 at the end, -EAGAIN with the condition to wait for in
 * `*out_wait`, or -ECONNRESET. */
ssize_t http_tls_read(HttpTlsPeer *peer, void *to, size_t size, GIOCondition *out_wait);
ssize_t http_tls_write(HttpTlsPeer *peer, const void *from, size_t size, GIOCondition *out_wait);
/* Bytes that can be read at once, which no poll tells of. */
bool http_tls_pending(const HttpTlsPeer *peer);
/* Says goodbye (close_notify), if there is room for it. */
void http_tls_end(HttpTlsPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpTls, http_tls_unref)
