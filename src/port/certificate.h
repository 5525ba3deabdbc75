// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reloads the certificate on request, or once its files changed and rest. Keeps the old one, with a
// warning, if unusable. Http thread; a worker reads.

#include "port/tls.h"

#define PORT_CERTIFICATE_LOOK_S 3 // poll interval

typedef struct PortCertificate PortCertificate;

/* `tls`: just read, borrowed. `changed` borrows each new one. */
PortCertificate *port_certificate_new(const char *certificate, const char *key,
                                      GMainContext *context, void (*changed)(void *data, PortTls *),
                                      void *data);
void port_certificate_free(PortCertificate *certificate);
void port_certificate_reload(PortCertificate *certificate);

/* Logs a chain that clients reject. Any thread; blocks. */
void port_certificate_warn(const PortTls *tls);
