// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TLS 1.2 and 1.3 (RFC 8446): immutable certificate and key (any thread), connections (one thread
// each). Never blocks.
//
// OpenSSL: GIO's TLS does handshakes on threads that read files, so 60 stalled peers delay files by
// 11 s, 200 by over 15 s (glib-networking 2.74).

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PORT_TLS_MAX_FILE_BYTES (256 * 1024)

typedef struct PortTls PortTls;
typedef struct PortTlsPeer PortTlsPeer;

/* PEM, leaf first. Refuses keys wider than 0640 or with password, and mismatches. Blocks. */
PortTls *port_tls_new(const char *certificate, const char *key, GError **error);
PortTls *port_tls_ref(PortTls *tls);
void port_tls_unref(PortTls *tls);

/* Wall clock. */
int64_t port_tls_ends_us(const PortTls *tls);
bool port_tls_begun(const PortTls *tls, int64_t now_us);
/* Name or address. */
bool port_tls_names(const PortTls *tls, const char *host);
/* Faults that clients reject (RFC 8446 4.4.2), and their mending; NULL: none. `out_root`:
 * untrusted root, or NULL. Blocks. */
char *port_tls_chain_fault(const PortTls *tls, int64_t now_us, char **out_root);

/* `fd` outlives it; ignore SIGPIPE. Handshakes by itself. */
PortTlsPeer *port_tls_peer_new(PortTls *tls, int fd);
void port_tls_peer_free(PortTlsPeer *peer);

/* Bytes; 0: end; -EAGAIN and `*out_wait`; -ECONNRESET. */
ssize_t port_tls_read(PortTlsPeer *peer, void *to, size_t size, GIOCondition *out_wait);
ssize_t port_tls_write(PortTlsPeer *peer, const void *from, size_t size, GIOCondition *out_wait);
/* Decrypted bytes, which poll() does not see. */
bool port_tls_pending(const PortTlsPeer *peer);
/* Sends close_notify, if possible. */
void port_tls_end(PortTlsPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PortTls, port_tls_unref)
