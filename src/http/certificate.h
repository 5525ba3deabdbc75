// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The certificate's files, which somebody renews while the server runs: read again when told, and
// when they have changed and then rest. What cannot be used is warned of, and the old goes on. Http
// thread; files are looked at by a worker.

#include "http/tls.h"

#define HTTP_CERTIFICATE_LOOK_S 3 // it rests when two looks see the same

typedef struct HttpCertificate HttpCertificate;

/* `tls` was read from the files just now (borrowed); `changed` gets the next ones (borrowed). Full
 * ownership. */
HttpCertificate *http_certificate_new(const char *certificate, const char *key,
                                      GMainContext *context, void (*changed)(void *data, HttpTls *),
                                      void *data);
void http_certificate_free(HttpCertificate *certificate);
void http_certificate_reload(HttpCertificate *certificate);

/* Warns in the log of a chain that clients would refuse. Any thread; blocks. */
void http_certificate_warn(const HttpTls *tls);
